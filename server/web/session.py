"""Who is calling: a staff session, a visitor's session for the visit in the address, both, or nobody."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from server.care.access import Caller, Staff, Visitor
from server.store import sessions
from server.web import keys

CALLER = web.RequestKey("caller", Caller)
# The hash of the cookies in use, to which form tokens are bound; empty for somebody without a session.
SESSION_MARK = web.RequestKey("session_mark", str)


@dataclass(frozen=True, slots=True)
class CookieNames:
    staff: str
    visitor: str


def cookie_names(secure: bool) -> CookieNames:
    """`__Host-` cookies need HTTPS; on plain loopback the same cookies go by their bare names."""
    return CookieNames("__Host-sid", "__Host-vid") if secure else CookieNames("sid", "vid")


def names_for(request: web.Request) -> CookieNames:
    return cookie_names(request.app[keys.SITE].secure)


async def identify(request: web.Request) -> Caller:
    """The caller behind the request's cookies. Also remembers that the session was used."""
    now = request.app[keys.CLOCK].now()
    names = names_for(request)
    return Caller(
        staff=await _staff(request, request.cookies.get(names.staff), now),
        visitor=await _visitor(request, request.cookies.get(names.visitor), now),
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


def set_cookie(response: web.StreamResponse, request: web.Request, name: str, value: str) -> None:
    """A session cookie: gone with the browser, unreadable for scripts, sent on our own pages and links to them."""
    response.set_cookie(
        name, value, path="/", httponly=True, samesite="Lax", secure=request.app[keys.SITE].secure
    )


def caller(request: web.Request) -> Caller:
    return request[CALLER]


def staff(request: web.Request) -> Staff:
    """The signed-in person; only behind a policy that lets nobody else through."""
    who = request[CALLER].staff
    if who is None:
        raise web.HTTPUnauthorized
    return who
