"""Reminders leave through the outbox: once for a visit, its version, its distance and its channel; late ones expire."""

from datetime import datetime, timedelta

import pytest

from server.care.encounter import Encounter
from server.services import appointments, moving, outgoing, patients, reminders, restored, sending
from server.services.message_facts import Outgoing
from server.store import outbox
from server.store.database import Database
from tests.builders import house_config
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

# Thursday at ten in Denver, booked on Monday at nine.
THURSDAY = MONDAY_MORNING + timedelta(days=3, hours=1)


@pytest.fixture
def rules(tmp_path):
    from server.app import reminder_rules

    return reminder_rules(house_config(port=1, data=tmp_path))


@pytest.fixture
async def booked(database: Database, cast: Cast, clock: StoppedClock) -> Encounter:
    """Its confirmation has left."""
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=THURSDAY,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        for each in await sending.due(tx, now=clock.now()):
            await sending.sent(tx, each, now=clock.now())
    return visit


@pytest.fixture
def round_(database: Database, clock: StoppedClock, rules):
    """One round of both jobs: what was queued, and what the postman may send of it."""

    async def go(*, send: bool = True) -> list[Outgoing]:
        async with database.read() as tx:
            found = await reminders.due_now(tx, rules=rules, now=clock.now())
        for each in found:
            async with database.write() as tx:
                await reminders.queue(tx, each, now=clock.now())
        async with database.write() as tx:
            claimed = [
                await sending.claim(tx, message_id, now=clock.now())
                for message_id in await sending.due(tx, now=clock.now())
            ]
        left = [each for each in claimed if each is not None]
        for each in left if send else []:
            async with database.write() as tx:
                await sending.sent(tx, each.message_id, now=clock.now())
        return left

    return go


def at(clock: StoppedClock, when: datetime) -> None:
    clock.at = when


async def test_each_goes_once_however_often_the_clock_is_looked_at(round_, booked, clock) -> None:
    sent = []
    while clock.now() < THURSDAY + timedelta(hours=1):
        sent += [(clock.now(), each.kind) for each in await round_()]
        clock.advance(minutes=10)
    assert sent == [
        (THURSDAY - before, "reminder")
        for before in (timedelta(hours=72), timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
    ]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)], ids=["an hour", "a day"])
async def test_a_clock_set_back_doubles_none(round_, booked, clock, back) -> None:
    at(clock, THURSDAY - timedelta(hours=24))
    assert len(await round_()) == 1
    at(clock, clock.now() - back)
    sent = []
    while clock.now() < THURSDAY - timedelta(hours=23):
        sent += await round_()
        clock.advance(minutes=30)
    # Set back by a day the one of three days before is long past its time, so that nothing is left to send.
    assert sent == []


async def test_somebody_who_wants_both_gets_each_on_both(round_, booked, cast, clock, database) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="both", by=cast.ada, now=clock.now())
    at(clock, THURSDAY - timedelta(hours=24))
    assert sorted(each.channel for each in await round_()) == ["email", "sms"]
    assert await round_() == []


async def test_moving_the_visit_overtakes_its_reminder(round_, booked, cast, clock, database) -> None:
    at(clock, THURSDAY - timedelta(hours=24))
    await round_(send=False)
    later = THURSDAY + timedelta(hours=2)
    async with database.write() as tx:
        await moving.reschedule(tx, booked.id, starts_at=later, was_at=THURSDAY, by=cast.ada, now=clock.now())
    clock.advance(minutes=3)
    assert [each.kind for each in await round_()] == ["moved"]
    async with database.read() as tx:
        assert [told.kind for told in await outgoing.history(tx, booked.id)] == ["moved", "booked"]
    at(clock, later - timedelta(hours=1))
    [reminder] = await round_()
    assert reminder.visit is not None and reminder.visit.starts_at == later


@pytest.mark.parametrize("to", ["cancelled", "arrived"])
async def test_nobody_is_reminded_of_what_is_cancelled_or_begun(
    round_, booked, cast, clock, database, to
) -> None:
    at(clock, THURSDAY - timedelta(hours=1))
    await round_(send=False)
    async with database.write() as tx:
        if to == "cancelled":
            await appointments.cancel(tx, booked.id, reason="ill", by=cast.ada, now=clock.now())
        else:
            await appointments.check_in(tx, booked.id, by=cast.ada, now=clock.now())
    clock.advance(minutes=3)
    assert [each.kind for each in await round_()] == ["cancelled"] * (to == "cancelled")


