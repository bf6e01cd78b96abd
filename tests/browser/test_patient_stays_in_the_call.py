"""What happens to calls on real phones: another app takes the microphone, the network goes, the path breaks.

experience.md P1, P2, P24, P25, feature 58.
"""

import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import (
    FRAMES,
    admit,
    call,
    come_in,
    frames_decoded,
    hears,
    in_call,
    never_frozen,
    open_consult,
    sees_and_hears,
    until,
)

pytestmark = pytest.mark.long

# As a phone does it when somebody rings: the tracks fall silent, what plays is paused, and playing needs a tap.
RINGS = """() => {
  const stage = document.querySelector('call-stage');
  for (const track of [stage.devices.audio, stage.devices.video]) {
    Object.defineProperty(track, 'muted', { value: true, configurable: true });
    track.dispatchEvent(new Event('mute'));
  }
  const refused = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  const players = stage.querySelectorAll('[data-remote], [data-remote-sound]');
  for (const player of players) { player.play = refused; player.pause(); }
  stage.querySelector('[data-continue]').addEventListener('click',
    () => players.forEach((player) => delete player.play), { capture: true, once: true });
}"""
PLAYS = """() => ['[data-remote]', '[data-remote-sound]'].every((each) => !document.querySelector(each).paused)
  && !document.querySelector('call-stage').devices.lost"""

# What the browser would measure where hardly anything gets through, and late.
WEAK = """() => {
  const { pc } = document.querySelector('call-stage').call.peer;
  const real = pc.getStats.bind(pc);
  pc.getStats = async () => new Map([...await real()].map(([id, each]) => [id, each.type === 'candidate-pair'
    ? { ...each, availableOutgoingBitrate: 90_000, currentRoundTripTime: 0.7 } : each]));
}"""
SENDING = """() => document.querySelector('call-stage').call.peer.pc.getSenders()
  .filter(({ track }) => track).map(({ track }) => track.kind).sort()"""


def relay_of(clinic: Clinic) -> int:
    """The process id of the relay that this clinic's server started."""
    parent = str(clinic.process.pid)
    for each in Path("/proc").glob("[0-9]*"):
        try:
            facts = (each / "stat").read_text().rpartition(")")[2].split()
            command = (each / "cmdline").read_text()
        except OSError:
            continue
        if facts[1] == parent and "webrtc.relay" in command:
            return int(each.name)
    raise AssertionError("no relay found")


async def test_a_phone_call_in_between_costs_one_tap(clinic: Clinic, new_person: OpenPerson):
    patient, consult = await call(clinic, new_person)
    await patient.evaluate(RINGS)
    await expect(consult.locator("[data-remote-state]")).to_have_text("their phone was interrupted")
    tap = patient.get_by_role("button", name="Tap to continue the call")
    await expect(tap).to_be_visible()
    await tap.click()
    await expect(tap).to_be_hidden()
    await patient.wait_for_function(PLAYS)
    for page in (patient, consult):
        await sees_and_hears(page)
    await expect(consult.locator("[data-remote-state]")).to_have_text("good connection")


async def test_a_dead_socket_is_replaced_and_the_call_not_touched(clinic: Clinic, new_person: OpenPerson):
    """The network changed and nobody told the socket: it stays open, and nothing arrives on it."""
    mira, reyes = await new_person(phone=True), await new_person()
    sockets: list[WebSocketRoute] = []

    def pass_on(route: WebSocketRoute) -> None:
        number = len(sockets)
        sockets.append(route)
        server = route.connect_to_server()
        swallowed = lambda: number == 0 and mira.disconnects  # noqa: E731 -- read at every message
        route.on_message(lambda text: None if swallowed() else server.send(text))
        server.on_message(lambda text: None if swallowed() else route.send(text))

    await mira.page.route_web_socket("**/signalling/*", pass_on)
    patient = await come_in(mira, clinic)
    consult = await open_consult(reyes, clinic)
    await admit(consult)
    await in_call(patient)
    await sees_and_hears(patient)
    assert len(sockets) == 1

    connection = await patient.evaluate("document.querySelector('call-stage').call.peer.connection")
    mira.expect_disconnects()
    while len(sockets) == 1:
        await never_frozen(patient, consult, seconds=1)
    await patient.wait_for_function("() => document.querySelector('call-stage').call.online")
    await in_call(patient)
    assert await patient.evaluate("document.querySelector('call-stage').call.peer.connection") == connection
    await never_frozen(patient, consult, seconds=1)


