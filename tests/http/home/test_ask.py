"""A patient asks the clinic: to whom it goes, that it goes once, and how they learn of the answer."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from server.services import asking, sending
from server.store import tasks
from server.store.tables import metadata

WHEN = "Can my visit be on a Tuesday?"
SLEEP = "I sleep badly since the second session."


@pytest.fixture
def thread(database, cast):
    async def found():
        async with database.read() as tx:
            return await asking.store.of_patient(tx, cast.mira)

    return found


@pytest.fixture
def answer(database, cast, clock, dr_reyes, thread):
    """`await answer("words")`: Dr Reyes's, to everything so far."""

    async def send(words: str) -> None:
        seen = (await thread())[-1].id
        async with database.write() as tx:
            await asking.answer(
                tx,
                patient_id=cast.mira,
                about="clinical",
                text=words,
                key=words,
                seen=seen,
                by=dr_reyes,
                now=clock.now(),
            )

    return send


@pytest.fixture
def letters(database):
    """(channel, minutes from now until it may go out) of every word about an answer."""

    async def found(now):
        outbox = metadata.tables["outbox"]
        async with database.read() as tx:
            rows = await tx.all(
                select(outbox).where(outbox.c.kind == "answer").order_by(outbox.c.due_at, outbox.c.channel)
            )
        return [(row.channel, round((row.due_at - now) / timedelta(minutes=1))) for row in rows]

    return found


async def test_the_page_says_who_answers_when_and_that_it_is_not_read_at_once(
    mira, plan, words, clock
) -> None:
    read = words((await mira.get("/home/ask")).text)

    assert "It is not read at once." in read and "Nobody reads this live." in read
    assert "The front desk answers, usually within 1 working day." in read
    assert "Dr. Ines Reyes answers, usually within 2 working days." in read
    assert "The clinic is open now." in read
    clock.advance(hours=12)
    assert "The clinic is closed now, until" in words((await mira.get("/home/ask")).text)


async def test_the_way_to_help_is_on_the_page(mira) -> None:
    assert 'href="/home/safety"' in (await mira.get("/home/ask")).text


@pytest.mark.parametrize(
    ("about", "role", "days"), [("practical", "front-desk", 1), ("clinical", "clinician", 2)]
)
async def test_a_question_goes_to_whom_it_is_for_with_its_time(
    mira, plan, database, cast, clock, about, role, days
) -> None:
    page = await mira.post("/home/ask", about=about, question=WHEN, key="k")

    assert (page.status, page.location) == (303, "/home/ask?sent=1#newest")
    async with database.read() as tx:
        [task] = await tasks.open_ones(tx, roles=["front-desk", "clinician"])
    assert (task.kind, task.owner_role, task.patient_id) == ("asked", role, cast.mira)
    assert task.owner_id == (cast.reyes if role == "clinician" else None)
    assert task.due_at == clock.now() + timedelta(days=days)


async def test_it_stands_in_the_thread_newest_at_the_end_and_is_on_the_trail(
    mira, words, clock, actions
) -> None:
    await mira.post("/home/ask", about="practical", question=WHEN, key="a")
    clock.advance(minutes=1)
    await mira.post("/home/ask", about="clinical", question=SLEEP, key="b")

    read = words((await mira.get("/home/ask?sent=1")).text)
    assert read.index(WHEN) < read.index(SLEEP) < read.index("It is with the clinic.")
    assert (await actions())[-4:] == ["asked", "task-opened", "asked", "task-opened"]


async def test_sent_twice_it_is_asked_once_and_other_words_are_another_question(mira, thread, clock) -> None:
    for _ in range(2):
        assert (await mira.post("/home/ask", about="practical", question=WHEN, key="k")).status == 303
    clock.advance(minutes=1)
    await mira.post("/home/ask", about="practical", question="And where?", key="k")

    assert [entry.text for entry in await thread()] == [WHEN, "And where?"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"question": WHEN}, "Choose what it is about"),
        ({"question": WHEN, "about": "everything"}, "Choose what it is about"),
        ({"question": "  ", "about": "clinical"}, "Write your question first."),
        ({"question": "a" * 2001, "about": "clinical"}, "This is too long for one question."),
    ],
)
async def test_a_refusal_says_why_and_keeps_every_letter_and_the_choice(
    mira, everything, words, sent, sentence
) -> None:
    before = await everything()

    page = await mira.post("/home/ask", key="k", **sent)

    assert page.status == 422 and sentence in words(page.text)
    assert f">\n{sent['question']}</textarea>" in page.text
    assert (re.search(r'value="clinical"\s+checked', page.text) is not None) == (
        sent.get("about") == "clinical"
    )
    assert 'name="key" value="k"' in page.text
    assert await everything() == before


