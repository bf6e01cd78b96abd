"""What happens in rooms, written down: each event in a short transaction of its own, in the order it happened."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta

from aiohttp import web

from server.care.encounter import EncounterOver, PresenceEvent
from server.care.guests import ROLES
from server.care.refusals import CareRefusal
from server.services import guests, telephone, visits
from server.store import sessions
from server.store.database import Tx
from server.store.reaching import RecordsOutOfReach
from server.web import keys, live
from webrtc.participants.call_check import ROOM
from webrtc.protocol import EchoReport
from webrtc.room_events import (
    Admitted,
    Answered,
    Asked,
    CallInterrupted,
    CallResumed,
    CallStarted,
    Held,
    Left,
    Measured,
    MediaChanged,
    Present,
    Removed,
    RoomEvent,
    Waiting,
    WordsCompared,
)
from webrtc.rooms import Rooms
from webrtc.seats import role_of

log = logging.getLogger("bedside.calls")

PATIENT = "patient"
# Rooms in which nobody is visited: connection tests, and the server's calls to itself.
TEST = "test-"
NO_VISITS = (TEST, ROOM)
KINDS: dict[type[RoomEvent], str] = {
    Present: "joined",
    Admitted: "admitted",
    CallStarted: "call-started",
    CallInterrupted: "call-interrupted",
    CallResumed: "call-resumed",
    Asked: "asked",
    Removed: "removed",
}
# How long pages wait for the record before they are shown what it is about to say.
WRITTEN_SECONDS = 3.0
# A database that is busy, full or away is tried again, at most this rarely and for half an hour.
LONGEST_PAUSE = 30.0
TRIES = 65


async def know_visitor(app: web.Application, room: str, session_id: str, *, after: str | None) -> None:
    """The browser in the patient's seat comes `after` another one: that is for the clinician to know before letting
    it in (security.md, row 2)."""
    if session_id == after:
        return
    async with app[keys.DATABASE].read() as tx:
        if after is None and not await sessions.admitted_besides(tx, session_id, encounter_id=room):
            return
    event = PresenceEvent(seat=PATIENT, kind="other-device", at=app[keys.CLOCK].now())
    async with app[keys.DATABASE].write() as tx:
        await visits.record(tx, encounter_id=room, event=event)
    app[keys.CHANGES].publish(live.encounter_topic(room))


def keep_records(app: web.Application, rooms: Rooms) -> Callable[[], Awaitable[None]]:
    """Listen to every room. Returns the way to stop, which writes down what is still waiting first."""
    events: asyncio.Queue[RoomEvent] = asyncio.Queue()
    stopping = asyncio.Event()

    def hear(event: RoomEvent) -> None:
        # Samples are no events of the visit; they have a job of their own.
        if not isinstance(event, Measured):
            events.put_nowait(event)

    rooms.on_event(hear)

    async def keep() -> None:
        while True:
            event = await events.get()
            try:
                await write_in_the_end(app, event, stopping)
            except Exception:
                log.exception("an event of a call could not be written down")
            finally:
                events.task_done()

    async def written() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(WRITTEN_SECONDS):
                await events.join()

    keeping = asyncio.ensure_future(keep())
    rooms.written = written

    async def stop() -> None:
        stopping.set()
        await events.join()
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping

    return stop


async def write_in_the_end(app: web.Application, event: RoomEvent, stopping: asyncio.Event) -> None:
    """Later events wait: they have to be written in their order. A server that stops tries each once more."""
    pause = 0.25
    for left in reversed(range(TRIES)):
        try:
            await write_down(app, event)
            break
        except RecordsOutOfReach as trouble:
            if stopping.is_set() or not left:
                raise
            log.warning("an event of a call is not written down yet: %s", trouble)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def write_down(app: web.Application, event: RoomEvent) -> None:
    if event.room.startswith(NO_VISITS):
        return
    clock = app[keys.CLOCK]
    at = clock.now() - timedelta(seconds=clock.monotonic() - event.at)
    async with app[keys.DATABASE].write() as tx:
        with suppress(EncounterOver):
            await change(app, tx, event, at)
        if (kind := kind_of(event)) is not None:
            presence = PresenceEvent(seat=whose(event), kind=kind, at=at)
            await visits.record(tx, encounter_id=event.room, event=presence)
            if is_guest(event.seat) or isinstance(event, Held):
                session_id = event.person if isinstance(event, Admitted) else None
                by = event.by_person if isinstance(event, Asked | Admitted | Held) else None
                await guests.happened(
                    tx, encounter_id=event.room, event=presence, session_id=session_id, by=by
                )
    app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(event.room))


def kind_of(event: RoomEvent) -> str | None:
    """What it is called among the visit's presence events, if it stands there."""
    match event:
        case Left():
            return event.reason
        case MediaChanged():
            return None if is_guest(event.seat) else f"{event.what}-{'lost' if event.lost else 'back'}"
        case WordsCompared():
            return f"words-{event.verdict}"
        case Answered():
            return "agreed" if event.agreed else "declined"
        case Held():
            return "held" if event.held else "taken-back"
        case Present() if is_guest(event.seat) and event.admitted:
            return "came-back"
        case CallStarted() | CallInterrupted() | CallResumed() if is_guest(event.seat, event.other):
            return None
    return KINDS.get(type(event))


def whose(event: RoomEvent) -> str:
    """The seat it is kept under: words that match a guest's are theirs, and not the visit's own."""
    if isinstance(event, WordsCompared) and event.other is not None and is_guest(event.other):
        return event.other
    return event.seat


def is_guest(*seats: str) -> bool:
    """Whether one of them is a guest's."""
    return any(role_of(seat) in ROLES for seat in seats)


async def change(app: web.Application, tx: Tx, event: RoomEvent, at: datetime) -> None:
    """What an event means for the visit itself. Raises EncounterOver."""
    if isinstance(event, WordsCompared):
        await telephone.words_compared(
            tx,
            encounter_id=event.room,
            seat=event.seat,
            account_id=event.person,
            verdict=event.verdict,
            now=at,
        )
    if event.seat != PATIENT:
        return
    if isinstance(event, Waiting):
        await visits.arrive(tx, encounter_id=event.room, now=at)
    elif isinstance(event, Admitted):
        if event.person is not None:
            await sessions.admit_visitor(tx, event.person, at)
        await visits.admit(tx, encounter_id=event.room, by=event.by_person, now=at)
    elif isinstance(event, Left):
        await visits.go_away(tx, encounter_id=event.room, now=at)


async def keep_device_test(app: web.Application, encounter_id: str, report: EchoReport) -> None:
    """The result reaches the desk's board without being asked for."""
    now = app[keys.CLOCK].now()
    result = json.dumps({**asdict(report), "at": now.isoformat()})
    with suppress(CareRefusal):
        async with app[keys.DATABASE].write() as tx:
            await visits.save_device_test(tx, encounter_id=encounter_id, result=result, now=now)
    app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
