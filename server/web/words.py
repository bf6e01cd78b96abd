"""Every sentence a person reads, in their language.

Templates call `_()`; Python marks a sentence with `N_` and translates it where it is shown; scripts get
theirs from SCRIPT_WORDS through a JSON block, so that no sentence lives in a script.
"""

import json
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parents[2] / "templates" / "locale"
LANGUAGES = ("en", "es")


def N_(sentence: str) -> str:  # noqa: N802 -- gettext's own name for "mark, do not translate yet"
    """Marks a sentence for the catalogue."""
    return sentence


class Words:
    """One language's catalogue; a sentence it does not have is shown in English."""

    def __init__(self, language: str, sentences: dict[str, str], plurals: dict[str, tuple[str, ...]]) -> None:
        self.language = language
        self._sentences = sentences
        self._plurals = plurals

    def gettext(self, sentence: str) -> str:
        return self._sentences.get(sentence) or sentence

    def ngettext(self, one: str, many: str, n: int) -> str:
        forms = self._plurals.get(one) or (one, many)
        return forms[0] if n == 1 else forms[-1]

    def for_scripts(self) -> str:
        """The scripts' sentences as JSON, safe inside a script element."""
        table = {key: self.gettext(sentence) for key, sentence in SCRIPT_WORDS.items()}
        return json.dumps(table, ensure_ascii=False).replace("</", "<\\/")


@cache
def words_in(language: str) -> Words:
    """The catalogue of `language`, English when there is none."""
    path = LOCALE / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Words("en", {}, {})
    with path.open("rb") as file:
        catalogue = read_po(file)
    singles = {m.id: m.string for m in catalogue if isinstance(m.id, str) and m.id and m.string}
    plurals = {m.id[0]: tuple(m.string) for m in catalogue if isinstance(m.id, tuple) and all(m.string)}
    return Words(language, singles, plurals)


# Scripts' sentences by key; braces are filled in by static/lib/words.js. Each area keeps its own block.
SCRIPT_WORDS: dict[str, str] = {}
