"""What the psychiatrist's pages are tried on: Mira's visit with Dr Reyes, its note, and a script's way of asking."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import text

from server.care.encounter import Encounter, PresenceEvent
from server.services import visits
from server.store.database import Database
from server.web import keys
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.conftest import Visitor
from tests.people import Cast
from webrtc.relay_process import RelayProcess
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

# Every field of a check-in that a signature needs.
COMPLETE = {
    "medicines": "None new.",
    "suicidality": "no",
    "risk_level": "low",
    "mental_state": "Warm, linear. Seen by video only.",
    "decision": "continue",
    "identity_checked": "yes",
    "emergency_plan": "Sister; 911; we ring back at once.",
    "consent": "yes",
    "privacy": "yes",
}


@pytest.fixture
def app(app: web.Application, clock: StoppedClock) -> web.Application:
    """With rooms to look for and to close; nobody sits in them here."""
    app[keys.ROOMS] = Rooms(RelayProcess(), RoomSettings(), clock.monotonic)
    return app


@pytest.fixture
async def booked(database: Database, cast: Cast, clock: StoppedClock) -> Encounter:
    """Mira sees Dr Reyes at ten in Denver, one hour from now."""
    async with database.write() as tx:
        return await check_in(tx, cast, MONDAY_MORNING + timedelta(hours=1), now=clock.now())


@pytest.fixture
def at(booked: Encounter) -> str:
    """The consult page's address."""
    return f"/clinic/consult/{booked.id}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def ask() -> Ask:
    """`await ask(reyes, "PUT", path, json)`: as the page's scripts ask."""

    async def one(who: Visitor, method: str, path: str, body: object = None) -> Answer:
        headers = {"Accept": "application/json", "X-CSRF-Token": who.token()}
        response = await who.client.request(method, path, json=body, headers=headers, allow_redirects=False)
        return Answer(response.status, await response.json())

    return one


@pytest.fixture
def put(ask: Ask, at: str) -> Callable[..., Awaitable[Answer]]:
    """`await put(reyes, {…}, version=1)`: one autosave of the visit's note."""
    count = iter(range(1, 1000))

    async def save(who: Visitor, body: dict[str, Any], *, version: int = 0, **more: object) -> Answer:
        sent = {"page": "a page", "sequence": next(count), "version": version, "body": body, **more}
        return await ask(who, "PUT", f"{at}/note", sent)

    return save


@pytest.fixture
async def held(database: Database, booked: Encounter, clock: StoppedClock) -> None:
    """The visit goes on since twenty to nine, with half a minute lost; now it is nine."""
    start = clock.now() - timedelta(minutes=20)

    def event(seat: str, kind: str, **after: float) -> PresenceEvent:
        return PresenceEvent(seat=seat, kind=kind, at=start + timedelta(**after))

    async with database.write() as tx:
        await visits.answer(
            tx,
            encounter_id=booked.id,
            where="12 Invented Lane, Boulder",
            call_back="(303) 555-0199",
            with_whom="My sister",
            now=start,
        )
        await visits.arrive(tx, encounter_id=booked.id, now=start)
        await visits.admit(tx, encounter_id=booked.id, now=start)
        for each in (
            event("patient", "joined"),
            event("clinician", "joined"),
            event("patient", "admitted"),
            event("patient", "call-started"),
            event("patient", "call-interrupted", minutes=5),
            event("patient", "call-resumed", minutes=5, seconds=30),
        ):
            await visits.record(tx, encounter_id=booked.id, event=each)


@pytest.fixture
def trail(database: Database) -> Callable[..., Awaitable[list[tuple[str, str]]]]:
    """`await trail("note")`: (who, what) on the audit trail about things of that kind, in order."""

    async def of(kind: str) -> list[tuple[str, str]]:
        statement = text("SELECT actor, action FROM audit_events WHERE object_kind = :kind ORDER BY seq")
        async with database.read() as tx:
            return [(row.actor, row.action) for row in await tx.all(statement, kind=kind)]

    return of
