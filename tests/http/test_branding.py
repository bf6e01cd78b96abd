"""The clinic's own look where patients meet it, and nowhere else."""

from dataclasses import replace

import pytest
from aiohttp import web

from server.app import create_app
from server.web import keys
from server.web.branding import Branding
from tests.builders import house_config
from tests.http.visit.conftest import book, words  # noqa: F401 -- fixtures
from tests.unit.test_branding import VIOLET, png


@pytest.fixture
def app(database, clock, cast, port, tmp_path) -> web.Application:
    mark = tmp_path / "mark.png"
    mark.write_bytes(png())
    branding = Branding(
        **VIOLET, logo=str(mark), welcome="Good to have you <here>.", welcome_es="Le esperamos."
    )
    config = replace(house_config(port=port, data=tmp_path), branding=branding)
    return create_app(config, database=database, clock=clock, call=False)


async def test_patients_see_the_mark_the_colour_and_the_welcome(app, stranger, book, cast) -> None:  # noqa: F811
    _, token = await book(cast.mira)
    page = (await stranger.get(f"/visit/join/{token}")).text
    statics = app[keys.STATICS]
    assert f'<img src="{statics.address("brand/logo.png")}" alt="Harbor Clinic">' in page
    assert "Good to have you &lt;here&gt;." in page
    assert "Le esperamos." in (await stranger.get(f"/visit/join/{token}?lang=es")).text
    assert page.index("tokens.css") < page.index("brand/colours.css"), "the later one counts"
    for name, kind in (("brand/colours.css", "text/css"), ("brand/logo.png", "image/png")):
        response = await stranger.client.get(statics.address(name))
        assert (response.status, response.content_type) == (200, kind)


async def test_staff_work_in_the_colour_without_the_mark(ada) -> None:
    page = (await ada.get("/desk/today")).text
    assert "brand/colours.css" in page and "brand/logo.png" not in page


async def test_another_look_is_another_version_so_no_browser_keeps_the_old_one(
    app, database, clock, port, tmp_path
) -> None:
    plain = create_app(house_config(port=port, data=tmp_path), database=database, clock=clock, call=False)
    assert plain[keys.STATICS].version != app[keys.STATICS].version
    assert "brand/logo.png" not in plain[keys.STATICS].files
