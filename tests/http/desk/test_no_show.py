"""S3, a no-show: rung, decided by a person, followed up; and whoever comes late is let in all the same."""

from datetime import timedelta
from typing import Any

import pytest

from server.care.access import Staff
from server.care.encounter import PresenceEvent
from server.services import appointments, plans, safety, slot_holds, tasks, visits
from server.store import plans as courses
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

AT_TEN = MONDAY_MORNING + timedelta(hours=1)
CLINIC = {"front-desk", "clinician"}


async def state(database: Database, encounter_id: str) -> tuple[str, str, bool]:
    async with database.read() as tx:
        encounter, appointment = await appointments.booked(tx, encounter_id)
        return encounter.status, appointment.status, encounter.no_show_at is not None


async def open_kinds(database: Database, *roles: str) -> list[str]:
    who = Staff(account_id="x", name="x", roles=frozenset(roles or CLINIC))
    async with database.read() as tx:
        return sorted(task.kind for task in await tasks.open_tasks(tx, staff=who))


async def after_a_session(database: Database, cast: Cast, clock: StoppedClock) -> None:
    """Mira is on a course and has held its first session."""
    by = Staff(account_id=cast.reyes, name="Dr. Reyes", roles=frozenset({"clinician"}))
    today = clock.now().date()
    async with database.write() as tx:
        plan = await plans.make(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            days=[today + timedelta(days=7 * n) for n in range(4)],
            by=by,
            now=clock.now(),
        )
        await plans.finish_session(tx, patient_id=cast.mira, session_id=plan.sessions[0].id, now=clock.now())
        assert (await courses.active_of(tx, cast.mira)) is not None


@pytest.fixture
async def due(booked: Any, clock: StoppedClock) -> Any:
    """A quarter of an hour after Mira's time; the sessions of staff who look now begin now."""
    clock.at = AT_TEN + timedelta(minutes=15)
    return booked


async def test_the_row_offers_to_call_and_says_who_did(sign_in, cast, clock, booked, words) -> None:
    clock.at = AT_TEN + timedelta(minutes=5)
    ada = await sign_in(cast.ada)
    board = (await ada.get("/desk/today")).text
    assert '<li class="row late wait">' in board and 'href="tel:3035550142"' in board
    answer = await ada.post(f"/desk/visit/{booked.id}/contact?day=2026-11-23", kind="rang")
    assert (answer.status, answer.location) == (303, "/desk/today?day=2026-11-23")
    for page in ("/desk/today/board", f"/desk/visit/{booked.id}"):
        assert "rang 10:05 AM, Ada Quill" in words((await ada.get(page)).text)


async def test_nothing_is_a_no_show_by_itself(sign_in, database, cast, clock, booked) -> None:
    clock.at = AT_TEN + timedelta(hours=3)
    await (await sign_in(cast.ada)).get("/desk/today")
    assert await state(database, booked.id) == ("planned", "booked", False)


async def test_a_no_show_is_suggested_only_when_somebody_of_ours_was_there(
    sign_in, database, cast, due, words
) -> None:
    ada = await sign_in(cast.ada)
    assert "Nobody of ours was there to let them in" in words((await ada.get("/desk/today")).text)
    async with database.write() as tx:
        joined = PresenceEvent(seat="clinician", kind="joined", at=AT_TEN)
        await visits.record(tx, encounter_id=due.id, event=joined)
    assert "Looks like a no-show" in words((await ada.get(f"/desk/visit/{due.id}")).text)


