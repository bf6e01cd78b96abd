"""What is asked often of the tables that only grow is found by an index, and never by reading all there is."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from server.store import audit, outbox
from server.store.database import Database, Tx
from tests.databases import Databases

pytestmark = pytest.mark.both_databases

# So little is in a test's tables that PostgreSQL would read them whole; it does so now only where it must.
ASKED = {"sqlite": ("", "EXPLAIN QUERY PLAN"), "postgresql": ("SET LOCAL enable_seqscan = off", "EXPLAIN")}


async def last_restored(tx: Tx) -> object:
    return await audit.last_restored(tx)


async def known_like(tx: Tx) -> object:
    since = datetime(2026, 11, 23, tzinfo=UTC)
    return await outbox.known_like(tx, "awaited|a|1|sms|", patient_id="b", since=since)


@pytest.mark.parametrize(
    ("ask", "index"),
    [(last_restored, "ix_audit_events_restored"), (known_like, "ix_outbox_patient_id")],
)
async def test_it_is_found_by(
    ask: Callable[[Tx], Awaitable[object]],
    index: str,
    database: Database,
    databases: Databases,
    engines: Any,
) -> None:
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        sent.append((statement, values))

    reader = engines[1].sync_engine
    event.listen(reader, "before_cursor_execute", note)
    try:
        async with database.read() as tx:
            await ask(tx)
    finally:
        event.remove(reader, "before_cursor_execute", note)
    [(statement, values)] = [each for each in sent if "SELECT" in each[0]]
    before, explain = ASKED[databases.kind]
    async with engines[1].connect() as connection:
        if before:
            await connection.execute(text(before))
        plan = (await connection.exec_driver_sql(f"{explain} {statement}", values)).all()
    assert index in str(plan)
