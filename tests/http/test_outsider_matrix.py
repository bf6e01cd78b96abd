"""Every route × every caller, with Mira's things in the address, made from the route table itself.

A new route is tried as soon as it is listed. One with a policy or a parameter this page does not know fails here.
"""

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web

from server.routes import ROUTES, Route
from server.web import keys
from tests.clocks import StoppedClock
from tests.conftest import Visitor
from tests.http.asking import PARAMETER, address, ask, named, read
from tests.http.miras import (
    ASKED_ONLINE,
    ASKED_THE_DESK,
    ASKED_THE_DOCTOR,
    CLINICAL,
    HOLD_WORDS,
    IDS,
    KEPT_JOURNAL,
    OWN_WORDS,
    SHARED_JOURNAL,
    TO_THE_CLINIC,
    Miras,
)
from tests.http.outsiders import Scene, empty_rooms

EVERYBODY = frozenset(
    {
        "anonymous",
        "half-signed-in",
        "link-holder",
        "patient",
        "other-patient",
        "home-door",
        "home-proven",
        "home",
        "other-home",
        "invited",
        "guest",
        "other-guest",
        "front-desk",
        "clinician",
        "other-clinician",
        "administrator",
        "several-roles",
    }
)
AT_HOME = frozenset({"home", "other-home"})
STAFF = (
    EVERYBODY
    - AT_HOME
    - {
        "anonymous",
        "half-signed-in",
        "link-holder",
        "patient",
        "other-patient",
        "home-door",
        "home-proven",
        "invited",
        "guest",
        "other-guest",
    }
)
# Policy → who gets past it, written down here a second time on purpose.
ALLOWED = {
    "anyone": EVERYBODY,
    "signed_in": STAFF,
    "half_signed_in": frozenset({"half-signed-in"}),
    "front_desk": frozenset({"front-desk", "several-roles"}),
    "clinician": frozenset({"clinician", "other-clinician"}),
    "administrator": frozenset({"administrator", "several-roles"}),
    "link_holder": frozenset({"link-holder", "patient"}),
    "visitor": frozenset({"patient"}),
    "invited": frozenset({"invited", "guest"}),
    "introduced": frozenset({"guest"}),
    "at_the_door": AT_HOME | {"home-door", "home-proven"},
    "past_the_door": AT_HOME | {"home-proven"},
    "at_home": AT_HOME,
    "in_the_call": frozenset({"patient", "clinician", "other-clinician"}),
}
# Whom each marked text is for; nobody else may be sent it by any route.
MAY_READ_NOTES = frozenset({"clinician", "other-clinician"})
MAY_READ_MESSAGES = MAY_READ_NOTES | {"patient", "front-desk", "several-roles"}
MAY_KNOW_OF_MIRA = STAFF | {"patient", "link-holder", "home"}
# Her own words: what she keeps is for nobody else, what she shared or told is for clinicians too.
MAY_READ = {
    KEPT_JOURNAL: frozenset({"home"}),
    SHARED_JOURNAL: MAY_READ_NOTES | {"home"},
    HOLD_WORDS: MAY_READ_NOTES | {"home"},
    # What is practical is the front desk's to answer, and what is about care is not.
    ASKED_THE_DESK: MAY_READ_NOTES | {"home", "front-desk", "several-roles"},
    ASKED_THE_DOCTOR: MAY_READ_NOTES | {"home"},
    ASKED_ONLINE: frozenset({"front-desk", "several-roles"}),
}

SOCKETS = tuple(route for route in ROUTES if route.path.startswith("/signalling/"))
REFUSED = {401, 403, 404}
# What changes nothing is asked of one scene, in the loop in which that lives.
STANDING = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def app(app: web.Application, clock: StoppedClock) -> web.Application:
    app[keys.ROOMS] = empty_rooms(clock)
    return app


def test_every_policy_and_every_parameter_is_in_the_tables_above() -> None:
    nothing = Miras(**dict.fromkeys(Miras.__dataclass_fields__, "x"))
    assert [named(route) for route in ROUTES if route.may.__name__ not in ALLOWED] == []
    for route in ROUTES:
        assert "{" not in address(route, nothing)


@STANDING
@pytest.mark.parametrize("route", ROUTES, ids=named)
async def test_outsiders_are_refused_and_change_nothing(route: Route, standing_scene: Scene) -> None:
    before = await standing_scene.stored()
    for name in sorted(EVERYBODY - ALLOWED[route.may.__name__]):
        caller = standing_scene.callers[name]
        response = await ask(caller, route, address(route, standing_scene.miras))
        text = await read(response)
        if response.status == 303:
            assert response.headers["Location"].startswith("/sign-in"), name
        else:
            assert response.status in REFUSED, name
        assert not [mark for mark in (*CLINICAL, *OWN_WORDS, TO_THE_CLINIC, "Lindqvist") if mark in text], (
            name
        )
        if address(route, standing_scene.miras.unknown()) != address(route, standing_scene.miras):
            assert await answer(caller, route, standing_scene.miras.unknown()) == plain(
                response.status, text, standing_scene.miras
            ), f"{name} can tell what exists from what does not"
    assert await standing_scene.stored() == before


