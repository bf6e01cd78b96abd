"""No other site can make a signed-in browser act. Made from the route table, so a new route is tried at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import pytest

from server.routes import ROUTES
from server.web.csrf import SAFE
from tests.http.asking import address
from tests.http.outsiders import Scene, has_a_session

UNSAFE = [route for route in ROUTES if route.method not in SAFE]
# What a browser sends along when another site's page is behind a request.
ELSEWHERE = {
    "another site": {"Origin": "https://elsewhere.example"},
    "another site by a browser that says so": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour on the same domain": {"Sec-Fetch-Site": "same-site"},
    "a sandboxed frame": {"Origin": "null"},
    "a sandboxed frame by a browser that says so": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "the same name on another port": {"Origin": "http://localhost:1"},
    "our name without encryption or with it": {"Origin": "https://localhost"},
}


# What changes nothing is asked of one scene, in the loop in which that lives.
STANDING = pytest.mark.asyncio(loop_scope="module")


def path_of(route, scene: Scene) -> str:
    return address(route, scene.miras)


def named(route) -> str:
    return f"{route.method} {route.path}"


def met(
    route, callers: Iterable[Any], ways: Sequence[Any], *, each_with_each: bool
) -> Iterator[tuple[Any, Any]]:
    """Who tries what on this route. In turn is a seventh of the work, and still every route meets every caller and
    every way, and every caller comes by every way to one route or another."""
    if each_with_each:
        return product(callers, ways)
    first = UNSAFE.index(route)
    return ((caller, ways[(first + n) % len(ways)]) for n, caller in enumerate(callers))


EACH_WITH_EACH = pytest.mark.parametrize(
    "each_with_each",
    [pytest.param(False, id="in turn"), pytest.param(True, id="each with each", marks=pytest.mark.long)],
)
# With what a form comes, and in which field; None stands for somebody else's token.
TOKENS = tuple(product(("", "0" * 64, "ü", None), ("form", "header")))


def test_in_turn_every_route_meets_everybody_and_every_way_and_everybody_every_way() -> None:
    somebody = range(11)  # as many as have a session on most pages
    for ways in (tuple(ELSEWHERE), TOKENS):
        found = [[*met(route, somebody, ways, each_with_each=False)] for route in UNSAFE]
        for meetings in found:
            assert [who for who, _ in meetings] == [*somebody] and {way for _, way in meetings} == {*ways}
        assert {pair for meetings in found for pair in meetings} == {*product(somebody, ways)}


@STANDING
@EACH_WITH_EACH
@pytest.mark.parametrize("route", UNSAFE, ids=named)
async def test_from_elsewhere_nothing_is_done_for_anybody(
    route, each_with_each: bool, standing_scene: Scene
) -> None:
    before = await standing_scene.stored()
    for who, where in met(route, standing_scene.callers, tuple(ELSEWHERE), each_with_each=each_with_each):
        visitor = standing_scene.callers[who]
        answer = await visitor.client.request(
            route.method,
            path_of(route, standing_scene),
            data={"csrf": visitor.token(route.path)},
            headers=ELSEWHERE[where] | {"X-CSRF-Token": visitor.token(route.path)},
            allow_redirects=False,
        )
        assert (who, where, answer.status) == (who, where, 403)
        assert "sent from another site" in await answer.text()
    assert await standing_scene.stored() == before


@STANDING
@EACH_WITH_EACH
@pytest.mark.parametrize("route", UNSAFE, ids=named)
async def test_without_the_forms_token_nothing_is_done(
    route, each_with_each: bool, standing_scene: Scene
) -> None:
    before = await standing_scene.stored()
    others = standing_scene.callers["administrator"].token()
    callers = [who for who in standing_scene.callers if has_a_session(who, route.path)]
    for who, (written, place) in met(route, callers, TOKENS, each_with_each=each_with_each):
        token = written if written is not None else others if who != "administrator" else "x"
        in_header = {"X-CSRF-Token": token.replace("ü", "u")}
        sent = {"data": {"csrf": token}} if place == "form" else {"headers": in_header}
        answer = await standing_scene.callers[who].client.request(
            route.method, path_of(route, standing_scene), allow_redirects=False, **sent
        )
        assert (who, token, answer.status) == (who, token, 403)
        assert "open too long or in another session" in await answer.text()
    assert await standing_scene.stored() == before


async def test_the_token_is_of_this_session_only(scene: Scene, sign_in, cast) -> None:
    phone, desk = await sign_in(cast.ada), scene.callers["front-desk"]
    answer = await phone.client.post("/sign-out", data={"csrf": desk.token()}, allow_redirects=False)
    assert answer.status == 403
    assert (await phone.post("/sign-out")).status == 303


async def test_our_own_page_gets_through_though_it_hides_its_origin(scene: Scene, port) -> None:
    """`Referrer-Policy: no-referrer` makes browsers call a form's origin "null"; their word about the site stands."""
    desk = scene.callers["front-desk"]
    for headers in (
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"},
    ):
        answer = await desk.client.post(
            "/desk/patients", data={"csrf": desk.token(), "q": "mira"}, headers=headers
        )
        assert answer.status == 200


def test_looking_never_needs_a_token() -> None:
    """Then nothing that is only looked at may change anything; the outsider matrix tries that."""
    assert frozenset({"GET", "HEAD", "OPTIONS"}) == SAFE