async def test_a_broken_path_is_said_then_the_phone_offered_then_it_mends_itself(
    clinic: Clinic, new_person: OpenPerson
):
    patient, consult = await call(clinic, new_person)
    relay = relay_of(clinic)
    os.kill(relay, signal.SIGSTOP)
    try:
        for page in (patient, consult):
            await expect(page.get_by_text("Reconnecting…")).to_be_visible()
            await hears(page, "The connection is away. We are reconnecting by ourselves.")
        instead = patient.locator(".in-call").get_by_role("button", name="Call me instead")
        await expect(instead).to_be_hidden()
        await expect(instead).to_be_visible()
        await expect(patient.locator("[data-phone-instead]")).to_contain_text("(303) 555-0142")
        await hears(patient, "we will call you on (303) 555-0142")
    finally:
        os.kill(relay, signal.SIGCONT)
    for page in (patient, consult):
        await expect(page.get_by_text("Reconnecting…")).to_be_hidden(timeout=60_000)
    await hears(patient, "The connection is back.")
    # Read out once, not every second.
    said = await patient.evaluate("window.said")
    assert said.count("The connection is away. We are reconnecting by ourselves.") == 1
    # The browsers begin with few bits and a whole picture, so the first moving second takes a moment.
    await until(patient, f"async () => await ({FRAMES})() > {await frames_decoded(patient) + 20}")


async def test_call_me_instead_ends_the_call_in_words_on_both_sides_and_video_can_come_back(
    clinic: Clinic, new_person: OpenPerson
):
    patient, consult = await call(clinic, new_person)
    pane = consult.get_by_role("region", name="Call")
    os.kill(relay := relay_of(clinic), signal.SIGSTOP)
    try:
        instead = patient.locator(".in-call").get_by_role("button", name="Call me instead")
        await expect(instead).to_be_visible()
        # Without a network the page stays, says so, and tells the clinic as soon as there is one.
        await patient.route("**/visit/by-phone/*", lambda route: route.abort())
        await instead.evaluate("(button) => button.click()")
        await expect(
            patient.locator(".in-call [data-kept]:visible").get_by_text("There is no connection just now.")
        ).to_be_visible()
        await patient.unroute("**/visit/by-phone/*")
    finally:
        os.kill(relay, signal.SIGCONT)
    await expect(patient.get_by_role("heading", name="We will call you")).to_be_visible()
    await expect(patient.get_by_text("We will call you on (303) 555-0142.")).to_be_visible()
    assert await patient.locator("call-stage").count() == 0
    await expect(pane.get_by_text("They asked to be called.")).to_be_visible()
    await expect(pane.locator("[data-ring]:visible")).to_have_text("(303) 555-0142")
    assert not await consult.evaluate("document.querySelector('call-stage').devices.stream.active")

    await patient.get_by_role("button", name="Go back to the video visit").click()
    await expect(pane.get_by_text("Mira Lindqvist came back to the video visit.")).to_be_visible()
    await pane.get_by_role("link", name="Go back to the call").click()
    for page in (patient, consult):
        await in_call(page)
        await sees_and_hears(page)


async def test_a_second_window_takes_the_call_and_the_first_tells_when_it_is_gone(
    clinic: Clinic, new_person: OpenPerson
):
    patient, consult = await call(clinic, new_person)
    second = await consult.context.new_page()
    await second.goto(consult.url)
    await in_call(second)
    pane = consult.get_by_role("region", name="Call")
    await expect(pane.get_by_text("the call goes on there")).to_be_visible()
    await second.close()
    await expect(pane.get_by_text("The other window is gone: you are not in the call now.")).to_be_visible()
    # The patient is told too, within the lease of a seat.
    await expect(patient.get_by_text("connection is interrupted; trying again")).to_be_visible(timeout=25_000)
    await pane.get_by_role("link", name="Continue here").click()
    for page in (patient, consult):
        await in_call(page)
        await sees_and_hears(page)


