"""Every sentence a person reads goes through the catalogue: no script and no template holds one of its own.

A guess, not a grammar: a text of several words that begins with a capital letter or ends like a sentence.
"""

import re
from collections.abc import Iterator

import pytest

from tests.house.tree import below, text

COMMENT = re.compile(r"/\*[\s\S]*?\*/|(?<![:\\])//[^\n]*")
# A slash after one of these begins a pattern, not a division.
PATTERN = re.compile(r"(?<=[(,=:\[!&|?{};\n])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"|\'((?:\\.|[^\'\\\n])*)\'|`((?:\\.|[^`\\])*)`')
SENTENCE = re.compile(r"^[A-ZÁÉÍÓÚÑ¿¡][\w'’]*[,:]?(?: [\w'’{}$.-]+)+|^\w[\w'’]*(?: [\w'’]+)+[.?!…]$")
# Errors of our own go to the console, for the person who mends them.
FOR_DEVELOPERS = re.compile(r"(?:Error|console\.\w+)\($")


def texts(script: str) -> Iterator[str]:
    """The string literals of `script` that a person might read."""
    # Strings are taken out together with comments and patterns, so that neither is mistaken for the other.
    one = re.compile(f"{TEXT.pattern}|{COMMENT.pattern}|{PATTERN.pattern}")
    for found in one.finditer(script):
        literal = next((part for part in found.groups() if part is not None), None)
        if literal is not None and not FOR_DEVELOPERS.search(script[: found.start()].rstrip()):
            yield literal


def sentences(script: str) -> list[str]:
    return [literal for literal in texts(script) if SENTENCE.search(literal.strip())]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('show("You are muted");', ["You are muted"]),
        ("show('nobody is here.');", ["nobody is here."]),
        ("show(`Waiting since ${time}`);", ["Waiting since ${time}"]),
        ('// He said "You are muted"\nshow(t("muted"));', []),
        ('if (/["\']/.test(x)) show("Try it again");', ["Try it again"]),
        ('throw new Error("This page has no stage");', []),
        ('node.querySelector("form .button"); line = "a=setup:actpass";', []),
    ],
)
def test_the_guess(script: str, expected: list[str]) -> None:
    assert sentences(script) == expected


def test_no_script_holds_a_sentence() -> None:
    found = {str(path): sentences(text(path)) for path in below("static", suffix=".js")}
    assert {path: said for path, said in found.items() if said} == {}


TAGS = re.compile(
    r"<style>[\s\S]*?</style>|\{#[\s\S]*?#\}|\{%-?\s*trans\b[\s\S]*?endtrans\s*-?%\}|\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}|<!--[\s\S]*?-->|<[^>]*>"
)
SPOKEN = re.compile(r"\b(?:alt|title|placeholder|aria-label|value)=\"([^\"{]*[a-z]{2} [^\"{]*)\"")


def test_no_template_holds_words_outside_the_catalogue() -> None:
    found = {}
    for path in below("templates", suffix=".html") + below("templates", suffix=".txt"):
        bare = TAGS.sub(" ", text(path))
        words = re.findall(r"[A-Za-z]{2,}(?:[ ,][A-Za-z']+)+|[A-Z][a-z]{2,}", bare) + SPOKEN.findall(
            text(path)
        )
        if words:
            found[str(path)] = words
    assert found == {}
