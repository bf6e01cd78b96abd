"""No camera, no microphone, or a browser that refuses both: the patient is let in and sees and hears all the same."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import admit, called_now, come_in, in_call, sees_and_hears

NOTHING = """navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException('Requested device not found', 'NotFoundError');
};"""


@pytest.fixture
def clinic(shared_clinic: Clinic) -> Clinic:
    """Every test makes a visit of its own with "Call now"."""
    return shared_clinic


async def meet_without(patient: Page, consult: Page) -> None:
    """Let in and connected: one side's picture and sound arrive, and both are told what is missing on the other."""
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
    seen = await sees_and_hears(patient)
    assert seen["frames"] > 0
    assert seen["energy"] > 0
    # Nobody is asked to unmute who has nothing to speak into; and the patient reads the same.
    await expect(consult.get_by_text(re.compile(r"^[\w ]+ has no camera\.$"))).to_be_visible()
    await expect(consult.locator("[data-remote-state]")).to_have_text("no microphone, they can write")
    for name in ("No microphone", "No camera"):
        await expect(patient.get_by_role("button", name=name)).to_be_disabled()
    connected = "() => document.querySelector('call-stage').call.connected"
    for page in (patient, consult):
        await page.wait_for_function(connected)


@pytest.mark.parametrize("why", ["no-devices", "refused"])
async def test_a_patient_without_camera_and_microphone_is_in_the_call(
    clinic: Clinic, new_person: OpenPerson, why: str
):
    mira, reyes = await new_person(phone=True, allow=why != "refused"), await new_person()
    if why == "no-devices":
        await mira.page.add_init_script(NOTHING)
    async with called_now(reyes, clinic) as called:
        patient, consult = await come_in(mira, called), reyes.page
        words = "no camera or microphone" if why == "no-devices" else "does not let us use"
        await expect(patient.locator("[data-card]")).to_contain_text(words)
        await expect(patient.get_by_role("status").filter(has_text=words)).to_have_count(1)
        await expect(consult.locator("call-stage [data-waiting]")).to_contain_text("has been waiting")
        await meet_without(patient, consult)
        await write(patient, "I can see you – ünïcødé")
        await consult.get_by_role("button", name="Chat").click()
        said = consult.locator("[data-chat-panel]").get_by_text("I can see you – ünïcødé")
        await expect(said).to_be_visible()
    await expect(patient).to_have_url(re.compile("/visit/after/"))


async def write(page: Page, words: str) -> None:
    """Who cannot be heard can write."""
    await page.get_by_role("button", name="Chat").click()
    chat = page.locator("[data-chat-panel]")
    await chat.get_by_role("textbox").fill(words)
    await chat.locator("form button").click()


async def test_a_psychiatrist_without_devices_still_sees_and_hears_the_patient(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    await reyes.page.add_init_script(NOTHING)
    async with called_now(reyes, clinic) as called:
        patient, consult = await come_in(mira, called), reyes.page
        await admit(consult)
        for page in (patient, consult):
            await in_call(page)
        seen = await sees_and_hears(consult)
        assert seen["brightness"] > 10
