"""Wherever a patient can write freely, the page says that nobody reads it live and whom to call; made from routes."""

import html
import re

import pytest

from server.care import access
from server.routes import ROUTES, Route
from server.services import visits
from tests.clocks import StoppedClock
from tests.http.asking import address, ask, named, read
from tests.http.outsiders import Scene

# Policy → which of the callers is Mira there.
MIRA = {access.at_home: "home", access.visitor: "patient"}
PAGES = tuple(
    route
    for route in ROUTES
    if route.may in MIRA
    and route.method == "GET"
    and not route.path.endswith("/changes")
    and not route.path.startswith("/signalling/")
)
FREE = re.compile(r"<textarea|<input(?=[^>]*\btype=\"?(?:text|search)\b)")
# Single facts, asked for and answered in a line: an address, a number, a name.
NOT_FREE = {"/visit/entry/{encounter_id}"}


@pytest.fixture
async def scene(scene: Scene, clock: StoppedClock) -> Scene:
    """With the questions before the visit answered, so that its patient comes as far as the waiting room."""
    async with scene.database.write() as tx:
        await visits.answer(
            tx,
            encounter_id=scene.miras.encounter_id,
            where="41 Elm Court, Denver, CO",
            call_back="(303) 555-0142",
            with_whom="Nobody",
            now=clock.now(),
        )
    return scene


async def shown(route: Route, scene: Scene) -> str:
    caller = scene.callers[MIRA[route.may]]
    return html.unescape(await read(await ask(caller, route, address(route, scene.miras))))


@pytest.mark.parametrize("route", [r for r in PAGES if r.path not in NOT_FREE], ids=named)
async def test_a_page_to_write_on_says_that_nobody_reads_it_live(route: Route, scene: Scene) -> None:
    page = await shown(route, scene)
    if FREE.search(page):
        assert "Nobody reads this live." in page
        assert "Call 911, or call or text 988." in " ".join(re.sub(r"<[^>]*>", "", page).split())


async def test_there_are_such_pages(scene: Scene) -> None:
    """Else a page that answers with an error would pass for one without a field."""
    free = {route.path for route in PAGES if FREE.search(await shown(route, scene))}
    assert free >= {
        "/home/ask",
        "/home/entry/{entry_id}",
        "/home/stop/{hold_id}",
        "/visit/waiting/{encounter_id}",
    }


async def test_every_page_of_the_patients_says_whom_to_call(scene: Scene) -> None:
    for route in PAGES:
        page = await shown(route, scene)
        if "<html" in page:
            assert "In an emergency call 911." in re.sub(r"<[^>]+>", "", page), route.path
            assert "(303) 555-0100" in page, route.path
