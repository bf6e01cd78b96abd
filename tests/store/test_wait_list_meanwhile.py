"""What changes between an offer and the yes to it: the visit, whom it is with, the kind of visit, who asked twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling.reminders import QuietHours
from scheduling.schedule import Absence
from server.care.encounter import Encounter
from server.care.wait_list import OfferOver
from server.services import moving, practice, practice_time, slot_holds, visit_types, wait_list, wait_offers
from server.store import slot_holds as holds_store
from server.store import wait_list as store
from server.store.database import Database
from tests.builders import check_in
from tests.clocks import MONDAY_MORNING
from tests.people import Cast

pytestmark = pytest.mark.both_databases

NOW = MONDAY_MORNING
# Wednesday at ten in Denver.
WEDNESDAY = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
LATER = WEDNESDAY + timedelta(days=14)


@pytest.fixture
async def far(database: Database, cast: Cast) -> Encounter:
    """Mira's visit with Dr Reyes, two weeks later; by her link she waits for something earlier."""
    async with database.write() as tx:
        visit = await _booked(tx, cast, LATER)
        await wait_list.join_for_earlier(tx, visit, by="patient", now=NOW)
    return visit


async def _booked(tx, cast: Cast, starts_at: datetime) -> Encounter:  # type: ignore[no-untyped-def]
    return await check_in(tx, cast, starts_at, now=NOW)


async def _offered(database: Database, whose: str) -> list[str]:
    async with database.write() as tx:
        made = await wait_offers.offer(
            tx, practitioner_id=whose, starts_at=WEDNESDAY, by="system", quiet=QuietHours(), now=NOW
        )
        return [store.token_for(tx, each.id) for each in made]


async def _is_over(database: Database, token: str) -> bool:
    with pytest.raises(OfferOver):
        async with database.write() as tx:
            await wait_offers.take(tx, token, now=NOW)
    async with database.read() as tx:
        return (await wait_offers.seen(tx, token, now=NOW)).standing == "over"


async def test_a_yes_never_makes_a_visit_later(database: Database, cast: Cast, far: Encounter) -> None:
    [token] = await _offered(database, cast.dr_reyes)
    async with database.write() as tx:
        sooner = WEDNESDAY - timedelta(days=1)
        await moving.reschedule(tx, far.id, starts_at=sooner, was_at=LATER, by=cast.ada, now=NOW)
    assert await _is_over(database, token)


async def test_who_asked_by_link_waits_for_whoever_sees_them_now(
    database: Database, cast: Cast, far: Encounter
) -> None:
    [token] = await _offered(database, cast.dr_reyes)
    async with database.write() as tx:
        how = {"was_with": cast.dr_reyes, "reason": "Away", "by": cast.ada, "now": NOW}
        await moving.reassign(tx, far.id, to=cast.dr_okafor, **how)
    assert await _is_over(database, token), "nobody but the desk changes whom somebody sees"
    async with database.read() as tx:
        [waiting] = await wait_list.everybody(tx, now=NOW)
        found = await wait_list.openings(tx, now=NOW + timedelta(hours=5))
    assert waiting.place.practitioner_id == cast.dr_okafor
    assert {each.practitioner_id for each in found} == {cast.dr_okafor}


async def _wish(tx, cast: Cast) -> None:  # type: ignore[no-untyped-def]
    await wait_list.join(
        tx,
        patient_id=cast.mira,
        visit_type="check-in",
        encounter_id=None,
        practitioner_id=None,
        first_on=date(2026, 11, 25),
        last_on=date(2026, 11, 25),
        by=cast.ada,
        now=NOW,
    )


