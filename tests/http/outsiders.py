"""Mira's things with marked texts in them, and everybody who might come for them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from server.care.access import Staff
from server.care.consult_note import ConsultNote
from server.care.measures import PHQ9
from server.services import (
    accounts,
    appointments,
    consults,
    guests,
    home,
    journals,
    measures,
    messages,
    plans,
    safety,
    tasks,
)
from server.store import guests as guest_links
from server.store import links, notes, sessions, sign_in_steps
from server.store.database import Database, Tx
from server.store.ids import new_id
from server.store.tables import metadata
from server.web import keys
from tests.clocks import StoppedClock
from tests.conftest import OpenVisitor, Visitor
from tests.devices import let_in
from tests.people import Cast
from webrtc.relay_process import RelayProcess
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

# Each stands in one text and nowhere else.
SIGNED_NOTE = "canary-kestrel-signed"
DRAFT_NOTE = "canary-heron-draft"
ADDENDUM = "canary-wren-addendum"
TO_THE_CLINIC = "canary-plover-message"
CLINICAL = (SIGNED_NOTE, DRAFT_NOTE, ADDENDUM)
# The patient's own: kept to herself, shared with her clinicians, told with a hold.
KEPT_JOURNAL = "canary-dunlin-kept"
SHARED_JOURNAL = "canary-avocet-shared"
HOLD_WORDS = "canary-curlew-hold"
OWN_WORDS = (KEPT_JOURNAL, SHARED_JOURNAL, HOLD_WORDS)


# The parameters of addresses that lead to something of Mira's.
IDS = (
    *("encounter_id", "patient_id", "note_id", "task_id"),
    *("entry_id", "shared_entry_id", "hold_id", "session_id", "device_id", "invitation_id"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Miras:
    """The ids by which Mira's things are asked for, under the names routes give them."""

    encounter_id: str
    patient_id: str
    note_id: str
    task_id: str
    token: str
    account_id: str
    entry_id: str
    shared_entry_id: str
    hold_id: str
    session_id: str
    device_id: str
    home_token: str
    invitation_id: str
    guest_token: str

    def unknown(self) -> "Miras":
        """The same names for things that do not exist."""
        return replace(self, **dict.fromkeys(IDS, new_id()))


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


