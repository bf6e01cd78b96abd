"""A letter is written in the transaction of what it tells of, and leaves once: never none, never an outdated one."""

from datetime import timedelta

import pytest

from server.care.access import Staff
from server.care.encounter import Encounter
from server.services import appointments, guests, moving, outgoing, sending, visits
from server.services.message_facts import Outgoing
from server.services.outgoing import NoAddress
from server.services.patients import correct
from server.store import outbox as store
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

pytestmark = pytest.mark.both_databases

AT_TEN = MONDAY_MORNING + timedelta(hours=1)


@pytest.fixture
async def booked(database: Database, cast: Cast, clock: StoppedClock) -> Encounter:
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


async def claim_all(database: Database, clock: StoppedClock) -> list[Outgoing]:
    async with database.write() as tx:
        claimed = [
            await sending.claim(tx, message_id, now=clock.now())
            for message_id in await sending.due(tx, now=clock.now())
        ]
    return [each for each in claimed if each is not None]


async def state(database: Database, encounter: Encounter) -> list[tuple[str, str]]:
    async with database.read() as tx:
        return [(told.kind, told.state) for told in await outgoing.history(tx, encounter.id)]


async def test_booking_queues_one_confirmation(
    database: Database, clock: StoppedClock, booked: Encounter
) -> None:
    [letter] = await claim_all(database, clock)
    assert (letter.kind, letter.to, letter.visit.encounter_id) == (
        "booked",
        "mira@example.org",
        booked.id,
    )


async def test_nobody_else_gets_a_claimed_letter(
    database: Database, clock: StoppedClock, booked: Encounter
) -> None:
    async with database.write() as tx:
        [message_id] = await sending.due(tx, now=clock.now())
        assert await sending.claim(tx, message_id, now=clock.now()) is not None
        assert await sending.claim(tx, message_id, now=clock.now()) is None
    assert await claim_all(database, clock) == []


async def test_after_a_crash_the_letter_is_claimed_again_under_the_same_number(
    database: Database, clock: StoppedClock, booked: Encounter
) -> None:
    [first] = await claim_all(database, clock)
    clock.advance(minutes=3)
    [second] = await claim_all(database, clock)
    assert (second.message_id, second.attempts) == (first.message_id, 2)


async def test_a_sent_letter_stays_sent(database: Database, clock: StoppedClock, booked: Encounter) -> None:
    [letter] = await claim_all(database, clock)
    async with database.write() as tx:
        await sending.sent(tx, letter.message_id, now=clock.now())
    clock.advance(hours=5)
    assert await claim_all(database, clock) == []
    assert await state(database, booked) == [("booked", "sent")]