async def answer(caller: Visitor, route: Route, miras: Miras) -> tuple[int, str]:
    response = await ask(caller, route, address(route, miras))
    return plain(response.status, await read(response), miras)


def plain(status: int, text: str, miras: Miras) -> tuple[int, str]:
    """An answer without the ids it was asked with."""
    for value in (getattr(miras, name) for name in IDS):
        text = text.replace(value, "id")
    return status, text


@pytest.mark.parametrize("route", ROUTES, ids=named)
async def test_those_it_is_for_are_let_in_and_read_nothing_that_is_not_theirs(
    route: Route, scene: Scene
) -> None:
    for name in sorted(ALLOWED[route.may.__name__]):
        response = await ask(scene.callers[name], route, address(route, scene.miras))
        text = await read(response)
        assert response.status < 500, name
        if name in MAY_KNOW_OF_MIRA and name != "other-clinician" and route not in SOCKETS:
            assert response.status not in {401, 403}, name
        if name not in MAY_READ_NOTES:
            assert not [mark for mark in CLINICAL if mark in text], name
        if name not in MAY_READ_MESSAGES:
            assert TO_THE_CLINIC not in text, name
        for mark, readers in MAY_READ.items():
            if name not in readers:
                assert mark not in text, name
        if name not in MAY_KNOW_OF_MIRA:
            assert "Lindqvist" not in text, name


@STANDING
@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if {*IDS} & {*PARAMETER.findall(r.path)}],
    ids=named,
)
async def test_what_does_not_exist_is_no_mistake_of_ours(route: Route, standing_scene: Scene) -> None:
    before = await standing_scene.stored()
    for name in sorted(ALLOWED[route.may.__name__]):
        response = await ask(
            standing_scene.callers[name], route, address(route, standing_scene.miras.unknown())
        )
        await read(response)
        if response.status == 303:
            assert response.headers["Location"].startswith("/sign-in"), name
        elif response.content_type == "text/event-stream":
            # News about nothing: it says as little as the news about what there is.
            assert name in STAFF
        else:
            assert 400 <= response.status < 500, name
            if route.method == "GET" and name in STAFF and route not in SOCKETS:
                assert response.status == 404, name
    assert await standing_scene.stored() == before


def own_origin(caller: Visitor) -> str:
    return str(caller.client.make_url("/")).rstrip("/")


@STANDING
@pytest.mark.parametrize("route", SOCKETS, ids=named)
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "", None])
@pytest.mark.parametrize("name", ["patient", "clinician", "guest"])
async def test_a_socket_opens_for_our_own_pages_only(
    route: Route, origin: str | None, name: str, standing_scene: Scene
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    path = address(route, standing_scene.miras) + ("?as=clinician" if name == "clinician" else "")
    with pytest.raises(WSServerHandshakeError) as refused:
        await standing_scene.callers[name].client.ws_connect(path, headers=headers)
    # Whom the route is not for at all may be turned away before anybody asks where they come from.
    assert refused.value.status in ({403} if name in ALLOWED[route.may.__name__] else REFUSED)


def socket_of(seat: str, scene: Scene) -> str:
    if seat == "guest":
        return f"/signalling/guest/{scene.miras.invitation_id}"
    return f"/signalling/{scene.miras.encounter_id}" + ("?as=clinician" if seat == "clinician" else "")


@pytest.mark.parametrize("name", sorted(EVERYBODY))
@pytest.mark.parametrize("seat", ["patient", "clinician", "guest"])
async def test_only_its_own_people_come_into_a_room(name: str, seat: str, scene: Scene) -> None:
    caller = scene.callers[name]
    path = socket_of(seat, scene)
    if name == seat:
        if seat == "patient":
            answers = {"where": "Home", "call_back": "3035550199", "with_whom": "Nobody", "agree": "yes"}
            await caller.post(f"/visit/entry/{scene.miras.encounter_id}", **answers)
        async with caller.client.ws_connect(path, headers={"Origin": own_origin(caller)}) as socket:
            await socket.send_str("{}")
            assert (await socket.receive()).type is WSMsgType.TEXT  # what it was told is wrong with that
        return
    with pytest.raises(WSServerHandshakeError) as refused:
        await caller.client.ws_connect(path, headers={"Origin": own_origin(caller)})
    assert refused.value.status in REFUSED
