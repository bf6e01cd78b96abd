"""Somebody in the waiting room is on the desk's board at once, can test, write and be called; nobody reloads a page."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import come_in

# The echo runs for ten seconds, after connecting.
ECHO = 45_000


async def open_desk(person: Person, clinic: Clinic) -> Page:
    page = person.page
    await page.goto(clinic["desk_url"])
    await page.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")
    return page


async def test_waiting_testing_writing_and_being_called(clinic: Clinic, new_person: OpenPerson):
    mira, ada = await new_person(phone=True), await new_person()
    desk = await open_desk(ada, clinic)
    await expect(desk.get_by_text("41 Elm Court")).to_have_count(0)

    # Coming in is all a patient has to do.
    page = await come_in(mira, clinic)
    await expect(desk.get_by_text(re.compile("waiting", re.IGNORECASE)).first).to_be_visible()
    await expect(page.get_by_text("can see that you are here")).to_be_visible()
    for part in ("camera", "microphone"):
        await expect(page.locator(f"[data-tick={part}]")).to_have_attribute("data-state", "good")
    # Being online is no test: the tick waits for one.
    await expect(page.locator("[data-tick=connection]")).to_contain_text("not tested yet")
    await expect(page.locator("[data-tick=connection]")).not_to_have_attribute("data-state", "good")

    # The connection test: oneself, a little later, through the relay.
    await page.get_by_role("button", name="Test my camera and microphone").click()
    await expect(page.get_by_text("This is how you look and sound")).to_be_visible(timeout=ECHO)
    await page.wait_for_function(
        "() => document.querySelector('device-check video').videoWidth > 0", timeout=ECHO
    )
    await expect(page.get_by_text(re.compile("The test is done"))).to_be_visible(timeout=ECHO)
    await expect(page.get_by_role("button", name="Test my camera and microphone")).to_be_enabled()
    await expect(page.locator("[data-tick=connection]")).to_have_attribute("data-state", "good")

    # The sound is good once the person has heard it.
    await page.get_by_role("button", name="Sound test").first.click()
    await expect(page.locator("[data-tick=sound]")).to_have_attribute("data-state", "good")

    # Messages both ways.
    await page.get_by_label("Message the clinic").fill("My tablet is at home.")
    await page.get_by_role("button", name="Send").first.click()
    await expect(page.get_by_role("log").first).to_contain_text("My tablet is at home.")
    await expect(page.get_by_label("Message the clinic")).to_have_value("")
    await expect(desk.get_by_text("My tablet is at home.")).to_be_visible()
    # Entries that are there stay: a screen reader says the new one only.
    first = await page.get_by_role("log").first.locator("li").first.element_handle()
    assert first is not None
    await desk.get_by_label("Reply").fill("That is fine.")
    await desk.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_role("log").first).to_contain_text("That is fine.")
    assert await first.evaluate("entry => entry.isConnected")

    await page.get_by_role("button", name="Call me instead").first.click()
    await expect(page.get_by_text("Keep your phone at hand")).to_be_visible()
    await expect(desk.get_by_text("(303) 555-0142").first).to_be_visible()


async def test_leaving_and_coming_back(clinic: Clinic, new_person: OpenPerson):
    mira = await new_person(phone=True)
    page = await come_in(mira, clinic)
    await page.get_by_role("button", name="Leave").first.click()
    await expect(page.get_by_role("heading", name="You have left the visit")).to_be_visible()
    await page.get_by_role("link", name="Go back to the visit").click()
    await expect(page.get_by_role("heading", name="You're in the waiting room")).to_be_visible()


async def test_a_lost_connection_is_said_and_mends_itself(clinic: Clinic, new_person: OpenPerson):
    mira = await new_person(phone=True)
    mira.expect_disconnects()
    page = await come_in(mira, clinic)
    await expect(page.get_by_text("can see that you are here")).to_be_visible()
    await page.get_by_label("Message the clinic").fill("Are you there?")
    await mira.context.set_offline(True)
    await page.get_by_role("button", name="Send").first.click()
    await expect(page.get_by_text("Your message was not sent.")).to_be_visible()
    await expect(page.get_by_label("Message the clinic")).to_have_value("Are you there?")
    await expect(page.get_by_text("You keep your place")).to_be_visible()
    await expect(page.get_by_text("can see that you are here")).to_be_hidden()

    await mira.context.set_offline(False)
    await expect(page.get_by_text("You keep your place")).to_be_hidden()
    await page.get_by_role("button", name="Send").first.click()
    await expect(page.get_by_role("log").first).to_contain_text("Are you there?")
