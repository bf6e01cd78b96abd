"""The connection test: yourself, a little later, through the same relay; the result in words and on the board."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import come_in, until

# The echo's picture twice, some frames apart, as brightness and difference.
MOVES = """async () => {
  const video = document.querySelector('device-check video');
  if (!video.videoWidth) return null;
  const canvas = new OffscreenCanvas(64, 48);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const look = () => {
    context.drawImage(video, 0, 0, 64, 48);
    return context.getImageData(0, 0, 64, 48).data.filter((_, n) => n % 4 !== 3);
  };
  const first = look();
  await new Promise((done) => video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(done)));
  const second = look();
  const brightness = second.reduce((sum, value) => sum + value, 0) / second.length;
  const moved = second.filter((value, n) => Math.abs(value - first[n]) > 16).length;
  return brightness > 10 && moved > 0 ? { brightness, moved } : null;
}"""
NO_SOCKET = """{
  const real = WebSocket;
  window.WebSocket = class extends real {
    constructor(address) {
      super(String(address).includes('/signalling/test/') ? new URL('/', address) : address);
    }
  };
}"""
HEARD = """async () => {
  const pc = document.querySelector('device-check').call?.peer?.pc;
  if (!pc) return false;
  const stats = [...(await pc.getStats()).values()];
  return (stats.find((s) => s.type === 'inbound-rtp' && s.kind === 'audio')?.totalAudioEnergy ?? 0) > 0;
}"""


async def test_the_echo_moves_sounds_and_ends_with_words_that_reach_the_desk(
    clinic: Clinic, new_person: OpenPerson
):
    mira, ada = await new_person(phone=True), await new_person()
    # A camera that works is reported by itself, and is no test of the connection.
    async with mira.page.expect_response(re.compile("/visit/device-test/")):
        page = await come_in(mira, clinic)
    board = ada.page
    await board.goto(clinic["desk_url"])
    row = board.locator(f"#visit-{clinic['visit_id']}")
    await expect(row).to_be_visible()
    await expect(row.get_by_text("Connection tested")).to_have_count(0)

    check = page.locator("device-check")
    await check.get_by_role("button", name="Test my camera and microphone").click()
    words = check.get_by_role("status")
    await expect(words).to_contain_text("two seconds later")
    await until(page, MOVES)
    await until(page, HEARD)
    # Then the other way in alone, without a picture.
    await expect(words).to_contain_text("One more quick look")
    await expect(check.locator("video")).to_be_hidden()
    await expect(words).to_contain_text("The test is done.")
    await expect(check.get_by_role("button", name="Skip this part")).to_be_hidden()
    await expect(page.locator("[data-tick=connection]")).to_have_attribute("data-state", "good")
    await nobody_is_thrown_out(page)

    # The board follows by itself.
    await sound_is_confirmed(page)
    # A machine that has too much to do may make it fair, which is no matter here.
    await expect(row.get_by_text(re.compile("^Connection"))).to_be_visible()

    # In words for who is on the phone with the patient.
    await board.goto(f"{clinic['base_url']}/desk/visit/{clinic['visit_id']}")
    card = board.locator("#visit")
    await expect(card).to_contain_text(re.compile(r"Works over UDP, \d+ ms; TCP works too"))
    await expect(card).to_contain_text(re.compile(r"Lost: \d+ % up, \d+ % down"))
    await expect(card).to_contain_text(re.compile(r"Sent: [1-9]\d* kbit/s up, [1-9]\d* kbit/s down"))
    await expect(card).to_contain_text("Camera: good")
    await expect(card).to_contain_text("Chrome, Linux")

    # And again, as often as somebody likes; each part can be skipped, and what was found before counts.
    await check.get_by_role("button", name="Test my camera and microphone").click()
    await expect(words).to_contain_text("two seconds later")
    await until(page, HEARD)
    skip = check.get_by_role("button", name="Skip this part")
    await skip.click()
    await expect(words).to_contain_text("One more quick look")
    await skip.click()
    await expect(words).to_contain_text("The test is done.")
    await nobody_is_thrown_out(page)


async def test_a_way_that_lets_pages_through_and_no_calls_is_named(clinic: Clinic, new_person: OpenPerson):
    """As by a web server in front that was not told about WebSockets: it answers the handshake as any other request."""
    mira = await new_person(phone=True)
    mira.expect_disconnects()
    await mira.context.add_init_script(NO_SOCKET)
    page = await come_in(mira, clinic)
    check = page.locator("device-check")
    await check.get_by_role("button", name="Test my camera and microphone").click()
    await expect(check.get_by_role("status")).to_contain_text(
        "something on the way stops calls", timeout=60_000
    )
    await expect(page.locator("[data-tick=connection]")).to_have_attribute("data-state", "missing")
    await expect(check.get_by_role("button", name="Test my camera and microphone")).to_be_enabled()


async def nobody_is_thrown_out(page: Page) -> None:
    """The test is a room of its own: the place in the waiting room is untouched."""
    await expect(page.locator("call-stage")).to_have_attribute("state", "waiting")
    assert await page.evaluate("document.querySelector('call-stage').call.online")


async def sound_is_confirmed(page: Page) -> None:
    await page.get_by_role("button", name="Sound test").first.click()
    await expect(page.locator("[data-tick=sound]")).to_have_attribute("data-state", "good")
