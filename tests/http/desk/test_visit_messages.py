"""A visit's messages on the desk's page: sent again when one was not delivered, and which way they go."""

from dataclasses import replace

from server.services import outgoing, patients, sending
from server.store import encounters, outbox
from server.web import keys


async def test_what_was_not_delivered_is_sent_again_once_and_its_task_is_done(
    ada, database, booked, clock, words
) -> None:
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        letter = await sending.claim(tx, message_id, now=clock.now())
        assert letter is not None
        await sending.failed(tx, letter, problem="address refused (550)", for_good=True, now=clock.now())
    pressed = [await ada.post(f"/desk/visit/{booked.id}/message", message=message_id) for _ in range(2)]
    assert [answer.status for answer in pressed] == [303, 409]
    assert "needs no sending any more" in words(pressed[1].text)
    async with database.read() as tx:
        [again] = await sending.due(tx, now=clock.now())
        [told] = await outgoing.history(tx, booked.id)
    assert again != message_id and (told.kind, told.state) == ("booked", "pending")
    assert "was not delivered" not in words((await ada.get("/desk/today/board")).text)


async def test_nobody_sends_another_visits_message_again(ada, database, booked, clock) -> None:
    assert (await ada.post(f"/desk/visit/{booked.id}/message", message="unknown")).status == 409
    assert (await ada.post(f"/desk/visit/{booked.id}/message")).status == 409


async def test_how_a_patient_is_reached_is_chosen_where_text_messages_can_be_sent(
    app, ada, database, booked, cast, clock, words
) -> None:
    assert "Messages go" not in words((await ada.get(f"/desk/visit/{booked.id}")).text)
    app[keys.SITE] = replace(app[keys.SITE], sends_sms=True)
    assert "Messages go" in words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert (await ada.post(f"/desk/visit/{booked.id}/reached-by", reached_by="pigeon")).status == 400
    assert (await ada.post(f"/desk/visit/{booked.id}/reached-by", reached_by="both")).status == 303
    async with database.write() as tx:
        [confirmation] = await sending.due(tx, now=clock.now())
        await sending.sent(tx, confirmation, now=clock.now())
    await ada.post(f"/desk/visit/{booked.id}/link")
    async with database.write() as tx:
        assert (await patients.by_id(tx, cast.mira)).reached_by == "both"
        claimed = [
            await sending.claim(tx, each, now=clock.now()) for each in await sending.due(tx, now=clock.now())
        ]
    ways = {(each.kind, each.channel, each.to) for each in claimed if each}
    assert ways == {("link", "email", "mira@example.org"), ("link", "sms", "(303) 555-0142")}


async def test_what_is_being_tried_again_shows_on_the_card(ada, database, booked, clock, words) -> None:
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        letter = await sending.claim(tx, message_id, now=clock.now())
        assert letter is not None
        await sending.failed(tx, letter, problem="mail server not reachable", for_good=False, now=clock.now())
    assert "Not sent yet, trying again" in words((await ada.get("/desk/today/board")).text)


async def test_one_that_failed_counts_more_on_the_board_than_one_that_was_perhaps_sent(
    ada, database, booked, clock, words
) -> None:
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        await outbox.give_up(tx, message_id, problem="address refused (550)", now=clock.now())
        encounter = await encounters.by_id(tx, booked.id)
        clock.advance(minutes=1)
        reminder = await outgoing.queue_one(
            tx,
            kind=outgoing.REMINDER,
            encounter=encounter,
            channel="email",
            about="1 h",
            expires_at=None,
            now=clock.now(),
        )
        await outbox.give_up(tx, reminder, problem=outgoing.UNKNOWN, now=clock.now())
    board = words((await ada.get("/desk/today/board")).text)
    assert "Message not delivered" in board and "perhaps sent" not in board
    page = words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert "Perhaps sent" in page and page.count("Send again") == 2