async def test_one_that_was_queued_and_could_not_leave_in_time_expires(
    round_, booked, clock, database
) -> None:
    at(clock, THURSDAY - timedelta(minutes=10))
    await round_(send=False)
    clock.advance(minutes=9)
    assert await round_() == []
    async with database.read() as tx:
        assert [told.kind for told in await outgoing.history(tx, booked.id)] == ["booked"]


async def test_one_that_failed_until_it_was_too_late_was_not_delivered(
    round_, booked, clock, database
) -> None:
    at(clock, THURSDAY - timedelta(minutes=10))
    [claimed] = await round_(send=False)
    async with database.write() as tx:
        await sending.failed(
            tx, claimed, problem="mail server not reachable", for_good=False, now=clock.now()
        )
    clock.advance(minutes=9)
    assert await round_() == []
    async with database.read() as tx:
        told = await outgoing.history(tx, booked.id)
        assert (told[0].kind, told[0].state) == ("reminder", "failed")


async def test_one_that_is_tried_again_at_night_waits_for_the_morning(
    round_, booked, clock, database
) -> None:
    """Queued by day at half past seven in the evening, out of the postman's hands at half past eight."""
    async with database.write() as tx:
        evening = THURSDAY - timedelta(hours=14)
        await outgoing.queue_one(
            tx,
            kind=outgoing.REMINDER,
            encounter=booked,
            channel="email",
            about="x",
            expires_at=THURSDAY,
            now=evening,
        )
    at(clock, evening + timedelta(minutes=30))
    assert await round_() == []
    clock.advance(hours=10)
    assert await round_() == []
    at(clock, THURSDAY - timedelta(hours=2))
    assert [each.attempts for each in await round_()] == [1]


async def test_a_text_message_about_a_move_waits_for_the_morning_and_one_about_tonight_does_not(
    round_, booked, cast, clock, database
) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="both", by=cast.ada, now=clock.now())
        at(clock, THURSDAY - timedelta(hours=34))
        await moving.reschedule(
            tx,
            booked.id,
            starts_at=THURSDAY + timedelta(hours=1),
            was_at=THURSDAY,
            by=cast.ada,
            now=clock.now(),
        )
    assert [(each.kind, each.channel) for each in await round_()] == [("moved", "email")]
    clock.advance(hours=10)
    assert [(each.kind, each.channel) for each in await round_()] == [("moved", "sms")]


async def test_due_reminders_stay_with_whom_they_are_for(round_, booked, clock, database) -> None:
    """What waits names no person in the clear: only kind, visit and key."""
    at(clock, THURSDAY - timedelta(hours=24))
    [claimed] = await round_(send=False)
    async with database.read() as tx:
        row = await outbox.by_id(tx, claimed.message_id)
    assert row is not None and "mira" not in str(row).lower()


@pytest.fixture
def restored_now(database: Database, clock: StoppedClock):
    async def restore() -> None:
        async with database.write() as tx:
            await restored.settle(tx, made_at=MONDAY_MORNING.isoformat(), by="system", now=clock.now())

    return restore


async def test_after_a_restore_one_that_may_have_been_sent_is_shown_and_not_sent(
    database: Database, booked: Encounter, round_, restored_now, clock: StoppedClock
) -> None:
    """The one of 24 hours was due on Wednesday at ten; the records of Monday come back a quarter of an hour later."""
    clock.advance(days=2, hours=1, minutes=15)
    await restored_now()
    clock.advance(minutes=5)
    assert await round_() == [] and await round_() == []
    async with database.read() as tx:
        told = (await outgoing.history(tx, booked.id))[0]
    assert (told.kind, told.state, told.problem) == ("reminder", "unknown", outgoing.UNKNOWN)
    async with database.write() as tx:
        assert await outgoing.send_again(tx, told.message_id, encounter=booked, now=clock.now())
    assert [each.kind for each in await round_()] == ["reminder"]


async def test_those_that_fall_due_after_a_restore_go_by_themselves(
    booked: Encounter, round_, restored_now, clock: StoppedClock
) -> None:
    clock.advance(days=2, minutes=55)
    await restored_now()
    assert await round_() == []
    clock.advance(minutes=10)
    assert [each.kind for each in await round_()] == ["reminder"]
