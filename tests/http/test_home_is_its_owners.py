"""What a patient's pages change, they change for their owner: another patient's same requests move nothing of hers.

Made from the route table, with bodies that would do something: a new route without one fails here.
"""

from typing import Any

import pytest

from server.care import access
from server.care.measures import PHQ9
from server.routes import ROUTES, Route
from tests.http.asking import PARAMETER, UNSAFE, address, ask, named
from tests.http.outsiders import Scene

WRITES = tuple(route for route in UNSAFE if route.may is access.at_home)
# Addresses that lead to one thing of one patient; the others are about whoever asks.
OWNED = tuple(route for route in WRITES if {*PARAMETER.findall(route.path)} - {"code"})
ABOUT_ONESELF = tuple(route for route in WRITES if route not in OWNED)
PAGES = tuple(
    route
    for route in ROUTES
    if route.may is access.at_home and route.method == "GET" and {*PARAMETER.findall(route.path)} - {"code"}
)
ALL_TICKED = {item.name: "1" for item in PHQ9.items}
NOTHING: dict[str, Any] = {}
# Route → what our page sends, when there is something to do.
BODIES: dict[str, dict[str, Any]] = {
    "POST /home/stop": {"kind": "patient-stop", "event_id": "another press"},
    "POST /home/stop/{hold_id}": {"words": "it is better now"},
    "POST /home/ask": {"about": "practical", "question": "May I come an hour later?", "key": "another press"},
    "POST /home/safety": {"answer": "help", "event_id": "another press"},
    "POST /home/session/{session_id}/done": NOTHING,
    "POST /home/journal": NOTHING,
    "PUT /home/entry/{entry_id}": {"page": "p", "sequence": 1, "version": 1, "body": {"text": "changed"}},
    "POST /home/entry/{entry_id}": {"version": "1", "text": "changed"},
    "POST /home/entry/{entry_id}/sharing": NOTHING,
    "POST /home/entry/{entry_id}/versions": NOTHING,
    "PUT /home/measure/{code}": {"item": "44260-8", "value": 2},
    "POST /home/measure/{code}": ALL_TICKED,
    "POST /home/devices/{device_id}/forgetting": NOTHING,
}
# "Not your next session" is the answer to any session that is not; everything else does not exist.
ANSWER = {"POST /home/session/{session_id}/done": 409}


def body(route: Route, stored: dict[str, list[tuple[Any, ...]]]) -> dict[str, Any]:
    """A measure's page names the form that was handed in before it was written."""
    said = BODIES[named(route)]
    return said | {"after": stored["measure_responses"][0][0]} if "/measure/" in route.path else said


async def rows_about(scene: Scene, patient_id: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table in which this patient stands."""
    return {name: [row for row in rows if patient_id in row] for name, rows in (await scene.stored()).items()}


@pytest.mark.parametrize("route", WRITES, ids=named)
async def test_the_bodies_are_ones_that_do_something(route: Route, scene: Scene) -> None:
    """Else the refusals below would prove nothing."""
    before = await scene.stored()
    response = await ask(scene.callers["home"], route, address(route, scene.miras), body=body(route, before))
    assert response.status in {200, 204, 303}
    assert await scene.stored() != before


@pytest.mark.parametrize("route", OWNED, ids=named)
async def test_what_is_hers_does_not_exist_for_another_patient(route: Route, scene: Scene) -> None:
    before = await scene.stored()
    path = address(route, scene.miras)
    intruder, expected = scene.callers["other-home"], ANSWER.get(named(route), 404)
    assert (await ask(intruder, route, path, body=body(route, before))).status == expected
    assert await scene.stored() == before
    # And it answers as for something that never was.
    nowhere = address(route, scene.miras.unknown())
    assert (await ask(intruder, route, nowhere, body=body(route, before))).status == expected


@pytest.mark.parametrize("route", ABOUT_ONESELF, ids=named)
async def test_what_another_patient_does_is_about_them_alone(route: Route, scene: Scene, cast: Any) -> None:
    before = await rows_about(scene, scene.miras.patient_id)
    theirs = await rows_about(scene, cast.tomas)
    response = await ask(
        scene.callers["other-home"], route, address(route, scene.miras), body=body(route, before)
    )
    assert response.status in {200, 204, 303}
    assert await rows_about(scene, scene.miras.patient_id) == before
    assert await rows_about(scene, cast.tomas) != theirs


@pytest.mark.parametrize("route", PAGES, ids=named)
async def test_her_pages_do_not_exist_for_another_patient(route: Route, scene: Scene) -> None:
    response = await ask(scene.callers["other-home"], route, address(route, scene.miras))
    assert response.status == 404


def test_no_body_is_for_a_route_that_is_gone() -> None:
    assert {named(route) for route in WRITES} == set(BODIES)
