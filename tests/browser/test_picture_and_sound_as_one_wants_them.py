"""Less noise, a blurred background, a mirror, one's screen: each where the browser can, remembered, and never in the
way of the call. experience.md 61–64, 70.

Chromium's fake camera cannot blur and its headless screen cannot sleep: what a real one answers is put in its place.
"""

import json
import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import admit, called_now, come_in, hears, in_call, sees_and_hears, until

# A camera that blurs by itself when asked to, and says so; whatever else it is asked for it does as before.
BLURS = """(() => {
  const { getCapabilities, getSettings, applyConstraints } = MediaStreamTrack.prototype;
  const blurred = new WeakMap();
  window.asked = [];
  const camera = (track, backgroundBlur) => (track.kind === 'video' ? { backgroundBlur } : {});
  Object.assign(MediaStreamTrack.prototype, {
    getCapabilities() { return { ...getCapabilities.call(this), ...camera(this, [true, false]) }; },
    getSettings() { return { ...getSettings.call(this), ...camera(this, blurred.get(this) ?? false) }; },
    applyConstraints(wanted) {
      if (this.kind === 'video') { window.asked.push(wanted); blurred.set(this, wanted.backgroundBlur ?? false); }
      return applyConstraints.call(this, wanted);
    },
  });
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => { window.asked.push(wanted.video); return real(wanted); };
})();"""

# A screen that can be kept awake, and counts what holds it.
AWAKE = """(() => {
  window.locks = [];
  const request = async () => {
    const lock = Object.assign(new EventTarget(), { released: false, release: async () => { lock.released = true; } });
    window.locks.push(lock);
    return lock;
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true });
})();"""
NOISE = "document.querySelector('call-stage').devices.audio?.getSettings().noiseSuppression"
HELD = "() => window.locks.filter(({ released }) => !released).length"

CAMERA = "document.querySelector('call-stage').devices.video.id"
CARRIED = """() => document.querySelector('call-stage').call.peer.pc.getSenders()
  .map(({ track }) => track).find((track) => track?.kind === 'video')?.contentHint"""
SAID = """window.told = [];
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) { window.told.push(text); return send.call(this, text); };"""


async def wished(page: Page, words: str, *, on: bool) -> None:
    """Unfolds the settings of this moment, presses, and waits until it is so."""
    if await page.locator(".wishes[open]:visible").count() == 0:
        await page.locator(".wishes summary:visible").click()
    box = page.locator(".wishes:visible").get_by_label(words)
    await box.click()
    await (expect(box).to_be_checked() if on else expect(box).not_to_be_checked())


async def turned_round(page: Page) -> bool:
    own = page.locator("video[data-self]:visible").first
    return "-1" in await own.evaluate("(video) => getComputedStyle(video).transform")


