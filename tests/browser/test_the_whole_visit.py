"""A patient by link and a psychiatrist, each in a browser of their own, from the link to the signed note."""

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import (
    admit,
    come_in,
    in_call,
    open_consult,
    sees_and_hears,
)


async def test_they_see_and_hear_each_other_through_reload_and_until_finish(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()

    patient = await come_in(mira, clinic)
    consult = await open_consult(reyes, clinic)
    await admit(consult)

    for page in (patient, consult):
        await in_call(page)
        seen = await sees_and_hears(page)
        assert seen["frames"] > 0
        assert seen["energy"] > 0
        assert seen["brightness"] > 10

    await patient.reload()
    await in_call(patient)
    for page in (patient, consult):
        await sees_and_hears(page)

    await consult.reload()
    await in_call(consult)
    for page in (patient, consult):
        await sees_and_hears(page)

    await consult.get_by_role("button", name="Finish visit").click()
    await expect(consult.get_by_text("This visit is finished.")).to_be_visible()
    await expect(patient).to_have_url(f"{clinic['base_url']}/visit/after/{clinic['visit_id']}")


async def test_muting_and_hiding_are_seen_by_the_other_side(clinic: Clinic, new_person: OpenPerson):
    mira, reyes = await new_person(phone=True), await new_person()
    patient = await come_in(mira, clinic)
    consult = await open_consult(reyes, clinic)
    await admit(consult)
    await in_call(patient)
    await sees_and_hears(consult)

    await patient.get_by_role("button", name="Mute").click()
    await expect(patient.get_by_role("button", name="Unmute")).to_be_visible()
    await expect(consult.locator("[data-remote-state]")).to_have_text("muted")

    await patient.get_by_role("button", name="Stop video").click()
    await expect(consult.get_by_text("Their camera is off.")).to_be_visible()


async def test_leaving_is_not_finishing_and_one_can_come_back(clinic: Clinic, new_person: OpenPerson):
    mira, reyes = await new_person(phone=True), await new_person()
    patient = await come_in(mira, clinic)
    consult = await open_consult(reyes, clinic)
    await admit(consult)
    await in_call(patient)

    await patient.get_by_role("button", name="Leave").click()
    await expect(patient).to_have_url(f"{clinic['base_url']}/visit/after/{clinic['visit_id']}")
    await patient.goto(f"{clinic['base_url']}/visit/waiting/{clinic['visit_id']}")

    await in_call(patient)
    await sees_and_hears(patient)