async def test_keys_work_in_the_call_and_never_while_writing(clinic: Clinic, new_person: OpenPerson):
    patient, consult = await call(clinic, new_person)
    mute, video = patient.locator(".controls [data-mute]"), patient.locator(".controls [data-video]")
    await hears(patient, "You have been let in.")
    for keys, words in (("m", "You are muted."), ("v", "Your video is off.")):
        await patient.keyboard.press(keys)
        await hears(patient, words)
    await told_what_pressing_does(patient, "Unmute", "Start video")
    for keys, button, label in (("Control+d", mute, "Mute"), ("Control+e", video, "Stop video")):
        await patient.keyboard.press(keys)
        await expect(button).to_have_text(label)

    await patient.get_by_role("button", name="Chat").click()
    field = patient.locator("[data-chat-panel]").get_by_label("Write a message")
    await expect(field).to_be_focused()
    await field.press_sequentially("my very long message")
    await expect(field).to_have_value("my very long message")
    await expect(mute).to_have_text("Mute")
    await expect(video).to_have_text("Stop video")
    await expect(consult.locator("[data-remote-state]")).to_have_text("good connection")

    for page in (patient, consult):
        await single_keys_can_be_switched_off(page)


async def told_what_pressing_does(page: Page, mute: str, video: str) -> None:
    """By the tree that screen readers read: the label alone. "Unmute, pressed" would say the opposite."""
    tree = await page.get_by_role("toolbar", name="Call controls").aria_snapshot()
    assert tree.splitlines()[1:3] == [f'  - button "{mute}"', f'  - button "{video}"']


async def single_keys_can_be_switched_off(page: Page) -> None:
    """WCAG 2.1.4, for everybody in a call; with Ctrl they go on working."""
    await page.locator(".wishes:visible summary").click()
    await page.locator(".wishes:visible").get_by_label("M mutes and V stops the video").uncheck()
    await page.keyboard.press("m")
    await page.keyboard.press("Control+e")
    await expect(page.locator(".controls [data-video]")).to_have_text("Start video")
    await told_what_pressing_does(page, "Mute", "Start video")


async def test_on_a_weak_path_sound_comes_first_and_the_picture_back_by_itself(
    clinic: Clinic, new_person: OpenPerson
):
    patient, consult = await call(clinic, new_person)
    await patient.evaluate(WEAK)
    note = patient.locator("[data-own-state]")
    await expect(note).to_contain_text("only your voice is sent")
    await expect(note).to_be_visible()
    await expect(consult.locator("[data-remote-state]")).to_have_text(
        "weak connection, only their voice for now"
    )
    await expect(consult.get_by_text("Their camera is off.")).to_be_visible()
    assert await patient.evaluate(SENDING) == ["audio"]
    await patient.evaluate("() => delete document.querySelector('call-stage').call.peer.pc.getStats")
    await expect(note).to_be_hidden(timeout=40_000)
    assert await patient.evaluate(SENDING) == ["audio", "video"]
    await sees_and_hears(consult)


async def test_nobody_has_to_look_at_themselves(clinic: Clinic, new_person: OpenPerson):
    patient, consult = await call(clinic, new_person)
    own = patient.locator(".stage-self")
    await expect(own).to_be_visible()
    await patient.get_by_role("button", name="Hide my picture").click()
    await expect(own).to_be_hidden()
    await sees_and_hears(consult)
    await patient.reload()
    await in_call(patient)
    await patient.get_by_role("button", name="Show my picture").click()
    await expect(own).to_be_visible()


async def test_what_was_being_written_comes_along_and_news_is_pointed_at(
    clinic: Clinic, new_person: OpenPerson
):
    mira, reyes = await new_person(phone=True), await new_person()
    patient = await come_in(mira, clinic)
    await patient.get_by_label("Message the clinic").fill("Half a sent")
    consult = await open_consult(reyes, clinic)
    await admit(consult)
    await in_call(patient)
    await expect(patient).to_have_title("In your visit")

    await consult.get_by_role("button", name="Chat").click()
    await consult.get_by_label("Message", exact=True).fill("Can you hear me?")
    await consult.get_by_role("button", name="Send", exact=True).click()
    chat = patient.get_by_role("button", name="Chat")
    await expect(chat).to_have_attribute("data-news", "New message")
    await hears(patient, "New message")
    await chat.click()
    await expect(chat).not_to_have_attribute("data-news", "New message")
    await expect(patient.locator("[data-chat-panel]").get_by_label("Write a message")).to_have_value(
        "Half a sent"
    )
    await expect(patient.locator(".chat").get_by_role("log")).to_contain_text("Can you hear me?")