@dataclass(frozen=True, slots=True)
class Scene:
    miras: Miras
    callers: dict[str, Visitor]
    database: Database

    async def stored(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table: to tell whether a refused request changed anything."""
        async with self.database.read() as tx:
            return {
                name: [tuple(row) for row in await tx.all(select(table))]
                for name, table in metadata.tables.items()
            }


@dataclass(frozen=True, slots=True)
class Staged:
    """A database file with the whole scene in it, and what each caller's browser holds."""

    file: Path
    miras: Miras
    cookies: dict[str, dict[str, str]]

    async def scene(self, database: Database, new_visitor: OpenVisitor) -> Scene:
        """`database` is a copy of the file."""
        callers = {}
        for name, held in self.cookies.items():
            callers[name] = visitor = await new_visitor()
            visitor.client.session.cookie_jar.update_cookies(held, visitor.client.make_url("/"))
        return Scene(self.miras, callers, database)


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
        miras = await _miras_things(tx, cast, clock)
        toms, _ = await _visit(tx, cast, clock, patient_id=cast.tomas, practitioner_id=cast.dr_okafor)
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


async def _miras_things(tx: Tx, cast: Cast, clock: StoppedClock) -> Miras:
    """A visit to come with a draft, a signed note of before, a message and a task."""
    now = clock.now()
    encounter_id, token = await _visit(tx, cast, clock, patient_id=cast.mira, practitioner_id=cast.dr_reyes)
    reyes = Staff(
        account_id=cast.reyes,
        name="Dr. Ines Reyes",
        roles=frozenset({"clinician"}),
        practitioner_id=cast.dr_reyes,
    )
    draft = await consults.open_for_visit(tx, encounter_id, by=reyes, now=now)
    await consults.save(
        tx,
        draft.id,
        body={"interval_history": DRAFT_NOTE},
        based_on=draft.version,
        page="page",
        sequence=1,
        by=reyes,
        now=now,
    )
    signed = ConsultNote(
        id=new_id(),
        patient_id=cast.mira,
        author_id=cast.reyes,
        visit_type="check-in",
        body={"interval_history": SIGNED_NOTE},
        status="final",
        version=1,
        created_at=now - timedelta(days=7),
        saved_at=now - timedelta(days=7),
        signed_at=now - timedelta(days=7),
        signed_by=cast.reyes,
    )
    await notes.insert(tx, signed)
    await consults.amend(tx, signed.id, reason="Completeness", text=ADDENDUM, by=reyes, now=now)
    await messages.send(tx, encounter_id=encounter_id, text=TO_THE_CLINIC, by=None, now=now)
    task_id = await tasks.open_task(
        tx,
        kind="call-me-instead",
        patient_id=cast.mira,
        encounter_id=encounter_id,
        detail=None,
        by="patient",
        now=now,
    )
    own = await _miras_own(tx, cast, reyes, clock)
    return Miras(
        **own,
        **await _miras_guest(tx, encounter_id, reyes, clock),
        encounter_id=encounter_id,
        patient_id=cast.mira,
        note_id=signed.id,
        task_id=task_id,
        token=token,
        account_id=cast.okafor,
    )


async def _miras_guest(tx: Tx, encounter_id: str, reyes: Staff, clock: StoppedClock) -> dict[str, str]:
    """An interpreter who is invited into her visit."""
    invitation = await guests.invite(
        tx,
        encounter_id=encounter_id,
        role="interpreter",
        name="Ana Example",
        email=None,
        by=reyes,
        now=clock.now(),
    )
    return {"invitation_id": invitation.id, "guest_token": guest_links.token_for(tx, invitation.id)}


async def _miras_own(tx: Tx, cast: Cast, reyes: Staff, clock: StoppedClock) -> dict[str, str]:
    """A course, an entry she keeps and one she shared, a filled-in measure, and a hold with her words."""
    now = clock.now()
    days = [(now - timedelta(hours=7)).date() + timedelta(days=14 * n) for n in range(4)]
    plan = await plans.make(
        tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, days=days, by=reyes, now=now
    )
    # Tomas has one too: what he asks for is refused because it is hers, and not for want of a course.
    await plans.make(tx, patient_id=cast.tomas, practitioner_id=cast.dr_okafor, days=days, by=reyes, now=now)
    entries = {}
    for text in (SHARED_JOURNAL, KEPT_JOURNAL):
        entry = await journals.begin(tx, patient_id=cast.mira, now=now)
        await journals.write(tx, entry.id, patient_id=cast.mira, body={"text": text}, based_on=0, now=now)
        entries[text] = entry.id
    await journals.share(tx, entries[SHARED_JOURNAL], patient_id=cast.mira, now=now)
    await _answers(tx, cast, clock)
    hold = await safety.press(tx, patient_id=cast.mira, kind="something-wrong", event_id="press", now=now)
    await safety.add_words(tx, patient_id=cast.mira, hold_id=hold.id, words=HOLD_WORDS, now=now)
    return {
        "entry_id": entries[KEPT_JOURNAL],
        "shared_entry_id": entries[SHARED_JOURNAL],
        "hold_id": hold.id,
        "session_id": plan.sessions[0].id,
        "device_id": "",
        "home_token": await home.link_token(tx, cast.mira, now=now),
    }


async def _answers(tx: Tx, cast: Cast, clock: StoppedClock) -> None:
    """Every question of the PHQ-9 with "nearly every day", item 9 too."""
    for item in PHQ9.items:
        await measures.answer(
            tx, patient_id=cast.mira, code="phq-9", item=item.name, value=3, now=clock.now()
        )
    await measures.complete(tx, patient_id=cast.mira, code="phq-9", now=clock.now())


async def _visit(
    tx: Tx, cast: Cast, clock: StoppedClock, *, patient_id: str, practitioner_id: str
) -> tuple[str, str]:
    encounter = await appointments.book(
        tx,
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        visit_type="check-in",
        starts_at=clock.now() + timedelta(minutes=30),
        mode="video",
        booked_by=cast.ada,
        now=clock.now(),
    )
    return encounter.id, appointments.token_of(tx, encounter)


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
