"""A visit is handed over while its first clinician writes: no letter goes missing without a word, and they stay in."""

from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import admit, come_in, in_call, open_consult

ALL_OF_IT = "slept well, to the last letter"


async def in_call_with_mira(clinic: Clinic, new_person: OpenPerson) -> tuple[Person, Page]:
    await come_in(await new_person(phone=True), clinic)
    reyes = await new_person()
    page = await open_consult(reyes, clinic)
    await admit(page)
    await in_call(page)
    return reyes, page


async def still_in_and_only_reading(page: Page) -> None:
    history = page.get_by_label("Interval history")
    await expect(history).not_to_be_editable()
    await expect(history).to_have_value(ALL_OF_IT)
    await expect(page.get_by_role("button", name="Sign note")).to_be_hidden()
    await expect(page.get_by_role("button", name="Finish visit")).to_be_disabled()
    await expect(page.get_by_role("dialog", name="You were signed out")).to_be_hidden()
    await in_call(page)


async def test_a_visit_goes_only_with_the_whole_note_and_then_the_note_is_read_here(
    clinic: Clinic, new_person: OpenPerson
):
    reyes, page = await in_call_with_mira(clinic, new_person)
    reyes.expect_disconnects()
    await page.route("**/note", lambda route: route.abort())
    await page.get_by_label("Interval history").fill(ALL_OF_IT)
    await expect(page.locator("autosave-form")).to_have_attribute("state", "kept")
    await page.get_by_text("Transfer", exact=True).click()
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.locator("[data-not-handed]")).to_contain_text("Not done yet: not everything you typed")
    await expect(page.get_by_label("Interval history")).to_be_editable()

    await page.unroute("**/note")
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.locator("[data-handed]")).to_contain_text("has the visit now. You stay in the call")
    await expect(page.locator("[data-save-state]")).to_have_text(
        "Another clinician writes this note now. You can read it here."
    )
    await still_in_and_only_reading(page)
    # The page is the next clinician's now; what is kept is read from it all the same.
    assert ALL_OF_IT in await (await page.context.request.get(page.url)).text()

    desk = (await new_person()).page
    await desk.goto(clinic["desk_url"])
    await desk.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")
    await desk.get_by_label("Hand this visit to").select_option(label="Dr. Ines Reyes")
    await desk.get_by_role("button", name="Hand over").click()
    await expect(page.locator("[data-handed]")).to_be_hidden()
    await expect(page.get_by_label("Interval history")).to_be_editable()
    await expect(page.get_by_label("Interval history")).to_have_value(ALL_OF_IT)
    await expect(page.get_by_role("button", name="Finish visit")).to_be_enabled()
    await in_call(page)


async def test_letters_typed_while_the_desk_hands_over_are_shown_as_not_saved(
    clinic: Clinic, new_person: OpenPerson
):
    _, page = await in_call_with_mira(clinic, new_person)
    desk = (await new_person()).page
    await desk.goto(clinic["desk_url"])
    await desk.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")

    async def the_desk_is_faster(route: Route) -> None:
        await desk.get_by_role("button", name="Hand over").click()
        await expect(desk.locator(".facts").get_by_text("Dr. Chidi Okafor")).to_be_visible()
        await route.continue_()

    await page.route("**/note", the_desk_is_faster, times=1)
    await page.get_by_label("Interval history").fill(ALL_OF_IT)
    await expect(page.locator("[data-save-state]")).to_contain_text(
        "What you typed last was not saved: copy it"
    )
    await expect(page.locator("[data-handed]")).to_contain_text("Another clinician has the visit now.")
    await still_in_and_only_reading(page)
