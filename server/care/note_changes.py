"""What changed between two versions of a note, word by word, so that its history can be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Literal["same", "added", "removed"]
    text: str


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names whose answers are not the same, in the order of `after`, then what is gone."""
    names = [*after, *(name for name in before if name not in after)]
    return [name for name in names if before.get(name) != after.get(name)]


def pieces(before: str, after: str) -> list[Piece]:
    """Both texts as one: joining all but the added gives `before`, all but the removed gives `after`."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    found: list[Piece] = []
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            found.append(Piece("same", "".join(old[a:b])))
            continue
        if taken := "".join(old[a:b]):
            found.append(Piece("removed", taken))
        if given := "".join(new[c:d]):
            found.append(Piece("added", given))
    return found
