"""The catalogue: Spanish where there is some, English where there is none, and safe inside a page."""

import json

from server.web.words import SCRIPT_WORDS, Words, words_in

WORDS = Words("es", {"Sign in": "Entrar"}, {"one visit": ("una visita", "%(num)s visitas")})


def test_a_sentence_is_translated_or_stays_english() -> None:
    assert WORDS.gettext("Sign in") == "Entrar"
    assert WORDS.gettext("Nobody translated this.") == "Nobody translated this."


def test_one_and_many() -> None:
    assert WORDS.ngettext("one visit", "%(num)s visits", 1) == "una visita"
    assert WORDS.ngettext("one visit", "%(num)s visits", 5) == "%(num)s visitas"
    assert WORDS.ngettext("one day", "many days", 1) == "one day"
    assert WORDS.ngettext("one day", "many days", 0) == "many days"


def test_a_language_nobody_has_is_english() -> None:
    assert words_in("xx").gettext("Sign in") == "Sign in"


def test_scripts_get_every_sentence_and_none_can_close_their_block() -> None:
    assert json.loads(words_in("en").for_scripts()) == SCRIPT_WORDS
    key = next(iter(SCRIPT_WORDS))
    hostile = Words("en", {SCRIPT_WORDS[key]: "</script><script>x"}, {})
    assert "</" not in hostile.for_scripts()
    assert json.loads(hostile.for_scripts())[key] == "</script><script>x"
