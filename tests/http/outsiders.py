"""Everybody who might come for Mira's things."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from server.care.access import Staff
from server.services import accounts, appointments, guests, home
from server.store import guests as guest_links
from server.store import links, sessions, sign_in_steps
from server.store.database import Database
from server.store.tables import metadata
from server.web import keys
from tests.clocks import StoppedClock
from tests.conftest import OpenVisitor, Visitor
from tests.databases import files_of
from tests.devices import let_in
from tests.http.miras import Miras, a_visit, make_miras
from tests.people import Cast
from webrtc.relay_process import RelayProcess
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

# Those whom only some pages know: elsewhere they are nobody, and there is no session to misuse.
KNOWN_UNDER = {
    "half-signed-in": "/sign-in/",
    "home-door": "/home/",
    "home-proven": "/home/",
    "home": "/home/",
    "other-home": "/home/",
}


def has_a_session(name: str, path: str) -> bool:
    """Whether this caller holds anything on `path` that another site could misuse."""
    return name != "anonymous" and path.startswith(KNOWN_UNDER.get(name, "/"))


Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Scene:
    """`files` hold the database, where it lies in files."""

    miras: Miras
    callers: dict[str, Visitor]
    database: Database
    files: tuple[Path, ...] = ()
    _read: dict[tuple[bytes, ...], Rows] = field(default_factory=dict)

    async def stored(self) -> Rows:
        """Every row of every table: to tell whether a refused request changed anything.

        Files that are the same to the last byte hold the same rows, and are not read row by row again.
        """
        content = tuple(each.read_bytes() for each in self.files if each.exists())
        if not content or content not in self._read:
            rows = await self._rows()
            self._read.clear()
            self._read[content] = rows
        return self._read[content]

    async def _rows(self) -> Rows:
        async with self.database.read() as tx:
            return {
                name: [tuple(row) for row in await tx.all(select(table))]
                for name, table in metadata.tables.items()
            }


@dataclass(frozen=True, slots=True)
class Staged:
    """What is in the state of this name, and what each caller's browser holds."""

    miras: Miras
    cookies: dict[str, dict[str, str]]

    async def scene(self, url: str, database: Database, new_visitor: OpenVisitor) -> Scene:
        """`database`, at this address, began in that state."""
        callers = {}
        for name, held in self.cookies.items():
            callers[name] = visitor = await new_visitor()
            visitor.client.session.cookie_jar.update_cookies(held, visitor.client.make_url("/"))
        return Scene(self.miras, callers, database, files_of(url))


def empty_rooms(clock: StoppedClock) -> Rooms:
    """Rooms that nobody is in: a call itself is tried elsewhere."""
    return Rooms(RelayProcess(), RoomSettings(), clock.monotonic)


def cookies_of(visitor: Visitor) -> dict[str, str]:
    return {cookie.key: cookie.value for cookie in visitor.client.session.cookie_jar}


async def set_scene(
    *,
    database: Database,
    clock: StoppedClock,
    cast: Cast,
    new_visitor: OpenVisitor,
    sign_in: Callable[[str], Awaitable[Visitor]],
) -> Scene:
    async with database.write() as tx:
        miras = await make_miras(tx, cast, clock)
        toms, _ = await a_visit(tx, cast, clock, patient_id=cast.tomas, practitioner_id=cast.dr_okafor)
        # May do much, and still not read a note.
        several = await accounts.create(
            tx,
            name="Sam Several",
            email="sam@harbor.example",
            roles=frozenset({"front-desk", "administrator"}),
            password_hash=None,
            now=clock.now(),
        )
    seats = {
        "link-holder": (miras.encounter_id, False),
        "patient": (miras.encounter_id, True),
        "other-patient": (toms, True),
    }
    callers = {"anonymous": await new_visitor()}
    callers["half-signed-in"] = await _with_a_password_only(
        await new_visitor(), database, cast.reyes, clock=clock
    )
    for name, (encounter_id, verified) in seats.items():
        callers[name] = await _through_a_link(
            await new_visitor(), database, encounter_id, verified=verified, clock=clock
        )
    callers |= await _at_home(new_visitor, database, cast, clock)
    for name, token, introduced in (
        ("invited", miras.guest_token, False),
        ("guest", miras.guest_token, True),
        ("other-guest", await _invitation(database, cast, clock, toms), True),
    ):
        callers[name] = await _as_a_guest(
            await new_visitor(), database, token, introduced=introduced, clock=clock
        )
    async with database.read() as tx:
        [device] = await home.devices(tx, cast.mira, now=clock.now())
    miras = replace(miras, device_id=device.id)
    for name, account_id in (
        ("front-desk", cast.ada),
        ("clinician", cast.reyes),
        ("other-clinician", cast.okafor),
        ("administrator", cast.petra),
        ("several-roles", several),
    ):
        callers[name] = await sign_in(account_id)
    return Scene(miras, callers, database)