async def test_one_tap_with_an_outcome_and_two_more_tries_within_two_days(
    sign_in, database, cast, clock, due, words
) -> None:
    ada = await sign_in(cast.ada)
    answer = await ada.post(f"/desk/visit/{due.id}/no-show", outcome="rang")
    assert answer.status == 303
    assert await state(database, due.id) == ("planned", "noshow", True)
    page = words((await ada.get(answer.location)).text)
    assert "Did not come" in page and "no-show 10:15 AM, Ada Quill: rang them" in page
    assert "fee" not in page.lower().split()
    async with database.read() as tx:
        who = Staff(account_id=cast.ada, name="Ada", roles=frozenset({"front-desk"}))
        tries = await tasks.open_tasks(tx, staff=who)
    assert [(t.kind, t.due_at - clock.now()) for t in tries] == [
        ("contact-again", timedelta(hours=24)),
        ("contact-again", timedelta(hours=48)),
    ]


async def test_an_outcome_has_to_be_given_and_words_where_it_is_none_of_them(
    sign_in, database, cast, due, words
) -> None:
    ada = await sign_in(cast.ada)
    for fields in ({}, {"outcome": "other", "words": " "}, {"outcome": "fee"}):
        page = await ada.post(f"/desk/visit/{due.id}/no-show", **fields)
        assert (page.status, await state(database, due.id)) == (422, ("planned", "booked", False))
        assert "Choose what was done about it, or write it." in words(page.text)
    await ada.post(f"/desk/visit/{due.id}/no-show", outcome="other", words="Their sister answered")
    assert "“Their sister answered”" in words((await ada.get(f"/desk/visit/{due.id}")).text)


async def test_s3_a_missed_check_in_after_a_session_puts_the_course_on_hold_until_a_clinician_lifts_it(
    sign_in, database, cast, clock, booked, words
) -> None:
    await after_a_session(database, cast, clock)
    clock.at = AT_TEN + timedelta(minutes=15)
    ada = await sign_in(cast.ada)
    await ada.post(f"/desk/visit/{booked.id}/no-show", outcome="rang")
    async with database.read() as tx:
        [hold] = await safety.of_patient(tx, cast.mira)
    assert (hold.kind, hold.open) == ("lost-touch", True)
    assert "lost-touch" in await open_kinds(database, "clinician")
    reyes = await sign_in(cast.reyes)
    chart = words((await reyes.get(f"/clinic/chart/{cast.mira}")).text)
    assert "Did not come" in chart and "no-show 10:15 AM, Ada Quill: rang them" in chart
    assert "The patient did not come to a check-in after a session" in chart
    await ada.post(f"/desk/visit/{booked.id}/no-show/undoing")
    async with database.read() as tx:
        assert await safety.is_on_hold(tx, cast.mira), "resuming is never automatic"


async def test_s3_without_a_session_before_it_a_missed_visit_is_no_hold(sign_in, database, cast, due) -> None:
    await (await sign_in(cast.ada)).post(f"/desk/visit/{due.id}/no-show", outcome="rang")
    async with database.read() as tx:
        assert await safety.of_patient(tx, cast.mira) == []


async def test_s3_somebody_at_risk_is_called_by_a_clinician_the_same_day(
    sign_in, database, cast, clock, due
) -> None:
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="self-harm", event_id="e", level=2, now=clock.now())
    await (await sign_in(cast.ada)).post(f"/desk/visit/{due.id}/no-show", outcome="rang")
    async with database.read() as tx:
        who = Staff(account_id=cast.reyes, name="Dr. Reyes", roles=frozenset({"clinician"}))
        [call] = [t for t in await tasks.open_tasks(tx, staff=who) if t.kind == "welfare-call"]
    assert call.due_at - clock.now() == timedelta(hours=2)
    assert "has not been" not in (await (await sign_in(cast.reyes)).get("/clinic/day")).text


