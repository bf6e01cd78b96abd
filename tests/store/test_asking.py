"""Threads come back as they were written, keep their first reader, and take one sending once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.care.asking import ThreadEntry
from server.store import asking as store
from server.store.database import ConstraintBroken

WORDS = "When is my visit – mañana?"


@pytest.fixture
def question(cast, clock) -> ThreadEntry:
    return ThreadEntry(
        id="q",
        patient_id=cast.mira,
        about="practical",
        kind="words",
        sender="patient",
        account_id=None,
        text=WORDS,
        sent_at=clock.now(),
    )


async def test_a_thread_comes_back_oldest_first_with_the_authors_of_the_clinic(
    database, cast, clock, question
) -> None:
    later = replace(
        question, id="a", sender="clinic", account_id=cast.ada, sent_at=clock.now() + timedelta(minutes=1)
    )
    async with database.write() as tx:
        await store.insert(tx, later, sending="2")
        await store.insert(tx, question, sending="1")

    async with database.read() as tx:
        assert await store.of_patient(tx, cast.mira) == [question, replace(later, author="Ada Quill")]
        assert await store.of_patient(tx, cast.tomas) == []
        assert await store.sent_already(tx, cast.mira, "1") == question
        assert await store.sent_already(tx, cast.tomas, "1") is None
        assert await store.has_unread_answer(tx, cast.mira)
        assert await store.open_ones(tx, "practical") == [question]
        assert await store.open_ones(tx, "clinical") == []


async def test_one_sending_is_one_message_and_the_words_are_sealed(
    database, question, databases, database_url
) -> None:
    async with database.write() as tx:
        await store.insert(tx, question, sending="1")
    with pytest.raises(ConstraintBroken):
        async with database.write() as tx:
            await store.insert(tx, replace(question, id="q2"), sending="1")
    assert b"thread_entries" in databases.bytes_of(database_url)
    assert WORDS.encode() not in databases.bytes_of(database_url)


async def test_settled_handed_on_and_first_read(database, cast, clock, question) -> None:
    now = clock.now()
    async with database.write() as tx:
        await store.insert(tx, question, sending="1")
        await store.mark_read(tx, ["q"], by=cast.ada, now=now)
        await store.mark_read(tx, ["q"], by=cast.reyes, now=now + timedelta(minutes=1))
        await store.hand_on(tx, ["q"], to="clinical")
        await store.settle(tx, ["q"], now=now)
        [kept] = await store.of_patient(tx, cast.mira)

    assert kept == replace(question, about="clinical", settled_at=now, read_at=now, read_by=cast.ada)
