"""The journal belongs to the patient until shared: private, then fixed, then written anew (clinical.md §6.3)."""

from datetime import UTC, datetime, timedelta

import pytest

from server.care.journal import (
    LONGEST,
    MORE,
    PROMPTS,
    SAFETY,
    UNUSUAL,
    AlreadyShared,
    EntryChanged,
    EntryTooLong,
    JournalEntry,
    JournalVersion,
    NothingToShare,
    NotSharedYet,
    alarms_anew,
    revise,
    says_unusual,
    share,
    write,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


# clinical.md §6.3, in its order, each with the word of its prompt that tells it from the others.
ASKED_FOR = (
    ("insight", "see or understand"),
    ("emotion", "strongest feelings"),
    ("body", "body"),
    ("images", "Images or memories"),
    ("intention", "hoped for, and what came"),
    ("integration", "One small thing for this week"),
)


def test_the_prompts_are_those_of_the_list_and_in_its_order() -> None:
    """Insight · Emotion · Body · Images or memories · Intention · Integration · unusual · more: clinical.md §6.3."""
    free, *listed = PROMPTS
    assert (free.name, [prompt.name for prompt in listed]) == ("text", [name for name, _ in ASKED_FOR])
    for prompt, (_, words) in zip(listed, ASKED_FOR, strict=True):
        assert words in prompt.label
    assert "Only what you want" in next(prompt for prompt in PROMPTS if prompt.name == "images").hint
    assert SAFETY == ("unusual", "more")
    for words in ("unusual", "frightening", "still going on"):
        assert words in UNUSUAL.label
    for words in ("taking more", "earlier"):
        assert words in MORE.label


def blank() -> JournalEntry:
    first = JournalVersion(id="v1", version=1, edit=0, saved_at=NOW)
    return JournalEntry(id="e1", patient_id="mira", begun_at=NOW, versions=(first,))


def written(text: str = "the sea", entry: JournalEntry | None = None) -> JournalEntry:
    entry = entry or blank()
    return write(entry, body={"text": text}, based_on=entry.newest.edit, now=LATER)


def test_writing_rewrites_the_private_version() -> None:
    twice = written("the sea at night", written())
    assert [(each.version, each.edit, each.body) for each in twice.versions] == [
        (1, 2, {"text": "the sea at night"})
    ]
    assert twice.shared == ()


def test_a_page_that_has_not_seen_the_newest_words_writes_nothing_over_them() -> None:
    with pytest.raises(EntryChanged):
        write(written(), body={"text": "older page"}, based_on=0, now=LATER)


def test_shared_words_are_fixed() -> None:
    shared = share(written(), now=LATER)
    assert shared.newest.shared_at == LATER
    with pytest.raises(AlreadyShared):
        write(shared, body={"text": "other"}, based_on=shared.newest.edit, now=LATER)
    with pytest.raises(AlreadyShared):
        share(shared, now=LATER)


def test_a_new_version_is_private_again_and_the_shared_one_stays() -> None:
    second = written("the sea, again", revise(share(written(), now=LATER), version_id="v2", now=LATER))
    assert [(each.version, each.body["text"], each.shared_at) for each in second.versions] == [
        (1, "the sea", LATER),
        (2, "the sea, again", None),
    ]
    assert [each.version for each in second.shared] == [1]


def test_an_unshared_entry_needs_no_new_version() -> None:
    with pytest.raises(NotSharedYet):
        revise(written(), version_id="v2", now=LATER)


@pytest.mark.parametrize("body", [{}, {"text": "  "}, {"unusual": "no", "more": "3"}])
def test_nothing_written_is_nothing_to_share(body: dict[str, str]) -> None:
    with pytest.raises(NothingToShare):
        share(write(blank(), body=body, based_on=0, now=LATER), now=LATER)


def test_too_long_is_refused_whole_and_not_cut() -> None:
    with pytest.raises(EntryTooLong):
        written("x" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("body", "unusual"), [({}, False), ({"unusual": "no"}, False), ({"unusual": "yes"}, True)]
)
def test_unusual_is_a_yes_and_nothing_else(body: dict[str, str], unusual: bool) -> None:
    assert says_unusual(body) is unusual


@pytest.mark.parametrize(
    ("before", "after", "alarms"),
    [
        ({}, {"unusual": "yes"}, True),
        ({"unusual": "no"}, {"unusual": "yes"}, True),
        ({"unusual": "yes"}, {"unusual": "yes", "text": "more words"}, False),
        ({"unusual": "yes"}, {"unusual": "no"}, False),
        ({}, {"unusual": "no"}, False),
    ],
)
def test_only_the_change_to_yes_is_an_alarm(
    before: dict[str, str], after: dict[str, str], alarms: bool
) -> None:
    saves = [
        JournalVersion(id="v", version=1, edit=n, saved_at=NOW, body=b) for n, b in enumerate([before, after])
    ]
    assert alarms_anew(*saves) is alarms


def test_a_new_version_asks_anew_what_bears_on_safety_and_the_last_answers_stay_known() -> None:
    said = {"text": "the sea", "unusual": "yes", "more": "4"}
    revised = revise(
        share(write(blank(), body=said, based_on=0, now=LATER), now=LATER), version_id="v2", now=LATER
    )
    assert revised.newest.body == {"text": "the sea"}
    assert (revised.last_said("unusual"), revised.last_said("more")) == ("yes", "4")
    answered = write(revised, body={"text": "the sea", "unusual": "no"}, based_on=0, now=LATER)
    assert (answered.last_said("unusual"), answered.last_said("more")) == ("no", "4")
