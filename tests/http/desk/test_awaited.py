"""Somebody who is late is written to from the board: one press, or words of one's own that stay in the house."""

from datetime import timedelta

import pytest

from server.jobs.texts import text_message_for
from server.services import appointments, messages, patients, sending, visits
from tests.unit.test_messages import SENDER


@pytest.fixture
async def late(database, booked, cast, clock):
    """Mira's visit began a quarter of an hour ago; her confirmation has left, and she wants text messages."""
    async with database.write() as tx:
        for each in await sending.due(tx, now=clock.now()):
            await sending.sent(tx, each, now=clock.now())
        await patients.correct(tx, cast.mira, reached_by="sms", by=cast.ada, now=clock.now())
    clock.advance(minutes=75)
    return booked


@pytest.fixture
def leaves(database, clock):
    async def look() -> list[str]:
        async with database.write() as tx:
            claimed = [
                await sending.claim(tx, each, now=clock.now())
                for each in await sending.due(tx, now=clock.now())
            ]
        return [text_message_for(each, SENDER).text for each in claimed if each and each.channel == "sms"]

    return look


async def test_one_press_writes_that_they_are_awaited_and_the_row_says_who_did(
    late, ada, leaves, clock, words
) -> None:
    board = await ada.get("/desk/today/board")
    assert f"/desk/visit/{late.id}/awaited?day=2026-11-23" in board.text
    assert "Text them" in words(board.text)
    pressed = await ada.post(f"/desk/visit/{late.id}/awaited?day=2026-11-23")
    assert (pressed.status, pressed.location) == (303, "/desk/today?day=2026-11-23")
    [text] = await leaves()
    assert "your visit begins now and we are waiting for you" in text
    assert "texted 10:15 AM, Ada" in words((await ada.get("/desk/today/board")).text)


async def test_pressed_twice_it_goes_once_and_later_again(late, ada, leaves, clock) -> None:
    for _ in range(3):
        await ada.post(f"/desk/visit/{late.id}/awaited")
    assert len(await leaves()) == 1
    clock.advance(minutes=5)
    await ada.post(f"/desk/visit/{late.id}/awaited")
    assert len(await leaves()) >= 1


async def test_words_of_ones_own_are_read_behind_the_link_and_never_leave(
    late, ada, leaves, database, cast, clock
) -> None:
    await ada.post(f"/desk/visit/{late.id}/awaited", words="Is your ketamine tablet the trouble?")
    [text] = await leaves()
    assert "there is a message for you" in text and "ketamine" not in text
    async with database.write() as tx:
        [said] = await messages.of_visit(tx, late.id, reader="patient", now=clock.now())
    assert (said.text, said.sender) == ("Is your ketamine tablet the trouble?", "clinic")


async def test_the_same_words_pressed_twice_go_once_and_other_words_go(
    late, ada, leaves, database, clock
) -> None:
    for words in ("Please ring us", " Please ring us ", "Please ring us at the desk"):
        assert (await ada.post(f"/desk/visit/{late.id}/awaited", words=words)).status == 303
        clock.advance(seconds=2)
    assert len(await leaves()) == 2
    clock.advance(minutes=2)
    assert (await ada.post(f"/desk/visit/{late.id}/awaited", words="Please ring us")).status == 303
    async with database.write() as tx:
        said = await messages.of_visit(tx, late.id, reader="patient", now=clock.now())
    assert [each.text for each in said] == ["Please ring us", "Please ring us at the desk", "Please ring us"]


async def test_who_chose_mail_is_mailed_and_the_button_says_so(
    late, ada, leaves, database, cast, clock, words
) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="email", by=cast.ada, now=clock.now())
    assert "Mail them" in words((await ada.get(f"/desk/visit/{late.id}")).text)
    await ada.post(f"/desk/visit/{late.id}/awaited")
    assert await leaves() == []
    async with database.read() as tx:
        assert len(await sending.due(tx, now=clock.now() + timedelta(minutes=3))) == 1


async def test_who_came_or_was_cancelled_is_not_written_to(late, ada, leaves, database, cast, clock) -> None:
    await ada.post(f"/desk/visit/{late.id}/awaited")
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=late.id, now=clock.now())
    assert await leaves() == [], "it waited while they came, and says nothing any more"
    assert (await ada.post(f"/desk/visit/{late.id}/awaited")).status == 409
    async with database.write() as tx:
        await visits.go_away(tx, encounter_id=late.id, now=clock.now())
        await appointments.cancel(tx, late.id, reason="ill", by=cast.ada, now=clock.now())
    assert (await ada.post(f"/desk/visit/{late.id}/awaited")).status == 409
    assert "/awaited" not in (await ada.get("/desk/today/board")).text
