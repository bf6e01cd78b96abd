"""Another time for a visit, with the same person."""

import re

import pytest

from server.care import encounter as care
from server.services import appointments
from server.store import appointments as appointments_store
from server.store import encounters, reassignments

NOON = "2026-11-23T19:00Z"


async def test_the_page_shows_the_old_time_and_free_ones_of_the_same_person(ada, cast, booked, words) -> None:
    page = await ada.get(f"/desk/reschedule/{booked.id}")
    read = words(page.text)
    assert page.status == 200
    assert "Another time for Mira Lindqvist" in read and "10:00 AM clinic (Denver)" in read
    people = set(re.findall(r'name="slot" value="(\w+)\|', page.text))
    times = re.findall(r'name="slot" value="\w+\|([^"]+)"', page.text)
    assert people == {cast.dr_reyes}
    assert "2026-11-23T17:15Z" in times, "its own time counts as free"
    assert "2026-11-23T17:00Z" not in times, "but moving to where it is would be no move"


async def test_choosing_shows_both_and_changes_nothing(ada, database, cast, booked) -> None:
    page = await ada.post(f"/desk/reschedule/{booked.id}", slot=f"{cast.dr_reyes}|{NOON}")
    assert page.status == 200 and f'id="chosen" value="{cast.dr_reyes}|{NOON}"' in page.text
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked


async def test_confirming_moves_it_under_a_new_link(ada, database, cast, booked) -> None:
    answer = await ada.post(
        f"/desk/reschedule/{booked.id}",
        step="move",
        was="2026-11-23T17:00Z",
        chosen=f"{cast.dr_reyes}|{NOON}",
    )
    assert (answer.status, answer.location) == (303, f"/desk/visit/{booked.id}")
    async with database.read() as tx:
        encounter, appointment = await appointments.booked(tx, booked.id)
    assert f"{encounter.planned_starts_at:%H:%M}" == f"{appointment.starts_at:%H:%M}" == "19:00"
    assert (encounter.link_version, appointment.version) == (2, 2)
    assert encounter.practitioner_id == booked.practitioner_id


