"""What pages notice by themselves: a laptop that slept, silence from the other side, a headset, a server that is away.

The modules are the pages' own, run in a real browser with a clock that tests turn.
"""

from itertools import pairwise

import pytest_asyncio
from playwright.async_api import Page

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import until


@pytest_asyncio.fixture(loop_scope="session")
async def page(shared_clinic: Clinic, new_person: OpenPerson) -> Page:
    """`await load("wake")` in the page gives lib/wake.js."""
    page = (await new_person(phone=True)).page
    await page.goto(shared_clinic["visit_url"])
    await page.clock.install()
    await page.evaluate(
        """() => {
          const root = document.querySelector('script[src*="lib/ready.js"]').src.replace('ready.js', '');
          window.load = (name) => import(`${root}${name}.js`);
        }"""
    )
    return page


async def test_a_laptop_that_slept_is_noticed_and_a_busy_one_is_not(page: Page):
    await page.evaluate(
        "async () => { window.woken = 0; window.stop = (await load('wake')).onWake(() => (window.woken += 1)); }"
    )
    await page.clock.run_for(120_000)
    assert await page.evaluate("woken") == 0
    await page.clock.fast_forward(8000)
    assert await page.evaluate("woken") == 0
    await page.clock.fast_forward(3_600_000)
    assert await page.evaluate("woken") == 1
    await page.clock.run_for(5000)
    assert await page.evaluate("woken") == 1
    await page.evaluate("stop()")
    await page.clock.fast_forward(3_600_000)
    assert await page.evaluate("woken") == 1


# Packets received so far, answers of the relay so far, milliseconds → silent?
LOOKS = [
    (100, 4, 0, False),
    (200, 5, 2500, False),
    (200, 6, 5000, False),  # not long enough
    (200, 7, 7500, True),  # the relay answers, and nobody is behind it
    (201, 8, 10_000, False),  # back
    (201, 8, 20_000, False),  # the own network: not even the relay answers
    (201, 9, 22_500, False),
    (201, 10, 25_000, True),
]


async def test_silence_of_the_other_side_is_told_from_a_network_of_ones_own_that_is_away(page: Page):
    table = [
        (
            [
                {"type": "inbound-rtp", "packetsReceived": packets},
                {"type": "candidate-pair", "nominated": True, "responsesReceived": answers},
            ],
            at,
        )
        for packets, answers, at, _ in LOOKS
    ]
    found = await page.evaluate(
        """async (looks) => {
          const hearing = new ((await load('hearing')).Hearing)();
          return looks.map(([rows, at]) => (hearing.take(rows, at), hearing.silent));
        }""",
        table,
    )
    assert found == [silent for *_, silent in LOOKS]


def device(kind: str, name: str, group: str) -> dict[str, str]:
    return {"kind": kind, "deviceId": name, "groupId": group}


BUILT_IN = [
    device("audioinput", "default", "b"),
    device("audioinput", "in", "b"),
    device("audiooutput", "out", "b"),
]
HEADSET = [device("audioinput", "ears-in", "h"), device("audiooutput", "ears-out", "h")]
DESK_MICROPHONE = [device("audioinput", "desk", "d")]


async def test_a_headset_is_a_microphone_that_came_with_a_loudspeaker(page: Page):
    for now, found in (
        (BUILT_IN, None),
        ([*BUILT_IN, *HEADSET], "ears-in"),
        ([*BUILT_IN, *DESK_MICROPHONE], None),
        ([*BUILT_IN, device("audioinput", "default", "h"), *HEADSET], "ears-in"),
        ([*BUILT_IN, device("audioinput", "communications", "b")], None),
    ):
        chosen = await page.evaluate(
            """async ([devices, before]) => (await load('choices')).headsetAmong(devices,
              new Set(before.map(({ kind, deviceId }) => `${kind} ${deviceId}`)))?.deviceId ?? null""",
            [now, BUILT_IN],
        )
        assert chosen == found


