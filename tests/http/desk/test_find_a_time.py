"""Finding a time for this patient: their state, their language, an interpreter; and why somebody is not offered."""

import re
from datetime import UTC, date, datetime, time

from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.schedule import Absence
from server.services import accounts, appointments, licences, patients, practice, practice_time
from server.store import accounts as accounts_store
from server.store import feeds
from server.store import practice as store
from tests.clocks import MONDAY_MORNING

EVENING = tuple((weekday, time(0), time(23, 45)) for weekday in range(7))


async def offered(ada, **asked: str) -> tuple[set[str], str]:
    """Whose times the page offers, and the page."""
    page = await ada.post("/desk/book", step="find", visit_type="check-in", practitioner="", **asked)
    assert page.status == 200
    return set(re.findall(r'name="slot" value="(\w+)\|', page.text)), page.text


async def licensed(database, practitioner_id: str, *states: str, by: str) -> None:
    async with database.write() as tx:
        for state in states:
            given = Licence(state=state, first_on=date(2024, 1, 1))
            await licences.add(tx, practitioner_id, given, number="1", by=by, now=MONDAY_MORNING)


async def test_s8_only_who_is_licensed_for_the_patients_state_is_offered(ada, database, cast, words) -> None:
    """clinical.md, S8: a patient in another state."""
    await licensed(database, cast.dr_reyes, "AZ", "CA", by=cast.petra)
    await licensed(database, cast.dr_okafor, "NV", by=cast.petra)
    assert (await offered(ada, state="AZ"))[0] == {cast.dr_reyes}
    who, page = await offered(ada, state="NV")
    assert who == {cast.dr_okafor}
    assert "Dr. Ines Reyes has no licence for Nevada" in words(page)
    assert (await offered(ada))[0] == {cast.dr_reyes, cast.dr_okafor}


async def test_who_is_on_leave_is_named_with_the_day_they_are_back(ada, database, cast, words) -> None:
    away = Absence.whole_days(
        first_on=date(2026, 11, 23), last_on=date(2026, 12, 6), time_zone="America/Denver"
    )
    async with database.write() as tx:
        await practice_time.add_absence(
            tx, away, practitioner_id=cast.dr_reyes, by=cast.petra, now=MONDAY_MORNING
        )
    who, page = await offered(ada)
    assert who == {cast.dr_okafor} and "Dr. Ines Reyes is on leave until Mon, Dec 7" in words(page)


async def test_who_does_not_hold_the_kind_is_named(ada, database, cast, words) -> None:
    async with database.write() as tx:
        await store.set_holders(tx, "check-in", [cast.dr_reyes])
    who, page = await offered(ada)
    assert who == {cast.dr_reyes} and "Dr. Chidi Okafor does not hold visits of this kind" in words(page)


async def test_who_speaks_the_language_is_offered_or_anybody_with_an_interpreter(
    ada, database, cast, words
) -> None:
    async with database.write() as tx:
        await store.set_languages(tx, cast.dr_okafor, ["en", "es"])
    who, page = await offered(ada, speaks="es")
    assert who == {cast.dr_okafor} and "Dr. Ines Reyes does not speak Spanish" in words(page)
    who, page = await offered(ada, speaks="es", interpreter="es")
    assert who == {cast.dr_okafor, cast.dr_reyes} and "half as long again: 45 min" in words(page)


async def test_s11_an_interpreter_asked_for_at_booking_makes_the_visit_half_as_long_again(
    ada, database, cast, clock
) -> None:
    """clinical.md, S11: "1.5× duration slot"."""
    wish = {"visit_type": "check-in", "chosen": f"{cast.dr_reyes}|2026-11-24T17:00Z", "step": "book"}
    answer = await ada.post("/desk/book", patient_id=cast.mira, interpreter="es", state="CO", **wish)
    assert answer.status == 303
    async with database.read() as tx:
        visit = await appointments.visit(tx, answer.location.rsplit("/", 1)[1])
        mira = await patients.by_id(tx, cast.mira)
    assert (visit.planned_ends_at - visit.planned_starts_at).total_seconds() == 45 * 60
    assert (mira.interpreter_language, mira.state) == ("es", "CO")


