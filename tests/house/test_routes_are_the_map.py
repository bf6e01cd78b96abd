"""The address is the map: it names the handler, the template, the script and the test; and every route has a policy."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from server.care import access
from server.routes import ROUTES, Route
from tests.house.tree import below, files, text

AREAS = ("desk", "visit", "guest", "home", "clinic", "admin")
# Addresses outside the areas: first segment, or first two → module in server/handlers.
ELSEWHERE = {
    "": "front",
    "account": "account",
    "book": "book",
    "book/request": "book_request",
    "calendar": "calendar",
    "delivery": "delivery",
    "healthz": "health",
    "j": "short_link",
    "phone": "phone",
    "sw.js": "worker",
    "static": "static",
    "sign-in": "sign_in",
    "sign-in/code": "second_factor",
    "sign-in/set-up": "second_factor",
    "sign-in/recovery-codes": "second_factor",
    "sign-out": "sign_in",
    "signalling": "signalling",
}
ASKED = re.compile(r"\bstatic\([\"']([^\"']+)[\"']\)")
IMPORTED = re.compile(r"\b(?:from|import)\s*\(?\s*[\"'](\.[^\"']+)[\"']")
TREE = frozenset(path.as_posix() for path in files())


def place(route: Route) -> str:
    """Where the route's page lives, as a path without an ending: desk/book."""
    first, _, rest = route.path.strip("/").partition("/")
    if first not in AREAS:
        return ELSEWHERE.get(f"{first}/{rest.split('/')[0]}") or ELSEWHERE[first]
    return f"{first}/{rest.split('/')[0].replace('-', '_')}"


def module_of(handler: Callable[..., object]) -> str:
    return handler.__module__.removeprefix("server.handlers.").replace(".", "/")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
class TestEveryRoute:
    def test_its_handler_is_where_the_address_says(self, route: Route) -> None:
        assert module_of(route.handler) == place(route)

    def test_its_policy_is_a_named_one_and_not_nobody(self, route: Route) -> None:
        assert getattr(access, route.may.__name__, None) is route.may
        assert route.may is not access.nobody

    def test_its_page_has_a_test_of_its_own(self, route: Route) -> None:
        area, _, page = place(route).rpartition("/")
        where = f"tests/http/{area}" if area else "tests/http"
        # One file, or a folder where one would grow too long.
        assert f"{where}/test_{page}.py" in TREE or any(
            path.startswith(f"{where}/{page}/test_") for path in TREE
        )

    def test_its_path_is_written_as_the_others(self, route: Route) -> None:
        assert re.fullmatch(r"/|/sw\.js|(?:/(?:[a-z0-9-]+|\{\w+(?::\.\+)?\}))+", route.path)
        assert route.method in {"GET", "HEAD", "POST", "PUT"}


def test_no_address_is_listed_twice() -> None:
    addresses = [(route.method, re.sub(r"\{\w+", "{", route.path)) for route in ROUTES]
    assert [each for each in addresses if addresses.count(each) > 1] == []


def test_a_route_is_added_in_one_place_only() -> None:
    adding = re.compile(
        r"\.add_(?:route|get|head|post|put|patch|delete|view|static|routes)\(|\bRouteTableDef\("
    )
    adders = [path.as_posix() for path in below("server", suffix=".py") if adding.search(text(path))]
    assert adders == ["server/routes/__init__.py"]


def test_every_handler_module_of_an_area_is_reached_or_used() -> None:
    reached = {module_of(route.handler) for route in ROUTES}
    handlers = below("server", suffix=".py")
    sources = {path.as_posix(): text(path) for path in handlers}
    orphans = []
    for path in handlers:
        name = path.as_posix().removeprefix("server/handlers/").removesuffix(".py")
        if name.split("/")[0] not in AREAS or name.endswith("__init__") or name in reached:
            continue
        stem = name.rpartition("/")[2]
        if not any(
            re.search(rf"\bimport\b.*\b{stem}\b|\.{stem}\b import", source) for source in sources.values()
        ):
            orphans.append(name)
    assert orphans == []


def test_every_template_of_an_area_is_rendered_or_included() -> None:
    sources = "\n".join(
        text(path) for path in below("server", suffix=".py") + below("templates", suffix=".html")
    )
    pages = [path for path in below("templates", suffix=".html") if path.parts[1] in AREAS]
    names = [path.relative_to("templates").with_suffix("").as_posix() for path in pages]
    assert [name for name in names if f'"{name}"' not in sources and f'"{name}.html"' not in sources] == []


def test_every_page_style_and_script_belongs_to_a_page() -> None:
    """base.html links static/<area>/<page> by the template's name; anything else must be asked for by name."""
    assets = below("static", suffix=".js") + below("static", suffix=".css")
    asked = "\n".join(text(path) for path in assets + below("templates", suffix=".html"))
    orphans = []
    for path in assets:
        template = Path("templates", *path.parts[1:]).with_suffix(".html").as_posix()
        if path.parts[1] in AREAS and template not in TREE and f"/{path.name}" not in asked:
            orphans.append(path.as_posix())
    assert orphans == []


def test_every_style_and_script_that_is_asked_for_is_there() -> None:
    missing = []
    for path in below("templates", suffix=".html"):
        missing += [f"{path}: {name}" for name in ASKED.findall(text(path)) if f"static/{name}" not in TREE]
    for path in below("static", suffix=".js"):
        for name in IMPORTED.findall(text(path)):
            target = os.path.normpath(path.parent / name)
            if target not in TREE:
                missing.append(f"{path}: {name}")
    assert missing == []
