"""experience.md, row 12: a clinician whose calendar is mailed is invited to what is theirs, and called off what is not,
in the transaction that decides it."""

from datetime import timedelta

import pytest
import vobject

from server.jobs.letters import letter_for
from server.services import accounts, appointments, calendar_mail, moving, sending
from tests.clocks import MONDAY_MORNING
from tests.unit.test_messages import SENDER

pytestmark = pytest.mark.both_databases


@pytest.fixture
def chosen(database, cast, clock):
    async def choose(**mailed: str) -> None:
        async with database.write() as tx:
            for name, how in mailed.items():
                await calendar_mail.choose(
                    tx, getattr(cast, f"dr_{name}"), how, by=cast.reyes, now=clock.now()
                )

    return choose


@pytest.fixture
def book(database, cast, clock):
    async def booked(**said):
        async with database.write() as tx:
            return await appointments.book(
                tx,
                patient_id=cast.mira,
                practitioner_id=cast.dr_reyes,
                visit_type="check-in",
                starts_at=MONDAY_MORNING + timedelta(hours=2),
                mode="video",
                booked_by=cast.ada,
                now=clock.now(),
                **said,
            )

    return booked


@pytest.fixture
def give(database, cast, clock):
    async def given(visit, to=None):
        async with database.write() as tx:
            return await moving.reassign(
                tx,
                visit.id,
                to=to or cast.dr_okafor,
                was_with=visit.practitioner_id,
                reason="ill",
                by=cast.ada,
                now=clock.now(),
            )

    return given


@pytest.fixture
def left(database, clock):
    """What leaves for clinicians, as (to, method, the event): the letters' calendars, read by another library."""

    async def mailed() -> list[tuple[str, str, object]]:
        found = []
        async with database.write() as tx:
            for each in await sending.due(tx, now=clock.now()):
                claimed = await sending.claim(tx, each, now=clock.now())
                await sending.sent(tx, each, now=clock.now())
                if claimed is not None and claimed.own is not None:
                    letter = letter_for(claimed, SENDER, now=clock.now())
                    read = vobject.readOne(letter.calendar.decode())
                    assert read.method.value == letter.method
                    found.append((letter.to, letter.method, read.vevent))
        return found

    return mailed


async def test_by_default_nobody_is_mailed(book, give, left) -> None:
    await give(await book())
    assert await left() == []


async def test_whoever_gets_it_is_invited_and_whoever_had_it_is_called_off(
    book, give, left, chosen, cast
) -> None:
    await chosen(reyes="kind", okafor="kind")
    visit = await book()
    [(to, method, mine)] = await left()
    assert (to, method) == ("reyes@harbor.example", "REQUEST")
    await give(visit)
    (theirs,) = [told for told in await left() if told[0] == "okafor@harbor.example"] or [None]
    assert theirs is not None and theirs[1] == "REQUEST"
    assert theirs[2].dtstart.value == visit.planned_starts_at and theirs[2].summary.value == "Check-in"
    assert theirs[2].uid.value != mine.uid.value


async def test_the_one_who_had_it_finds_it_taken_away_under_its_own_uid_and_a_higher_number(
    book, give, left, chosen
) -> None:
    await chosen(reyes="kind")
    visit = await book()
    [(_, _, invited)] = await left()
    await give(visit)
    [(to, method, gone)] = await left()
    assert (to, method, gone.status.value) == ("reyes@harbor.example", "CANCEL", "CANCELLED")
    assert gone.uid.value == invited.uid.value
    assert int(gone.sequence.value) > int(invited.sequence.value)
    assert gone.attendee.value.lower() == "mailto:reyes@harbor.example"
    assert gone.dtstart.value == invited.dtstart.value


async def test_both_are_written_or_neither(database, book, give, left, chosen, cast, clock) -> None:
    await chosen(reyes="kind", okafor="kind")
    visit = await book()
    await left()

    async def broken_off() -> None:
        async with database.write() as tx:
            await moving.reassign(
                tx,
                visit.id,
                to=cast.dr_okafor,
                was_with=cast.dr_reyes,
                reason="ill",
                by=cast.ada,
                now=clock.now(),
            )
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken_off()
    assert await left() == []


async def test_given_back_before_anything_left_it_is_theirs_and_nobody_elses(
    book, give, left, chosen, cast
) -> None:
    await chosen(reyes="kind", okafor="kind")
    visit = await book()
    [(_, _, first)] = await left()
    given = await give(visit)
    await give(given, to=cast.dr_reyes)
    told = {(to, method): event for to, method, event in await left()}
    assert set(told) == {("reyes@harbor.example", "REQUEST"), ("okafor@harbor.example", "CANCEL")}
    assert int(told["reyes@harbor.example", "REQUEST"].sequence.value) > int(first.sequence.value)


async def test_a_visit_that_moves_moves_and_one_that_is_cancelled_goes(
    database, book, left, chosen, cast, clock
) -> None:
    await chosen(reyes="busy")
    visit = await book()
    later = visit.planned_starts_at + timedelta(hours=1)
    async with database.write() as tx:
        await moving.reschedule(
            tx, visit.id, starts_at=later, was_at=visit.planned_starts_at, by=cast.ada, now=clock.now()
        )
    # The invitation for the time it no longer has was never sent.
    [(_, method, moved)] = await left()
    assert (method, moved.dtstart.value) == ("REQUEST", later)
    async with database.write() as tx:
        await appointments.cancel(tx, visit.id, reason="ill", by=cast.ada, now=clock.now())
    [(_, method, gone)] = await left()
    assert (method, gone.uid.value) == ("CANCEL", moved.uid.value)
    assert int(gone.sequence.value) > int(moved.sequence.value)


@pytest.mark.parametrize(
    ("mailed", "summary", "leads"),
    [("busy", "Busy", False), ("kind", "Check-in", True), ("name", "Check-in · Mira Lindqvist", True)],
)
async def test_it_tells_as_much_as_was_chosen_and_no_more(book, left, chosen, mailed, summary, leads) -> None:
    await chosen(reyes=mailed)
    await book()
    [(_, _, event)] = await left()
    assert (event.summary.value, hasattr(event, "url")) == (summary, leads)
    assert ("Lindqvist" in event.serialize()) == (mailed == "name")


async def test_who_ends_it_gets_no_more_invitations_and_still_hears_what_is_gone(
    book, give, left, chosen
) -> None:
    await chosen(reyes="name")
    visit = await book()
    await left()
    await chosen(reyes="no")
    await give(visit)
    [(_, method, event)] = await left()
    assert (method, event.summary.value) == ("CANCEL", "Busy")


async def test_whoever_may_not_sign_in_any_more_is_mailed_nothing(
    database, book, give, left, chosen, cast, clock
) -> None:
    """Also what was written before: a name in the calendar of somebody who has left the clinic."""
    await chosen(reyes="name")
    visit = await book()
    async with database.write() as tx:
        await accounts.disable(tx, account_id=cast.reyes, by=cast.petra, now=clock.now())
    assert await left() == []
    await give(visit)
    assert await left() == []


async def test_a_booking_that_waits_for_their_word_is_in_nobodys_calendar(
    database, book, left, chosen, cast, clock
) -> None:
    await chosen(reyes="kind")
    await book()
    await left()
    async with database.write() as tx:
        over = await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
            overbook=appointments.Overbook(reason="urgent"),
        )
        await appointments.cancel(tx, over.id, reason="no", by=cast.ada, now=clock.now())
    assert await left() == []
