"""What a browser answers and calls itself → which card, with which drawing; and what a page makes of its statistics.

experience.md P5, P12 and row 39: blocked by the browser, blocked by the system, in use and none are told apart, and an
app's own window is left through "Copy link". The modules are the pages' own, run in a real browser.
"""

import json
import re

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson, Person

IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
SAFARI = f"{IOS} Version/18.1 Mobile/15E148 Safari/604.1"
CHROME_IOS = f"{IOS} CriOS/142.0 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
MESSENGER = f"{IOS} Mobile/15E148 [FBAN/FBIOS;FBAV/490.0]"
MAIL_IOS = f"{IOS} Mobile/15E148"
WEBVIEW = ANDROID.replace("Pixel 9", "Pixel 9; wv")
INSTAGRAM = f"{ANDROID} Instagram 350.0"

PLACES = [
    (SAFARI, 5, "ios-safari", False),
    (CHROME_IOS, 5, "ios-app", False),
    (MAC, 5, "ios-safari", False),  # an iPad that asks for desktop pages
    (MAC, 0, "mac", False),
    (ANDROID, 5, "android", False),
    (WINDOWS, 0, "windows", False),
    (WINDOWS, 10, "windows", False),
    (LINUX, 0, "other", False),
    (MESSENGER, 5, "ios-safari", True),
    (MAIL_IOS, 5, "ios-safari", True),
    (WEBVIEW, 5, "android", True),
    (INSTAGRAM, 5, "android", True),
]
# Every name getUserMedia may fail with, in Chromium's, Firefox's and Safari's words → code.
ERRORS = [
    ("NotAllowedError", "Permission denied", "blocked"),
    ("NotAllowedError", "Permission denied by system", "blocked-by-system"),
    ("NotAllowedError", "Permission dismissed", "dismissed"),
    ("NotAllowedError", "The request is not allowed by the user agent or the platform", "blocked"),
    ("SecurityError", "", "blocked"),
    ("NotFoundError", "Requested device not found", "none"),
    ("DevicesNotFoundError", "", "none"),
    ("OverconstrainedError", "", "none"),
    ("NotReadableError", "Could not start video source", "in-use"),
    ("TrackStartError", "", "in-use"),
    ("AbortError", "Starting videoinput failed", "in-use"),
    ("InvalidStateError", "", "unknown"),
    ("TypeError", "", "unknown"),
    ("SomeNewError", "", "unknown"),
]
AGENTS = {
    "ios-safari": SAFARI,
    "ios-app": CHROME_IOS,
    "android": ANDROID,
    "mac": MAC,
    "windows": WINDOWS,
    "other": LINUX,
}
# code → the drawing by place; None: a sentence is enough.
EVERYWHERE = dict.fromkeys(AGENTS)
DRAWINGS = {
    "blocked": {
        "ios-safari": "ios-safari",
        "ios-app": "phone-settings",
        "android": "android-chrome",
        "mac": "desktop",
        "windows": "desktop",
        "other": "desktop",
    },
    "blocked-by-system": {
        "ios-safari": "phone-settings",
        "ios-app": "phone-settings",
        "android": "phone-settings",
        "mac": "mac-privacy",
        "windows": "windows-privacy",
        "other": None,
    },
    "in-use": EVERYWHERE | {"windows": "windows-privacy"},
    "in-app": dict.fromkeys(AGENTS, "in-app"),
    "insecure": dict.fromkeys(AGENTS, "in-app"),
    **dict.fromkeys(("dismissed", "none", "no-camera", "no-microphone", "unknown", "asking"), EVERYWHERE),
}


@pytest_asyncio.fixture(loop_scope="session")
async def page(shared_clinic: Clinic, new_person: OpenPerson) -> Page:
    """With the pages' modules at hand as window.cards, window.media, window.Line and window.words."""
    person = await new_person(phone=True)
    await person.page.goto(shared_clinic["visit_url"])
    await person.page.evaluate(
        """async () => {
          const root = document.querySelector('script[src*="lib/ready.js"]').src.replace('ready.js', '');
          const load = (name) => import(root + name);
          [window.cards, window.media] = [await load('cards.js'), await load('media.js')];
          window.Line = (await load('line.js')).Line;
          window.words = JSON.parse(document.getElementById('words').textContent);
        }"""
    )
    return person.page


async def test_where_somebody_has_to_look(page: Page):
    for agent, touches, place, in_app in PLACES:
        found = await page.evaluate(
            "([agent, touches]) => [cards.place(agent, touches), cards.inApp(agent)]", [agent, touches]
        )
        assert found == [place, in_app], agent


async def test_every_error_is_told_apart(page: Page):
    for name, message, code in ERRORS:
        assert (
            await page.evaluate("(problem) => media.codeOf(problem)", {"name": name, "message": message})
            == code
        )


