"""Giving visits to somebody else: by risk, with the reason beside whoever cannot, all of a plan or none of it."""

import re
from datetime import date, time, timedelta

import pytest

from scheduling.licences import Licence
from server.care.access import Staff
from server.services import accounts, appointments, consults, licences, patients, safety, tasks
from server.store import appointments as appointments_store
from server.store import audit, encounters, notes, outbox, reassignments
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import Cast

ON = "2026-11-23"


async def visit_of(database: Database, cast: Cast, clock: StoppedClock, patient_id: str, hours: int):  # type: ignore[no-untyped-def]
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=patient_id,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=hours),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


def plan(cast: Cast, *given: tuple[str, str], **more: str) -> dict[str, str]:
    fields = {"step": "save", "practitioner": cast.dr_reyes, "day": ON, "reason": "ill"}
    return fields | {f"to-{encounter_id}": to for encounter_id, to in given} | more


async def test_one_visit_is_given_on_with_a_reason_and_its_patient_is_told_the_new_name(
    ada, database, cast, booked, words
) -> None:
    page = await ada.get(f"/desk/reassign?visit={booked.id}")
    assert "Mira Lindqvist" in words(page.text) and "Dr. Chidi Okafor – fits best" in words(page.text)
    answer = await ada.post("/desk/reassign", **plan(cast, (booked.id, cast.dr_okafor), visit=booked.id))
    assert (answer.status, answer.location) == (303, f"/desk/visit/{booked.id}")
    async with database.read() as tx:
        given = await encounters.by_id(tx, booked.id)
        held = await appointments_store.by_id(tx, given.appointment_id)
        [row] = await reassignments.of_visit(tx, booked.id)
        sent = [each.kind for each in await outbox.of_visits(tx, [booked.id])]
        trail = [each.action for each in await audit.newest(tx, patient_id=cast.mira)]
    assert (given.practitioner_id, held.practitioner_id, held.starts_at) == (
        cast.dr_okafor,
        cast.dr_okafor,
        booked.planned_starts_at,
    )
    assert (given.link_version, held.version) == (booked.link_version, 2)
    assert (row["from_practitioner_id"], row["to_practitioner_id"], row["reason"]) == (
        cast.dr_reyes,
        cast.dr_okafor,
        "ill",
    )
    assert "reassigned" in sent and trail[0] == "reassigned"
    card = words((await ada.get(answer.location)).text)
    assert "Dr. Chidi Okafor, Check-in in place of Dr. Ines Reyes: ill" in card


async def test_it_needs_a_reason_and_somebody(ada, database, cast, booked, words) -> None:
    page = await ada.post("/desk/reassign", **plan(cast, (booked.id, cast.dr_okafor), reason=" "))
    assert page.status == 422 and "in a few words why" in words(page.text)
    assert re.search(rf'value="{cast.dr_okafor}"\s+selected', page.text), "what was chosen stays"
    page = await ada.post("/desk/reassign", **plan(cast, (booked.id, "")))
    assert page.status == 422 and "Nobody is chosen." in words(page.text)
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked


