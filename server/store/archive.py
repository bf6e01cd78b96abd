"""Backups: one sealed file, which only the master key opens and which tells at once when it was cut or changed.

Layout: the line `BEDSIDE BACKUP 1`, a line of JSON in the clear (`kid`: which master key; `made_at`; `salt`), then
pieces: four bytes of length, big-endian, and that many bytes of AES-256-GCM over up to one megabyte. The key is derived
from the master key and the salt (HKDF), so a piece's number can be its nonce; the additional data is the head of the
file, the number, and whether it is the last. So no piece can be changed, moved, left out or taken from another backup,
and a file without its last piece is not whole.
"""

import json
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.store.sealing import MasterKey, derived

FIRST_LINE = b"BEDSIDE BACKUP 1\n"
PIECE = 1024 * 1024
LONGEST_HEAD = 4096
TAG = 16


class NotABackup(Exception):
    """The file does not begin as our backups do."""


class BackupBroken(Exception):
    """The file was cut short, or something in it was changed."""


class OtherKey(Exception):
    """The backup was made with another master key; `kid` says which."""

    def __init__(self, kid: str) -> None:
        super().__init__(kid)
        self.kid = kid


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What stands in the clear."""

    kid: str
    made_at: str
    salt: str

    def line(self) -> bytes:
        said = {"kid": self.kid, "made_at": self.made_at, "salt": self.salt}
        return FIRST_LINE + json.dumps(said, sort_keys=True).encode() + b"\n"


class Sealer:
    """A file to write into: what comes in goes out sealed, piece by piece. Without `close()` it is cut short."""

    def __init__(self, sealed: BinaryIO, key: MasterKey, *, made_at: str) -> None:
        self._sealed = sealed
        self._head = Head(kid=key.kid, made_at=made_at, salt=secrets.token_hex(16))
        self._cipher = AESGCM(_key(key, self._head))
        self._waiting = bytearray()
        self._number = 0
        sealed.write(self._head.line())

    def write(self, plain: bytes) -> int:
        self._waiting += plain
        # A full piece waits until something follows, because the last one is sealed as the last.
        while len(self._waiting) > PIECE:
            self._piece(PIECE, last=False)
        return len(plain)

    def close(self) -> None:
        self._piece(len(self._waiting), last=True)

    def _piece(self, size: int, *, last: bool) -> None:
        plain, bound = bytes(self._waiting[:size]), _bound(self._head, self._number, last=last)
        closed = self._cipher.encrypt(_nonce(self._number), plain, bound)
        self._sealed.write(struct.pack(">I", len(closed)) + closed)
        del self._waiting[:size]
        self._number += 1


def read_head(sealed: BinaryIO) -> Head:
    """What the file says about itself; the next read begins at the first piece. Raises NotABackup."""
    if sealed.readline(LONGEST_HEAD) != FIRST_LINE:
        raise NotABackup
    try:
        said = json.loads(sealed.readline(LONGEST_HEAD))
        return Head(kid=str(said["kid"]), made_at=str(said["made_at"]), salt=str(said["salt"]))
    except (ValueError, KeyError, TypeError) as unreadable:
        raise NotABackup from unreadable


class Unsealer:
    """A file to read from: what was sealed. Raises NotABackup and OtherKey at once, BackupBroken from any read.

    What was read counts only when reading has come to the end: until then the file may still turn out to be cut.
    """

    def __init__(self, sealed: BinaryIO, key: MasterKey) -> None:
        self._head = read_head(sealed)
        if self._head.kid != key.kid:
            raise OtherKey(self._head.kid)
        self._cipher = AESGCM(_key(key, self._head))
        self._pieces = _pieces(sealed)
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end, none after it."""
        while len(self._waiting) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._waiting += self._opened(*piece)
        plain = bytes(self._waiting[:size])
        del self._waiting[:size]
        return plain

    def _opened(self, number: int, closed: bytes, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number), closed, _bound(self._head, number, last=last))
        except InvalidTag as changed:
            raise BackupBroken from changed


def _pieces(sealed: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """(number, bytes, whether nothing follows). Raises BackupBroken."""
    number, closed = 0, _piece(sealed)
    if closed is None:
        raise BackupBroken
    while closed is not None:
        following = _piece(sealed)
        yield number, closed, following is None
        number, closed = number + 1, following


def _piece(sealed: BinaryIO) -> bytes | None:
    length = sealed.read(4)
    if not length:
        return None
    size = struct.unpack(">I", length)[0] if len(length) == 4 else 0
    closed = sealed.read(size) if TAG <= size <= PIECE + TAG else b""
    if len(closed) != size or not size:
        raise BackupBroken
    return closed


def _key(key: MasterKey, head: Head) -> bytes:
    return derived(key.secret, f"backup|{head.salt}")


def _nonce(number: int) -> bytes:
    return struct.pack(">IQ", 0, number)


def _bound(head: Head, number: int, *, last: bool) -> bytes:
    return head.line() + struct.pack(">Q?", number, last)