async def test_what_a_person_wants_holds_in_the_waiting_room_in_the_call_and_after_a_reload(
    shared_clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    for script in (BLURS, AWAKE):
        await mira.context.add_init_script(script)
    await reyes.context.add_init_script(SAID)
    async with called_now(reyes, shared_clinic) as clinic:
        patient, consult = await come_in(mira, clinic), reyes.page
        await the_screen_stays_on(patient)
        await blurred_and_as_others_see_one(patient)
        await admit(consult)
        for page in (patient, consult):
            await in_call(page)
            await sees_and_hears(page)
        assert not await turned_round(patient)
        assert await until(patient, HELD) == 1
        await less_noise_by_another_microphone(patient, heard_by=consult)
        await only_what_there_is(consult)
        await another_microphone_and_loudspeaker(consult, heard_by=patient)
        await in_front_of_other_windows(consult)

        await patient.reload()
        await in_call(patient)
        await until(patient, f"() => {NOISE} === false")
        assert (await patient.evaluate("window.asked[0]"))["backgroundBlur"] is True
        assert not await turned_round(patient)
        await figures_are_told(consult)
        await patient.get_by_role("button", name="Leave").click()
        await expect(patient).to_have_url(re.compile("/visit/after/"))


async def the_screen_stays_on(patient: Page) -> None:
    """While one waits; hidden and shown again, the lock is taken anew."""
    await expect(patient.locator("[data-knocked]")).to_be_visible()
    assert await until(patient, "() => window.locks.length === 1")
    await patient.evaluate("window.locks[0].released = true")
    await patient.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert await until(patient, HELD) == 1


async def blurred_and_as_others_see_one(patient: Page) -> None:
    await until(patient, "() => Boolean(document.querySelector('call-stage').devices.video)")
    await wished(patient, "Blur what is behind me", on=True)
    # A track forgets what is not named again: the size is.
    last = await patient.evaluate("window.asked.at(-1)")
    assert (last["backgroundBlur"], last["width"]) == (True, {"ideal": 1280})
    assert await turned_round(patient)
    await wished(patient, "See myself as in a mirror", on=False)
    assert not await turned_round(patient)


async def less_noise_by_another_microphone(page: Page, *, heard_by: Page) -> None:
    """This browser changes no running microphone: another one is opened, and the call goes on with it."""
    assert await page.evaluate(NOISE) is True
    connection = "document.querySelector('call-stage').call.peer.connection"
    before = await page.evaluate(connection)
    await wished(page, "Reduce background noise", on=False)
    await until(page, f"() => {NOISE} === false")
    assert await page.evaluate(connection) == before
    energy = (await sees_and_hears(heard_by))["energy"]
    await until(
        heard_by,
        f"async () => [...(await document.querySelector('call-stage').call.peer.pc.getStats()).values()]"
        f".some((each) => each.kind === 'audio' && each.totalAudioEnergy > {energy} + 0.0001)",
    )


async def only_what_there_is(consult: Page) -> None:
    """The clinician's camera cannot blur; and keys work with a box in focus, because nobody types in it."""
    await consult.locator(".wishes summary").click()
    await expect(consult.get_by_label("Reduce background noise")).to_be_visible()
    await expect(consult.get_by_label("Blur what is behind me")).to_be_hidden()
    await consult.get_by_label("Reduce background noise").focus()
    await consult.keyboard.press("m")
    await expect(consult.locator(".controls [data-mute]")).to_have_text("Unmute")


async def another_microphone_and_loudspeaker(page: Page, *, heard_by: Page) -> None:
    """In the middle of a call, which goes on as it was; the camera, of which there is one, is no question."""
    connection = "document.querySelector('call-stage').call.peer.connection"
    before, camera = await page.evaluate(connection), await page.evaluate(CAMERA)
    wishes = page.locator(".wishes:visible")
    microphone, loudspeaker = wishes.get_by_label("Microphone"), wishes.get_by_label("Loudspeaker")
    await expect(page.locator("select[data-device=video]")).to_be_hidden()
    await microphone.select_option(label="Fake Audio Input 2")
    # Muted before: the new microphone is, too.
    sent = """document.querySelector('call-stage').call.peer.pc.getSenders()
      .map(({ track }) => track).find((track) => track?.kind === 'audio')"""
    await until(page, f"() => ({sent})?.label === 'Fake Audio Input 2'")
    assert await page.evaluate(f"({sent}).enabled") is False
    await expect(microphone.locator(":checked")).to_have_text("Fake Audio Input 2")
    await loudspeaker.select_option(label="Fake Audio Output 2")
    sinks = "[...document.querySelectorAll('.stage audio')].map(({ sinkId }) => sinkId)"
    wanted = json.dumps(await loudspeaker.input_value())
    await until(page, f"() => {sinks}.length > 0 && {sinks}.every((sink) => sink === {wanted})")
    assert (await page.evaluate(connection), await page.evaluate(CAMERA)) == (before, camera)
    await page.locator(".controls [data-mute]").click()
    await sees_and_hears(heard_by)


async def in_front_of_other_windows(consult: Page) -> None:
    """The patient's picture stays in sight while another program is looked at, and comes back with the same button."""
    button = consult.get_by_role("button", name="Keep the picture in front of other windows")
    floats = "() => document.pictureInPictureElement?.matches('[data-remote]') === true"
    for pressed in (True, False):
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", str(pressed).lower())
        assert await consult.evaluate(floats) is pressed


async def figures_are_told(page: Page) -> None:
    """PROTOCOL.md, `quality`: all of it, once there was a time to measure."""
    reports = "() => window.told.map(JSON.parse).filter(({ type }) => type === 'quality')"
    wanted = ["bitrate_down", "bitrate_up", "concealed", "estimate_up", "fps_down", "frozen_ms", "jitter_ms"]
    wanted += ["loss_down", "loss_up", "rtt_ms"]
    found = await until(
        page,
        f"() => ({reports})().find((each) => {json.dumps(wanted)}.every((name) => name in each))",
        seconds=40,
    )
    assert set(found) == {"type", *wanted}
    assert found["bitrate_up"] > 1000
    assert 0 <= found["loss_down"] <= 1


async def test_a_screen_takes_the_cameras_place_and_gives_it_back(
    shared_clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    async with called_now(reyes, shared_clinic) as clinic:
        patient, consult = await come_in(mira, clinic), reyes.page
        await admit(consult)
        for page in (patient, consult):
            await in_call(page)
            await sees_and_hears(page)
        await expect(patient.locator("[data-share]")).to_have_count(0)
        connection = "document.querySelector('call-stage').call.peer.connection"
        before = await consult.evaluate(connection)

        share = consult.locator("[data-share]")
        await expect(share).to_have_text("Share my screen")
        await share.click()
        await expect(share).to_have_text("Stop sharing my screen")
        await expect(consult.locator("[data-own-state]")).to_have_text(
            "You are sharing your screen instead of your picture."
        )
        assert await consult.evaluate(CARRIED) == "detail"
        await expect(patient.locator("[data-remote-state]")).to_have_text("sharing their screen")
        await hears(patient, "is sharing their screen.")
        fit = "(video) => getComputedStyle(video).objectFit"
        assert await patient.locator("video[data-remote]").evaluate(fit) == "contain"
        # Nobody sees their own screen the wrong way round.
        assert not await turned_round(consult)
        await sees_and_hears(patient)

        # Stopped with the browser's own bar: the camera is back by itself.
        await consult.evaluate(
            """() => { const { screen } = document.querySelector('call-stage').devices;
              screen.stop(); screen.dispatchEvent(new Event('ended')); }"""
        )
        await expect(share).to_have_text("Share my screen")
        await expect(patient.locator("[data-remote-state]")).to_have_text("good connection")
        await hears(patient, "has stopped sharing their screen.")
        assert await consult.evaluate(CARRIED) == "motion"
        await sees_and_hears(patient)
        # Nothing was negotiated anew, so the safety words are still those that were compared.
        assert await consult.evaluate(connection) == before

        # Somebody who thinks better of it while the browser asks has shared nothing.
        await consult.evaluate(
            """() => { navigator.mediaDevices.getDisplayMedia = () =>
              Promise.reject(new DOMException('', 'NotAllowedError')); }"""
        )
        await share.click()
        await expect(share).to_have_text("Share my screen")
        assert await consult.evaluate(CARRIED) == "motion"


async def test_a_sender_is_made_ready_where_a_canvas_is_asked_for_frames_by_its_stream(
    shared_clinic: Clinic, new_person: OpenPerson
) -> None:
    """As Firefox does: its tracks know nothing of it."""
    page = (await new_person()).page
    await page.goto(f"{shared_clinic['base_url']}/sign-in")
    carried = """async () => {
      const { warmUp } = await import('/static/now/lib/warm-up.js');
      delete CanvasCaptureMediaStreamTrack.prototype.requestFrame;
      let asked = 0;
      MediaStream.prototype.requestFrame = () => (asked += 1);
      const carried = [];
      await warmUp({ width: 16, height: 16 }, (track) => carried.push(track?.kind ?? null));
      return [carried, asked];
    }"""
    assert await page.evaluate(carried) == [["video", None], 4]
