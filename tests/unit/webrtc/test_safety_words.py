"""PROTOCOL.md, `Safety words`: commit, nonce, reveal, and the four numbers that come of it.

The same vectors are run in a browser by test_safety_words_in_the_browser.py; they were made apart from both.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from webrtc.safety_words import (
    Exchange,
    Garbled,
    NoFingerprint,
    WrongReveal,
    commitment,
    fingerprint_in,
    words,
)

VECTORS = json.loads(Path(__file__).with_name("safety_words.json").read_text())
ONE, OTHER = bytes([1]) * 32, bytes([2]) * 32


def answerer() -> Exchange:
    return Exchange(commits=False, nonce=OTHER)


@pytest.mark.parametrize("vector", VECTORS)
def test_the_words_of_known_certificates_and_nonces(vector: dict[str, Any]) -> None:
    one, other = map(bytes.fromhex, vector["fingerprints"])
    committed, answered = bytes.fromhex(vector["committed"]), bytes.fromhex(vector["answered"])
    assert commitment(committed).hex() == vector["commitment"]
    found = words(fingerprints=(one, other), committed=committed, answered=answered)
    assert list(found) == vector["numbers"]


def test_the_exchange_as_it_goes_over_the_wire() -> None:
    polite, other = Exchange(commits=True, nonce=ONE), answerer()
    assert other.begin() is None
    commit = polite.begin()
    assert commit == f"commit {commitment(ONE).hex()}"
    nonce = other.hear(commit)
    assert nonce == f"nonce {OTHER.hex()}"
    reveal = polite.hear(nonce)
    assert reveal == f"reveal {ONE.hex()}"
    assert other.hear(reveal) is None
    assert polite.nonces == other.nonces == (ONE, OTHER)


def test_another_nonce_than_the_one_committed_to_is_a_wrong_reveal() -> None:
    other = answerer()
    other.hear(f"commit {commitment(ONE).hex()}")
    with pytest.raises(WrongReveal):
        other.hear(f"reveal {OTHER.hex()}")
    assert other.nonces is None


@pytest.mark.parametrize(
    "said",
    [
        "nonce " + "00" * 32,  # only the polite one is answered with a nonce
        "reveal " + "00" * 32,  # nothing was committed to
        "commit " + "00" * 31,
        "commit " + "0G" * 32,
        "commit " + "00" * 32 + "\n",
        "words " + "00" * 32,
        "",
        b"commit " + b"00" * 32,
        None,
    ],
)
def test_what_is_not_this_exchange_says_nothing_about_the_connection(said: object) -> None:
    with pytest.raises(Garbled):
        answerer().hear(said)


def test_nobody_commits_twice_or_goes_on_after_the_end() -> None:
    other, commit = answerer(), f"commit {commitment(ONE).hex()}"
    other.hear(commit)
    with pytest.raises(Garbled):
        other.hear(commit)
    other.hear(f"reveal {ONE.hex()}")
    with pytest.raises(Garbled):
        other.hear(f"reveal {ONE.hex()}")
    assert other.nonces == (ONE, OTHER)


def test_two_who_both_commit_find_no_words() -> None:
    """Whoever sits in the signalling may say who is polite; it must win nothing by that."""
    with pytest.raises(Garbled):
        Exchange(commits=True, nonce=ONE).hear(f"commit {commitment(OTHER).hex()}")


def test_a_description_names_one_certificate_or_none_is_taken() -> None:
    digest = bytes(range(32))
    line = "a=fingerprint:sha-256 " + digest.hex(":").upper() + "\r\n"
    longer = "a=fingerprint:sha-512 " + bytes(64).hex(":") + "\r\n"
    assert fingerprint_in(f"v=0\r\n{line}m=audio\r\n{line}{longer}") == digest
    for sdp in ("v=0\r\n", longer, line + "a=fingerprint:sha-256 " + bytes(32).hex(":") + "\r\n"):
        with pytest.raises(NoFingerprint):
            fingerprint_in(sdp)