async def test_a_time_just_taken_offers_the_next_ones(ada, database, cast, clock, booked, words) -> None:
    async with database.write() as tx:
        await appointments.book(
            tx,
            patient_id=cast.tomas,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=clock.now().replace(hour=19),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    page = await ada.post(
        f"/desk/reschedule/{booked.id}",
        step="move",
        was="2026-11-23T17:00Z",
        chosen=f"{cast.dr_reyes}|{NOON}",
    )
    assert page.status == 409
    assert "That time was just taken." in words(page.text)
    assert "2026-11-23T19:45Z" in page.text
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked


@pytest.mark.parametrize("chosen", ["", "nonsense"])
async def test_no_time_chosen_is_told(ada, booked, words, chosen: str) -> None:
    page = await ada.post(
        f"/desk/reschedule/{booked.id}", step="move", was="2026-11-23T17:00Z", chosen=chosen
    )
    assert (page.status, "Choose a time." in words(page.text)) == (422, True)


async def test_a_visit_that_has_begun_is_not_moved(ada, database, cast, clock, booked) -> None:
    async with database.write() as tx:
        await encounters.save(tx, care.start(booked, clock.now()))
    shown = await ada.get(f"/desk/reschedule/{booked.id}")
    moved = await ada.post(
        f"/desk/reschedule/{booked.id}",
        step="move",
        was="2026-11-23T17:00Z",
        chosen=f"{cast.dr_reyes}|{NOON}",
    )
    assert (shown.status, moved.status) == (409, 409)


async def test_a_call_without_an_appointment_has_nothing_to_move(ada, database, cast, clock) -> None:
    async with database.write() as tx:
        visit, _ = await appointments.call_now(
            tx, patient_id=cast.mira, practitioner_id=cast.dr_reyes, by=cast.reyes, now=clock.now()
        )
    assert (await ada.get(f"/desk/reschedule/{visit.id}")).status == 404
    assert (await ada.get(f"/desk/reschedule/{'0' * 32}")).status == 404


async def test_only_the_front_desk_moves_visits(stranger, reyes, petra, database, cast, booked) -> None:
    for who, no in ((stranger, 401), (reyes, 403), (petra, 403)):
        assert (await who.get(f"/desk/reschedule/{booked.id}")).status in (303, 403)
        fields = {"step": "move", "chosen": f"{cast.dr_reyes}|{NOON}"}
        assert (await who.post(f"/desk/reschedule/{booked.id}", **fields)).status == no
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked


async def test_of_two_desks_that_move_a_visit_the_second_is_told(ada, database, booked, cast, words) -> None:
    late = f"{cast.dr_reyes}|2026-11-23T20:00Z"
    moves = {"step": "move", "was": "2026-11-23T17:00Z"}
    await ada.post(f"/desk/reschedule/{booked.id}", chosen=f"{cast.dr_reyes}|{NOON}", **moves)
    page = await ada.post(f"/desk/reschedule/{booked.id}", chosen=late, **moves)
    assert page.status == 409 and "Somebody else moved this visit" in words(page.text)
    async with database.read() as tx:
        assert f"{(await encounters.by_id(tx, booked.id)).planned_starts_at:%Y-%m-%dT%H:%MZ}" == NOON
    # With the page that stands now it can be moved.
    again = await ada.post(f"/desk/reschedule/{booked.id}", step="move", was=NOON, chosen=late)
    assert again.status == 303


async def test_it_stays_with_the_same_clinician_unless_somebody_else_is_asked_for(ada, cast, booked) -> None:
    page = await ada.get(f"/desk/reschedule/{booked.id}")
    assert f'value="{cast.dr_reyes}|' in page.text and f'value="{cast.dr_okafor}|' not in page.text
    page = await ada.post(f"/desk/reschedule/{booked.id}", step="find", **{"with": cast.dr_okafor})
    assert f'value="{cast.dr_okafor}|' in page.text and f'value="{cast.dr_reyes}|' not in page.text


async def test_somebody_else_needs_a_reason_which_stays_in_the_record(
    ada, database, cast, booked, words
) -> None:
    move = {"step": "move", "chosen": f"{cast.dr_okafor}|{NOON}", "was": "2026-11-23T17:00Z"}
    page = await ada.post(f"/desk/reschedule/{booked.id}", **move, **{"with": cast.dr_okafor})
    assert page.status == 422 and "why somebody else sees this patient" in words(page.text)
    assert f'id="chosen" value="{cast.dr_okafor}|{NOON}"' in page.text

    assert (await ada.post(f"/desk/reschedule/{booked.id}", why="asked for it", **move)).status == 303

    async with database.read() as tx:
        moved = await encounters.by_id(tx, booked.id)
        [given] = await reassignments.of_visit(tx, booked.id)
        appointment = await appointments_store.by_id(tx, moved.appointment_id)
    assert (moved.practitioner_id, appointment.practitioner_id) == (cast.dr_okafor, cast.dr_okafor)
    assert (given["from_practitioner_id"], given["reason"], given["by"]) == (
        cast.dr_reyes,
        "asked for it",
        cast.ada,
    )


@pytest.mark.parametrize("nobody", ["0" * 32, "x" * 5000, "é🙂"])
async def test_nobody_unknown_is_given_a_visit(ada, database, booked, nobody: str) -> None:
    was = f"{booked.planned_starts_at:%Y-%m-%dT%H:%MZ}"
    form = {"chosen": f"{nobody}|2026-11-24T17:00Z", "was": was, "why": "Away", "with": nobody}
    assert (await ada.post(f"/desk/reschedule/{booked.id}", **form, step="move")).status == 404
    assert (await ada.post(f"/desk/reschedule/{nobody[:32]}", **form, step="move")).status == 404
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked
