"""The robot patient: one person with one browser can try a call."""

from playwright.async_api import expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import admit, frames_decoded, in_call, open_consult, sees_and_hears


async def test_the_robot_comes_when_its_visit_is_opened_and_is_seen_and_heard(
    clinic: Clinic, new_person: OpenPerson
):
    consult = await open_consult(await new_person(), clinic, visit="robot_visit_id")
    waiting = consult.locator("call-stage").get_by_text("Robin Tinhart (robot) has been waiting")
    await expect(waiting).to_be_visible()
    # In the waiting room it is seen by nobody.
    assert await frames_decoded(consult) == 0
    await admit(consult)
    await in_call(consult)
    seen = await sees_and_hears(consult, seconds=60)
    assert seen["brightness"] > 10
    assert seen["energy"] > 0

    # It takes part in the check of the connection, and names its certificate once, as a browser does.
    await expect(consult.locator("safety-words [lang=en]")).to_be_visible()
    named = await consult.evaluate(
        "document.querySelector('call-stage').call.peer.pc.remoteDescription.sdp.match(/a=fingerprint:.*/g)"
    )
    assert len(set(named)) == 1

    # Where the robot said it is stands on the page, as for anybody.
    await expect(consult.get_by_text("12 Invented Lane").first).to_be_visible()
    await consult.reload()
    await in_call(consult)
    await sees_and_hears(consult, seconds=60)

    await consult.get_by_role("button", name="Finish visit").click()
    await expect(consult.get_by_text("This visit is finished.")).to_be_visible()