# A server that is away: every socket closes as soon as it was asked for. `said` is what the first one still heard.
AWAY = """async (said) => {
  window.tries = [];
  window.WebSocket = class {
    static OPEN = 1;
    static CLOSED = 3;
    constructor() {
      window.tries.push(Date.now());
      this.readyState = 3;
      const first = window.tries.length === 1 && said;
      setTimeout(() => {
        if (first) this.onmessage({ data: JSON.stringify(said) });
        this.onclose();
      }, 1);
    }
    close() {}
    send() {}
  };
  window.signalling = new ((await load('signalling')).Signalling)('/signalling/x');
  signalling.start();
}"""


async def test_a_server_that_is_away_is_looked_for_every_second_and_after_minutes_less_often(page: Page):
    await page.evaluate(AWAY, None)
    await page.clock.run_for(290_000)
    tries = await page.evaluate("tries")
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    # Less than the promised two seconds, with room for the way there and back; never all pages at one moment.
    assert max(gaps) <= 1200 and min(gaps) >= 400
    assert len(set(gaps)) > 10
    await page.clock.run_for(60_000)
    await page.evaluate("tries.length = 0")
    await page.clock.run_for(60_000)
    assert 8 <= len(await page.evaluate("tries")) <= 21


async def test_a_server_that_says_when_it_is_back_is_not_asked_before(page: Page):
    await page.evaluate(AWAY, {"type": "going-away", "retry_ms": 3000})
    await page.clock.run_for(1700)
    assert len(await page.evaluate("tries")) == 1
    await page.clock.run_for(2600)
    assert len(await page.evaluate("tries")) >= 2


async def test_a_page_that_is_looked_at_again_does_not_wait_for_its_next_try(page: Page):
    await page.evaluate(AWAY, None)
    await page.clock.run_for(30_000)
    # In one go: time flows on, and with it the tries.
    more = await page.evaluate(
        """() => {
          const before = tries.length;
          document.dispatchEvent(new Event('visibilitychange'));
          return tries.length - before;
        }"""
    )
    assert more == 1


async def test_listening_that_a_phone_call_interrupted_goes_on_when_the_page_is_seen(page: Page):
    """Simulated: only iPhones interrupt a page's sound like this."""
    resumed = await page.evaluate(
        """async () => {
          let resumed = 0;
          window.AudioContext = class {
            state = 'running';
            constructor() { window.context = this; }
            createAnalyser() { return { getFloatTimeDomainData() {} }; }
            createMediaStreamSource() { return { connect() {} }; }
            resume() { resumed += 1; }
            close() {}
          };
          const stop = (await load('media')).meter(new MediaStreamTrackGenerator({ kind: 'audio' }), () => {});
          context.state = 'interrupted';
          context.onstatechange();
          document.dispatchEvent(new Event('visibilitychange'));
          stop();
          document.dispatchEvent(new Event('visibilitychange'));
          return resumed;
        }"""
    )
    assert resumed == 1


# A browser that asks: what may be used, and what is in the middle of being asked for.
PERMISSIONS = """() => {
  const statuses = {}, allowed = new Set();
  navigator.permissions.query = async ({ name }) => (statuses[name] ??= new EventTarget());
  const real = MediaDevices.prototype.getUserMedia;
  window.asked = {};
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    if (!Object.keys(wanted).every((kind) => allowed.has(kind))) throw new DOMException('', 'NotAllowedError');
    if (!wanted.audio) await new Promise((goOn) => window.asked.goOn = goOn);
    return real.call(this, wanted);
  };
  window.allow = (kind, name) => {
    allowed.add(kind);
    statuses[name].state = 'granted';
    statuses[name].dispatchEvent(new Event('change'));
  };
}"""


async def test_a_permission_that_comes_while_the_page_still_asks_for_the_other_is_used(page: Page):
    await page.evaluate(PERMISSIONS)
    before = await page.evaluate(
        """async () => {
          window.devices = new (await load('media')).Devices();
          await devices.open();
          return devices.problem;
        }"""
    )
    assert before == "blocked"
    await page.evaluate("allow('video', 'camera')")
    # The microphone was refused by now, and the camera is being opened.
    await until(page, "() => Boolean(asked.goOn)")
    await page.evaluate("allow('audio', 'microphone'); asked.goOn();")
    await until(page, "() => Boolean(devices.audio && devices.video && !devices.problem)")
    await page.evaluate("devices.close()")
