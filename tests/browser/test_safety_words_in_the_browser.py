"""The script's half of PROTOCOL.md's `Safety words`, in a real browser: the same vectors as the server's half."""

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Clinic, OpenPerson
from tests.browser.steps import until
from tests.unit.webrtc.test_safety_words import VECTORS

LIBRARY = "/static/now/lib"


async def test_the_browser_and_the_server_find_the_same_words(shared_clinic: Clinic, new_person: OpenPerson):
    page = (await new_person()).page
    await page.goto(f"{shared_clinic['base_url']}/sign-in")
    found = await page.evaluate(
        """async ([library, vectors]) => {
          const { digest, hex, unhex, words } = await import(`${library}/safety-words.js`);
          return Promise.all(vectors.map(async ({ fingerprints, committed, answered }) => ({
            commitment: hex(await digest(unhex(committed))),
            numbers: await words({ fingerprints: fingerprints.map(unhex), nonces: [committed, answered].map(unhex) }),
          })));
        }""",
        [LIBRARY, VECTORS],
    )
    assert found == [{name: vector[name] for name in ("commitment", "numbers")} for vector in VECTORS]


async def test_the_exchange_in_the_browser_says_and_refuses_what_the_protocol_says(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = (await new_person()).page
    await page.goto(f"{shared_clinic['base_url']}/sign-in")
    said = await page.evaluate(
        """async (library) => {
          const { digest, Exchange, hex } = await import(`${library}/safety-words.js`);
          const [one, other] = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
          const commit = `commit ${hex(await digest(one))}`;
          const why = (end, message) => end.hear(message).then(() => null, (problem) => problem.constructor.name);
          const polite = new Exchange({ commits: true, nonce: one });
          const answering = new Exchange({ commits: false, nonce: other });
          const lines = [await polite.begin(), await answering.begin()];
          lines.push(await answering.hear(lines[0]), await polite.hear(`nonce ${hex(other)}`));
          lines.push(await answering.hear(`reveal ${hex(one)}`));
          const lied = new Exchange({ commits: false, nonce: other });
          await lied.hear(commit);
          return {
            lines, equal: String(polite.nonces) === String(answering.nonces), committed: polite.nonces[0][0],
            wrong: await why(lied, `reveal ${hex(other)}`),
            late: await why(answering, `reveal ${hex(one)}`),
            early: await why(new Exchange({ commits: false }), `reveal ${hex(one)}`),
            both: await why(new Exchange({ commits: true }), commit),
            bytes: await why(new Exchange({ commits: false }), new Uint8Array(39)),
            fresh: new Set([1, 2, 3].map(() => hex(new Exchange({ commits: true }).nonce))).size,
          };
        }""",
        LIBRARY,
    )
    commitment = "72cd6e8422c407fb6d098690f1130b7ded7ec2f7f5e1d30bd9d521f015363793"
    assert said == {
        "lines": [f"commit {commitment}", None, "nonce " + "02" * 32, "reveal " + "01" * 32, None],
        "equal": True,
        "committed": 1,
        "wrong": "WrongReveal",
        "late": "Garbled",
        "early": "Garbled",
        "both": "Garbled",
        "bytes": "Garbled",
        "fresh": 3,
    }


# Two ends of one connection within a page. The other end is what `make` makes of its RTCPeerConnection.
CONNECT = """async (library) => {
  const { ConnectionCheck } = await import(`${library}/connection-check.js`);
  window.connect = async (make, doctored = (sdp) => sdp) => {
    const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
    here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
    there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
    window.check = new ConnectionCheck(here, { commits: false });
    window.other = make(there, { ConnectionCheck });
    await here.setLocalDescription();
    window.other.accepts?.(here.localDescription);
    await there.setRemoteDescription(here.localDescription);
    await there.setLocalDescription();
    window.check.accepts({ sdp: doctored(there.localDescription.sdp) });
    await here.setRemoteDescription(there.localDescription);
    const up = (pc) => pc.connectionState === "connected";
    await new Promise((done) => { here.onconnectionstatechange = () => up(here) && done(); });
    window.check.connected();
    await window.other.opened;
  };
  window.silent = (pc) => {
    const channel = pc.createDataChannel("", { negotiated: true, id: 0 });
    const heard = new Promise((done) => { channel.onmessage = ({ data }) => done(data); });
    const opened = new Promise((done) => { channel.onopen = done; });
    return { channel, heard, opened };
  };
}"""


async def two_ends(page: Page, clinic: Clinic) -> None:
    await page.goto(f"{clinic['base_url']}/sign-in")
    await page.evaluate(CONNECT, LIBRARY)


async def test_who_never_answers_is_not_waited_for_in_silence_and_late_words_still_count(
    shared_clinic: Clinic, new_person: OpenPerson
):
    page = (await new_person()).page
    # Its time stands still but for what this test lets pass.
    await page.clock.install(time=0)
    await page.clock.pause_at(1000)
    await two_ends(page, shared_clinic)
    await page.evaluate("connect(silent)")
    await page.clock.run_for(9_900)
    assert await page.evaluate("check.state") == "checking"
    await page.clock.run_for(200)
    assert await page.evaluate("check.state") == "unchecked"

    await page.evaluate(
        """async (library) => {
          const { Exchange } = await import(`${library}/safety-words.js`);
          const exchange = new Exchange({ commits: true });
          other.channel.send(await exchange.begin());
          other.channel.send(await exchange.hear(await other.heard));
        }""",
        LIBRARY,
    )
    await until(page, "check.state === 'words' && check.numbers.length === 4")


@pytest.mark.parametrize("said", ["hello", "reveal " + "00" * 32])
async def test_an_answer_that_is_none_leaves_the_connection_unchecked_for_good(
    shared_clinic: Clinic, new_person: OpenPerson, said: str
):
    page = (await new_person()).page
    await two_ends(page, shared_clinic)
    await page.evaluate("connect(silent)")
    await page.evaluate("(said) => other.channel.send(said)", said)
    await until(page, "check.state === 'unchecked'")
    await until(page, "other.channel.readyState === 'closed'")


async def test_a_description_with_two_certificates_to_choose_from_is_never_checked(
    shared_clinic: Clinic, new_person: OpenPerson
):
    """The browser may have verified the other one, or may do so after the next description."""
    page = (await new_person()).page
    await two_ends(page, shared_clinic)
    honest = "(pc, { ConnectionCheck }) => new ConnectionCheck(pc, { commits: true })"
    await page.evaluate(f"connect({honest})")
    await until(page, "check.state === 'words' && String(check.numbers) === String(other.numbers)")

    another = (
        "sdp => sdp.replace(/(a=fingerprint:sha-)256 .*/, `$&\\r\\n$1512 ${Array(64).fill('AB').join(':')}`)"
    )
    await page.evaluate(f"connect({honest}, {another})")
    await until(page, "check.state === 'unchecked' && check.numbers === null")
