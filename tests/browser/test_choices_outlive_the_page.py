"""Muted stays muted: a reload, coming back and a signature neither let anybody be heard nor break the call."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import answer_everything, call, in_call, never_frozen

# Every track this page ever gave a connection to send, with whether it was on at that moment.
CARRIED = """window.carried = [];
const replace = RTCRtpSender.prototype.replaceTrack;
RTCRtpSender.prototype.replaceTrack = function (track) {
  if (track) window.carried.push([track.kind, track.enabled]);
  return replace.call(this, track);
};"""


async def expect_silent_and_unseen(page: Page, other: Page, *, words: str) -> None:
    await expect(page.locator(".controls [data-mute]")).to_have_text("Unmute")
    await expect(page.locator(".controls [data-video]")).to_have_text("Start video")
    await expect(other.locator("[data-remote-state]")).to_have_text("muted")
    await expect(other.get_by_text(words)).to_be_visible()
    carried = await page.evaluate("window.carried")
    assert {kind for kind, _ in carried} == {"audio", "video"}
    assert [each for each in carried if each[1]] == []


async def test_a_reload_or_coming_back_lets_nobody_hear_or_see_who_chose_otherwise(
    clinic: Clinic, new_person: OpenPerson
):
    patient, consult = await call(clinic, new_person)
    for page in (patient, consult):
        await page.context.add_init_script(CARRIED)
        await page.locator(".controls [data-mute]").click()
        await page.locator(".controls [data-video]").click()

    await patient.reload()
    await in_call(patient)
    await expect_silent_and_unseen(patient, consult, words="Their camera is off.")
    await consult.reload()
    await in_call(consult)
    await expect_silent_and_unseen(consult, patient, words="has no picture right now")

    await patient.get_by_role("button", name="Leave").click()
    await patient.get_by_role("link", name="Go back to the visit").click()
    await in_call(patient)
    await expect_silent_and_unseen(patient, consult, words="Their camera is off.")


async def test_a_signature_changes_nothing_about_the_call(clinic: Clinic, new_person: OpenPerson):
    patient, consult = await call(clinic, new_person)
    await consult.keyboard.press("m")
    await expect(patient.locator("[data-remote-state]")).to_have_text("muted")
    connection = await consult.evaluate("document.querySelector('call-stage').call.peer.connection")

    await answer_everything(consult)
    await consult.get_by_role("button", name="Confirm", exact=True).click()
    await expect(consult.locator("[data-confirmed]")).to_have_text(re.compile("^Confirmed "))
    await consult.get_by_role("button", name="Sign note").click()
    await expect(consult.locator("[data-save-state]")).to_have_text("Signed")
    await expect(consult.get_by_text("The visit was still going on when this was signed.")).to_be_visible()
    await consult.get_by_label("Reason").fill("One more thing")
    await consult.get_by_role("button", name="Add addendum").click()
    await expect(consult.locator("[data-not-added]")).to_be_attached()
    await expect(consult.get_by_text("Write what is to be added, and why.").first).to_be_visible()
    await expect(consult.get_by_label("Reason")).to_have_value("One more thing")
    await consult.get_by_role("textbox", name="Addendum").fill("She asked about sleep.")
    await consult.get_by_role("button", name="Add addendum").click()
    await expect(consult.get_by_role("article").filter(has_text="One more thing")).to_be_visible()

    assert await consult.evaluate("document.querySelector('call-stage').call.peer.connection") == connection
    await never_frozen(patient, consult, seconds=1)
    await expect(consult.locator(".controls [data-mute]")).to_have_text("Unmute")
    await expect(patient.locator("[data-remote-state]")).to_have_text("muted")

    # Finished after the signature: the end is added by itself, and can be taken back.
    await consult.get_by_role("button", name="Finish visit").click()
    await expect(consult.get_by_text("Added by the server after the signature")).to_be_visible()
    await expect(patient.get_by_role("heading", name="Your visit is finished")).to_be_visible()
    await consult.get_by_role("button", name="Reopen this visit").click()
    await expect(patient.get_by_role("heading", name="Your visit is open again")).to_be_visible()
    await patient.get_by_role("link", name="Go back to the visit").click()
    await in_call(patient)
    await in_call(consult)
