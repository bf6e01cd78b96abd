"""Forms: what was typed stays, and every problem has its sentence beside its field."""

from datetime import date

import pytest

from server.web.forms import Form

SAY = "Type it."


def test_a_text_is_trimmed_and_what_was_typed_is_not() -> None:
    form = Form({"name": "  Mira  "})
    assert form.text("name", required=SAY) == "Mira"
    assert form.typed["name"] == "  Mira  "
    assert form.ok


@pytest.mark.parametrize("typed", [{}, {"name": ""}, {"name": " \n "}])
def test_a_missing_text_has_its_sentence(typed: dict[str, str]) -> None:
    form = Form(typed)
    assert form.text("name", required=SAY) == ""
    assert form.problems == {"name": SAY}


def test_a_missing_text_that_nobody_needs_is_fine() -> None:
    form = Form({})
    assert form.text("name") == ""
    assert form.ok


@pytest.mark.parametrize(("length", "ok"), [(5, True), (6, False)])
def test_a_text_may_be_as_long_as_its_limit(length: int, ok: bool) -> None:
    form = Form({"name": "x" * length})
    form.text("name", longest=5)
    assert form.ok is ok


def test_a_date_is_read() -> None:
    form = Form({"born": " 1990-04-17 "})
    assert form.date("born", SAY) == date(1990, 4, 17)
    assert form.ok


@pytest.mark.parametrize("typed", ["", "17.4.1990", "1990-02-30", "1990-04-17T00:00"])
def test_what_is_no_date_has_its_sentence(typed: str) -> None:
    form = Form({"born": typed})
    assert form.date("born", SAY) is None
    assert form.problems == {"born": SAY}
