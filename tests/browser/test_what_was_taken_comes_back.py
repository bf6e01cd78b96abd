"""Devices in the middle of a call: unplugged, plugged in, forbidden, taken by a phone call.

Each ends in live media or one plain button, and the other side reads what happened.

Real: Chromium's own answer to a permission that is taken back. Simulated, because no desktop browser makes them: plugs,
and what an iPhone does when somebody rings.
"""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import admit, called_now, come_in, in_call, sees_and_hears, until

pytestmark = pytest.mark.long


@pytest.fixture
def clinic(shared_clinic: Clinic) -> Clinic:
    return shared_clinic


# A camera that can be pulled out: its track ends, and it is not found again until it is plugged in.
PLUGS = """(() => {
  const real = MediaDevices.prototype.getUserMedia;
  const list = MediaDevices.prototype.enumerateDevices;
  window.pulled = null;
  MediaDevices.prototype.getUserMedia = function (wanted) {
    if (window.pulled && wanted[window.pulled]) return Promise.reject(new DOMException('', 'NotFoundError'));
    return real.call(this, wanted);
  };
  MediaDevices.prototype.enumerateDevices = async function () {
    return (await list.call(this)).filter(({ kind }) => !window.pulled || !kind.startsWith(window.pulled));
  };
  window.pull = (kind) => {
    window.pulled = kind;
    const track = document.querySelector('call-stage').devices[kind];
    track.stop();
    track.dispatchEvent(new Event('ended'));
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  window.plug = () => {
    window.pulled = null;
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
})()"""
TRACKS = """() => {
  const { audio, video } = document.querySelector('call-stage').devices;
  return [audio?.id, video?.id];
}"""
LIVE = """() => {
  const { audio, video, lost } = document.querySelector('call-stage').devices;
  return audio && video && !lost;
}"""


async def meet(clinic: Clinic, patient: Page, consult: Page) -> None:
    await admit(consult)
    for page in (patient, consult):
        await in_call(page)
        await sees_and_hears(page)


