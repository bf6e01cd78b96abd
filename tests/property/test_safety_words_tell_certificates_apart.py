"""The words are equal if and only if both sides saw the same certificates and exchanged the same nonces."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from webrtc.safety_words import Exchange, Garbled, WrongReveal, words

nonces = st.binary(min_size=32, max_size=32)
digests = nonces


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one end knows at the end of the exchange."""

    fingerprints: tuple[bytes, bytes]
    committed: bytes
    answered: bytes

    @property
    def words(self) -> tuple[int, ...]:
        found = words(fingerprints=self.fingerprints, committed=self.committed, answered=self.answered)
        assert len(found) == 4
        assert all(0 <= each <= 255 for each in found)
        return found


seen = st.builds(Seen, fingerprints=st.tuples(digests, digests), committed=nonces, answered=nonces)


@given(seen)
def test_they_do_not_depend_on_whose_certificate_is_whose(one: Seen) -> None:
    assert one.words == replace(one, fingerprints=one.fingerprints[::-1]).words


@given(seen, digests, nonces)
def test_anything_else_makes_other_words(one: Seen, digest: bytes, nonce: bytes) -> None:
    """Apart from one chance in 2^32, which no search of this size meets."""
    mine, theirs = one.fingerprints
    for other in (
        replace(one, fingerprints=(mine, digest)),
        replace(one, fingerprints=(digest, theirs)),
        replace(one, committed=nonce),
        replace(one, answered=nonce),
        replace(one, committed=one.answered, answered=one.committed),
    ):
        same = (sorted(one.fingerprints), one.committed, one.answered) == (
            sorted(other.fingerprints),
            other.committed,
            other.answered,
        )
        assert (one.words == other.words) == same


@given(nonces, nonces)
def test_two_honest_ends_always_finish_with_the_same_nonces(one: bytes, other: bytes) -> None:
    polite, answering = Exchange(commits=True, nonce=one), Exchange(commits=False, nonce=other)
    said = polite.begin()
    while said is not None:
        said = answering.hear(said)
        said = polite.hear(said) if said is not None else None
    assert polite.nonces == answering.nonces == (one, other)


@given(
    st.booleans(), st.lists(st.text(max_size=80) | nonces.map(lambda each: f"nonce {each.hex()}"), max_size=4)
)
def test_whatever_is_said_only_the_two_named_refusals_come_out(commits: bool, heard: list[str]) -> None:
    end = Exchange(commits=commits, nonce=bytes(32))
    for each in heard:
        try:
            end.hear(each)
        except (WrongReveal, Garbled):
            return
