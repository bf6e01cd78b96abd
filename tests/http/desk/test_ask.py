"""The desk answers what is practical, passes on what is not, and reads nothing of what goes to a clinician."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.http.asked import mira_asks, thread, waiting

__all__ = ["mira_asks", "thread", "waiting"]
WHEN = "Can my visit be on a Tuesday?"
SLEEP = "I sleep badly since the second session."


@pytest.fixture
def at(cast) -> str:
    return f"/desk/ask/{cast.mira}"


async def test_the_list_has_the_practical_ones_with_their_time_and_the_board_leads_there(
    ada, cast, mira_asks, clock, sign_in
) -> None:
    await mira_asks("practical", WHEN)
    await mira_asks("clinical", SLEEP)

    page = (await ada.get("/desk/ask")).text
    assert WHEN in page and SLEEP not in page and f'href="/desk/ask/{cast.mira}"' in page
    board = (await ada.get("/desk/today")).text
    assert "Mira Lindqvist asked a question" in board and f'href="/desk/ask/{cast.mira}"' in board
    clock.advance(hours=25)
    assert "overdue" in (await (await sign_in(cast.ada)).get("/desk/ask")).text


async def test_with_nothing_asked_the_list_says_so(ada) -> None:
    assert "No question waits." in (await ada.get("/desk/ask")).text


async def test_an_answer_is_given_by_name_and_takes_the_task_off_the_list(
    ada, at, cast, mira_asks, thread, waiting, clock
) -> None:
    await mira_asks("practical", WHEN)
    [question] = await thread()
    clock.advance(minutes=1)

    page = await ada.post(at, answer="Yes, at nine.", key="k", seen=question.id)

    assert (page.status, page.location) == (303, f"{at}#newest")
    asked, answered = await thread()
    assert (asked.open, answered.text, answered.author) == (False, "Yes, at nine.", "Ada Quill")
    assert await waiting() == []


async def test_an_answer_sent_twice_is_given_once(ada, at, mira_asks, thread, clock) -> None:
    await mira_asks("practical", WHEN)
    [question] = await thread()
    clock.advance(minutes=1)
    for _ in range(2):
        assert (await ada.post(at, answer="Yes.", key="k", seen=question.id)).status == 303

    assert [entry.text for entry in await thread()] == [WHEN, "Yes."]


async def test_what_came_in_after_the_page_was_opened_still_waits(
    ada, at, mira_asks, thread, waiting, clock
) -> None:
    await mira_asks("practical", WHEN)
    [seen] = await thread()
    await mira_asks("practical", "And which doctor?")
    clock.advance(minutes=1)

    await ada.post(at, answer="Yes.", key="k", seen=seen.id)

    assert [entry.text for entry in await thread() if entry.open] == ["And which doctor?"]
    assert [task.kind for task in await waiting()] == ["asked"]


@pytest.mark.parametrize(
    ("words", "sentence"), [("", "Write your answer first."), ("a" * 2001, "This is too long")]
)
async def test_a_refused_answer_stays_in_its_field(ada, at, mira_asks, thread, words, sentence) -> None:
    await mira_asks("practical", WHEN)
    [question] = await thread()

    page = await ada.post(at, answer=words, key="k", seen=question.id)

    assert page.status == 422 and sentence in page.text and f">{words}</textarea>" in page.text
    [kept] = await thread()
    assert kept.open


async def test_passed_to_the_doctor_it_is_read_there_and_no_more_at_the_desk(
    ada, at, cast, mira_asks, thread, waiting, booked, clock
) -> None:
    await mira_asks("practical", SLEEP)
    [question] = await thread()
    clock.advance(minutes=1)

    assert (await ada.post(f"{at}/passing", seen=question.id)).location == "/desk/ask"

    asked, passed = await thread()
    assert (asked.about, asked.open) == ("clinical", True)
    assert (passed.kind, passed.text, passed.author) == ("to-clinician", "Dr. Ines Reyes", "Ada Quill")
    [task] = await waiting()
    assert (task.owner_role, task.owner_id) == ("clinician", cast.reyes)
    assert task.due_at == clock.now() + timedelta(days=2)
    shown = (await ada.get(at)).text
    assert SLEEP not in shown and "Ada Quill passed this on: Dr. Ines Reyes answers." in shown


async def test_closed_without_an_answer_the_thread_says_who_read_it(
    ada, at, mira_asks, thread, waiting, clock
) -> None:
    await mira_asks("practical", "Thank you!")
    [question] = await thread()
    clock.advance(minutes=1)

    assert (await ada.post(f"{at}/closing", seen=question.id)).location == "/desk/ask"

    assert [entry.kind for entry in await thread()] == ["words", "closed"]
    assert await waiting() == []
    assert "Ada Quill has read this. It needed no answer." in (await ada.get(at)).text


@pytest.mark.parametrize("act", ["passing", "closing"])
async def test_what_is_no_more_the_desks_is_neither_passed_on_nor_closed(
    ada, at, mira_asks, thread, act
) -> None:
    await mira_asks("clinical", SLEEP)
    before = await thread()

    page = await ada.post(f"{at}/{act}", seen=before[-1].id)

    assert page.status == 409 and "No question is open here any more" in page.text
    assert await thread() == before


async def test_who_read_it_first_and_when_is_kept_and_every_reading_is_on_the_trail(
    ada, at, cast, mira_asks, thread, clock, database
) -> None:
    await mira_asks("practical", WHEN)
    clock.advance(minutes=3)
    first = clock.now()
    await ada.get(at)
    clock.advance(minutes=3)
    await ada.get(at)

    [question] = await thread()
    assert (question.read_by, question.read_at) == (cast.ada, first)
    trail = text("SELECT actor FROM audit_events WHERE action = 'thread-read'")
    async with database.read() as tx:
        assert [row.actor for row in await tx.all(trail)] == [cast.ada, cast.ada]


async def test_the_desk_answers_for_nobody_who_does_not_exist(ada) -> None:
    assert (await ada.get("/desk/ask/nobody")).status == 404
    assert (await ada.post("/desk/ask/nobody", answer="Yes.", key="k", seen="")).status == 404


async def test_it_is_for_the_front_desk_only(stranger, reyes, at) -> None:
    assert (await stranger.get(at)).location.startswith("/sign-in")
    assert (await reyes.get(at)).status == 403
    assert (await reyes.get("/desk/ask")).status == 403
