"""From the board to a booked visit in two clicks for a known patient, and from the mail to the visit's page."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson


@pytest.fixture
def clinic(shared_clinic: Clinic) -> Clinic:
    return shared_clinic


async def test_two_clicks_book_a_known_patient_and_the_mails_link_opens(
    clinic: Clinic, new_person: OpenPerson
):
    ada, mira = await new_person(), await new_person(phone=True)
    page = ada.page
    await page.goto(clinic["desk_url"])

    # One.
    await page.get_by_role("button", name="Book visit").click()
    # The earliest time is chosen; the search is where one types, without a click.
    search = page.get_by_label("Find a patient")
    await expect(search).to_be_focused()
    await page.keyboard.type("paloma")
    await expect(page.get_by_role("radio", name=re.compile("^Paloma"))).to_be_checked()
    # What is usual for her is proposed: a check-in with her own clinician, the earliest time of theirs.
    await expect(page.get_by_label("Kind of visit")).to_have_value("check-in")
    await expect(page.get_by_label("With", exact=True).locator("option:checked")).to_have_text(
        re.compile("^Dr")
    )
    await expect(page.locator("#chosen-time")).to_have_text(re.compile(r"\d{1,2}:\d\d"))
    # Two.
    await page.locator("#book").click()

    visit = page.get_by_role("complementary", name="Visit")
    await expect(visit.get_by_role("heading", name=re.compile("Paloma"))).to_be_visible()
    await expect(visit.get_by_text("Check-in", exact=False)).to_be_visible()
    await expect(visit.get_by_text(re.compile("^Sent "))).to_be_visible()

    await page.get_by_role("link", name="Sent mail").click()
    # The clinic reminds others of their visits meanwhile.
    hers = page.get_by_role("region", name="Sent mail").get_by_role("listitem").filter(has_text="paloma@")
    await hers.first.get_by_role("link").click()
    letter = page.get_by_role("article")
    await expect(letter).to_contain_text("paloma@")
    await expect(letter).to_contain_text("with a calendar entry")
    link = await letter.get_by_role("link", name="/visit/join/").get_attribute("href")
    assert link is not None
    assert link.startswith(clinic["base_url"])

    # In the patient's own browser, where nobody is signed in.
    await mira.page.goto(link)
    await mira.page.get_by_role("button", name="Continue").click()
    # Paloma speaks Spanish, and the clinic knows.
    await expect(mira.page.get_by_label("Fecha de nacimiento")).to_be_visible()
    assert link.rsplit("/", 1)[1] not in mira.page.url
