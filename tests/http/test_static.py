"""The browser's files: from a fixed list, cached for ever under an address that changes with them."""

import re

import pytest

from tests.conftest import Visitor


async def version_of(stranger: Visitor) -> str:
    page = await stranger.get("/sign-in")
    found = re.search(r"/static/(\w+)/base.css", page.text)
    assert found
    return found[1]


async def test_a_file_is_cached_for_ever_with_its_own_type(stranger: Visitor):
    response = await stranger.client.get(f"/static/{await version_of(stranger)}/lib/words.js")

    assert response.status == 200
    assert response.content_type == "text/javascript"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "name", ["../config.toml", "..%2f..%2fconfig.toml", "lib/", "lib", "nothing.js", "base.css%00.js"]
)
async def test_nothing_outside_the_list_is_reachable(stranger: Visitor, name: str):
    page = await stranger.get(f"/static/{await version_of(stranger)}/{name}")

    assert page.status in (400, 404)
    assert "master" not in page.text