async def test_every_error_on_every_device_has_its_card(page: Page):
    """The whole table: error × device → drawing, its three steps and its words, none of them missing."""
    for code in {code for _, _, code in ERRORS} | {
        "in-app",
        "insecure",
        "no-camera",
        "no-microphone",
        "asking",
    }:
        assert await page.evaluate("(code) => words[`devices.${code}`]", code), code
        for place in AGENTS:
            drawing = await page.evaluate("([code, place]) => cards.drawingFor(code, place)", [code, place])
            assert drawing == DRAWINGS[code][place], (code, place)
            if drawing is not None:
                wanted = [f"drawing.{drawing}", *(f"steps.{drawing}.{n}" for n in (1, 2, 3))]
                wanted += [f"steps.message.{n}" for n in (1, 2, 3)]
                assert await page.evaluate("(keys) => keys.filter((key) => !words[key])", wanted) == []


async def test_every_drawing_is_there_and_ours(page: Page):
    names = {drawing for places in DRAWINGS.values() for drawing in places.values() if drawing}
    address = await page.evaluate(
        "() => document.querySelector('script[src*=\"lib/ready.js\"]').src.replace('lib/ready.js', 'visit/cards.svg')"
    )
    answer = await page.request.get(address)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', await answer.text()))
    assert drawn == names | {"switches", "browser"}


async def test_what_the_browser_answers_comes_before_what_it_calls_itself(page: Page):
    table = [
        ({"problem": None, "audio": 1, "video": 1}, MESSENGER, None),
        ({"problem": "none", "audio": 1, "video": None}, MESSENGER, "no-camera"),
        ({"problem": "none", "audio": None, "video": 1}, SAFARI, "no-microphone"),
        ({"problem": "none", "audio": None, "video": None}, SAFARI, "none"),
        ({"problem": "in-use", "audio": None, "video": None}, MESSENGER, "in-use"),
        ({"problem": "blocked", "audio": None, "video": None}, MESSENGER, "in-app"),
        ({"problem": "blocked", "audio": None, "video": None}, SAFARI, "blocked"),
        ({"problem": "insecure", "audio": None, "video": None}, WEBVIEW, "in-app"),
        ({"problem": "insecure", "audio": None, "video": None}, ANDROID, "insecure"),
    ]
    for devices, agent, code in table:
        assert (
            await page.evaluate("([devices, agent]) => cards.codeFor(devices, agent)", [devices, agent])
            == code
        )


async def test_what_the_desk_is_told(page: Page):
    for problem, told in (
        ("blocked", "blocked"),
        ("blocked-by-system", "blocked"),
        ("dismissed", "blocked"),
        ("in-use", "in-use"),
        ("none", "missing"),
        ("insecure", "missing"),
        ("unknown", "missing"),
    ):
        devices = {"problem": problem, "audio": None, "video": 1}
        found = await page.evaluate(
            "(devices) => ['audio', 'video'].map((kind) => cards.partState(kind, devices))", devices
        )
        assert found == [told, "good"]


def stream(kind: str, received: int, lost: int, size: int, **more: float) -> dict[str, object]:
    facts = {"packetsReceived": received, "packetsLost": lost, "bytesReceived": size}
    return {"type": "inbound-rtp", "kind": kind, **facts, **more}


PAIR = {
    "type": "candidate-pair",
    "nominated": True,
    "currentRoundTripTime": 0.04,
    "availableOutgoingBitrate": 700_000,
}
LOOKS = [
    (0, [stream("audio", 10, 0, 1000)]),
    (1000, [stream("audio", 60, 5, 5000, jitter=0.012), stream("video", 30, 5, 36_000), PAIR]),
    (2000, [stream("audio", 90, -1, 42_000)]),
]


async def test_statistics_become_the_pages_side_of_the_report(page: Page):
    take = "(looks) => { const line = new Line(); return looks.map(([at, rows]) => line.take(rows, at)); }"
    assert await page.evaluate(take, LOOKS) == [
        {"loss_down": 0},
        {"rtt_ms": 40, "jitter_ms": 12, "loss_down": 0.1, "bitrate_down": 320_000, "estimate_up": 700_000},
        {"loss_down": 0, "bitrate_down": 320_000},
    ]


SIX = [
    (SAFARI, "Permission denied", "ios-safari", "Choose “Website Settings”."),
    (CHROME_IOS, "Permission denied", "phone-settings", "Open the settings of your phone."),
    (ANDROID, "Permission denied", "android-chrome", "Choose “Permissions”."),
    (MAC, "Permission denied by system", "mac-privacy", "Open System Settings"),
    (WINDOWS, "Permission denied by system", "windows-privacy", "Open Settings in Windows"),
    (MESSENGER, "Permission denied", "in-app", "Press “Copy link”."),
]


CHOOSES = """async () => {
  localStorage.clear();
  const { Devices } = window.media;
  const opened = async () => {
    const devices = await new Devices().open();
    const { audio, video, problem } = devices;
    devices.close();
    return [audio.label, video.label, problem];
  };
  const usual = await opened();
  const devices = await new Devices().open();
  const camera = devices.video;
  const other = devices.around.find(({ kind, label }) => kind === 'audioinput' && label && label !== usual[0]);
  const had = await devices.choose('audio', other);
  const goesOn = devices.video === camera && camera.readyState;
  const found = { had, now: devices.audio.label, goesOn, usual, other: other.label };
  devices.close();
  found.again = await opened();
  const keep = (deviceId, label) => localStorage.setItem('device-audio', JSON.stringify({ deviceId, label }));
  keep('another-id', other.label);
  found.byName = await opened();
  keep('gone', 'Sold last week');
  found.gone = await opened();
  return found;
}"""