async def test_s3_whoever_comes_just_before_or_after_the_decision_is_let_in(
    sign_in, database, cast, clock, booked
) -> None:
    clock.at = AT_TEN + timedelta(minutes=14, seconds=50)
    ada = await sign_in(cast.ada)
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=booked.id, now=clock.now())
    clock.at = AT_TEN + timedelta(minutes=15)
    refused = await ada.post(f"/desk/visit/{booked.id}/no-show", outcome="rang")
    assert (refused.status, await state(database, booked.id)) == (409, ("arrived", "booked", False))
    async with database.write() as tx:
        await visits.go_away(tx, encounter_id=booked.id, now=clock.now())
    await ada.post(f"/desk/visit/{booked.id}/no-show", outcome="rang")
    async with database.write() as tx:
        await visits.arrive(tx, encounter_id=booked.id, now=clock.now())
    assert await state(database, booked.id) == ("arrived", "arrived", False)
    assert await open_kinds(database, "front-desk") == [], "nobody has to try again"


async def test_whoever_comes_when_their_time_is_somebody_elses_is_let_in_too(
    sign_in, database, cast, clock, due
) -> None:
    await (await sign_in(cast.ada)).post(f"/desk/visit/{due.id}/no-show", outcome="rang")
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN + timedelta(minutes=15),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        await visits.arrive(tx, encounter_id=due.id, now=clock.now())
    assert await state(database, due.id) == ("arrived", "noshow", False)
    async with database.write() as tx:
        await visits.finish(tx, encounter_id=due.id, by=cast.reyes, now=clock.now())
    assert await state(database, due.id) == ("finished", "fulfilled", False)


async def test_a_no_show_is_taken_back_unless_the_time_was_given_away(
    sign_in, database, cast, clock, due, words
) -> None:
    ada = await sign_in(cast.ada)
    await ada.post(f"/desk/visit/{due.id}/no-show", outcome="texted")
    assert (await ada.post(f"/desk/visit/{due.id}/no-show/undoing")).status == 303
    assert await state(database, due.id) == ("planned", "booked", False)
    assert await open_kinds(database, "front-desk") == []
    await ada.post(f"/desk/visit/{due.id}/no-show", outcome="texted")
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN + timedelta(minutes=15),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    refused = await ada.post(f"/desk/visit/{due.id}/no-show/undoing")
    assert refused.status == 409 and "given to somebody else" in words(refused.text)
    assert await state(database, due.id) == ("planned", "noshow", True)


async def test_a_no_show_is_not_taken_back_onto_time_that_is_kept_for_somebody(
    sign_in, database, cast, clock, due, words
) -> None:
    ada = await sign_in(cast.ada)
    await ada.post(f"/desk/visit/{due.id}/no-show", outcome="texted")
    async with database.write() as tx:
        await slot_holds.keep(
            tx,
            hold_id="b" * 32,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=AT_TEN + timedelta(minutes=15),
            held_by=cast.ada,
            now=clock.now(),
        )
    assert (await ada.post(f"/desk/visit/{due.id}/no-show/undoing")).status == 409
    assert await state(database, due.id) == ("planned", "noshow", True)
    clock.advance(minutes=10)
    assert (await ada.post(f"/desk/visit/{due.id}/no-show/undoing")).status == 303
    assert await state(database, due.id) == ("planned", "booked", False)


async def test_what_was_booked_over_others_is_taken_back_over_them(sign_in, database, cast, clock) -> None:
    async with database.write() as tx:
        for patient_id, minutes in ((cast.tomas, 0), (cast.mira, 15)):
            over = await appointments.book(
                tx,
                patient_id=patient_id,
                practitioner_id=cast.dr_reyes,
                visit_type="check-in",
                starts_at=AT_TEN + timedelta(minutes=minutes),
                mode="video",
                booked_by=cast.reyes,
                now=clock.now(),
                overbook=appointments.Overbook(reason="Cannot wait", agreed_by=cast.reyes),
            )
    clock.at = AT_TEN + timedelta(minutes=20)
    ada = await sign_in(cast.ada)
    await ada.post(f"/desk/visit/{over.id}/no-show", outcome="texted")
    assert (await ada.post(f"/desk/visit/{over.id}/no-show/undoing")).status == 303
    assert await state(database, over.id) == ("planned", "booked", False)
