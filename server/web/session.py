"""Who is calling: a staff session, a visitor's for the visit in the address, a patient's own device, or nobody."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from server.care.access import Caller, Guest, HalfSignedIn, Invited, Staff, Visitor
from server.care.home import REMEMBERED
from server.store import guests, home, sessions, sign_in_steps
from server.web import keys

log = logging.getLogger("bedside.sessions")

CALLER = web.RequestKey("caller", Caller)
# The hash of the cookies in use, to which form tokens are bound; empty for somebody without a session.
SESSION_MARK = web.RequestKey("session_mark", str)
# The row of the staff session in use.
STAFF_SESSION = web.RequestKey("staff_session", str)
# Where a half-done sign-in counts; everywhere else its cookie is nothing.
HALF_WAY = "/sign-in/"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
HOME = "/home/"


async def keep_open_pages_alive(app: web.Application) -> AsyncIterator[None]:
    """For `cleanup_ctx`: once a minute, sessions with an open page count as used."""

    async def every_minute() -> None:
        me = asyncio.current_task()
        assert me is not None
        # The database's driver can keep a cancellation to itself; the task still knows that it was asked to end.
        while not me.cancelling():
            await asyncio.sleep(sessions.SEEN_EVERY.total_seconds())
            try:
                await note_open_pages(app)
            except Exception:
                log.exception("open pages could not be counted as activity")

    noting = asyncio.ensure_future(every_minute())
    yield
    noting.cancel()
    with suppress(asyncio.CancelledError):
        await noting


async def note_open_pages(app: web.Application) -> None:
    held = app[keys.OPEN_PAGES].sessions()
    if held:
        async with app[keys.DATABASE].write() as tx:
            await sessions.seen_together(tx, held, app[keys.CLOCK].now())


@dataclass(frozen=True, slots=True)
class CookieNames:
    staff: str
    visitor: str
    home: str
    step: str


def cookie_names(secure: bool) -> CookieNames:
    """`__Host-` cookies need HTTPS; on plain loopback the same cookies go by their bare names."""
    names = ("sid", "vid", "hid", "step")
    return CookieNames(*(f"__Host-{name}" for name in names) if secure else names)


def names_for(request: web.Request) -> CookieNames:
    return cookie_names(is_secure(request))


def is_secure(request: web.Request) -> bool:
    return request.app[keys.SITE].is_secure(request.host)


async def identify(request: web.Request) -> Caller:
    """The caller behind the request's cookies. Also remembers that the session was used."""
    if request.path.startswith("/static/"):
        return Caller()
    now = request.app[keys.CLOCK].now()
    names = names_for(request)
    return Caller(
        staff=await _staff(request, request.cookies.get(names.staff), now),
        visitor=await _visitor(request, request.cookies.get(names.visitor), now),
        invited=await _invited(request, request.cookies.get(names.visitor), now),
        guest=await _guest(request, request.cookies.get(names.home), now),
        half=await _half(request, request.cookies.get(names.step), now),
    )


async def _staff(request: web.Request, cookie: str | None, now: datetime) -> Staff | None:
    if not cookie:
        return None
    database = request.app[keys.DATABASE]
    async with database.read() as tx:
        row = await sessions.staff_session(tx, cookie, idle=request.app[keys.SESSIONS].idle, now=now)
        if row is None:
            return None
        roles = await sessions.roles_of(tx, row.account_id)
    request[STAFF_SESSION] = row.id
    if now - row.seen_at > sessions.SEEN_EVERY:
        async with database.write() as tx:
            await sessions.seen(tx, row.id, now)
    return Staff(account_id=row.account_id, name=row.name, roles=roles, practitioner_id=row.practitioner_id)


async def _visitor(request: web.Request, cookie: str | None, now: datetime) -> Visitor | None:
    encounter_id = request.match_info.get("encounter_id")
    if not cookie or not encounter_id:
        return None
    async with request.app[keys.DATABASE].read() as tx:
        row = await sessions.visitor_session(tx, cookie, encounter_id=encounter_id, now=now)
    if row is None:
        return None
    return Visitor(encounter_id=encounter_id, session_id=row.id, verified=row.verified_at is not None)