async def test_a_camera_that_is_unplugged_is_said_on_both_sides_and_taken_again_by_itself(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    await mira.page.add_init_script(PLUGS)
    async with called_now(reyes, clinic) as called:
        patient, consult = await come_in(mira, called), reyes.page
        await meet(called, patient, consult)
        state, card = consult.locator("[data-remote-state]"), patient.locator("[data-call-card]")
        voice, _ = await patient.evaluate(TRACKS)

        await patient.evaluate("window.pull('video')")
        await expect(card).to_contain_text("Your camera has stopped. You can go on talking.")
        await expect(card.get_by_role("button", name="Turn on again")).to_be_visible()
        await expect(state).to_have_text("their camera has stopped")
        await expect(consult.get_by_text("camera has stopped. You can talk.")).to_be_visible()
        # What works is not touched: not one word is lost.
        assert await patient.evaluate(TRACKS) == [voice, None]

        await patient.evaluate("window.plug()")
        await expect(card).to_be_hidden()
        await expect(state).to_have_text("good connection")
        await until(patient, LIVE)
        assert (await patient.evaluate(TRACKS))[0] == voice

        await patient.evaluate("window.pull('audio')")
        await expect(card).to_contain_text("Your microphone has stopped, so nobody hears you.")
        await expect(state).to_have_text("their microphone has stopped, they can write")
        await expect(card.get_by_role("button", name="Call me instead")).to_be_visible()
        # Plugged in and pressed at once: a moment later the page would have taken it again by itself.
        again = card.get_by_role("button", name="Turn on again")
        await again.evaluate("(button) => { window.pulled = null; button.click(); }")
        await expect(card).to_be_hidden()
        await expect(state).to_have_text("good connection")
        await sees_and_hears(consult)


async def test_a_permission_that_is_taken_back_shows_where_to_give_it_again(
    clinic: Clinic, new_person: OpenPerson
):
    # The browser that really asks: the other one's permission cannot be taken back.
    mira, reyes = await new_person(phone=True, allow=False), await new_person()
    await mira.context.grant_permissions(["camera", "microphone"])
    async with called_now(reyes, clinic) as called:
        patient, consult = await come_in(mira, called), reyes.page
        await meet(called, patient, consult)
        state, card = consult.locator("[data-remote-state]"), patient.locator("[data-call-card]")

        session = await mira.context.new_cdp_session(patient)
        whose = (await session.send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
        for name in ("camera", "microphone"):
            permission = {"permission": {"name": name}, "setting": "denied", "browserContextId": whose}
            await session.send("Browser.setPermission", permission)
        await expect(card).to_contain_text("Your browser does not let us use the camera or microphone.")
        await expect(card.get_by_role("img")).to_be_visible()
        await expect(card.get_by_role("listitem")).to_have_count(3)
        again = card.get_by_role("button", name="Turn on again")
        await expect(again).to_be_visible()
        await expect(state).to_have_text("their camera and microphone have stopped, they can write")
        await again.click()
        await expect(card).to_be_visible()
        # Who sees and hears is still in the call.
        await sees_and_hears(patient)

        await mira.context.grant_permissions(["camera", "microphone"])
        await expect(card).to_be_hidden()
        await expect(state).to_have_text("good connection")
        await sees_and_hears(consult)


# What an iPhone does, event by event, as pages on one have reported it; no desktop browser does it.
SIMULATE = """(() => {
  const real = MediaDevices.prototype.getUserMedia;
  window.busy = false;
  MediaDevices.prototype.getUserMedia = function (wanted) {
    return window.busy ? Promise.reject(new DOMException('', 'NotReadableError')) : real.call(this, wanted);
  };
  const stage = () => document.querySelector('call-stage');
  const tracks = () => [stage().devices.audio, stage().devices.video];
  const see = (state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  window.does = {
    rings: () => tracks().forEach((track) => {
      Object.defineProperty(track, 'muted', { value: true, configurable: true });
      track.dispatchEvent(new Event('mute'));
    }),
    hangsUp: () => tracks().forEach((track) => {
      delete track.muted;
      track.dispatchEvent(new Event('unmute'));
    }),
    ends: () => tracks().forEach((track) => {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }),
    goesAway: () => see('hidden'),
    comesBack: () => see('visible'),
    pauses: () => stage().querySelectorAll('[data-remote], [data-remote-sound]').forEach((player) => player.pause()),
  };
})()"""
ALIVE = """() => {
  const stage = document.querySelector('call-stage');
  const { audio, video, lost } = stage.devices;
  const players = [...stage.querySelectorAll('[data-remote], [data-remote-sound]')];
  return audio && video && !lost && players.every(({ paused }) => !paused) && stage.part('continue').hidden;
}"""
SEQUENCES = [
    ("Siri, for a moment", ["rings", "hangsUp"]),
    (
        "another app in front, the tracks fall silent and come back",
        ["goesAway", "rings", "comesBack", "hangsUp"],
    ),
    ("another app in front took the devices for good", ["goesAway", "ends", "comesBack"]),
    ("the tracks stay silent in front of the person: taken anew", ["rings"]),
    ("the tracks end in front of the person", ["ends"]),
    ("the players are paused by whatever else wants the sound", ["pauses"]),
]


async def test_what_an_iphone_does_ends_in_live_media_or_in_one_tap(clinic: Clinic, new_person: OpenPerson):
    """Simulated: see docs/on-a-phone.md for what nobody has tried on a real one."""
    mira, reyes = await new_person(phone=True), await new_person()
    await mira.page.add_init_script(SIMULATE)
    async with called_now(reyes, clinic) as called:
        patient, consult = await come_in(mira, called), reyes.page
        await meet(called, patient, consult)
        state = consult.locator("[data-remote-state]")
        for _, sequence in SEQUENCES:
            for step in sequence:
                await patient.evaluate(f"window.does.{step}()")
            await until(patient, ALIVE)
            await expect(state).to_have_text("good connection")

        # A phone call that goes on: nothing can be taken back until it is over, and then it needs the person.
        await patient.evaluate("() => { window.busy = true; window.does.rings(); }")
        tap = patient.get_by_role("button", name="Tap to continue the call")
        await expect(state).to_have_text("their phone was interrupted")
        await expect(consult.get_by_text("was interrupted for a moment")).to_be_visible()
        await expect(tap).to_be_visible()
        # One thing to press, not two.
        await expect(patient.locator("[data-call-card]")).to_be_hidden()
        # What did not help once may not help again: then there is another way to talk.
        instead = patient.locator("[data-tap-again]").get_by_role("button", name="Call me instead")
        await expect(instead).to_be_hidden()
        await tap.click()
        await expect(instead).to_be_visible()
        await expect(tap).to_be_visible()
        await patient.evaluate("window.busy = false")
        await tap.click()
        await expect(tap).to_be_hidden()
        await expect(instead).to_be_hidden()
        await until(patient, ALIVE)
        await expect(state).to_have_text("good connection")
        await sees_and_hears(consult)
