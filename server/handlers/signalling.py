"""The call's WebSocket: who may sit where, then text frames between the page and its room.

No transaction is held while the socket is open; what happens in the room is recorded by call_records.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from server.care.encounter import EncounterOver
from server.care.guests import first_name
from server.handlers import call_records
from server.services import guests, visits
from server.services.guests import InvitationWithdrawn
from server.store import sessions
from server.web import hand_over, keys, live, network
from server.web.refusals import NotYours
from server.web.session import caller
from server.web.websockets import opened
from webrtc import protocol
from webrtc.connection import Connection
from webrtc.protocol import MESSAGE_LIMIT, ProtocolError
from webrtc.room import Room
from webrtc.seats import Agreed

OUTGOING_FRAMES = 256
HELLO_SECONDS = 10.0
# For the last words, to a page that may be gone or may not read.
PARTING_SECONDS = 3.0
VIOLATION = 1008


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where this socket may sit."""

    room: str
    seat: str
    role: str
    name: str
    admitted: bool
    # Whose page it is: a visitor's or a guest's session, a clinician's account.
    person: str | None = None
    held: bool = False
    # Of a guest: what the patient said. Of the patient: how guests see them named.
    agreed: Agreed | None = None
    guests_see: str | None = None


Find = Callable[[web.Request], Awaitable[Place]]
WhileOpen = Callable[[Connection, Place], Awaitable[None]]


async def show(request: web.Request) -> web.StreamResponse:
    """The visit's room. `?as=clinician` asks for the clinician's seat; without it, it is the patient's."""
    check_origin(request)

    async def sit(connection: Connection, place: Place) -> None:
        if place.seat == "patient" and place.person is not None:
            await call_records.know_visitor(request.app, place.room, place.person, after=connection.after)
        if place.seat == "clinician" and (who := caller(request).staff) and who.practitioner_id:
            await hand_over.joined(request.app, place.room, who.practitioner_id)
        await connection.closed.wait()

    return await serve(request, place_of, sit)


async def guest(request: web.Request) -> web.StreamResponse:
    """The visit's room, for somebody who was invited and said who they are."""
    check_origin(request)

    async def sit(connection: Connection, _: Place) -> None:
        await connection.closed.wait()

    return await serve(request, guest_place_of, sit)


async def test(request: web.Request) -> web.StreamResponse:
    """The connection test: a private room with the echo in the other seat."""
    check_origin(request)

    async def run(_: Connection, place: Place) -> None:
        report = await request.app[keys.ECHO_TESTS].run(place.room)
        if report is not None:
            await call_records.keep_device_test(request.app, request.match_info["encounter_id"], report)

    return await serve(request, test_place_of, run)


def check_origin(request: web.Request) -> None:
    """Browsers let any page open a socket anywhere; only their Origin header says which page it was."""
    if request.headers.get("Origin") not in request.app[keys.SITE].beside(request.host):
        raise web.HTTPForbidden


async def place_of(request: web.Request) -> Place:
    """Raises NotYours: a patient sits in their own visit, a clinician in a visit that is theirs.

    The page leads here when its time has come, its questions are answered and the visit is by video. Whoever comes
    without the page is asked the same.
    """
    encounter_id = request.match_info["encounter_id"]
    who = caller(request)
    async with request.app[keys.DATABASE].read() as tx:
        view = await visits.view(tx, encounter_id)
        if view is None or view.encounter.over or view.encounter.mode != "video":
            raise NotYours
        if request.query.get("as") == "clinician":
            if who.staff is None or who.staff.practitioner_id != view.practitioner.id:
                raise NotYours
            return Place(
                room=encounter_id,
                seat="clinician",
                role="clinician",
                name=view.practitioner.name,
                admitted=True,
                person=who.staff.account_id,
            )
        if who.visitor is None or not who.visitor.verified:
            raise NotYours
        if not visits.has_seat(view.encounter, request.app[keys.CLOCK].now()):
            raise NotYours
        running = view.encounter.status == "in-progress"
        admitted = running and await sessions.was_admitted(tx, who.visitor.session_id)
        held = await guests.on_hold(tx, encounter_id=encounter_id, seat="patient")
    return Place(
        room=encounter_id,
        seat="patient",
        role="patient",
        name=view.patient.name,
        admitted=admitted,
        person=who.visitor.session_id,
        held=held,
        guests_see=first_name(view.patient.name),
    )


async def guest_place_of(request: web.Request) -> Place:
    """Raises NotYours: the link was withdrawn, or the room is not open to guests now."""
    who = caller(request).invited
    if who is None or not who.introduced:
        raise NotYours
    try:
        async with request.app[keys.DATABASE].read() as tx:
            found = await guests.place(tx, invitation_id=who.invitation_id, admitted_at=who.admitted_at)
    except (InvitationWithdrawn, EncounterOver) as problem:
        raise NotYours from problem
    if not guests.has_seat(found.encounter, request.app[keys.CLOCK].now()):
        raise NotYours
    return Place(
        room=found.encounter.id,
        seat=found.invitation.seat,
        role=found.invitation.role,
        name=found.invitation.shown_as,
        admitted=found.admitted,
        person=who.session_id,
        held=found.standing.held,
        agreed=found.standing.agreed,
    )


async def test_place_of(request: web.Request) -> Place:
    """Raises NotYours. One test at a time per visit: a second page takes the first one's seat."""
    encounter_id = request.match_info["encounter_id"]
    async with request.app[keys.DATABASE].read() as tx:
        view = await visits.view(tx, encounter_id)
    if view is None or not visits.can_test(view.encounter, request.app[keys.CLOCK].now()):
        raise NotYours
    room = f"{call_records.TEST}{encounter_id}"
    return Place(room=room, seat="patient", role="patient", name="", admitted=True)


