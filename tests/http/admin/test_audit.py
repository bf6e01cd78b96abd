"""/admin/audit: who did what, newest first; found by person and patient; and a changed trail shows."""

import re

from sqlalchemy import delete, update

from server.handlers.admin.audit import ACTIONS
from server.services import appointments, messages, trail
from server.store import audit
from server.store.database import Database
from server.store.tables.audit import audit_events
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.conftest import Visitor
from tests.house.tree import below, text
from tests.people import Cast


async def written(database: Database, clock: StoppedClock, cast: Cast, entries: int) -> None:
    async with database.write() as tx:
        for _ in range(entries):
            await audit.append(
                tx,
                actor=cast.reyes,
                action="read",
                object_kind="note",
                object_id="a-note",
                patient_id=cast.mira,
                now=clock.now(),
            )


def numbers(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'seq">(\d+)<', page)]


async def test_the_newest_comes_first_in_words(petra: Visitor, ada: Visitor, database, clock, cast) -> None:  # type: ignore[no-untyped-def]
    await written(database, clock, cast, 1)
    page = (await petra.get("/admin/audit")).text
    assert numbers(page) == sorted(numbers(page), reverse=True)
    first = page[page.index('class="what"') :]
    assert re.search(r"<b>Dr\. Ines Reyes</b>\s+read a note", first)
    assert "added a patient" in page
    assert "as they were written" in page


async def test_patients_are_numbers_and_what_was_written_is_not_there(
    petra: Visitor, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING.replace(hour=17),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        await messages.send(tx, encounter_id=visit.id, text="canary-egret", by=None, now=clock.now())
    page = (await petra.get("/admin/audit")).text
    assert "A patient, by link" in page
    assert "wrote a message" in page
    for secret in ("Lindqvist", "canary-egret", "mira@example.org"):
        assert secret not in page


async def test_it_can_be_read_by_person_and_by_patient(
    petra: Visitor, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    await written(database, clock, cast, 2)
    by_person = (await petra.get(f"/admin/audit?person={cast.reyes}")).text
    assert len(numbers(by_person)) == 2
    by_patient = (await petra.get(f"/admin/audit?patient={cast.tomas}")).text
    assert len(numbers(by_patient)) == 1
    both = (await petra.get(f"/admin/audit?person={cast.reyes}&patient={cast.tomas}")).text
    assert numbers(both) == []
    assert "Nothing of that kind" in both


async def test_older_entries_are_a_page_away_and_none_is_left_out(
    petra: Visitor, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    await written(database, clock, cast, trail.PER_PAGE + 5)
    path, seen = f"/admin/audit?person={cast.reyes}", []
    while path:
        page = (await petra.get(path)).text
        seen += numbers(page)
        older = re.search(r'href="(/admin/audit\?[^"]*before=\d+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == trail.PER_PAGE + 5
    assert seen == sorted(seen, reverse=True)


async def test_odd_questions_are_answered(petra: Visitor) -> None:
    for query in ("before=-1", "before=x", "before=" + "9" * 30, "person=x&patient='--", "before=²"):
        assert (await petra.get(f"/admin/audit?{query}")).status == 200


async def test_a_nul_is_refused_before_any_database_is_asked(petra: Visitor) -> None:
    page = await petra.get("/admin/audit?person=%00")
    assert page.status == 400
    assert "We could not read that. Nothing was changed." in page.text


async def test_a_changed_entry_is_named(
    petra: Visitor, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    await written(database, clock, cast, 5)
    async with database.write() as tx:
        last = await audit.last_seq(tx)
        await tx.run(update(audit_events).where(audit_events.c.seq == last - 2).values(actor=cast.okafor))
    page = (await petra.get("/admin/audit")).text
    assert f"Entry {last - 2} does not follow" in page
    assert "as they were written" not in page


async def test_a_removed_entry_is_named(
    petra: Visitor, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    await written(database, clock, cast, 5)
    async with database.write() as tx:
        last = await audit.last_seq(tx)
        await tx.run(delete(audit_events).where(audit_events.c.seq == last - 1))
    assert f"Entry {last - 1} does not follow" in (await petra.get("/admin/audit")).text


async def test_a_long_trail_is_checked_whole_when_asked(
    petra: Visitor, database: Database, clock: StoppedClock, cast: Cast
) -> None:
    await written(database, clock, cast, trail.CHECKED_AT_ONCE + 5)
    async with database.write() as tx:
        await tx.run(update(audit_events).where(audit_events.c.seq == 2).values(action="booked"))
    newest = (await petra.get("/admin/audit")).text
    assert "The newest 2000 of" in newest
    assert "Entry 2 does not follow" in (await petra.get("/admin/audit?check=all")).text


def test_every_action_that_is_written_has_words() -> None:
    """An action that is only a code would be read by nobody."""
    sources = "\n".join(text(path) for path in below("server", suffix=".py"))
    actions = set(re.findall(r'\baction="([a-z-]+)"', sources)) - {"append"}
    assert actions - set(ACTIONS) == set()
