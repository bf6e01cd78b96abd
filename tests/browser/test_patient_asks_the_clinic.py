"""A question survives a reload, is sent without leaving the page, and its answer appears by itself."""

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import DRAFTS, come_home, expect_no_draft, until

QUESTION = "Could my next visit be after half past three?"


async def test_asked_after_a_reload_and_answered_by_the_desk(clinic: Clinic, new_person: OpenPerson) -> None:
    mira, ada = await new_person(phone=True), await new_person()
    home = await come_home(mira, clinic)
    # Followed by its address: a press can fall into the very moment in which the page around it is renewed.
    await expect(home.get_by_role("link", name="Ask or read")).to_have_attribute("href", "/home/ask")
    await home.goto(f"{clinic['base_url']}/home/ask")
    field = home.get_by_label("Your question", exact=True)
    practical = home.get_by_label("An appointment or a practical thing")
    await practical.check()
    await field.fill(QUESTION)
    await until(home, f"async () => (await ({DRAFTS})()).length === 1")
    await home.reload()
    await expect(field).to_have_value(QUESTION)
    await expect(practical).to_be_checked()

    await home.get_by_role("button", name="Send", exact=True).click()
    thread = home.get_by_role("log", name="Messages with the clinic")
    await expect(thread).to_contain_text(QUESTION)
    await expect(field).to_have_value("")

    desk = ada.page
    await desk.goto(clinic["desk_url"])
    await desk.get_by_role("link", name="Questions", exact=True).click()
    await desk.get_by_role("link", name="Mira Lindqvist").click()
    await desk.get_by_label("Answer", exact=True).fill("Yes, at a quarter to four.")
    await desk.get_by_role("button", name="Send the answer").click()
    await expect(thread).to_contain_text("Yes, at a quarter to four.")
    # What was sent does not come back as a draft.
    await expect_no_draft(home)
