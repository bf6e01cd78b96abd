"""The HTML beside a letter's text: the same words in the same order, made from the text, so that the two cannot differ.

Nothing in it is fetched from anywhere: no picture, no font, nothing that would tell us that it was opened.
"""

from dataclasses import dataclass
from typing import Literal

from server.web import pages
from server.web.settings import ClinicFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One paragraph of the letter: facts are the indented lines about a visit, a link is a button."""

    kind: Literal["words", "facts", "link"]
    lines: list[str]


def html_of(text: str, *, subject: str, link: str, clinic: ClinicFacts, language: str) -> str:
    template = pages.environment(language).get_template("messages/_letter.html")
    return template.render(
        subject=subject, blocks=blocks_of(text, link), clinic=clinic, language=language, link=link
    )


def blocks_of(text: str, link: str) -> list[Block]:
    """The letter cut at its empty lines. Its last one, the clinic's name, stands above the page already."""
    found = []
    for part in text.strip().split("\n\n")[:-1]:
        lines = [line for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        indented = all(line.startswith("  ") for line in lines)
        kind: Literal["words", "facts", "link"] = "facts" if indented else "words"
        if lines == [link]:
            kind = "link"
        found.append(Block(kind=kind, lines=[line.strip() for line in lines]))
    return found
