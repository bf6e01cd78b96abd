"""Hostile inputs made from honest ones: bytes flipped, cut, repeated, joined and swapped, by the dice alone."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

LONGEST = 200_000
NUMBERS = (
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    19,
    20,
    21,
    63,
    64,
    127,
    128,
    255,
    256,
    1499,
    1500,
    1501,
    0x7FFF,
    0x8000,
    0xFFFF,
)
Make = Callable[[Random], bytes]


class Mutator:
    """`between` separates what belongs together (lines, say): half of the changes then move whole pieces."""

    def __init__(
        self, seeds: Mapping[str, bytes], dice: Random, *, words: tuple[bytes, ...] = (), between: bytes = b""
    ) -> None:
        self._seeds = [seeds[name] for name in sorted(seeds)]
        self._dice, self._words, self._between = dice, words, between

    def next(self) -> bytes:
        data = self._dice.choice(self._seeds)
        for _ in range(self._dice.choice((1, 1, 2, 3, 5, 8))):
            change = self._pieces if self._between and self._dice.random() < 0.5 else self._bytes
            data = change(data)[:LONGEST]
        return data

    def _bytes(self, data: bytes) -> bytes:
        dice = self._dice
        a, b = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        other = dice.choice(self._seeds)
        changes: list[Callable[[], bytes]] = [
            lambda: (
                data[:a] + bytes([data[a] ^ 1 << dice.randrange(8)]) + data[a + 1 :]
                if a < len(data)
                else data
            ),
            lambda: data[:a] + dice.choice(NUMBERS).to_bytes(2, "big") + data[a + 2 :],
            lambda: data[:a] + dice.randbytes(dice.randrange(1, 9)) + data[a:],
            lambda: data[:a] + data[b:],
            lambda: data[:a],
            lambda: data[:b] + data[a:b] * dice.choice((1, 2, 30, 1000)) + data[b:],
            lambda: data[:a] + other[dice.randrange(len(other) + 1) :],
            lambda: data[:a] + (dice.choice(self._words) if self._words else b"\0") + data[b:],
        ]
        return dice.choice(changes)()

    def _pieces(self, data: bytes) -> bytes:
        dice = self._dice
        pieces = data.split(self._between)
        other = dice.choice(self._seeds).split(self._between)
        at, to = dice.randrange(len(pieces)), dice.randrange(len(pieces))
        changes: list[Callable[[], list[bytes]]] = [
            lambda: pieces[:at] + pieces[at + 1 :],
            lambda: pieces[:at] + [pieces[at]] * dice.choice((2, 3, 40, 3000)) + pieces[at + 1 :],
            lambda: [*pieces[:at], dice.choice(other), *pieces[at:]],
            lambda: [*pieces[:at], pieces[to], *pieces[at + 1 :]],
            lambda: pieces[:at] + other[dice.randrange(len(other)) :],
        ]
        return self._between.join(dice.choice(changes)())


def inputs(
    seeds: Mapping[str, bytes],
    *,
    count: int,
    dice: Random,
    words: tuple[bytes, ...] = (),
    between: bytes = b"",
    make: Make | None = None,
) -> Iterator[bytes]:
    """Every kept input as it is, then `count` more; with `make`, every third one is made from nothing."""
    yield from (seeds[name] for name in sorted(seeds))
    mutator = Mutator(seeds, dice, words=words, between=between)
    for number in range(count):
        yield make(dice) if make is not None and number % 3 == 0 else mutator.next()
