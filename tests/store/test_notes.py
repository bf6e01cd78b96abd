"""Notes as they are kept: sealed, in versions, never written over, final once signed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from server.care.access import Staff
from server.care.consult_note import ConsultNote
from server.services import consults
from server.store import notes
from server.store.database import ConstraintBroken, Database
from server.store.ids import new_id
from tests.clocks import StoppedClock
from tests.people import Cast

pytestmark = pytest.mark.both_databases

SAID = "the lake house was quiet for once"


@pytest.fixture
def reyes(cast: Cast) -> Staff:
    roles = frozenset({"clinician"})
    return Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=roles, practitioner_id=cast.dr_reyes)


@pytest.fixture
async def draft(database: Database, cast: Cast, clock: StoppedClock) -> ConsultNote:
    note = ConsultNote(
        id=new_id(),
        patient_id=cast.mira,
        author_id=cast.reyes,
        visit_type="check-in",
        created_at=clock.now(),
        saved_at=clock.now(),
        body={"interval_history": SAID},
        version=1,
    )
    async with database.write() as tx:
        await notes.insert(tx, note)
        await notes.keep_version(tx, note, by=cast.reyes, page="page", sequence=1)
    return note


async def test_a_note_comes_back_as_it_was_kept(database: Database, draft: ConsultNote) -> None:
    async with database.read() as tx:
        assert await notes.by_id(tx, draft.id) == draft
        assert await notes.of_patient(tx, draft.patient_id) == [draft]
        assert await notes.drafts_of(tx, draft.author_id) == [draft]


async def test_its_words_stand_nowhere_in_the_file(
    database: Database, draft: ConsultNote, reyes, clock
) -> None:
    async with database.write() as tx:
        signed = replace(draft, signed_at=clock.now(), signed_by=draft.author_id, status="final")
        await notes.save(tx, signed, over=1)
        await consults.amend(tx, draft.id, reason=f"why {SAID}", text=SAID, by=reyes, now=clock.now())
    async with database.read() as tx:
        for table in ("notes", "note_versions", "note_addenda"):
            rows = await tx.all(text(f"SELECT * FROM {table}"))
            assert rows
            assert "lake house" not in repr([tuple(row) for row in rows])


async def test_a_version_is_written_over_its_own_predecessor_only(
    database: Database, draft: ConsultNote
) -> None:
    later = replace(draft, version=2, body={"interval_history": "later"})
    async with database.write() as tx:
        await notes.save(tx, later, over=1)
    with pytest.raises(notes.StaleRow):
        async with database.write() as tx:
            await notes.save(tx, replace(draft, version=2, body={"interval_history": "too late"}), over=1)
    async with database.read() as tx:
        assert await notes.by_id(tx, draft.id) == later


async def test_of_many_saves_at_once_on_one_version_one_is_kept(
    database: Database, draft: ConsultNote, reyes: Staff, clock: StoppedClock
) -> None:
    async def save(number: int) -> str:
        try:
            async with database.write() as tx:
                await consults.save(
                    tx,
                    draft.id,
                    body={"interval_history": f"window {number}"},
                    based_on=1,
                    page=f"page {number}",
                    sequence=1,
                    by=reyes,
                    now=clock.now(),
                )
        except consults.StaleNote:
            return "stale"
        return "saved"

    results = await asyncio.gather(*(save(number) for number in range(12)))
    assert sorted(results) == ["saved"] + ["stale"] * 11
    async with database.read() as tx:
        assert [saved.version for saved in await notes.versions(tx, draft.id)] == [2, 1]


async def test_versions_are_kept_and_a_number_is_used_once(database: Database, draft: ConsultNote) -> None:
    second = replace(draft, version=2, body={"interval_history": "two"})
    async with database.write() as tx:
        await notes.keep_version(tx, second, by=draft.author_id, page="page", sequence=2)
    for again in ({"page": "page", "sequence": 9}, {"page": "other", "sequence": 9}):
        with pytest.raises(ConstraintBroken):
            async with database.write() as tx:
                await notes.keep_version(tx, second, by=draft.author_id, **again)
    with pytest.raises(ConstraintBroken):
        async with database.write() as tx:
            await notes.keep_version(
                tx, replace(draft, version=3), by=draft.author_id, page="page", sequence=2
            )
    async with database.read() as tx:
        found = await notes.versions(tx, draft.id)
        assert [(saved.version, saved.body["interval_history"]) for saved in found] == [(2, "two"), (1, SAID)]


async def test_a_save_is_found_again_by_its_page_and_number(database: Database, draft: ConsultNote) -> None:
    async with database.read() as tx:
        found = await notes.saved_as(tx, draft.id, page="page", sequence=1)
        assert found is not None
        assert (found.version, found.body) == (1, draft.body)
        assert await notes.saved_as(tx, draft.id, page="page", sequence=2) is None
        assert await notes.saved_as(tx, draft.id, page="other", sequence=1) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE notes SET body = :body WHERE id = :id",
        "UPDATE notes SET signed_at = NULL WHERE id = :id",
        "UPDATE notes SET signed_at = '2030-01-01 00:00:00.000000' WHERE id = :id",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_signed(
    database: Database, draft: ConsultNote, clock: StoppedClock, change: str
) -> None:
    signed = replace(draft, signed_at=clock.now(), signed_by=draft.author_id, status="final")
    async with database.write() as tx:
        await notes.save(tx, signed, over=1)
    with pytest.raises(ConstraintBroken, match="note_already_signed"):
        async with database.write() as tx:
            await tx.run(text(change), **{"id": draft.id} | ({"body": b"x"} if ":body" in change else {}))
    with pytest.raises(ConstraintBroken, match="note_already_signed"):
        async with database.write() as tx:
            await notes.save(tx, replace(signed, body={"interval_history": "other"}), over=1)
    async with database.read() as tx:
        assert await notes.by_id(tx, draft.id) == signed


async def test_an_addendum_is_a_row_of_its_own_in_the_order_it_came(
    database: Database, draft: ConsultNote, reyes: Staff, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        signed = replace(draft, signed_at=clock.now(), signed_by=draft.author_id, status="final")
        await notes.save(tx, signed, over=1)
        for number in range(2):
            now = clock.now() + timedelta(minutes=number)
            await consults.amend(tx, draft.id, reason=f"r{number}", text=f"t{number}", by=reyes, now=now)
    async with database.read() as tx:
        found = await notes.by_id(tx, draft.id)
    assert found is not None
    assert [(each.reason, each.text) for each in found.addenda] == [("r0", "t0"), ("r1", "t1")]
    assert (found.status, found.body, found.version) == ("amended", draft.body, 1)


async def test_a_visit_has_one_note(database: Database, draft: ConsultNote, cast: Cast) -> None:
    async with database.read() as tx:
        assert await notes.by_encounter(tx, "no such visit") is None
    assert await _patients_of_notes(database) == [cast.mira]


async def _patients_of_notes(database: Database) -> list[str]:
    async with database.read() as tx:
        return [row.patient_id for row in await tx.all(text("SELECT patient_id FROM notes"))]