async def test_its_script_is_told_in_a_sentence(mira) -> None:
    sent = {"about": "practical", "question": "", "csrf": mira.token("/home/ask")}
    refused = await mira.client.post("/home/ask", data=sent, headers={"Accept": "application/json"})
    taken = await mira.client.post(
        "/home/ask", data=sent | {"question": WHEN}, headers={"Accept": "application/json"}
    )

    assert (refused.status, (await refused.json())["sentence"]) == (422, "Write your question first.")
    assert taken.status == 204


async def test_an_answer_stands_there_with_who_gave_it_until_it_is_seen_their_first_page_says_so(
    mira, plan, answer, words, clock, thread, actions
) -> None:
    await mira.post("/home/ask", about="clinical", question=SLEEP, key="k")
    clock.advance(minutes=5)
    await answer("Let us talk about it on Thursday.")

    assert "There is an answer for you" in words((await mira.get("/home/today")).text)
    clock.advance(minutes=5)
    read = words((await mira.get("/home/ask/thread")).text)
    assert read.index(SLEEP) < read.index("Dr. Ines Reyes") < read.index("Let us talk about it on Thursday.")
    assert "There is an answer for you" not in words((await mira.get("/home/today/now")).text)
    assert [(entry.read_by, entry.read_at) for entry in await thread()][-1] == ("patient", clock.now())
    assert (await actions())[-1] == "thread-read"


async def test_a_word_about_answers_goes_at_once_and_then_once_an_hour(mira, answer, clock, letters) -> None:
    asked = clock.now()
    await mira.post("/home/ask", about="clinical", question=SLEEP, key="k")
    clock.advance(minutes=5)
    await answer("One.")
    clock.advance(minutes=10)
    await answer("Two.")
    clock.advance(minutes=10)
    await answer("Three.")

    assert await letters(asked) == [("email", 5), ("email", 65)]
    clock.advance(hours=2)
    await answer("Four.")
    assert await letters(asked) == [("email", 5), ("email", 65), ("email", 145)]


async def test_the_word_goes_by_mail_with_the_way_there_and_as_a_text_message_not_at_night(
    mira, answer, clock, database, cast
) -> None:
    everybody = metadata.tables["patients"]
    async with database.write() as tx:
        await tx.run(update(everybody).where(everybody.c.id == cast.mira).values(reached_by="both"))
    await mira.post("/home/ask", about="clinical", question=SLEEP, key="k")
    clock.advance(hours=13)
    await answer("At ten in the evening.")

    async def claimed() -> list[tuple[str, str, bool]]:
        async with database.write() as tx:
            found = [
                await sending.claim(tx, each, now=clock.now())
                for each in await sending.due(tx, now=clock.now())
            ]
        return [(each.kind, each.channel, bool(each.token)) for each in found if each]

    assert await claimed() == [("answer", "email", True)]
    clock.advance(hours=12)
    assert ("answer", "sms", True) in await claimed()


async def test_tomas_reads_his_own_thread_and_nothing_of_miras(mira, tomas) -> None:
    await mira.post("/home/ask", about="clinical", question=SLEEP, key="k")
    await tomas.post("/home/ask", about="practical", question=WHEN, key="k")

    theirs = (await tomas.get("/home/ask")).text
    assert WHEN in theirs and SLEEP not in theirs
    assert WHEN not in (await mira.get("/home/ask")).text


async def test_without_a_device_of_ones_own_nobody_asks(stranger, everything) -> None:
    before = await everything()

    assert (await stranger.get("/home/ask")).status == 403
    assert (await stranger.post("/home/ask", about="practical", question=WHEN, key="k")).status == 403
    assert await everything() == before
