"""Running late: the patient is told in the waiting room and the way they hear from us, and the board shows it."""

from datetime import timedelta

import pytest

from server.care import encounter as care
from server.care.access import Staff
from server.jobs.letters import Sender, letter_for
from server.services import moving, sending, transfers
from server.store import encounters
from server.web import keys


@pytest.fixture
def leaves(app, database, clock):
    """What leaves besides the confirmation: subject and text."""

    async def look() -> list[tuple[str, str]]:
        async with database.write() as tx:
            claimed = [
                await sending.claim(tx, each, now=clock.now())
                for each in await sending.due(tx, now=clock.now())
            ]
        sender = Sender(
            clinic=app[keys.CLINIC],
            base_url="https://desk.example.org",
            patients_url="https://visits.example.org",
            mail_address="visits@harbor.example",
        )
        letters = [
            letter_for(each, sender, now=clock.now()) for each in claimed if each and each.kind == "late"
        ]
        return [(each.subject, each.text) for each in letters]

    return look


@pytest.mark.parametrize("minutes", ["5", "10", "20"])
async def test_minutes_are_told_and_stand_on_the_board(ada, booked, leaves, words, minutes) -> None:
    assert (await ada.post(f"/desk/visit/{booked.id}/delay", minutes=minutes)).status == 303
    [(subject, text)] = await leaves()
    assert subject == "Your visit begins a little later - Harbor Clinic"
    assert f"Dr. Ines Reyes is running about {minutes} minutes late." in text and "/visit/join/" in text
    assert f"Told: about {minutes} min late" in words((await ada.get("/desk/today/board")).text)
    assert f"Told: about {minutes} min late" in words((await ada.get(f"/desk/visit/{booked.id}")).text)


async def test_ones_own_words_stay_in_the_house(ada, booked, leaves, words) -> None:
    await ada.post(f"/desk/visit/{booked.id}/delay", words="Your ketamine session before took longer.")
    [(subject, text)] = await leaves()
    assert "There is word about the start of your visit." in text and "ketamine" not in subject + text
    assert "Told of a delay" in words((await ada.get("/desk/today/board")).text)


async def test_what_is_said_again_is_sent_again_and_replaces_it_on_the_board(
    ada, booked, leaves, clock, words
) -> None:
    await ada.post(f"/desk/visit/{booked.id}/delay", minutes="5")
    assert len(await leaves()) == 1
    clock.advance(minutes=4)
    await ada.post(f"/desk/visit/{booked.id}/delay", minutes="20")
    # The first one, were it still on its way, would arrive after what replaced it.
    [(_, text)] = await leaves()
    assert "about 20 minutes late" in text
    board = words((await ada.get("/desk/today/board")).text)
    assert "Told: about 20 min late" in board and "about 5 min" not in board


@pytest.mark.parametrize("fields", [{}, {"minutes": "7"}, {"minutes": "x", "words": "  "}])
async def test_nothing_said_tells_nobody(ada, booked, leaves, words, fields) -> None:
    page = await ada.post(f"/desk/visit/{booked.id}/delay", **fields)
    assert page.status == 422 and "Nobody was told yet." in words(page.text)
    assert await leaves() == []


async def test_once_the_visit_has_begun_nobody_is_told_any_more(ada, booked, database, clock, words) -> None:
    await ada.post(f"/desk/visit/{booked.id}/delay", minutes="5")
    async with database.write() as tx:
        await encounters.save(tx, care.start(booked, clock.now()))
    refused = await ada.post(f"/desk/visit/{booked.id}/delay", minutes="5")
    assert refused.status == 409 and "nobody was told" in words(refused.text)
    assert "Told:" not in words((await ada.get("/desk/today/board")).text)


async def test_what_was_said_before_does_not_leave_any_more_once_the_visit_has_begun(
    ada, booked, leaves, database, clock
) -> None:
    await ada.post(f"/desk/visit/{booked.id}/delay", minutes="20")
    async with database.write() as tx:
        await encounters.save(tx, care.start(booked, clock.now()))
    assert await leaves() == []


async def test_a_delay_is_not_carried_along_to_the_visits_new_time(
    ada, booked, database, clock, words
) -> None:
    await ada.post(f"/desk/visit/{booked.id}/delay", minutes="20")
    clock.advance(minutes=1)
    async with database.write() as tx:
        await moving.reschedule(
            tx,
            booked.id,
            starts_at=booked.planned_starts_at + timedelta(hours=2),
            was_at=booked.planned_starts_at,
            by="patient",
            now=clock.now(),
        )
    assert "Told:" not in words((await ada.get(f"/desk/visit/{booked.id}")).text)


async def test_nobody_is_said_to_be_late_because_whoever_had_the_visit_before_was(
    ada, booked, cast, leaves, database, clock, words
) -> None:
    await ada.post(f"/desk/visit/{booked.id}/delay", minutes="20")
    clock.advance(minutes=1)
    async with database.write() as tx:
        await encounters.save(tx, care.arrive(booked, clock.now()))
        by = Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=frozenset({"clinician"}))
        await transfers.hand_over(tx, encounter_id=booked.id, to=cast.dr_okafor, by=by, now=clock.now())
    assert "Told:" not in words((await ada.get(f"/desk/visit/{booked.id}")).text)
    assert await leaves() == []
