"""A clinician answers questions about care; they stand in the chart, and what is practical does not."""

import pytest

from tests.http.asked import mira_asks, thread, waiting

__all__ = ["mira_asks", "thread", "waiting"]
WHEN = "Can my visit be on a Tuesday?"
SLEEP = "I sleep badly since the second session."


@pytest.fixture
def at(cast) -> str:
    return f"/clinic/ask/{cast.mira}"


async def test_the_day_says_that_a_question_waits_and_leads_to_it(reyes, booked, at, mira_asks) -> None:
    await mira_asks("practical", WHEN)
    assert "The patient asked a question" not in (await reyes.get("/clinic/day")).text
    await mira_asks("clinical", SLEEP)

    page = (await reyes.get("/clinic/day")).text
    assert "The patient asked a question" in page and f'href="{at}"' in page and "for Dr. Ines Reyes" in page


async def test_the_thread_has_both_sides_and_says_what_is_not_answered(reyes, at, mira_asks) -> None:
    await mira_asks("practical", WHEN)
    await mira_asks("clinical", SLEEP)

    page = (await reyes.get(at)).text
    assert page.index(WHEN) < page.index(SLEEP) and page.count("not answered yet") == 2


async def test_question_and_answer_about_care_are_in_the_timeline_and_the_practical_are_not(
    reyes, at, cast, mira_asks, thread, waiting, clock
) -> None:
    await mira_asks("practical", WHEN)
    await mira_asks("clinical", SLEEP)
    seen = (await thread())[-1].id
    clock.advance(minutes=1)

    assert (await reyes.post(at, answer="Let us talk.", key="k", seen=seen)).location == f"{at}#newest"

    story = (await reyes.get(f"/clinic/chart/{cast.mira}")).text
    assert SLEEP in story and "Let us talk." in story and WHEN not in story
    assert "Question from the patient" in story and "Answer from Dr. Ines Reyes" in story
    # The desk's question still waits for the desk.
    assert [task.owner_role for task in await waiting()] == ["front-desk"]
    assert [entry.text for entry in await thread() if entry.open] == [WHEN]


async def test_passed_to_the_desk_it_waits_there_and_the_thread_says_so(
    reyes, at, mira_asks, thread, waiting, clock
) -> None:
    await mira_asks("clinical", WHEN)
    [question] = await thread()
    clock.advance(minutes=1)

    assert (await reyes.post(f"{at}/passing", seen=question.id)).status == 303

    asked, passed = await thread()
    assert (asked.about, asked.open, passed.kind) == ("practical", True, "to-desk")
    assert [task.owner_role for task in await waiting()] == ["front-desk"]
    assert "Dr. Ines Reyes passed this on: the front desk answers." in (await reyes.get(at)).text


async def test_closed_without_an_answer_it_waits_for_nobody(
    reyes, at, mira_asks, thread, waiting, clock
) -> None:
    await mira_asks("clinical", "Thank you!")
    [question] = await thread()
    clock.advance(minutes=1)

    assert (await reyes.post(f"{at}/closing", seen=question.id)).status == 303

    assert await waiting() == [] and not (await thread())[0].open


@pytest.mark.parametrize("act", ["passing", "closing"])
async def test_with_nothing_open_nothing_is_done(reyes, at, thread, act) -> None:
    page = await reyes.post(f"{at}/{act}", seen="")

    assert page.status == 409 and "No question is open here any more" in page.text
    assert await thread() == []


@pytest.mark.parametrize(
    ("words", "sentence"), [(" ", "Write your answer first."), ("a" * 2001, "This is too long")]
)
async def test_a_refused_answer_stays_in_its_field(reyes, at, thread, words, sentence) -> None:
    page = await reyes.post(at, answer=words, key="k", seen="")

    assert page.status == 422 and sentence in page.text and f">{words}</textarea>" in page.text
    assert await thread() == []


async def test_it_is_for_clinicians_only(stranger, ada, at) -> None:
    assert (await stranger.get(at)).location.startswith("/sign-in")
    assert (await ada.get(at)).status == 403
    assert (await ada.post(at, answer="Yes.", key="k", seen="")).status == 403
