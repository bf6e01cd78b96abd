"""What was shared, signed, sent, pressed or lifted is not changed, deleted or replaced, whatever SQL is sent."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from server.care.access import Staff
from server.care.measures import GAD7
from server.services import consults, journals, measures, safety
from server.store.database import ConstraintBroken, Database
from tests.clocks import StoppedClock
from tests.databases import Databases
from tests.people import Cast

pytestmark = pytest.mark.both_databases

FINAL = ("journal_versions", "notes", "measure_responses", "holds", "hold_events")
COMPLETE = {
    "medicines": "None.",
    "suicidality": "no",
    "risk_level": "low",
    "mental_state": "Well.",
    "decision": "continue",
    "identity_checked": "yes",
    "emergency_plan": "Sister.",
    "consent": "yes",
    "privacy": "yes",
}
AGAIN = "INTO {table} SELECT * FROM {table}"
WAYS = {
    "sqlite": {
        "delete": "DELETE FROM {table}",
        "insert": f"INSERT {AGAIN}",
        "replace": f"INSERT OR REPLACE {AGAIN}",
        "empty": f"REPLACE {AGAIN}",
    },
    "postgresql": {
        "delete": "DELETE FROM {table}",
        "insert": f"INSERT {AGAIN}",
        "replace": f"INSERT {AGAIN} ON CONFLICT (id) DO UPDATE SET patient_id = 'x'",
        "empty": "TRUNCATE {table} CASCADE",
    },
}
BYTE = {"sqlite": "x'00'", "postgresql": r"'\x00'"}
Rows = Callable[[str], Awaitable[list[tuple[object, ...]]]]


@pytest.fixture
async def written(database: Database, cast: Cast, clock: StoppedClock) -> None:
    """One row of each kind that is final."""
    mira, now = cast.mira, clock.now()
    by = Staff(account_id=cast.reyes, name="Dr. Ines Reyes", roles=frozenset({"clinician"}))
    async with database.write() as tx:
        entry = await journals.begin(tx, patient_id=mira, now=now)
        await journals.write(tx, entry.id, patient_id=mira, body={"text": "sea"}, based_on=0, now=now)
        await journals.share(tx, entry.id, patient_id=mira, now=now)
        note = await consults.start_without_visit(tx, mira, visit_type="check-in", by=by, now=now)
        saved = {"body": COMPLETE, "based_on": 0, "page": "p", "sequence": 1, "by": by, "now": now}
        await consults.save(tx, note.id, **saved)
        await consults.sign(tx, note.id, by=by, now=now)
        for item in GAD7.items:
            await measures.answer(tx, patient_id=mira, code="gad-7", item=item.name, value=1, now=now)
        await measures.complete(tx, patient_id=mira, code="gad-7", now=now)
        hold = await safety.press(tx, patient_id=mira, kind="patient-stop", event_id="e", now=now)
        await safety.lift(tx, hold.id, by=by, reason="talked", now=now + timedelta(hours=1))


@pytest.fixture
def rows(database: Database) -> Rows:
    async def of(table: str) -> list[tuple[object, ...]]:
        async with database.read() as tx:
            return [tuple(row) for row in await tx.all(text(f"SELECT * FROM {table}"))]

    return of


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("table", FINAL)
@pytest.mark.parametrize("way", ["delete", "insert", "replace", "empty"])
async def test_it_is_neither_deleted_nor_replaced(
    database: Database, databases: Databases, rows: Rows, table: str, way: str
) -> None:
    before = await rows(table)
    assert len(before) == 1
    with pytest.raises(ConstraintBroken):
        async with database.write() as tx:
            await tx.run(text(WAYS[databases.kind][way].format(table=table)))
    assert await rows(table) == before


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("journal_versions", "body = {byte}"),
        ("journal_versions", "shared_at = NULL"),
        ("notes", "body = {byte}"),
        ("notes", "signed_at = NULL"),
        ("measure_responses", "answers = {byte}"),
        ("measure_responses", "completed_at = NULL"),
        ("holds", "lift_reason = NULL"),
        ("holds", "lifted_at = NULL"),
        ("holds", "words = {byte}"),
        ("hold_events", "level = {byte}"),
    ],
)
async def test_it_is_not_changed(
    database: Database, databases: Databases, rows: Rows, table: str, change: str
) -> None:
    before = await rows(table)
    with pytest.raises(ConstraintBroken):
        async with database.write() as tx:
            await tx.run(text(f"UPDATE {table} SET {change.format(byte=BYTE[databases.kind])}"))
    assert await rows(table) == before


async def test_an_open_hold_keeps_who_opened_it_when_and_for_what(
    database: Database, cast: Cast, clock: StoppedClock
) -> None:
    async with database.write() as tx:
        await safety.press(tx, patient_id=cast.mira, kind="patient-stop", event_id="e", now=clock.now())
    for change in (
        "kind = 'unusual'",
        "opened_by = 'x'",
        "opened_at = '2020-01-01'",
        "pressed_at = '2020-01-01'",
    ):
        with pytest.raises(ConstraintBroken):
            async with database.write() as tx:
                await tx.run(text(f"UPDATE holds SET {change}"))
