"""The content policy allows no inline script or style, and nothing typed by a person is ever trusted as markup."""

import re

from jinja2 import Environment, nodes

from tests.house.tree import ROOT, below, text

PAGES = below("templates", suffix=".html")
INLINE_STYLE = re.compile(r"<style\b|<[^>]*\sstyle\s*=", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)
OUTSIDE = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)
TRUSTED = {"safe", "xmlattr"}
PARSER = Environment(extensions=["jinja2.ext.i18n"])  # parses only, renders nothing


# A mail has no style sheet to link to, and no content policy.
LETTER = "templates/messages/_letter.html"


def test_no_style_is_inline() -> None:
    assert [path.as_posix() for path in PAGES if INLINE_STYLE.search(text(path))] == [LETTER]


def test_a_letter_fetches_nothing_and_runs_nothing() -> None:
    letter = (ROOT / LETTER).read_text(encoding="utf-8")
    assert not re.search(r"<(?:img|script|link|iframe|object|video|form)\b|url\(|@import|\bsrc=", letter)


def test_no_script_is_inline() -> None:
    scripts = [(str(path), found) for path in PAGES for found in SCRIPT.findall(text(path))]
    assert [each for each in scripts if " src=" not in each[1] and "application/json" not in each[1]] == []
    assert [str(path) for path in PAGES if INLINE_HANDLER.search(text(path))] == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert [str(path) for path in PAGES if OUTSIDE.search(text(path))] == []


def test_no_template_trusts_what_it_is_given() -> None:
    trusting = [
        f"{path}: |{found.name}"
        for path in PAGES
        for found in PARSER.parse(text(path)).find_all(nodes.Filter)
        if found.name in TRUSTED
    ]
    assert trusting == []
    assert [str(path) for path in PAGES if re.search(r"\bautoescape\s+false\b", text(path))] == []


def test_python_makes_no_template_of_a_text() -> None:
    making = re.compile(r"\bfrom_string\(|\bTemplate\(")
    assert [str(path) for path in below("server", suffix=".py") if making.search(text(path))] == []


def test_scripts_make_markup_in_one_place_only() -> None:
    making = re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment)\b|document\.write"
    )
    found = [path.as_posix() for path in below("static", suffix=".js") if making.search(text(path))]
    assert [name for name in found if name != "static/lib/html.js"] == []


def test_every_number_to_call_is_written_by_the_filter() -> None:
    """A number as people write it, with spaces and brackets, is not one every phone can call."""
    assert [str(path) for path in PAGES if "tel:" in text(path)] == []
