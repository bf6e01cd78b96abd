"""A time chosen at one front desk is nobody else's until it is booked or its page is left."""

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
