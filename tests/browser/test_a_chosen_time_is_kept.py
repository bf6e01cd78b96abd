"""A time chosen at one front desk is nobody else's until it is booked or its page is left."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson


async def test_the_other_desk_sees_it_held_and_gets_it_back(shared_clinic: Clinic, new_person: OpenPerson):
    ada, other = (await new_person()).page, (await new_person()).page
    for page in (ada, other):
        await page.goto(shared_clinic["desk_url"])
    await ada.get_by_role("button", name="Find a time").click()
    slot = ada.locator("button.slot").nth(5)
    # Late in the evening it is tomorrow's, and then it stands on tomorrow's board.
    day = await slot.evaluate(
        "(button) => button.closest('section').querySelector('h2').id.replace('day-', '')"
    )
    await other.goto(f"{shared_clinic['base_url']}/desk/today?day={day}")
    await slot.click()
    await expect(ada.get_by_text("Held for you until")).to_be_visible()
    await expect(other.get_by_text("Held by Ada Quill until")).to_be_visible()

    await ada.get_by_role("link", name="Back to today").click()

    await expect(other.get_by_text("Held by Ada Quill until")).to_be_hidden()


async def test_a_time_too_short_for_whom_it_turns_out_to_be_is_refused_in_words(
    shared_clinic: Clinic, new_person: OpenPerson
):
    """They need an interpreter, and the time after it is held by the other desk."""
    ada, other = (await new_person()).page, (await new_person()).page
    await ada.goto(shared_clinic["desk_url"])
    await ada.goto(f"{shared_clinic['base_url']}/desk/book")
    slot = ada.locator("button.slot").first
    chosen = await slot.get_attribute("value") or ""
    await slot.click()
    await expect(ada.get_by_text("Held for you until")).to_be_visible()
    await other.goto(shared_clinic["desk_url"])
    await other.goto(f"{shared_clinic['base_url']}/desk/book")
    whose = chosen.split("|")[0]
    values = await other.locator("button.slot").evaluate_all("(all) => all.map((one) => one.value)")
    behind = min(each for each in values if each.startswith(f"{whose}|") and each > chosen)
    await other.locator(f'button.slot[value="{behind}"]').click()
    await expect(other.get_by_text("Held for you until")).to_be_visible()

    await ada.get_by_label("Interpreter").select_option("es")
    await ada.get_by_label("Find a patient").fill("mira")
    await expect(ada.get_by_role("radio", name=re.compile("Mira"))).to_be_checked()

    await expect(ada.locator("#chosen-time").get_by_role("alert")).to_contain_text(
        "Nothing you typed is lost"
    )
    await expect(ada.get_by_text("Held for you until")).to_be_hidden()
    await expect(ada.get_by_label("Find a patient")).to_have_value("mira")
    await expect(ada.get_by_role("radio", name=re.compile("Mira"))).to_be_checked()
    await expect(ada.get_by_label("Interpreter")).to_have_value("es")
