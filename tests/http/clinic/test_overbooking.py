"""A clinician's time is booked twice only with a reason, and only when they agree; the database lets nothing else."""

import pytest

from server.services import tasks
from server.store import appointments as store
from server.store import encounters, outbox
from server.store.database import Database
from tests.clocks import MONDAY_MORNING
from tests.people import Cast

TEN = "2026-11-23T17:00Z"
REASON = "canary: came back from the emergency room today"


def wish(cast: Cast, **changes: str) -> dict[str, str]:
    fields = {
        "step": "book",
        "booking_key": "a" * 32,
        "chosen": f"{cast.dr_reyes}|{TEN}",
        "visit_type": "check-in",
        "practitioner": cast.dr_reyes,
        "since": "2026-11-23",
        "mode": "video",
        "patient_id": cast.tomas,
    }
    return {**fields, **changes}


def anyway(cast: Cast, **changes: str) -> dict[str, str]:
    refused = f"{cast.dr_reyes}|{TEN}"
    return wish(cast, step="overbook", refused=refused, overbook_reason=REASON, chosen="") | changes


async def tomas_visit(database: Database, cast: Cast):  # type: ignore[no-untyped-def]
    async with database.read() as tx:
        found = await encounters.between(tx, MONDAY_MORNING, MONDAY_MORNING.replace(day=29))

        mine = next(each for each in found if each.patient_id == cast.tomas)
        return mine, await store.by_id(tx, mine.appointment_id)


async def told(database: Database, encounter_id: str) -> list[str]:
    async with database.read() as tx:
        return [row.kind for row in await outbox.of_visits(tx, [encounter_id])]


async def test_it_is_offered_only_once_a_time_was_refused_and_nothing_typed_is_lost(
    ada, cast, booked, words
) -> None:
    assert "all the same" not in words((await ada.get("/desk/book")).text)
    page = await ada.post("/desk/book", **wish(cast))
    read = words(page.text)
    assert page.status == 409 and "Book Mon, Nov 23, 10:00 AM all the same" in read
    assert "Dr. Ines Reyes is asked first." in read
    assert 'name="slot"' in page.text and f'value="{cast.tomas}"' in page.text


async def test_it_needs_a_reason(ada, database, cast, booked, words) -> None:
    page = await ada.post("/desk/book", **anyway(cast, overbook_reason="  "))
    assert page.status == 422 and "why it cannot wait" in words(page.text)
    async with database.read() as tx:
        assert len(await encounters.between(tx, MONDAY_MORNING, MONDAY_MORNING.replace(day=29))) == 1


async def test_the_desk_asks_and_the_patient_is_told_only_when_the_clinician_agrees(
    ada, reyes, database, cast, booked, words
) -> None:
    answer = await ada.post("/desk/book", **anyway(cast))
    assert answer.status == 303
    visit, appointment = await tomas_visit(database, cast)
    assert (appointment.status, appointment.overbook_reason) == ("pending", REASON)
    assert await told(database, visit.id) == []
    card = words((await ada.get(answer.location)).text)
    assert "The clinician has not agreed yet" in card and "has no link yet" in card
    day = await reyes.get("/clinic/day")
    assert REASON in words(day.text) and "The desk asks: Mon, Nov 23, 10:00 AM" in words(day.text)

    assert (await reyes.post(f"/clinic/overbooking/{visit.id}/agreement")).location == "/clinic/day"

    _, agreed = await tomas_visit(database, cast)
    assert (agreed.status, agreed.overbook_agreed_by) == ("booked", cast.reyes)
    assert await told(database, visit.id) == ["booked"]
    assert "Extra, at a taken time" in words((await ada.get("/desk/today")).text)
    assert REASON not in words((await reyes.get("/clinic/day")).text)


async def test_a_no_gives_the_time_back_and_the_desk_a_task(
    ada, reyes, database, cast, booked, words
) -> None:
    await ada.post("/desk/book", **anyway(cast))
    visit, _ = await tomas_visit(database, cast)
    await reyes.post(f"/clinic/overbooking/{visit.id}/refusal")
    _, declined = await tomas_visit(database, cast)
    assert declined.status == "cancelled" and await told(database, visit.id) == []
    assert "Tomas Brandt: the clinician declined the extra time" in words((await ada.get("/desk/today")).text)