async def test_a_patient_nobody_speaks_with_is_still_offered_times(ada, database, cast, clock) -> None:
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, language="es", by=cast.ada, now=clock.now())
    assert (await offered(ada, patient_id=cast.mira))[0] == {cast.dr_reyes, cast.dr_okafor}


async def test_the_patients_own_psychiatrist_comes_first_at_the_same_time(ada, database, cast, clock) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=datetime(2026, 11, 30, 17, tzinfo=UTC),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    _, page = await offered(ada, patient_id=cast.mira, chosen="x", proposed="y")
    first = re.search(r'name="slot" value="(\w+)\|', page)[1]
    assert first == cast.dr_reyes


async def test_s2_a_time_that_comes_twice_is_offered_with_the_name_of_its_zone(
    sign_in, database, cast, clock
) -> None:
    """clinical.md, S2: "Offer of 01:30 on 1 Nov is ambiguous → slot list shows both with EDT/EST"."""
    clock.at = datetime(2027, 11, 6, 18, tzinfo=UTC)
    async with database.write() as tx:
        await accounts_store.set_weekly_hours(tx, cast.dr_reyes, EVENING)
    ada = await sign_in(cast.ada)
    page = await ada.get(f"/desk/book?practitioner={cast.dr_reyes}&visit_type=check-in&since=2027-11-07")
    shown = re.findall(r"<span>(1:30.AM[^<]*)</span>", page.text)
    assert [text.replace("\u202f", " ") for text in shown[:2]] == ["1:30 AM MDT", "1:30 AM MST"]


async def test_the_page_asks_the_database_as_often_for_ten_people_as_for_two(
    ada, database, cast, clock, statements
) -> None:
    with statements() as few:
        await ada.get("/desk/book")
    async with database.write() as tx:
        for number in range(8):
            account_id = await accounts.create(
                tx,
                name=f"Dr. Number {number}",
                email=f"n{number}@harbor.example",
                roles=frozenset({"clinician"}),
                password_hash=None,
                now=clock.now(),
            )
            await accounts.add_practitioner(
                tx,
                account_id=account_id,
                name=f"Dr. Number {number}",
                time_zone="America/Chicago",
                hours=EVENING,
            )
    with statements() as many:
        page = await ada.get("/desk/book")
    assert "Dr. Number 7" in page.text
    assert len(many) == len(few)


async def test_external_busy_times_are_not_offered(ada, database, cast) -> None:
    async with database.write() as tx:
        await feeds.put(tx, cast.dr_reyes, url="https://calendar.example/x.ics")
        feed = await feeds.of_practitioner(tx, cast.dr_reyes)
        day = Interval(start=datetime(2026, 11, 24, 7, tzinfo=UTC), end=datetime(2026, 11, 25, 7, tzinfo=UTC))
        await feeds.keep(tx, feed, [day], now=MONDAY_MORNING)
        assert (await practice.schedule_of(tx, cast.dr_reyes)).elsewhere == (day,)
    page = await ada.get(f"/desk/book?practitioner={cast.dr_reyes}&visit_type=check-in&since=2026-11-24")
    times = re.findall(r'name="slot" value="\w+\|([^"]+)"', page.text)
    assert times[0].startswith("2026-11-25")
    taken = {"visit_type": "check-in", "chosen": f"{cast.dr_reyes}|2026-11-24T17:00Z", "step": "book"}
    assert (await ada.post("/desk/book", patient_id=cast.mira, **taken)).status == 409


async def test_a_time_chosen_before_it_was_known_for_whom_is_put_right_when_the_patient_is_found(
    ada, database, cast, clock, words
) -> None:
    await licensed(database, cast.dr_reyes, "CO", by=cast.petra)
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, state="CO", by=cast.ada, now=clock.now())
    chosen = {"chosen": f"{cast.dr_okafor}|2026-11-24T17:00Z", "proposed": ""}
    who, page = await offered(ada, patient_id=cast.mira, **chosen)
    assert who == {cast.dr_reyes}
    assert "They have no licence for this patient's state on that day." in words(page)
    assert 'id="chosen" value=""' in page