async def serve(request: web.Request, find: Find, then: WhileOpen) -> web.StreamResponse:
    """hello, join, then frames both ways until either side ends it. Raises NotYours."""
    await find(request)
    ws = await opened(request, longest=MESSAGE_LIMIT + 1)
    if ws is None:
        return web.Response()
    outgoing: asyncio.Queue[str] = asyncio.Queue(OUTGOING_FRAMES)
    try:
        connection, place = await join(request, ws, find, outgoing)
    except ProtocolError as problem:
        return await refuse(request, ws, problem)
    ended = asyncio.gather(
        write_out(ws, outgoing, connection), read_in(ws, connection), until_closed(then, connection, place)
    )
    try:
        await ended
    except ProtocolError as problem:
        await refuse(request, ws, problem)
    except (Ended, ConnectionResetError):
        pass
    finally:
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)
        await connection.left()
        if connection.fell_behind:
            request.app[keys.ROOMS].refused["unread"] += 1
        if place.seat == "clinician":
            # A window of theirs that was left behind says whether another one still has the call.
            request.app[keys.CHANGES].publish(live.encounter_topic(place.room))
        await flush(ws, outgoing)
        await part(ws)
    return ws


class Ended(Exception):
    """One half of the socket is done, so the others are too."""


async def join(
    request: web.Request, ws: web.WebSocketResponse, find: Find, outgoing: asyncio.Queue[str]
) -> tuple[Connection, Place]:
    """Raises ProtocolError."""
    try:
        async with asyncio.timeout(HELLO_SECONDS):  # in all: pings do not put it off
            frame = await ws.receive()
    except (TimeoutError, ConnectionResetError) as missing:
        raise ProtocolError("hello-first") from missing
    if frame.type is not WSMsgType.TEXT:
        raise ProtocolError("hello-first")
    hello = protocol.parse(frame.data)
    if not isinstance(hello, protocol.Hello):
        raise ProtocolError("hello-first")
    try:
        # Between the socket's opening and its first word an invitation may be withdrawn, or the visit end.
        place = await find(request)
    except NotYours as gone:
        raise ProtocolError("room-closed") from gone
    room: Room = request.app[keys.ROOMS].open(place.room)
    connection = await room.join(
        seat=place.seat,
        role=place.role,
        name=place.name,
        page=hello.page,
        send=outgoing.put_nowait,
        admitted=place.admitted or let_in_just_now(request, place),
        person=place.person,
        held=place.held,
        agreed=place.agreed,
        guests_see=place.guests_see,
        seen=hello.seen,
        addresses=addresses_for(request),
    )
    return connection, place


def let_in_just_now(request: web.Request, place: Place) -> bool:
    """The clinician let this very browser in while its page was being loaded anew, or it left and is back: neither is
    lost where it is not written down yet."""
    room: Room | None = request.app[keys.ROOMS].find(place.room)
    seat = room.seat(place.seat) if room is not None else None
    if place.seat != "patient" or seat is None or place.person is None:
        return False
    return place.person in (seat.let_in, seat.person if seat.admitted else None)


async def read_in(ws: web.WebSocketResponse, connection: Connection) -> None:
    async for frame in ws:
        if frame.type is not WSMsgType.TEXT:
            raise ProtocolError("not-json")
        await connection.receive(frame.data)
    raise Ended


async def write_out(ws: web.WebSocketResponse, outgoing: asyncio.Queue[str], connection: Connection) -> None:
    """The one writer: frames leave in the order they were said."""
    while True:
        await ws.send_str(await outgoing.get())


async def until_closed(then: WhileOpen, connection: Connection, place: Place) -> None:
    await then(connection, place)
    await connection.closed.wait()
    raise Ended


async def flush(ws: web.WebSocketResponse, outgoing: asyncio.Queue[str]) -> None:
    """What was said before the end (finished, replaced, going-away) still reaches the page."""
    while not ws.closed and not outgoing.empty():
        try:
            await asyncio.wait_for(ws.send_str(outgoing.get_nowait()), 1.0)
        except (TimeoutError, ConnectionResetError):
            return


async def refuse(
    request: web.Request, ws: web.WebSocketResponse, problem: ProtocolError
) -> web.WebSocketResponse:
    request.app[keys.ROOMS].refused[problem.code] += 1
    await part(ws, protocol.dump(protocol.Error(code=problem.code)), code=VIOLATION, reason=problem.code)
    return ws


async def part(ws: web.WebSocketResponse, last: str = "", *, code: int = 1000, reason: str = "") -> None:
    """Close the socket, after its last words if there are any. A page that went without a word is no error."""
    if ws.closed:
        return
    with suppress(TimeoutError, ConnectionResetError):
        async with asyncio.timeout(PARTING_SECONDS):
            if last:
                await ws.send_str(last)
            await ws.close(code=code, message=reason.encode())


def addresses_for(request: web.Request) -> tuple[str, ...]:
    """Where this page reaches the relay: where it reached us. On loopback this machine's own address first, because
    browsers send from there and are answered there; Firefox pairs no loopback addresses at all. Behind a proxy,
    `media.public_addresses` says better."""
    if request.app[keys.SITE].media_addresses:
        return ()
    name = request.transport.get_extra_info("sockname") if request.transport else None
    local = str(name[0]) if name else "127.0.0.1"
    if local not in ("127.0.0.1", "::1"):
        return (local,)
    return (*network.own_addresses()[:1], "127.0.0.1")
