"""No camera, no microphone, or a browser that refuses both: the patient is let in and sees and hears all the same."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import PATIENTLY, admit, come_in, in_call, open_consult, sees_and_hears

NOTHING = """navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException('Requested device not found', 'NotFoundError');
};"""


async def meet_without(patient: Page, consult: Page) -> None:
    """Let in and connected: one side's picture and sound arrive, and both are told what is missing on the other."""
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
    seen = await sees_and_hears(patient)
    assert seen["frames"] > 0
    assert seen["energy"] > 0
    await expect(consult.get_by_text("Their camera is off.")).to_be_visible(timeout=PATIENTLY)
    await expect(consult.locator("[data-remote-state]")).to_have_text("muted", timeout=PATIENTLY)
    connected = "() => document.querySelector('call-stage').call.connected"
    for page in (patient, consult):
        await page.wait_for_function(connected, timeout=PATIENTLY)


@pytest.mark.parametrize("why", ["no-devices", "refused"])
async def test_a_patient_without_camera_and_microphone_is_in_the_call(
    clinic: Clinic, new_person: OpenPerson, why: str
):
    mira, reyes = await new_person(phone=True, allow=why != "refused"), await new_person()
    if why == "no-devices":
        await mira.page.add_init_script(NOTHING)
    patient = await come_in(mira, clinic)
    card = patient.locator("[data-card]")
    await expect(card).to_be_visible()
    words = "no camera or microphone" if why == "no-devices" else "does not let us use"
    await expect(card).to_contain_text(words)
    await expect(patient.get_by_role("status").filter(has_text=words)).to_have_count(1)

    consult = await open_consult(reyes, clinic)
    await expect(consult.get_by_text("is waiting since")).to_be_visible(timeout=PATIENTLY)
    await meet_without(patient, consult)

    # They can write.
    await patient.get_by_role("button", name="Chat").click()
    await patient.locator("#message-call, [data-chat-panel] textarea").first.fill("I can see you – ünïcødé")
    await patient.locator("[data-chat-panel] form button").click()
    await consult.get_by_role("button", name="Chat").click()
    await expect(consult.locator("[data-chat-panel]").get_by_text("I can see you – ünïcødé")).to_be_visible(
        timeout=PATIENTLY
    )


async def test_a_psychiatrist_without_devices_still_sees_and_hears_the_patient(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    await reyes.page.add_init_script(NOTHING)
    patient = await come_in(mira, clinic)
    consult = await open_consult(reyes, clinic)
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
    seen = await sees_and_hears(consult)
    assert seen["brightness"] > 10
