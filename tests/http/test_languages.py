"""Pages speak the language somebody chose, else the one the clinic knows of them, else their browser's."""

import pytest

from server.services import home, patients


async def test_a_choice_on_the_page_is_remembered(stranger) -> None:
    page = await stranger.get("/sign-in?lang=es")
    assert 'lang="es"' in page.text
    assert 'lang="es"' in (await stranger.get("/sign-in")).text
    await stranger.get("/sign-in?lang=en")
    assert '<html lang="en"' in (await stranger.get("/sign-in")).text


async def test_a_language_we_do_not_speak_is_no_choice(stranger) -> None:
    assert '<html lang="en"' in (await stranger.get("/sign-in?lang=xx")).text
    assert not [cookie for cookie in stranger.client.session.cookie_jar if cookie.key == "lang"]


@pytest.fixture
async def spanish_door(database, cast, clock) -> str:
    """The link to the pages of Mira, who speaks Spanish."""
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, language="es", by=cast.ada, now=clock.now())
        return f"/home/door/{await home.link_token(tx, cast.mira, now=clock.now())}"


async def test_from_the_link_on_the_pages_speak_the_patients_language(stranger, spanish_door) -> None:
    assert '<html lang="en"' in (await stranger.get(spanish_door)).text
    await stranger.post(spanish_door)
    assert '<html lang="es"' in (await stranger.get("/home/identity")).text


async def test_and_not_when_they_chose_another_one(stranger, spanish_door) -> None:
    await stranger.get(f"{spanish_door}?lang=en")
    await stranger.post(spanish_door)
    assert '<html lang="en"' in (await stranger.get("/home/identity")).text


async def test_every_page_of_a_patients_offers_the_other_language_but_not_the_call(
    stranger, spanish_door
) -> None:
    assert '<a href="?lang=es" lang="es"' in (await stranger.get(spanish_door)).text
