"""A backup opens with its key and nothing else, and tells when anything about it was changed."""

import io
import struct

import pytest

from server.store.archive import (
    FIRST_LINE,
    PIECE,
    BackupBroken,
    NotABackup,
    OtherKey,
    Sealer,
    Unsealer,
    read_head,
)
from server.store.sealing import MasterKey

KEY, OTHER = MasterKey.of(b"k" * 32), MasterKey.of(b"o" * 32)
MADE = "2026-11-24T02:00:00+00:00"


def sealed(plain: bytes, *, at_once: int = PIECE) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out, KEY, made_at=MADE)
    for begin in range(0, len(plain), at_once):
        sealer.write(plain[begin : begin + at_once])
    sealer.close()
    return out.getvalue()


def opened(data: bytes, key: MasterKey = KEY, *, at_once: int = PIECE) -> bytes:
    unsealer, plain = Unsealer(io.BytesIO(data), key), b""
    while part := unsealer.read(at_once):
        plain += part
    return plain


def pieces(data: bytes) -> tuple[bytes, list[bytes]]:
    """The head, and each piece with its length."""
    file = io.BytesIO(data)
    read_head(file)
    head, found = data[: file.tell()], []
    while length := file.read(4):
        found.append(length + file.read(struct.unpack(">I", length)[0]))
    return head, found


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7])
def test_what_was_sealed_comes_back(size: int) -> None:
    plain = bytes(n % 251 for n in range(256)) * (size // 256 + 1)
    assert opened(sealed(plain[:size])) == plain[:size]


@pytest.mark.parametrize("at_once", [1000, PIECE, 3 * PIECE])
def test_it_goes_in_and_comes_out_in_parts_of_any_size(at_once: int) -> None:
    plain = bytes(n % 241 for n in range(2 * PIECE + 9))
    data = sealed(plain, at_once=at_once)
    assert opened(data, at_once=at_once) == plain
    assert len(pieces(data)[1]) == 3


def test_nothing_of_it_can_be_read() -> None:
    assert b"canary" not in sealed(b"canary" * 1000)


def test_two_backups_of_the_same_are_not_alike() -> None:
    (_, [one]), (_, [other]) = pieces(sealed(b"x")), pieces(sealed(b"x"))
    assert one != other


def test_the_head_names_the_key_and_the_time_and_another_key_opens_nothing() -> None:
    head = read_head(io.BytesIO(sealed(b"x")))
    assert (head.kid, head.made_at) == (KEY.kid, MADE)
    with pytest.raises(OtherKey) as refused:
        opened(sealed(b"x"), OTHER)
    assert refused.value.kid == KEY.kid


def test_any_changed_byte_is_noticed() -> None:
    data = sealed(b"the sea at night")
    for n in range(len(data)):
        changed = bytearray(data)
        changed[n] ^= 1
        with pytest.raises((NotABackup, OtherKey, BackupBroken)):
            opened(bytes(changed))


def test_any_cut_is_noticed() -> None:
    data = sealed(b"x" * (PIECE + 100))
    head, [first, second] = pieces(data)
    for short in (data[:-1], head + first, head, head + first + second[:3], data[:-20]):
        with pytest.raises(BackupBroken):
            opened(short)


def test_what_was_never_closed_is_cut_short() -> None:
    out = io.BytesIO()
    Sealer(out, KEY, made_at=MADE).write(b"x" * (2 * PIECE + 1))
    with pytest.raises(BackupBroken):
        opened(out.getvalue())


def test_pieces_cannot_be_moved_left_out_doubled_or_taken_from_another_backup() -> None:
    head, [first, second, third] = pieces(sealed(b"x" * (2 * PIECE + 5)))
    _, [stranger, *_] = pieces(sealed(b"x" * (2 * PIECE + 5)))
    for order in (
        [second, first, third],
        [first, third],
        [first, second, second, third],
        [stranger, second, third],
        [first, second, third, third],
    ):
        with pytest.raises(BackupBroken):
            opened(head + b"".join(order))


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", FIRST_LINE, FIRST_LINE + b"[]\n", FIRST_LINE + b"{}\n", b"\n" * 99]
)
def test_what_is_no_backup_is_called_none(data: bytes) -> None:
    with pytest.raises(NotABackup):
        opened(data)
