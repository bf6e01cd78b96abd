"""The script's half of PROTOCOL.md's `Safety words`, in a real browser: the same vectors as the server's half."""

from tests.browser.conftest import Clinic, OpenPerson
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
