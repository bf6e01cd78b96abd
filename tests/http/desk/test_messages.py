"""What a patient writes to the clinic reaches the desk, and the desk can answer."""

import pytest
from sqlalchemy import text

from server.services import messages


@pytest.fixture
async def asked(database, booked, clock) -> None:
    """Mira asks something from the waiting room."""
    async with database.write() as tx:
        await messages.send(
            tx, encounter_id=booked.id, text="I hear <b>nothing</b>, do you?", by=None, now=clock.now()
        )


async def test_a_message_stands_on_the_board_as_something_to_do(ada, asked, words) -> None:
    assert "Mira Lindqvist wrote a message" in words((await ada.get("/desk/today")).text)


async def test_the_visit_shows_it_as_it_was_written(ada, booked, asked, words) -> None:
    page = await ada.get(f"/desk/visit/{booked.id}")
    assert "I hear &lt;b&gt;nothing&lt;/b&gt;, do you?" in page.text


async def test_a_reply_is_kept_under_the_name_and_takes_the_alarm_off(
    ada, clock, booked, asked, words
) -> None:
    clock.advance(minutes=1)
    answer = await ada.post(f"/desk/messages/{booked.id}", reply="Yes. Press Sound test.")
    assert (answer.status, answer.location) == (303, f"/desk/visit/{booked.id}#conversation")
    read = words((await ada.get(f"/desk/messages/{booked.id}")).text)
    assert read.index("I hear") < read.index("Ada Quill") < read.index("Yes. Press Sound test.")
    assert "wrote a message" not in words((await ada.get("/desk/today")).text)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("  ", "Write your reply first."), ("x" * 2001, "This is too long for one message.")],
)
async def test_what_cannot_be_sent_stays_in_the_field(
    ada, booked, asked, words, typed: str, sentence: str
) -> None:
    page = await ada.post(f"/desk/messages/{booked.id}", reply=typed)
    assert (page.status, sentence in words(page.text), typed.strip() in page.text) == (422, True, True)
    assert "Ada Quill" not in words((await ada.get(f"/desk/messages/{booked.id}")).text)


async def test_reading_goes_on_the_record(ada, database, cast, booked, asked) -> None:
    await ada.get(f"/desk/messages/{booked.id}")
    async with database.read() as tx:
        rows = await tx.all(text("SELECT actor FROM audit_events WHERE action = 'messages-read'"))
    assert [row.actor for row in rows] == [cast.ada]


async def test_nothing_is_written_to_a_visit_that_is_over(ada, booked, asked) -> None:
    await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="a cold")
    assert (await ada.post(f"/desk/messages/{booked.id}", reply="hello")).status == 409


async def test_a_new_message_is_announced_to_the_open_visit(ada, booked) -> None:
    async with ada.client.get(f"/desk/messages/{booked.id}/changes") as stream:
        assert await stream.content.readuntil(b"\n\n") == b"data: connected\n\n"
        await ada.post(f"/desk/messages/{booked.id}", reply="We are here.")
        assert await stream.content.readuntil(b"\n\n") == b"data: changed\n\n"


async def test_an_unknown_visit_has_no_messages(ada) -> None:
    assert (await ada.get(f"/desk/messages/{'0' * 32}")).status == 404
    assert (await ada.post(f"/desk/messages/{'0' * 32}", reply="x")).status == 404


async def test_only_the_front_desk_reads_and_replies_here(
    stranger, reyes, petra, booked, asked, words
) -> None:
    for who, no in ((stranger, 401), (reyes, 403), (petra, 403)):
        for path in ("", "/changes"):
            shown = await who.get(f"/desk/messages/{booked.id}{path}")
            assert shown.status == (303 if who is stranger else 403)
            assert "I hear" not in words(shown.text)
        assert (await who.post(f"/desk/messages/{booked.id}", reply="x")).status == no


async def test_a_reply_to_a_visit_that_is_over_by_now_stays_on_the_page(ada, booked, asked, words) -> None:
    await ada.post(f"/desk/visit/{booked.id}/cancellation", reason="a cold")
    page = await ada.post(f"/desk/messages/{booked.id}", reply="Please turn the sound up.")
    assert page.status == 409 and "nothing was sent" in words(page.text)
    assert "Please turn the sound up." in page.text
    assert "turn the sound up" not in (await ada.get(f"/desk/messages/{booked.id}")).text