async def _invited(request: web.Request, cookie: str | None, now: datetime) -> Invited | None:
    """By the visitors' cookie: somebody's browser may hold a visit of their own beside."""
    invitation_id = request.match_info.get("invitation_id")
    if not cookie or not invitation_id:
        return None
    async with request.app[keys.DATABASE].read() as tx:
        row = await guests.session(tx, cookie, invitation_id=invitation_id, now=now)
    if row is None:
        return None
    return Invited(
        invitation_id=invitation_id,
        session_id=row.id,
        introduced=row.introduced_at is not None,
        admitted_at=row.admitted_at,
    )


async def _guest(request: web.Request, cookie: str | None, now: datetime) -> Guest | None:
    """Only on the patient's own pages: nothing else asks for it."""
    if not cookie or not request.path.startswith(HOME):
        return None
    database = request.app[keys.DATABASE]
    async with database.read() as tx:
        row = await home.device(tx, cookie, now=now)
    if row is None:
        return None
    if row.remembered_at is not None and now - row.seen_at > sessions.SEEN_EVERY:
        async with database.write() as tx:
            await home.mark_device(tx, row.id, seen_at=now, ends_at=now + REMEMBERED)
    return Guest(
        patient_id=row.patient_id,
        device_id=row.id,
        proven=row.born_at is not None,
        remembered=row.remembered_at is not None,
    )


async def _half(request: web.Request, cookie: str | None, now: datetime) -> HalfSignedIn | None:
    if not cookie or not request.path.startswith(HALF_WAY):
        return None
    async with request.app[keys.DATABASE].read() as tx:
        step = await sign_in_steps.living(tx, cookie, now)
    if step is None or step.stage == sign_in_steps.NEW_PHONE:
        return None
    return HalfSignedIn(account_id=step.account_id, stage=step.stage)


def client_address(request: web.Request) -> str:
    """Where the request comes from. Behind a web server on this machine, that one's word for it.

    One stands in front of us where the browser speaks HTTPS and we do not.
    """
    peer = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if peer in LOOPBACK and is_secure(request) and not request.secure and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return peer


def is_on_loopback(request: web.Request) -> bool:
    """Whether both ends of the connection are loopback: no other machine can make one like that."""
    here = request.transport.get_extra_info("sockname") if request.transport else None
    return request.remote in LOOPBACK and here is not None and here[0] in LOOPBACK


def set_cookie(
    response: web.StreamResponse,
    request: web.Request,
    name: str,
    value: str,
    *,
    lives: timedelta | None = None,
) -> None:
    """Unreadable for scripts, sent on our own pages and links to them; gone with the browser unless it `lives`."""
    response.set_cookie(
        name,
        value,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
        max_age=int(lives.total_seconds()) if lives else None,
    )


def set_step_cookie(
    response: web.StreamResponse, request: web.Request, value: str, *, lives: timedelta
) -> None:
    """Between password and session: gone by itself, and never sent along from another site, not even with a link."""
    response.set_cookie(
        names_for(request).step,
        value,
        path="/",
        max_age=int(lives.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=is_secure(request),
    )


def drop_cookie(response: web.StreamResponse, request: web.Request, name: str) -> None:
    response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=is_secure(request))


def home_mark(request: web.Request) -> str:
    """By what a browser knows whose pages it kept something of; names nobody, and is another for every patient."""
    who = request.get(CALLER)
    if who is None or who.guest is None or not who.guest.remembered:
        return ""
    key = request.app[keys.DATABASE].keyring.key_for("home-mark")
    return hmac.new(key, who.guest.patient_id.encode(), hashlib.sha256).hexdigest()[:32]


def caller(request: web.Request) -> Caller:
    return request[CALLER]


def staff(request: web.Request) -> Staff:
    """The signed-in person; only behind a policy that lets nobody else through."""
    who = request[CALLER].staff
    if who is None:
        raise web.HTTPUnauthorized
    return who
