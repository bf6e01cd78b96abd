"""What changed between two versions: nothing invented, nothing left out."""

from hypothesis import given
from hypothesis import strategies as st

from server.care.note_changes import Piece, changed_fields, pieces

TEXTS = st.lists(st.sampled_from(["slept", "well", " ", "\n", "not", "ü", "—"]), max_size=30).map("".join)


def test_a_changed_word_is_shown_as_one_taken_and_one_given() -> None:
    assert pieces("slept well\ntoday", "slept badly\ntoday") == [
        Piece("same", "slept "),
        Piece("removed", "well"),
        Piece("added", "badly"),
        Piece("same", "\ntoday"),
    ]


def test_a_first_text_is_all_added() -> None:
    assert pieces("", "slept well") == [Piece("added", "slept well")]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_it(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(p.text for p in found if p.kind != "added") == before
    assert "".join(p.text for p in found if p.kind != "removed") == after


def test_the_fields_that_changed_are_named_those_that_are_gone_last() -> None:
    before = {"a": "1", "b": "2", "c": {"not_obtained": "x"}}
    after = {"d": "4", "c": {"not_obtained": "y"}, "a": "1"}
    assert changed_fields(before, after) == ["d", "c", "b"]
