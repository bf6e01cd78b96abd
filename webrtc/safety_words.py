"""Pure: the safety words of one connection, by commit and reveal (PROTOCOL.md, `Safety words`).

Four words that are equal on both screens unless somebody sits in the middle and holds two connections where there
should be one. A hash of the two certificates alone would not do: whoever sits there tries 2^16 certificates a side
until the words agree. Here each side gives 32 random bytes that the other could not know when it bound itself, so
there is one chance in 2^32 and no second try on the same connection. static/lib/safety-words.js is its twin.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

DOMAIN = b"bedside safety words 1"
NONCE_BYTES = 32
WORDS = 4

_MESSAGE = re.compile(r"(commit|nonce|reveal) ([0-9a-f]{64})")
_FINGERPRINT = re.compile(r"a=fingerprint:(\S+) (\S+)", re.IGNORECASE)


class WrongReveal(Exception):
    """What was revealed is not what was committed to: nobody does that by mistake, so the media must stop."""


class Garbled(Exception):
    """Not a message of this exchange, or not its turn: nothing can be said about the connection."""


class NoFingerprint(Exception):
    """A description does not say which certificate it means."""


def commitment(nonce: bytes) -> bytes:
    return hashlib.sha256(nonce).digest()


def words(*, fingerprints: tuple[bytes, bytes], committed: bytes, answered: bytes) -> tuple[int, ...]:
    """Four numbers from 0 to 255, places in the word list.

    `fingerprints` are the SHA-256 digests of both certificates, in any order; `committed` is the nonce of the side
    that committed, `answered` the other's.
    """
    lower, higher = sorted(fingerprints)
    return tuple(hashlib.sha256(DOMAIN + lower + higher + committed + answered).digest()[:WORDS])


def fingerprint_in(sdp: str) -> bytes:
    """The SHA-256 digest of the certificate that a description names. Raises NoFingerprint unless there is just one."""
    found = {
        value.lower() for algorithm, value in _FINGERPRINT.findall(sdp) if algorithm.lower() == "sha-256"
    }
    if len(found) != 1:
        raise NoFingerprint
    return bytes.fromhex(found.pop().replace(":", ""))


@dataclass(slots=True)
class Exchange:
    """One side of it: say what `begin` returns once the channel is open, then what `hear` returns.

    The side that `commits` sends `commit` and, after the other's `nonce`, `reveal`; who it is does not matter for
    what is proven. `nonces` are known when the exchange is over: (the committed one, the answered one).
    """

    commits: bool
    nonce: bytes
    nonces: tuple[bytes, bytes] | None = field(default=None, init=False)
    _promised: bytes | None = field(default=None, init=False)

    def begin(self) -> str | None:
        return f"commit {commitment(self.nonce).hex()}" if self.commits else None

    def hear(self, message: object) -> str | None:
        """What to say next, if anything. Raises WrongReveal, Garbled."""
        found = _MESSAGE.fullmatch(message) if isinstance(message, str) else None
        if found is None or self.nonces is not None:
            raise Garbled
        kind, value = found[1], bytes.fromhex(found[2])
        if kind == "nonce" and self.commits:
            self.nonces = (self.nonce, value)
            return f"reveal {self.nonce.hex()}"
        if kind == "commit" and not self.commits and self._promised is None:
            self._promised = value
            return f"nonce {self.nonce.hex()}"
        if kind == "reveal" and self._promised is not None:
            if not hmac.compare_digest(commitment(value), self._promised):
                raise WrongReveal
            self.nonces = (value, self.nonce)
            return None
        raise Garbled
