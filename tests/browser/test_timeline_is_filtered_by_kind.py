"""The timeline shows the kinds that are ticked and no others, and the choice stays when the page follows the clinic."""

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import come_home, open_consult

KINDS = {
    "Visits": "visit",
    "Notes": "note",
    "Journal": "journal",
    "Measures": "measure",
    "Sessions": "session",
    "Holds": "hold",
    "Messages": "message",
}


async def test_each_kind_is_hidden_and_shown_by_its_own_box(clinic: Clinic, new_person: OpenPerson) -> None:
    mira, reyes = await new_person(phone=True), await new_person()
    home = await come_home(mira, clinic)
    chart = await open_consult(reyes, clinic)
    await chart.get_by_role("link", name="Chart").click()
    timeline = chart.get_by_role("region", name="Timeline")
    await expect(timeline.locator(".entry.journal").first).to_be_visible()
    # A hold comes while the chart is open; Mira's past has every other kind but a message.
    await home.get_by_role("button", name="Something feels wrong").click()
    await expect(timeline.locator(".entry.hold").first).to_be_visible()
    there = [kind for kind in KINDS.values() if await timeline.locator(f".entry.{kind}").count()]
    assert {"visit", "note", "journal", "measure", "session", "hold"} <= {*there}

    for label, kind in KINDS.items():
        box = timeline.get_by_role("checkbox", name=label, exact=True)
        await timeline.locator("label", has_text=label).click()
        await expect(box).not_to_be_checked()
        for each in there:
            first = timeline.locator(f".entry.{each}").first
            await (expect(first).to_be_hidden() if each == kind else expect(first).to_be_visible())
        await timeline.locator("label", has_text=label).click()
        await expect(box).to_be_checked()


async def test_a_choice_stays_when_the_story_goes_on(clinic: Clinic, new_person: OpenPerson) -> None:
    mira, reyes = await new_person(phone=True), await new_person()
    home = await come_home(mira, clinic)
    chart = await open_consult(reyes, clinic)
    await chart.get_by_role("link", name="Chart").click()
    timeline = chart.get_by_role("region", name="Timeline")
    before = await timeline.locator(".entry.hold").count()
    await timeline.locator("label", has_text="Holds").click()
    await home.get_by_role("button", name="Something feels wrong").click()
    await expect(timeline.locator(".entry.hold")).to_have_count(before + 1)
    await expect(timeline.locator(".entry.hold").first).to_be_hidden()