async def test_a_chosen_microphone_is_kept_by_id_and_by_name_and_one_that_is_gone_costs_nothing(page: Page):
    found = await page.evaluate(CHOOSES)
    usual, other = found["usual"], found["other"]
    assert usual[0] != other
    assert usual[2] is None
    assert (found["had"], found["now"], found["goesOn"]) == (True, other, "live")
    assert found["again"] == found["byName"] == [other, *usual[1:]]
    assert found["gone"] == usual


# A phone has one camera at a time; and one that another app holds cannot be had at all.
ONE_CAMERA = """async (held) => {
  localStorage.clear();
  const devices = await new window.media.Devices().open();
  const { audio, video } = devices;
  const real = MediaDevices.prototype.getUserMedia;
  navigator.mediaDevices.getUserMedia = function (wanted) {
    const refused = wanted.video?.deviceId?.exact && (held || devices.video.readyState === 'live');
    return refused ? Promise.reject(new DOMException('', 'NotReadableError')) : real.call(this, wanted);
  };
  const had = await devices.choose('video', devices.around.find(({ kind }) => kind === 'videoinput'));
  const found = [had, devices.audio === audio, devices.video !== video, devices.video.readyState, devices.problem];
  devices.close();
  delete navigator.mediaDevices.getUserMedia;
  return [...found, localStorage.getItem('device-video') !== null];
}"""


async def test_a_camera_that_cannot_be_had_leaves_the_one_there_was(page: Page):
    for held in (False, True):
        found = await page.evaluate(ONE_CAMERA, held)
        assert found == [not held, True, True, "live", None, not held], held


async def test_the_six_cases_on_the_page(clinic: Clinic, new_person: OpenPerson):
    for agent, error, drawing, steps in SIX:
        page = await refused(await new_person(phone=True, user_agent=agent), clinic, error)
        card = page.locator("[data-card]")
        await expect(card.get_by_role("img")).to_be_visible()
        await expect(card.get_by_role("listitem")).to_have_count(3)
        await expect(card.get_by_role("list")).to_contain_text(steps)
        first, then = card.locator("use").first, card.locator("use").last
        await expect(first).to_have_attribute("href", re.compile(f"visit/cards.svg#{drawing}$"))
        after = "browser" if drawing == "in-app" else "switches"
        await expect(then).to_have_attribute("href", re.compile(f"visit/cards.svg#{after}$"))
        # The drawing is really there, not only asked for.
        await expect(card.get_by_role("button", name="Try again")).to_be_visible()
        assert await first.evaluate("(use) => use.getBoundingClientRect().width") > 20
        await expect(card.get_by_role("button", name="Copy link")).to_be_visible(visible=drawing == "in-app")


async def test_the_link_that_is_copied_opens_the_visit_in_another_browser(
    clinic: Clinic, new_person: OpenPerson
):
    page = await refused(await new_person(phone=True, user_agent=MESSENGER), clinic, "Permission denied")
    card = page.locator("[data-card]")
    await card.get_by_role("button", name="Copy link").click()
    await expect(card.get_by_text("Now open Safari or Chrome")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == clinic["visit_url"]


async def test_without_the_link_at_hand_the_card_points_to_the_message(
    clinic: Clinic, new_person: OpenPerson
):
    """Some windows keep nothing from one page to the next."""
    mira = await new_person(phone=True, user_agent=MESSENGER)
    await mira.page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error(); } });"
    )
    card = (await refused(mira, clinic, "Permission denied")).locator("[data-card]")
    await expect(card.get_by_role("listitem").first).to_have_text("Go back to our message.")
    await expect(card.get_by_role("button", name="Copy link")).to_be_hidden()


async def refused(person: Person, clinic: Clinic, error: str) -> Page:
    """In the waiting room, with a browser that says no in these words."""
    await person.context.grant_permissions(["clipboard-read", "clipboard-write", "camera", "microphone"])
    await person.page.add_init_script(
        "MediaDevices.prototype.getUserMedia = async () => {"
        f" throw Object.assign(new Error({json.dumps(error)}), {{ name: 'NotAllowedError' }}); }};"
    )
    return await come_again(person, clinic)


async def come_again(person: Person, clinic: Clinic) -> Page:
    """To the waiting room, whoever has answered its questions before."""
    page = person.page
    await page.goto(clinic["visit_url"])
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Date of birth").fill(clinic["patient_date_of_birth"])
    await page.get_by_role("button", name="That's me").click()
    await page.wait_for_url(re.compile("/visit/(entry|waiting)/"))
    if "/entry/" in page.url:
        await page.get_by_label("Where are you right now?").fill("41 Elm Court, Denver, CO")
        await page.get_by_label("Number to call you back on").fill("(303) 555-0142")
        await page.get_by_label("Who is with you?").fill("Nobody")
        await page.get_by_label("I agree").check()
        await page.locator("form[method=post] button.primary").click()
    return page
