"""Join links: made again at will, kept as a hash only, replaced when the visit moves."""

from datetime import timedelta

from sqlalchemy import text

from server.services import appointments, moving
from server.store import links
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast


async def book(database: Database, cast: Cast, clock: StoppedClock):  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=1),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


async def test_every_booking_has_a_link(database: Database, cast: Cast, clock: StoppedClock) -> None:
    visit = await book(database, cast, clock)
    async with database.read() as tx:
        link = await links.by_token(tx, appointments.token_of(tx, visit))
    assert link is not None
    assert (link.encounter_id, link.seat, link.revoked_at) == (visit.id, "patient", None)


async def test_a_call_started_now_has_one_too(database: Database, cast: Cast, clock: StoppedClock) -> None:
    async with database.write() as tx:
        visit, token = await appointments.call_now(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, by=cast.reyes, now=clock.now()
        )
        link = await links.by_token(tx, token)
    assert link is not None
    assert (link.encounter_id, visit.appointment_id) == (visit.id, None)


async def test_the_token_is_43_characters_that_no_two_visits_share(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.read() as tx:
        tokens = {
            links.token_for(tx, encounter_id=visit, seat=seat, version=version)
            for visit in ("a", "b")
            for seat in ("patient", "guest")
            for version in (1, 2)
        }
    assert (len(tokens), {len(token) for token in tokens}) == (8, {43})


async def test_only_the_hash_is_kept(database: Database, cast: Cast, clock: StoppedClock) -> None:
    visit = await book(database, cast, clock)
    async with database.read() as tx:
        token = appointments.token_of(tx, visit)
        rows = await tx.all(text("SELECT * FROM join_links"))
    assert token not in repr([tuple(row) for row in rows])


async def test_moving_the_visit_replaces_the_link(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await book(database, cast, clock)
    async with database.write() as tx:
        before = appointments.token_of(tx, visit)
        moved = await moving.reschedule(
            tx,
            visit.id,
            starts_at=MONDAY_MORNING + timedelta(hours=4),
            was_at=visit.planned_starts_at,
            by=cast.ada,
            now=clock.now(),
        )
        after = appointments.token_of(tx, moved)
        old, new = await links.by_token(tx, before), await links.by_token(tx, after)
    assert old is not None and new is not None
    assert (old.revoked_at, new.revoked_at) == (clock.now(), None)


async def test_a_cancelled_visits_link_still_says_so(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    visit = await book(database, cast, clock)
    async with database.write() as tx:
        await appointments.cancel(tx, visit.id, reason="a cold", by=cast.ada, now=clock.now())
        link = await links.by_token(tx, appointments.token_of(tx, visit))
    assert link is not None
    assert (link.status, link.revoked_at) == ("cancelled", None)


async def test_a_made_up_token_is_nobodys(database: Database, cast: Cast) -> None:
    async with database.read() as tx:
        assert await links.by_token(tx, "A" * 43) is None