@pytest.mark.parametrize("answer", ["agreement", "refusal"])
async def test_nobody_else_answers_for_them(ada, okafor, database, cast, booked, answer: str) -> None:
    await ada.post("/desk/book", **anyway(cast))
    visit, before = await tomas_visit(database, cast)
    assert (await okafor.post(f"/clinic/overbooking/{visit.id}/{answer}")).status == 404
    assert "agreement" not in (await okafor.get("/clinic/day")).text
    assert (await tomas_visit(database, cast))[1] == before


async def test_answering_twice_changes_nothing(ada, reyes, database, cast, booked) -> None:
    await ada.post("/desk/book", **anyway(cast))
    visit, _ = await tomas_visit(database, cast)
    for answer in ("agreement", "refusal", "agreement"):
        assert (await reyes.post(f"/clinic/overbooking/{visit.id}/{answer}")).status == 303
    assert (await tomas_visit(database, cast))[1].status == "booked"
    assert await told(database, visit.id) == ["booked"]


async def test_clinicians_book_their_own_time_twice_at_once(reyes, database, cast, booked, words) -> None:
    book = f"/clinic/book/{cast.tomas}"
    typed = {"step": "typed", "typed_on": "2026-11-23", "typed_at": "10:00", "visit_type": "check-in"}
    chosen = await reyes.post(book, **typed)
    assert f'name="chosen" value="{cast.dr_reyes}|{TEN}"' in chosen.text
    page = await reyes.post(book, **wish(cast))
    assert page.status == 409 and "all the same" in words(page.text)
    assert (await reyes.post(book, **anyway(cast))).status == 303
    visit, appointment = await tomas_visit(database, cast)
    assert (appointment.status, appointment.overbook_agreed_by) == ("booked", cast.reyes)
    assert await told(database, visit.id) == ["booked"]


async def test_a_patient_is_never_in_two_visits_at_once(ada, database, cast, booked, words) -> None:
    """The clinic may work twice at a time, a patient cannot come twice."""
    page = await ada.post("/desk/book", **anyway(cast, patient_id=cast.mira))
    assert page.status == 409 and "another visit at that time" in words(page.text)


async def test_moved_into_free_time_it_is_a_visit_like_any_other(ada, reyes, database, cast, booked) -> None:
    await ada.post("/desk/book", **anyway(cast))
    visit, _ = await tomas_visit(database, cast)
    moved = {"chosen": f"{cast.dr_reyes}|2026-11-23T19:00Z", "was": TEN, "step": "move"}
    assert (await ada.post(f"/desk/reschedule/{visit.id}", **moved)).status == 303
    _, appointment = await tomas_visit(database, cast)
    assert (appointment.status, appointment.overbook_reason) == ("booked", None)
    assert await told(database, visit.id) == ["booked"]
    assert "The desk asks" not in (await reyes.get("/clinic/day")).text


async def test_given_to_somebody_who_is_free_nobody_is_asked_any_more(
    ada, reyes, database, cast, booked
) -> None:
    await ada.post("/desk/book", **anyway(cast))
    visit, _ = await tomas_visit(database, cast)
    given = {"step": "save", "practitioner": cast.dr_reyes, "day": "2026-11-23", "reason": "free then"}
    answer = await ada.post("/desk/reassign", **given, **{f"to-{visit.id}": cast.dr_okafor})
    assert answer.status == 303
    after, appointment = await tomas_visit(database, cast)
    assert (after.practitioner_id, appointment.status) == (cast.dr_okafor, "booked")
    assert await told(database, visit.id) == ["booked"]
    assert "has no link yet" not in (await ada.get(f"/desk/visit/{visit.id}")).text
    async with database.read() as tx:
        assert await tasks.waiting_about(tx, patient_id=cast.tomas, kinds=[tasks.OVERBOOK]) == []


@pytest.mark.parametrize(
    ("on", "at"),
    [("", "10:00"), ("2026-11-23", ""), ("2026-11-23", "25:00"), ("2027-03-14", "02:30")],
    ids=["no-day", "no-time", "no-such-time", "skipped-by-summer-time"],
)
async def test_a_typed_time_that_there_is_not_is_refused(ada, cast, words, on: str, at: str) -> None:
    page = await ada.post("/desk/book", **wish(cast, step="typed", typed_on=on, typed_at=at))
    assert page.status == 422 and "a day and a time that there is" in words(page.text)


async def test_a_typed_time_outside_the_hours_is_offered_with_a_reason(ada, cast, words) -> None:
    page = await ada.post("/desk/book", **wish(cast, step="typed", typed_on="2026-11-23", typed_at="21:00"))
    assert page.status == 409 and "Book Mon, Nov 23, 9:00 PM all the same" in words(page.text)
