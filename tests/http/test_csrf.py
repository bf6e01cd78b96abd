"""No other site can make a signed-in browser act. Made from the route table, so a new route is tried at once."""

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


@STANDING
@pytest.mark.parametrize("route", UNSAFE, ids=named)
async def test_from_elsewhere_nothing_is_done_for_anybody(route, standing_scene: Scene) -> None:
    before = await standing_scene.stored()
    for who, visitor in standing_scene.callers.items():
        for where, headers in ELSEWHERE.items():
            answer = await visitor.client.request(
                route.method,
                path_of(route, standing_scene),
                data={"csrf": visitor.token(route.path)},
                headers=headers | {"X-CSRF-Token": visitor.token(route.path)},
                allow_redirects=False,
            )
            assert (who, where, answer.status) == (who, where, 403)
            assert "sent from another site" in await answer.text()
    assert await standing_scene.stored() == before


@STANDING
@pytest.mark.parametrize("route", UNSAFE, ids=named)
async def test_without_the_forms_token_nothing_is_done(route, standing_scene: Scene) -> None:
    before = await standing_scene.stored()
    others = standing_scene.callers["administrator"].token()
    for who, visitor in standing_scene.callers.items():
        if not has_a_session(who, route.path):
            continue
        for token in ("", "0" * 64, "ü", others if who != "administrator" else "x"):
            for way in ({"data": {"csrf": token}}, {"headers": {"X-CSRF-Token": token.replace("ü", "u")}}):
                answer = await visitor.client.request(
                    route.method, path_of(route, standing_scene), allow_redirects=False, **way
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
