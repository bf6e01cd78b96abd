"""Finding a patient while typing."""

import pytest
from aiohttp import FormData


@pytest.mark.parametrize("typed", ["mira", "lindq", "mira@example.org", "303 555 0142"])
async def test_a_patient_is_found_by_name_address_or_number(ada, cast, typed: str) -> None:
    page = await ada.post("/desk/patients", q=typed)
    assert page.status == 200
    assert f'value="{cast.mira}"' in page.text and cast.tomas not in page.text


async def test_nobody_found_says_what_to_do(ada, words) -> None:
    page = await ada.post("/desk/patients", q="zacharias")
    assert words(page.text) == "Nobody found. Check the spelling, or fill in a new patient below."


async def test_nothing_typed_finds_nobody_and_says_nothing(ada, words) -> None:
    assert words((await ada.post("/desk/patients", q="")).text) == ""


async def test_markup_in_a_name_stays_text(ada, cast) -> None:
    page = await ada.post("/desk/patients", q="<script>alert(1)</script>")
    assert "<script>" not in page.text


async def test_a_form_in_parts_is_refused_and_not_our_mistake(ada) -> None:
    parts = FormData({"q": "mira", "csrf": ada.token()}, default_to_multipart=True)
    async with ada.client.post("/desk/patients", data=parts) as answer:
        assert answer.status == 415


async def test_names_never_travel_in_an_address(ada) -> None:
    assert (await ada.get("/desk/patients?q=mira")).status in (404, 405)


async def test_only_the_front_desk_searches(stranger, reyes, petra) -> None:
    answers = [await who.post("/desk/patients", q="mira") for who in (stranger, reyes, petra)]
    assert [answer.status for answer in answers] == [401, 403, 403]
    assert not any("Lindqvist" in answer.text for answer in answers)