async def test_leave_that_is_taken_back_frees_its_times_for_who_waits(database: Database, cast: Cast) -> None:
    leave = Absence(
        starts=datetime(2026, 11, 25), ends=datetime(2026, 11, 26), time_zone="America/Denver", reason="Leave"
    )
    shared = {"practitioner_id": cast.dr_reyes, "by": cast.petra, "now": NOW}
    async with database.write() as tx:
        await wait_list.join(
            tx,
            patient_id=cast.mira,
            visit_type="check-in",
            encounter_id=None,
            practitioner_id=cast.dr_reyes,
            first_on=date(2026, 11, 25),
            last_on=date(2026, 11, 25),
            by=cast.ada,
            now=NOW,
        )
        await practice_time.add_absence(tx, leave, **shared)
        assert await wait_list.openings(tx, now=NOW) == []
        [kept] = await practice_time.absences_of(tx, cast.dr_reyes, now=NOW)
        await practice_time.remove_absence(tx, kept.id, **shared)
        [opening] = await wait_list.openings(tx, now=NOW)
    assert (opening.practitioner_id, opening.starts_at.date()) == (cast.dr_reyes, date(2026, 11, 25))


async def test_somebody_with_two_places_is_asked_once_about_one_time(
    database: Database, cast: Cast, far: Encounter
) -> None:
    async with database.write() as tx:
        await _wish(tx, cast)
    assert len(await _offered(database, cast.dr_reyes)) == 1


async def test_nothing_is_free_for_a_wish_whose_kind_is_not_booked_any_more(
    database: Database, cast: Cast
) -> None:
    async with database.write() as tx:
        await _wish(tx, cast)
    [token] = await _offered(database, cast.dr_reyes)
    async with database.write() as tx:
        await visit_types.retire(tx, "check-in", by=cast.petra, now=NOW)
    assert await _is_over(database, token)
    later = NOW + timedelta(hours=5)
    async with database.read() as tx:
        assert await wait_list.openings(tx, now=later) == []


async def test_as_much_is_kept_as_everybody_asked_would_need(
    database: Database, cast: Cast, far: Encounter
) -> None:
    """Two kinds as long as each other, of which one wants time after it: what is kept is the first one's."""
    async with database.write() as tx:
        kind = await practice.visit_type(tx, "check-in")
        wider = replace(kind, code="wider", buffer_after=kind.buffer_after + timedelta(minutes=30))
        await visit_types.add(tx, wider, by=cast.petra, now=NOW)
        await wait_list.join(
            tx,
            patient_id=cast.tomas,
            visit_type="wider",
            encounter_id=None,
            practitioner_id=None,
            first_on=date(2026, 11, 25),
            last_on=date(2026, 11, 25),
            by=cast.ada,
            now=NOW + timedelta(minutes=1),
        )
    assert len(await _offered(database, cast.dr_reyes)) == 1


async def test_what_the_wait_list_keeps_takes_nothing_from_the_public_page(
    database: Database, cast: Cast, far: Encounter
) -> None:
    await _offered(database, cast.dr_reyes)
    async with database.read() as tx:
        assert await holds_store.count_of_visitors(tx, but=slot_holds.OFFERED, now=NOW) == 0


async def test_what_was_taken_is_theirs_only_as_long_as_it_stands(
    database: Database, cast: Cast, far: Encounter
) -> None:
    [token] = await _offered(database, cast.dr_reyes)
    async with database.write() as tx:
        await wait_offers.take(tx, token, now=NOW)
        assert (await wait_offers.seen(tx, token, now=NOW)).standing == "yours"
        await moving.reschedule(tx, far.id, starts_at=LATER, was_at=WEDNESDAY, by=cast.ada, now=NOW)
    assert await _is_over(database, token)


async def test_what_is_free_is_read_once_however_many_wait(
    database: Database, cast: Cast, far: Encounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board asks for it each time it is drawn."""
    asked = []
    read = practice.diaries

    async def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        asked.append(kwargs)
        return await read(*args, **kwargs)

    monkeypatch.setattr(practice, "diaries", counted)
    async with database.write() as tx:
        await _wish(tx, cast)
        assert len(await wait_list.openings(tx, now=NOW)) > 0
    assert len(asked) == 1
