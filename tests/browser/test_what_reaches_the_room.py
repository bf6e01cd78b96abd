"""What a page says to the room when the socket is away or dead: said again, given up with a word, or not missed."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import call, until

LIBRARY = "/static/now/lib"

# A room that answers nothing by itself, and a clock that stands still until somebody moves it.
STAGE = """async (library) => {
  const { Pressed } = await import(`${library}/pressed.js`);
  window.begin = () => {
    const said = [], signalling = new EventTarget();
    Object.assign(signalling, { open: true, probe() {} });
    signalling.send = ({ type, ...rest }) => signalling.open && said.push([type, ...Object.values(rest)].join(' ')) > 0;
    const tell = (type, detail) => signalling.dispatchEvent(new CustomEvent(type, { detail }));
    const seat = (facts) => ({ seat: 'x', present: true, admitted: false, held: false, agreed: null, ...facts });
    const stage = { said, at: 0 };
    stage.pressed = new Pressed(signalling, () => stage.at);
    stage.seen = (facts) => tell('snapshot', { seats: facts ? [seat(facts)] : [] });
    stage.away = () => ((signalling.open = false), tell('offline', {}));
    stage.back = () => ((signalling.open = true), tell('online', {}));
    stage.refuse = (code) => tell('error', { code });
    stage.later = (seconds) => ((stage.at += seconds * 1000), stage.pressed.look());
    stage.press = (type, more = {}) => stage.pressed.say({ type, seat: 'x', ...more });
    stage.back();
    stage.seen({});
    return stage;
  };
}"""


async def stage(clinic: Clinic, new_person: OpenPerson) -> Page:
    page = (await new_person()).page
    await page.goto(f"{clinic['base_url']}/sign-in")
    await page.evaluate(STAGE, LIBRARY)
    return page


async def played(page: Page, script: str) -> Any:
    return await page.evaluate(f"() => {{ const s = begin(); const told = []; {script} }}")


async def test_a_press_is_said_until_the_room_shows_it_and_then_no_more(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await stage(shared_clinic, new_person)
    assert await played(
        page,
        """s.away(); s.press('admit'); s.later(2); told.push(s.pressed.state);
        s.back(); s.seen({}); s.seen({}); told.push(s.pressed.state);
        s.away(); s.back(); s.seen({}); s.seen({ admitted: true }); told.push(s.pressed.state);
        s.away(); s.back(); s.seen({}); return [s.said, told];""",
    ) == [["admit x", "admit x"], ["late", "late", None]], (
        "said once on each socket, also when an answer was lost"
    )
    assert await played(
        page,
        """s.seen({ admitted: true }); s.away(); s.press('hold', { held: true }); s.press('hold', { held: false });
        s.back(); s.seen({ admitted: true, held: true }); return s.said;""",
    ) == ["hold x false"], "whoever takes it back wants that"
    assert await played(
        page,
        """s.away(); s.press('ask'); s.back(); s.seen(null); s.seen({}); s.refuse('not-waiting');
        s.away(); s.back(); s.seen({}); return [s.said, s.pressed.state];""",
    ) == [["ask x"], None], "asked when they are back, and a refusal is an answer"


async def test_what_lets_in_is_given_up_with_a_word_and_what_shuts_out_is_not(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = await stage(shared_clinic, new_person)
    for press, state in (("'admit'", {}), ("'answer', { agreed: true }", {"agreed": "asked"})):
        assert await played(
            page,
            f"""s.away(); s.press({press}); s.later(19); told.push(s.pressed.state); s.later(2);
            told.push(s.pressed.state); s.back(); s.seen({state}); return [s.said, told];""",
        ) == [[], ["late", "failed"]]
    assert await played(
        page,
        """s.seen({ admitted: true }); s.away(); s.press('hold', { held: true }); s.later(600); s.back();
        s.seen(null); told.push(s.pressed.state); s.seen({ admitted: true });
        s.seen({ admitted: true, held: true }); told.push(s.pressed.state); return [s.said, told];""",
    ) == [["hold x true"], [None, None]], "who is not back yet is held when they are"
    assert await played(
        page,
        """s.seen({ admitted: true, agreed: 'yes' }); s.away(); s.press('answer', { agreed: false }); s.later(600);
        s.back(); s.seen(null); s.seen({ admitted: true, agreed: 'yes' }); s.seen(null); s.away(); s.back();
        s.seen({ admitted: true, agreed: 'yes' }); return s.said;""",
    ) == ["answer x false"], "a no outlives any absence, and counts once"


async def test_a_hold_that_was_pressed_while_the_server_was_away_comes_when_it_is_back(
    clinic: Clinic, new_person: OpenPerson
):
    patient, consult = await call(clinic, new_person)
    await consult.evaluate(
        """() => {
          const { signalling } = document.querySelector('call-stage').call;
          signalling.send = () => false;
          window.comeBack = () => { delete signalling.send; signalling.reconnect(); };
        }"""
    )
    await consult.locator("[data-hold]").click()
    await expect(consult.locator("[data-pressed]")).to_contain_text("done as soon as it is back")
    await consult.evaluate("() => window.comeBack()")
    await expect(patient.get_by_role("heading", name="You are on hold")).to_be_visible()
    await expect(consult.locator("[data-pressed]")).to_have_text("")


# A socket whose network one cuts: what is sent then reaches nobody, and it does not know.
SOCKETS = """async (library) => {
  window.sockets = [];
  window.WebSocket = class {
    static OPEN = 1;
    static CLOSED = 3;
    constructor() { Object.assign(this, { readyState: 0, said: [], dead: false }); sockets.push(this); }
    send(text) { if (!this.dead) this.said.push(JSON.parse(text).type); }
    close() { this.readyState = 3; }
    opens() { this.readyState = 1; this.onopen(); }
    ends() { this.readyState = 3; this.onclose(); }
  };
  const { Signalling } = await import(`${library}/signalling.js`);
  window.signalling = new Signalling('/signalling/x');
  window.heard = [];
  signalling.addEventListener('online', () => heard.push('online'));
  signalling.start();
  sockets[0].opens();
}"""


async def test_leaving_without_a_network_is_said_when_there_is_one_and_only_once(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = (await new_person()).page
    await page.goto(f"{shared_clinic['base_url']}/sign-in")
    await page.evaluate(SOCKETS, LIBRARY)
    await page.evaluate("() => { sockets[0].dead = true; signalling.leave(); }")
    await until(page, "() => sockets.length === 2")
    said = await page.evaluate(
        """() => {
          sockets[1].ends();  // no network yet
          signalling.reconnect();
          sockets.at(-1).opens();
          sockets.at(-1).ends();  // the room's answer
          signalling.reconnect();
          return [sockets.map(({ said }) => said.join(' ')), heard];
        }"""
    )
    assert said == [["hello", "", "hello leave"], ["online"]]


async def test_a_camera_that_goes_while_it_is_hidden_is_missed_by_nobody(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = (await new_person()).page
    await page.goto(f"{shared_clinic['base_url']}/sign-in")
    states = await page.evaluate(
        """async (library) => {
          const { Devices } = await import(`${library}/media.js`);
          const devices = new Devices();
          await devices.open();
          const said = [];
          for (const hidden of [false, true]) {
            devices.hide(hidden);
            devices.video.stop();
            devices.video.dispatchEvent(new Event('ended'));
            said.push(devices.message.state);
            await devices.open();
          }
          devices.close();
          return said;
        }""",
        LIBRARY,
    )
    assert states == ["interrupted", "ok"]


# Two sides of one connection, of which one asks a TURN server that is away; what each says, it says to a list.
TURN_IS_AWAY = """async (library) => {
  const { Peer, STRAIGHT } = await import(`${library}/peer.js`);
  const turn = { urls: 'turn:192.0.2.1:3478', username: 'a', credential: 'b' };
  const side = (start, ice) => {
    const said = [];
    const signalling = { send: ({ description }) => description && said.push(description) };
    return { said, peer: new Peer({ seat: 'x', connection: 'y', polite: !start, start, signalling, ice }) };
  };
  const answers = side(false, { iceServers: [turn], iceTransportPolicy: 'relay' });
  Object.assign(window, { offers: side(true, STRAIGHT), answers });
}"""


async def test_no_offer_takes_the_place_of_an_answer_that_waits_for_a_turn_server(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = (await new_person()).page
    await page.goto(f"{shared_clinic['base_url']}/sign-in")
    await page.evaluate(TURN_IS_AWAY, LIBRARY)
    await until(page, "() => offers.said.length")
    await page.evaluate(
        """async () => {
          await answers.peer.receive(offers.said[0]);
          answers.peer.restartIce();
        }"""
    )
    await until(page, "() => answers.said.length")
    said, state = await page.evaluate(
        """async () => {
          const [first] = answers.said;
          await offers.peer.receive(first);
          return [first.type, offers.peer.pc.signalingState];
        }"""
    )
    assert (said, state) == ("answer", "stable")
    await page.evaluate("() => [offers, answers].forEach(({ peer }) => peer.close())")
