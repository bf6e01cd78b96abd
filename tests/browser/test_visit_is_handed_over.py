"""A visit is handed to another clinician: the patient stays on their page, and hears the one who has come."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, Person
from tests.browser.steps import call, in_call, sees_and_hears


async def hand_over_at_the_desk(ada: Person, clinic: Clinic, *, to: str) -> None:
    page = ada.page
    await page.goto(clinic["desk_url"])
    await page.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")
    await page.get_by_label("Hand this visit to").select_option(label=to)
    await page.get_by_role("button", name="Hand over").click()
    await expect(page.locator(".facts").get_by_text(to)).to_be_visible()


async def sign_in_again(page: Page, clinic: Clinic) -> None:
    """In another window, as the page over the page allows."""
    other = await page.context.new_page()
    await other.goto(clinic["clinic_url"])
    await other.close()
    await page.get_by_role("button", name="I signed in in another window").click()


async def test_the_next_clinician_comes_to_the_patients_own_page_and_the_first_stays_until_then(
    clinic: Clinic, new_person: OpenPerson
):
    patient, first = await call(clinic, new_person)
    await patient.evaluate("() => { window.samePage = true; }")
    connection = await first.evaluate("document.querySelector('call-stage').call.peer.connection")

    # The first one's session runs out while they write, and the visit is handed over meanwhile.
    await first.context.clear_cookies()
    await first.get_by_label("Interval history").fill("typed without a session")
    await expect(first.get_by_role("dialog", name="You were signed out")).to_be_visible()
    await hand_over_at_the_desk(await new_person(), clinic, to="Dr. Chidi Okafor")
    await expect(patient.locator("[data-handover]")).to_contain_text("Dr. Chidi Okafor is coming to see you.")
    await sign_in_again(first, clinic)
    await expect(first.locator("[data-sign-in-problem]")).to_contain_text(
        "Another clinician writes this note"
    )
    await first.get_by_role("button", name="Later").click()
    await in_call(first)
    assert await first.evaluate("document.querySelector('call-stage').call.peer.connection") == connection

    okafor = (await new_person()).page
    await okafor.goto(clinic["okafor_url"])
    await okafor.goto(f"{clinic['base_url']}/clinic/consult/{clinic['visit_id']}")
    await expect(first.get_by_text("Dr. Chidi Okafor has the visit now.")).to_be_visible()
    for page in (patient, okafor):
        await in_call(page)
    for page in (patient, okafor):
        await sees_and_hears(page)
    await expect(patient.locator("[data-handover]")).to_contain_text("Dr. Chidi Okafor sees you now.")
    await expect(patient.locator(".tile[data-main] .stage-name")).to_contain_text("Dr. Chidi Okafor")
    assert await patient.evaluate("window.samePage")
