"""Whoever is shown something of a patient's record leaves a row on the trail, by whatever address: made from routes.

A page that follows the clinic live leaves one for each look and not for each refresh (trail.ONE_LOOK).
"""

import html
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select

from server.care import access
from server.care.measures import PHQ9
from server.care.safety import KINDS
from server.routes import ROUTES, Route
from server.services import trail
from server.store.database import Database
from server.store.tables import metadata
from server.web import keys
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.http.asking import address, ask, named, read
from tests.http.miras import ASKED_THE_DOCTOR, CLINICAL, HOLD_WORDS, SHARED_JOURNAL, TO_THE_CLINIC
from tests.http.outsiders import Scene
from tests.people import Cast
from webrtc.relay_process import RelayProcess
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

PAGES = tuple(
    route
    for route in ROUTES
    if route.method == "GET"
    and route.may is access.clinician
    # Streams without a word in them, and which of one's own windows holds the seat in the call.
    and not route.path.endswith(("/changes", "/seat"))
)
# What stands in Mira's record only: words, why her course is on hold, her answer to item 9, her scores, her days.
CONTENT = (
    *CLINICAL,
    TO_THE_CLINIC,
    SHARED_JOURNAL,
    HOLD_WORDS,
    ASKED_THE_DOCTOR,
    *KINDS.values(),
    PHQ9.title,
    "2026-12-07",
)

Rows = Callable[[str], Awaitable[list[str]]]


@pytest.fixture
def app(app: web.Application, clock: StoppedClock) -> web.Application:
    app[keys.ROOMS] = Rooms(RelayProcess(), RoomSettings(), clock.monotonic)
    return app


@pytest.fixture
def rows(database: Database, cast: Cast) -> Rows:
    """`await rows(account_id)`: what the trail says this person did about Mira, in order."""
    events = metadata.tables["audit_events"]

    async def found(actor: str) -> list[str]:
        about = select(events).where(events.c.actor == actor, events.c.patient_id == cast.mira)
        async with database.read() as tx:
            return [row.action for row in await tx.all(about.order_by(events.c.seq))]

    return found


async def shown(caller: Visitor, route: Route, scene: Scene) -> list[str]:
    response = await ask(caller, route, address(route, scene.miras))
    page = html.unescape(await read(response))
    assert response.status == 200
    return [mark for mark in CONTENT if mark in page]


@pytest.mark.parametrize("route", PAGES, ids=named)
async def test_what_is_shown_of_a_record_is_on_the_trail(
    route: Route, scene: Scene, rows: Rows, cast: Cast
) -> None:
    if await shown(scene.callers["other-clinician"], route, scene):
        assert await rows(cast.okafor) != []


async def test_the_list_above_is_not_empty(scene: Scene) -> None:
    """Else the marks would be the wrong ones, and nothing would be looked for."""
    caller = scene.callers["other-clinician"]
    seen = {route.path: await shown(caller, route, scene) for route in PAGES}
    for path in ("/clinic/day", "/clinic/day/list", "/clinic/course/{patient_id}", "/clinic/hold/{hold_id}"):
        assert seen[path], path
    for part in ("", "/timeline", "/standing", "/scores"):
        assert seen[f"/clinic/chart/{{patient_id}}{part}"], part
    assert {mark for marks in seen.values() for mark in marks} == {*CONTENT} - {
        KINDS["patient-stop"],
        KINDS["need-help"],
        KINDS["unusual"],
        KINDS["clinician"],
        KINDS["too-soon"],
        KINDS["lost-touch"],
    }


async def test_a_live_page_leaves_a_row_a_look_and_not_a_row_a_refresh(
    scene: Scene, rows: Rows, cast: Cast, clock: StoppedClock
) -> None:
    reader, chart = scene.callers["other-clinician"], f"/clinic/chart/{cast.mira}"
    await reader.get(chart)
    for part in ("timeline", "standing", "scores") * 3:
        await reader.get(f"{chart}/{part}")
    assert await rows(cast.okafor) == ["timeline-read"]
    # Opened again it is another look, and so is a page that stays open.
    await reader.get(chart)
    assert await rows(cast.okafor) == ["timeline-read"] * 2
    for _ in range(7):
        clock.advance(seconds=trail.ONE_LOOK.total_seconds() / 6)
        await reader.get(f"{chart}/standing")
        await reader.get(f"{chart}/scores")
    assert await rows(cast.okafor) == ["timeline-read"] * 3


async def test_the_day_list_says_for_each_patient_who_saw_why_they_are_on_it(
    scene: Scene, rows: Rows, cast: Cast
) -> None:
    reader = scene.callers["other-clinician"]
    await reader.get("/clinic/day")
    for _ in range(3):
        await reader.get("/clinic/day/list")
    assert await rows(cast.okafor) == ["list-read"]
    # Somebody else's look is their own.
    await scene.callers["clinician"].get("/clinic/day/list")
    assert "list-read" in await rows(cast.reyes)


async def test_writing_leaves_a_row_a_sitting(scene: Scene, rows: Rows, clock: StoppedClock) -> None:
    mira, before = scene.callers["home"], await rows("patient")
    address = f"/home/entry/{scene.miras.entry_id}"
    for n, pause in enumerate((5, 5, trail.SITTING / timedelta(minutes=1), 5), start=1):
        clock.advance(minutes=pause)
        assert (await mira.post(address, version=str(n), text="a word more")).status == 303
        await mira.post("/home/measure/gad-7", **{"69725-0": str(n % 4)})
    added = (await rows("patient"))[len(before) :]
    assert added.count("journal-saved") == 1, "the first of them goes on with what was written just before"
    assert added.count("measure-answered") == 2