async def test_what_fails_waits_longer_each_time_and_is_given_up_at_last(
    database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN + timedelta(days=7),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    waits = []
    for _ in range(len(sending.PAUSES) + 1):
        [letter] = await claim_all(database, clock)
        async with database.write() as tx:
            await sending.failed(tx, letter, problem="not reachable", for_good=False, now=clock.now())
        waits.append(0)
        while not await due(database, clock) and waits[-1] < 200:
            clock.advance(minutes=1)
            waits[-1] += 1
    assert waits == [1, 2, 10, 30, 120, 200]
    assert await state(database, visit) == [("booked", "failed")]


async def due(database: Database, clock: StoppedClock) -> list[str]:
    async with database.read() as tx:
        return await sending.due(tx, now=clock.now())


async def test_a_refused_address_is_not_tried_again(
    database: Database, clock: StoppedClock, booked: Encounter
) -> None:
    [letter] = await claim_all(database, clock)
    async with database.write() as tx:
        await sending.failed(tx, letter, problem="address refused", for_good=True, now=clock.now())
    assert await due(database, clock) == []
    assert await state(database, booked) == [("booked", "failed")]


async def test_moving_a_visit_overtakes_the_letter_that_still_waits(
    database: Database, clock: StoppedClock, cast: Cast, booked: Encounter
) -> None:
    async with database.write() as tx:
        await moving.reschedule(
            tx, booked.id, starts_at=AT_TEN + timedelta(hours=2), was_at=AT_TEN, by=cast.ada, now=clock.now()
        )
    [letter] = await claim_all(database, clock)
    assert (letter.kind, letter.visit.starts_at, letter.visit.sequence) == (
        "moved",
        AT_TEN + timedelta(hours=2),
        2,
    )


async def test_a_letter_claimed_before_the_move_is_not_sent_with_an_old_link(
    database: Database, clock: StoppedClock, cast: Cast, booked: Encounter
) -> None:
    await claim_all(database, clock)
    clock.advance(minutes=3)
    async with database.write() as tx:
        old = await sending.due(tx, now=clock.now())
        await moving.reschedule(
            tx, booked.id, starts_at=AT_TEN + timedelta(hours=2), was_at=AT_TEN, by=cast.ada, now=clock.now()
        )
        assert await sending.claim(tx, old[0], now=clock.now()) is None


async def test_cancelling_sends_the_cancellation_and_nothing_else(
    database: Database, clock: StoppedClock, cast: Cast, booked: Encounter
) -> None:
    async with database.write() as tx:
        await appointments.cancel(tx, booked.id, reason="a cold", by=cast.ada, now=clock.now())
    [letter] = await claim_all(database, clock)
    assert (letter.kind, letter.visit.sequence) == ("cancelled", 2)


async def test_a_letter_about_a_past_visit_expires(
    database: Database, clock: StoppedClock, booked: Encounter
) -> None:
    clock.advance(hours=2)
    assert await claim_all(database, clock) == []
    assert await due(database, clock) == []


async def test_asking_twice_for_the_link_sends_it_once(
    database: Database, clock: StoppedClock, cast: Cast, booked: Encounter
) -> None:
    [letter] = await claim_all(database, clock)
    async with database.write() as tx:
        await sending.sent(tx, letter.message_id, now=clock.now())
        await appointments.resend_link(tx, booked.id, by=cast.ada, now=clock.now())
        await appointments.resend_link(tx, booked.id, by=cast.ada, now=clock.now())
    [again] = await claim_all(database, clock)
    assert (again.kind, again.visit.token) == ("link", letter.visit.token)


async def test_without_an_address_there_is_nothing_to_resend(
    database: Database, clock: StoppedClock, cast: Cast, booked: Encounter
) -> None:
    async with database.write() as tx:
        await correct(tx, cast.mira, email=None, by=cast.ada, now=clock.now())
        with pytest.raises(NoAddress):
            await appointments.resend_link(tx, booked.id, by=cast.ada, now=clock.now())
    assert await claim_all(database, clock) == []


async def test_what_was_written_earlier_can_be_withdrawn_and_what_is_new_still_goes(
    database: Database, cast: Cast, clock: StoppedClock, booked: Encounter
) -> None:
    clock.advance(minutes=5)
    async with database.write() as tx:
        await outgoing.queue_attention(
            tx, patient_id=cast.mira, account_id=cast.reyes, about="something", now=clock.now()
        )
        await store.withdraw_before(tx, clock.now(), now=clock.now())
    assert [letter.kind for letter in await claim_all(database, clock)] == ["attention"]


@pytest.mark.parametrize(("running", "kinds"), [(True, ["guest"]), (False, [])])
async def test_a_guest_is_written_to_as_long_as_the_visit_runs_also_past_its_planned_end(
    running: bool,
    kinds: list[str],
    database: Database,
    clock: StoppedClock,
    booked: Encounter,
    cast: Cast,
) -> None:
    reyes = Staff(account_id=cast.reyes, name="", roles=frozenset({"clinician"}))
    async with database.write() as tx:
        if running:
            await visits.admit(tx, encounter_id=booked.id, now=AT_TEN)
        clock.at = booked.planned_ends_at
        await guests.invite(
            tx,
            encounter_id=booked.id,
            role="interpreter",
            name="Ana Example",
            email="ana@example.org",
            by=reyes,
            now=clock.now(),
        )
    assert [letter.kind for letter in await claim_all(database, clock)] == kinds
