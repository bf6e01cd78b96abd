"""A form that comes after its session ended, or from another one: nothing is done, and nothing typed is lost."""

import html
import re
from datetime import timedelta

import pytest

from server.services import appointments

REPLY = "Please <b>turn</b> the sound up,\nthen try again."


def kept(page: str) -> dict[str, str]:
    """The fields of the form that sends again what was typed."""
    form = re.search(r'<form class="again".*?</form>', page, re.DOTALL)
    assert form is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    long = re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', form[0])
    return {name: html.unescape(value) for name, value in (*hidden, *long)}


@pytest.fixture
async def path(database, clock, cast) -> str:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now() + timedelta(hours=1),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    return f"/desk/messages/{visit.id}"


async def test_signed_out_meanwhile_what_was_typed_waits_until_somebody_is_signed_in(ada, path) -> None:
    token = ada.token(path)
    await ada.post("/sign-out/everywhere")
    refused = await ada.post(path, csrf=token, reply=REPLY)
    assert refused.status == 401
    assert 'href="/sign-in" target="_blank"' in refused.text
    again = kept(refused.text)
    assert again["reply"] == REPLY


async def test_a_form_of_another_session_is_sent_again_with_one_press(ada, path) -> None:
    refused = await ada.post(path, csrf="0" * 64, reply=REPLY)
    assert refused.status == 403 and "nothing was done yet" in refused.text
    assert "turn the sound up" not in (await ada.get(path)).text
    again = kept(refused.text)
    assert (await ada.post(path, **again)).status == 303
    assert "the sound up" in (await ada.get(path)).text


async def test_a_password_an_administrator_sets_for_somebody_is_not_put_into_a_page_either(
    petra, cast
) -> None:
    path = f"/admin/accounts/{cast.ada}/password"
    refused = await petra.post(path, csrf="0" * 64, password="quiet as mice")
    assert refused.status == 403 and "mice" not in refused.text


async def test_passwords_and_codes_are_never_put_into_a_page(ada) -> None:
    refused = await ada.post("/account/password", csrf="0" * 64, present="hush hush", chosen="quiet as mice")
    assert refused.status == 403
    assert "hush" not in refused.text and "mice" not in refused.text


async def test_what_another_site_sends_is_not_repeated(ada, path) -> None:
    answer = await ada.client.post(
        path, data={"reply": REPLY}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status == 403
    assert "sound up" not in await answer.text()


async def test_a_method_that_is_not_served_names_those_that_are(stranger) -> None:
    answer = await stranger.client.put("/sign-in")
    assert (answer.status, set(answer.headers["Allow"].split(","))) == (405, {"GET", "POST"})
