"""One visit as its psychiatrist meets it: who waits, letting in, leaving and coming back, finishing, what is next."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import admit, come_in, in_call, open_consult


def call(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("region", name="Call")


async def chart(page: Page, clinic: Clinic, name: str) -> None:
    """Signed in, at this patient's chart."""
    await page.goto(clinic["clinic_url"])
    await page.get_by_role("link", name="Patients").click()
    await page.get_by_label("Name, phone number or e-mail address").fill(name.split(maxsplit=1)[0])
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name=name).click()


async def test_call_now_is_a_room_and_its_link_in_one_click(clinic: Clinic, new_person: OpenPerson):
    reyes, guest = await new_person(), await new_person(phone=True)
    page = reyes.page
    await chart(page, clinic, "Juniper Vale")
    await page.get_by_role("button", name="Call now").click()
    link = await call(page).get_by_role("textbox", name="Patient's link").input_value()
    # The part with the link is drawn anew once the message has left; nobody copies in that very moment.
    await expect(call(page).get_by_text(re.compile("^Sent "))).to_be_visible()
    await expect(call(page).get_by_text("Juniper Vale is not here yet")).to_be_visible()
    await reyes.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await call(page).get_by_role("button", name="Copy").click()
    await expect(call(page).get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == link

    # The patient opens it and gets as far as the question who they are.
    await guest.page.goto(link)
    await guest.page.get_by_role("button", name="Continue").click()
    await expect(guest.page.get_by_label("Date of birth")).to_be_visible()
    await page.get_by_role("button", name="Finish visit").click()
    await expect(page.get_by_text("This visit is finished.")).to_be_visible()


async def test_from_the_waiting_room_to_finish(clinic: Clinic, new_person: OpenPerson):
    reyes, mira, second = await new_person(), await new_person(phone=True), await new_person()
    page = await open_consult(reyes, clinic)
    await expect(call(page).get_by_text("Mira Lindqvist is not here yet")).to_be_visible()
    await expect(call(page).get_by_role("button", name="Admit")).to_be_disabled()
    await expect(call(page).get_by_text("Right now at")).to_have_count(0)
    day = second.page
    await day.goto(clinic["clinic_url"])

    # The patient comes: told with since when, on the open page and on the day's list, with what they said.
    patient = await come_in(mira, clinic)
    await expect(
        call(page).get_by_text(re.compile(r"^Mira Lindqvist has been waiting \d+ min$"))
    ).to_be_visible()
    await expect(day.get_by_text(re.compile(r"Waiting \d+ min"))).to_be_visible()
    await expect(call(page).locator("dl.facts").filter(has_text="Right now at")).to_contain_text(
        "41 Elm Court, Denver, CO"
    )
    await expect(call(page).locator("dl.facts").filter(has_text="Right now at")).to_contain_text("Nobody")
    await admit(page)
    await in_call(page)
    await expect(page.get_by_text(re.compile(r"^In call \d\d:\d\d"))).to_be_visible()
    facts = page.locator(".visit-facts")
    await expect(facts).to_contain_text("in the call:")

    # Leaving is not finishing.
    await page.get_by_role("button", name="Leave", exact=True).click()
    await expect(page.get_by_text("You left the call. The visit is not finished.")).to_be_visible()
    await expect(patient).not_to_have_url(re.compile("/visit/after/"))
    await page.get_by_role("link", name="Come back to this visit").click()
    await in_call(page)
    await in_call(patient)

    # What was typed a moment before Finish is saved, the facts have their end, and the next visit is one click away.
    await page.get_by_label("Interval history").fill("typed at the last moment")
    await page.get_by_role("button", name="Finish visit").click()
    await expect(page.get_by_text("This visit is finished.")).to_be_visible()
    await expect(patient).to_have_url(re.compile("/visit/after/"))
    await expect(page.get_by_label("Interval history")).to_have_value("typed at the last moment")
    await expect(facts).not_to_contain_text("– …")
    await page.get_by_role("button", name="Confirm").click()
    await expect(facts.get_by_text(re.compile("^Confirmed "))).to_be_visible()
    await call(page).get_by_role("link", name="Book next visit").click()
    await expect(page.get_by_role("heading", name="Book next visit")).to_be_visible()
    await page.locator("button.slot").nth(3).click()
    await page.get_by_role("button", name="Book visit").click()
    await expect(page.get_by_text("Visit planned · Check-in").first).to_be_visible()