async def _at_home(
    new_visitor: Callable[[], Awaitable[Visitor]], database: Database, cast: Cast, clock: StoppedClock
) -> dict[str, Visitor]:
    """Browsers that came this or that far to a patient's own pages."""
    callers = {}
    for name, patient_id, steps in (
        ("home-door", cast.mira, 0),
        ("home-proven", cast.mira, 1),
        ("home", cast.mira, 2),
        ("other-home", cast.tomas, 2),
    ):
        callers[name] = await let_in(
            await new_visitor(),
            database,
            patient_id,
            now=clock.now(),
            proven=steps > 0,
            remembered=steps > 1,
        )
    return callers


async def _invitation(database: Database, cast: Cast, clock: StoppedClock, encounter_id: str) -> str:
    """Into another patient's visit; returns the link's token."""
    ada = Staff(account_id=cast.ada, name="Ada Quill", roles=frozenset({"front-desk"}))
    async with database.write() as tx:
        invitation = await guests.invite(
            tx,
            encounter_id=encounter_id,
            role="family",
            name="Theo Brandt",
            email=None,
            by=ada,
            now=clock.now(),
        )
        return guest_links.token_for(tx, invitation.id)


async def _as_a_guest(
    visitor: Visitor, database: Database, token: str, *, introduced: bool, clock: StoppedClock
) -> Visitor:
    """As if Continue was pressed on the invitation, and a name given when `introduced`."""
    cookie, now = sessions.new_cookie(), clock.now()
    async with database.write() as tx:
        invitation = await guests.enter(tx, token=token, cookie=cookie, now=now)
        row = await guest_links.session(tx, cookie, invitation_id=invitation.id, now=now)
        assert row is not None
        if introduced:
            await guests.introduce(
                tx, invitation_id=invitation.id, session_id=row.id, name="Ana Example", now=now
            )
    visitor.client.session.cookie_jar.update_cookies({"vid": cookie}, visitor.client.make_url("/"))
    return visitor


async def _with_a_password_only(
    visitor: Visitor, database: Database, account_id: str, *, clock: StoppedClock
) -> Visitor:
    """As if the right password was given, and the code from the phone is still to come."""
    cookie, now = sessions.new_cookie(), clock.now()
    async with database.write() as tx:
        await sign_in_steps.begin(
            tx,
            account_id=account_id,
            cookie=cookie,
            stage=sign_in_steps.CODE,
            ends_at=now + timedelta(minutes=5),
            now=now,
        )
    visitor.client.session.cookie_jar.update_cookies({"step": cookie}, visitor.client.make_url("/"))
    return visitor


async def _through_a_link(
    visitor: Visitor, database: Database, encounter_id: str, *, verified: bool, clock: StoppedClock
) -> Visitor:
    """As if Continue was pressed there, and the date of birth given when `verified`."""
    now, cookie = clock.now(), sessions.new_cookie()
    async with database.write() as tx:
        encounter = await appointments.visit(tx, encounter_id)
        link = await links.by_token(tx, appointments.token_of(tx, encounter))
        assert link is not None
        await sessions.open_visitor_session(
            tx,
            cookie=cookie,
            encounter_id=encounter_id,
            join_link_id=link.id,
            ends_at=now + timedelta(hours=12),
            now=now,
        )
        row = await sessions.visitor_session(tx, cookie, encounter_id=encounter_id, now=now)
        assert row is not None
        if verified:
            await sessions.verify_visitor(tx, row.id, now)
    site = visitor.client.server.app[keys.SITE]  # type: ignore[attr-defined]
    assert not site.is_secure(site.own_host)
    visitor.client.session.cookie_jar.update_cookies({"vid": cookie}, visitor.client.make_url("/"))
    return visitor