async def test_a_plan_is_saved_whole_or_not_at_all(ada, database, cast, clock, booked, words) -> None:
    other = await visit_of(database, cast, clock, cast.tomas, 3)
    async with database.write() as tx:
        third = await patients.register(
            tx,
            name="Otto Third",
            date_of_birth=date(1970, 1, 1),
            email="otto@example.org",
            phone=None,
            time_zone="America/Denver",
            language="en",
            by=cast.ada,
            now=clock.now(),
        )
        await appointments.book(
            tx,
            patient_id=third.id,
            practitioner_id=cast.dr_okafor,
            visit_type="check-in",
            starts_at=other.planned_starts_at,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    page = await ada.post(
        "/desk/reassign", **plan(cast, (booked.id, cast.dr_okafor), (other.id, cast.dr_okafor))
    )
    assert page.status == 409
    assert "so nothing was saved" in words(page.text) and "has something else" in words(page.text)
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked
        assert await reassignments.of_visit(tx, booked.id) == []


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(
    ada, database, cast, booked, words
) -> None:
    given = plan(cast, (booked.id, cast.dr_okafor))
    assert (await ada.post("/desk/reassign", **given)).status == 303
    page = await ada.post("/desk/reassign", **given)
    assert page.status == 409 and "Somebody else changed one of these visits" in words(page.text)


@pytest.fixture
async def cover(database: Database, cast: Cast, clock: StoppedClock) -> str:
    """Dr Vale works in the evenings too, and is licensed in Colorado; Dr Okafor in New York, Dr Reyes in both."""
    async with database.write() as tx:
        account = await accounts.create(
            tx,
            name="Dr. Ada Vale",
            email="vale@harbor.example",
            roles=frozenset({"clinician"}),
            password_hash=None,
            now=clock.now(),
        )
        vale = await accounts.add_practitioner(
            tx,
            account_id=account,
            name="Dr. Ada Vale",
            time_zone="America/Denver",
            hours=tuple((weekday, time(8), time(22)) for weekday in range(5)),
        )
        for whose, state in (
            (vale, "CO"),
            (cast.dr_okafor, "NY"),
            (cast.dr_reyes, "CO"),
            (cast.dr_reyes, "NY"),
        ):
            licence = Licence(state=state, first_on=date(2020, 1, 1))
            await licences.add(tx, whose, licence, number="1", by=cast.petra, now=clock.now())
        await patients.correct(tx, cast.mira, by=cast.ada, now=clock.now(), state="CO")
        await patients.correct(tx, cast.tomas, by=cast.ada, now=clock.now(), state="NY")
    return vale


async def test_s12_a_sick_days_list_by_risk_and_licence_and_drafts_stay_with_their_author(
    ada, database, cast, clock, booked, cover, words
) -> None:
    """clinical.md S12: reassign screen lists by risk and by licence state; a candidate without the patient's state is
    greyed; patients are told the new name and may decline; unsigned drafts stay with their author; tasks go along."""
    later = await visit_of(database, cast, clock, cast.tomas, 3)
    reyes = Staff(
        account_id=cast.reyes,
        name="Dr. Ines Reyes",
        roles=frozenset({"clinician"}),
        practitioner_id=cast.dr_reyes,
    )
    async with database.write() as tx:
        draft = await consults.open_for_visit(tx, booked.id, by=reyes, now=clock.now())
        await safety.press(
            tx, patient_id=cast.tomas, kind="something-wrong", event_id="press", now=clock.now()
        )
        await tasks.open_task(
            tx,
            kind="missed",
            patient_id=cast.mira,
            encounter_id=booked.id,
            detail=None,
            by="system",
            now=clock.now(),
            owner_role="clinician",
            owner_id=cast.reyes,
        )
    page = await ada.get(f"/desk/reassign?practitioner={cast.dr_reyes}&day={ON}")
    read = words(page.text)
    assert read.index("Tomas Brandt") < read.index("Mira Lindqvist"), "on hold comes first, though later"
    tomas = page.text[page.text.index("Tomas") : page.text.index("Mira")]
    mira = page.text[page.text.index("Mira") :]
    greyed = rf'value="{cover}"\s+disabled[^>]*>Dr. Ada Vale – no licence for the patient.+?s state'
    assert re.search(greyed, tomas) and not re.search(greyed, mira)
    assert re.search(rf'value="{cast.dr_okafor}"\s+disabled', mira)

    given = plan(cast, (later.id, cast.dr_okafor), (booked.id, cover))
    answer = await ada.post("/desk/reassign", **given)
    assert answer.status == 303
    assert "2 visits were given on." in words((await ada.get(answer.location)).text)

    async with database.read() as tx:
        vale = next(each for each in await encounters.of_patient(tx, cast.mira))
        assert vale.practitioner_id == cover
        assert (await notes.by_encounter(tx, booked.id)).author_id == draft.author_id == cast.reyes
        [waiting] = [each for each in await tasks.open_tasks(tx, staff=reyes) if each.kind == "missed"]
        assert waiting.owner_id not in (None, cast.reyes)
        told = [each.kind for each in await outbox.of_visits(tx, [booked.id, later.id])]
    assert told.count("reassigned") == 2


async def test_the_patients_of_a_whole_day_are_read_in_one_search(
    ada, database, cast, clock, booked, statements
) -> None:
    def of_patients(sent: list[str]) -> int:
        return sum("FROM patients" in each for each in sent)

    path = f"/desk/reassign?practitioner={cast.dr_reyes}&day={ON}"
    with statements() as few:
        await ada.get(path)
    for n in range(2, 6):
        await visit_of(database, cast, clock, cast.tomas if n % 2 else cast.mira, n)
    with statements() as many:
        page = await ada.get(path)
    assert page.text.count('name="to-') >= 5
    assert of_patients(many) == of_patients(few) >= 1


@pytest.mark.parametrize("nobody", ["0" * 32, "x" * 5000, "é🙂"])
async def test_nobody_unknown_is_given_a_visit(ada, database, cast, booked, nobody: str) -> None:
    form = {"step": "save", "reason": "Away", "practitioner": cast.dr_reyes, "day": "2026-11-23"}
    assert (await ada.post("/desk/reassign", **form, **{f"to-{booked.id}": nobody})).status == 404
    unknown = await ada.post("/desk/reassign", **form, **{f"to-{nobody[:32]}": cast.dr_okafor})
    assert unknown.status == 409
    async with database.read() as tx:
        assert await encounters.by_id(tx, booked.id) == booked
