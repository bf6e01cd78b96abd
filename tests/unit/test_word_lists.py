"""The safety words: 256 of each language, and none that could be taken for another when heard or read."""

import re
import unicodedata
from itertools import combinations
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parents[2] / "static" / "lib" / "word-lists.js").read_text(encoding="utf-8")
LISTS = {name: body.split() for name, body in re.findall(r"const (EN|ES) = `\n(.*?)`", SOURCE, re.DOTALL)}
# What sounds alike is written alike here, roughly: enough to find two words that differ by one sound.
SOUNDS = {
    "EN": [
        ("ph", "f"),
        ("ck", "k"),
        ("ee", "i"),
        ("ea", "i"),
        ("oo", "u"),
        ("c", "k"),
        ("z", "s"),
        ("wh", "w"),
    ],
    "ES": [
        *(("ll", "y"), ("qu", "k"), ("ge", "je"), ("gi", "ji"), ("ce", "se"), ("ci", "si")),
        *(("z", "s"), ("ch", "C"), ("c", "k"), ("v", "b"), ("h", ""), ("rr", "r")),
    ],
}


def bare(word: str) -> str:
    """Without accents: many people do not hear or type them."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def sound(word: str, language: str) -> str:
    heard = bare(word)
    for written, spoken in SOUNDS[language]:
        heard = heard.replace(written, spoken)
    return heard


def one_apart(a: str, b: str) -> bool:
    """Equal, or equal after one letter is changed, added or left out."""
    if abs(len(a) - len(b)) > 1:
        return False
    short, long = sorted((a, b), key=len)
    at = next((n for n, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]


@pytest.mark.parametrize("language", ["EN", "ES"])
def test_a_list_has_one_word_for_each_byte(language: str) -> None:
    words = LISTS[language]
    assert (len(words), len(set(words))) == (256, 256)
    assert [word for word in words if not re.fullmatch(r"[a-záéíóúüñ]{3,10}", word)] == []
    assert words == sorted(words, key=bare)


@pytest.mark.parametrize("language", ["EN", "ES"])
def test_no_word_can_be_taken_for_another(language: str) -> None:
    words = LISTS[language]
    assert len({bare(word)[:3] for word in words}) == 256
    alike = [
        (a, b)
        for a, b in combinations(words, 2)
        if one_apart(bare(a), bare(b)) or one_apart(sound(a, language), sound(b, language))
    ]
    assert alike == []


def test_the_measure_of_alike() -> None:
    assert one_apart("kite", "kite") and one_apart("kite", "bite") and one_apart("kite", "kites")
    assert one_apart("able", "table") and not one_apart("kite", "bikes") and not one_apart("ab", "ba")
