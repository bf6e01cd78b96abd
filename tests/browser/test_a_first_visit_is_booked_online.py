"""On a phone, from the public page to the booked visit: the zone guessed, the address proved, the desk's yes."""

import re

from playwright.async_api import expect

from server.demo.online import WREN
from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import mailed

NAME, EMAIL = "Nora Vance", "nora.vance@mail.example"


async def test_from_the_public_page_to_the_desks_confirmation(clinic: Clinic, new_person: OpenPerson) -> None:
    nora, ada = await new_person(phone=True), await new_person()
    page = nora.page
    await page.goto(clinic["book_url"])
    own = await page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    zone = page.get_by_label("Your time zone")
    options = await zone.locator("option").evaluate_all("all => all.map((one) => one.value)")
    if own in options:
        await expect(zone).to_have_value(own)
    await zone.select_option("America/Chicago")
    await page.get_by_label("Where do you live?").select_option("CO")
    await page.get_by_role("button", name="Show times").click()
    first = page.get_by_role("button", name="with Dr. Ines Reyes").first
    said = await first.get_attribute("aria-label") or ""
    assert "your time (Chicago)" in said and "clinic (Denver)" in said
    await first.click()
    await expect(page.get_by_role("status")).to_contain_text("Kept for you until")
    await page.get_by_label("First and last name").fill(NAME)
    await page.get_by_label("Date of birth").fill("1991-02-03")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Phone").fill("(720) 555-0191")
    await page.get_by_label("I agree").check()
    await page.get_by_role("button", name="Send my request").click()
    await expect(page.get_by_role("heading", name="Look for our message")).to_be_visible()

    await page.goto(await mailed(clinic, EMAIL, "/book/request/"))
    await page.get_by_role("button", name="Confirm my request").click()
    await expect(page.get_by_role("heading", name="We have your request")).to_be_visible()

    desk = ada.page
    await desk.goto(clinic["desk_url"])
    # The clinic's own first request waits, too.
    requests = desk.get_by_role("listitem").filter(has_text="Somebody asks online for a first visit")
    await expect(requests).to_have_count(2)
    await requests.last.get_by_role("link", name="Look and answer").click()
    await expect(desk.get_by_role("heading", name=NAME)).to_be_visible()
    await expect(desk.get_by_text(WREN.name)).to_have_count(0)
    await desk.get_by_role("button", name="Confirm", exact=True).click()
    await expect(desk).to_have_url(re.compile("/desk/visit/"))
    await expect(desk.get_by_role("heading", name=NAME)).to_be_visible()

    await page.reload()
    await expect(page.get_by_role("heading", name="Your visit is booked")).to_be_visible()
    assert "/visit/join/" in await mailed(clinic, EMAIL, "/visit/join/")
