"""Bookings a second while twenty clients want the same times, on SQLite and on PostgreSQL, both as durable as served.

Ours is the whole booking: rules, appointment, visit, link, mail and trail in one transaction. The peer is a bare row
into the same table by the same twenty, which only the database's own guard looks at, committed as durably. Afterwards
SQL counts what overlaps; one overlap is a failure.
"""

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import asyncpg
from sqlalchemy import text

from scheduling.bookings import SchedulingRefusal
from server.services import appointments, patients
from server.store.database import ConstraintBroken, Database
from server.store.ids import new_id
from server.store.migrations import migrate
from server.store.sealing import MasterKey
from server.store.tables.appointments import appointments as table
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.people import MIRA_BORN, Cast, settle
from tests.postgres import OWNER, running

CLIENTS, PATIENTS, WISHES, RUNS = 20, 60, 100, 3
Wish = tuple[str, str, datetime]
OVERLAPS = text(
    "SELECT count(*) FROM appointments AS one JOIN appointments AS other ON one.id < other.id"
    " WHERE one.status = 'booked' AND other.status = 'booked' AND ("
    "(one.practitioner_id = other.practitioner_id AND one.busy_from < other.busy_until"
    " AND other.busy_from < one.busy_until) OR (one.patient_id = other.patient_id"
    " AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at))"
)


def wishes(cast: Cast, people: list[str], week: int, dice: random.Random) -> list[Wish]:
    """Quarter hours of one week's days, of either doctor: about half of them collide with one that came before."""
    first = MONDAY_MORNING + timedelta(days=7 * week, hours=2)
    return [
        (
            dice.choice((cast.dr_reyes, cast.dr_okafor)),
            dice.choice(people),
            first + timedelta(days=dice.randrange(5), minutes=15 * dice.randrange(20)),
        )
        for _ in range(WISHES)
    ]


async def registered(database: Database, cast: Cast) -> list[str]:
    async with database.write() as tx:
        made = [
            await patients.register(
                tx,
                name=f"Patient {number}",
                date_of_birth=MIRA_BORN,
                email=f"{number}@example.org",
                phone=None,
                time_zone="America/Denver",
                language="en",
                by=cast.ada,
                now=MONDAY_MORNING,
            )
            for number in range(PATIENTS)
        ]
    return [patient.id for patient in made]


async def booked(database: Database, cast: Cast, wish: Wish) -> bool:
    doctor, patient, at = wish
    try:
        async with database.write() as tx:
            await appointments.book(
                tx,
                patient_id=patient,
                practitioner_id=doctor,
                visit_type="check-in",
                starts_at=at,
                mode="video",
                booked_by=cast.ada,
                now=StoppedClock().now(),
            )
    except SchedulingRefusal:
        return False
    return True


async def inserted(database: Database, cast: Cast, wish: Wish) -> bool:
    doctor, patient, at = wish
    until = at + timedelta(minutes=30)
    row = {"id": new_id(), "patient_id": patient, "practitioner_id": doctor, "visit_type": "check-in"}
    times = {"starts_at": at, "ends_at": until, "busy_from": at, "busy_until": until, "created_at": at}
    rest = {"status": "booked", "version": 1, "mode": "video", "booked_by": cast.ada}
    try:
        async with database.write() as tx:
            await tx.run(table.insert().values(**row, **times, **rest))
    except ConstraintBroken:
        return False
    return True


Way = Callable[[Database, Cast, Wish], Awaitable[bool]]


async def a_second(database: Database, cast: Cast, way: Way, waiting: list[Wish]) -> float:
    """How many got what they wanted, for each second that all took."""
    done = 0

    async def client() -> None:
        nonlocal done
        while waiting:
            got = await way(database, cast, waiting.pop())
            done += got

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done / (time.perf_counter() - began)


async def race(url: str, name: str) -> tuple[float, float]:
    """Bookings and bare rows a second, medians of the runs."""
    database = await Database.open(url, MasterKey.of(b"a key that is only ever used in a bench"[:32]))
    cast = await settle(database, StoppedClock())
    people = await registered(database, cast)
    dice, ours, theirs = random.Random(5), [], []
    for run in range(RUNS):
        ours.append(await a_second(database, cast, booked, wishes(cast, people, 2 * run + 1, dice)))
        theirs.append(await a_second(database, cast, inserted, wishes(cast, people, 2 * run + 2, dice)))
        print(f"{name}: {ours[-1]:.1f} bookings/s, {theirs[-1]:.1f} bare rows/s")
    async with database.read() as tx:
        found = await tx.one(OVERLAPS)
    assert found == (0,), f"{found} visits overlap on {name}"
    await database.close()
    return statistics.median(ours), statistics.median(theirs)


async def make_database(folder: Path) -> None:
    connection = await asyncpg.connect(host=str(folder), user=OWNER, database="postgres")
    await connection.execute("CREATE DATABASE race")
    await connection.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, running(durable=True) as server:
        sqlite = f"sqlite+aiosqlite:///{name}/bedside.db"
        migrate(sqlite)
        on_sqlite = asyncio.run(race(sqlite, "SQLite"))
        asyncio.run(make_database(server.folder))
        migrate(server.url("race"))
        on_postgresql = asyncio.run(race(server.url("race"), "PostgreSQL"))
    result = {
        "name": "booking_race",
        "ratio": round(on_postgresql[0] / on_postgresql[1], 2),
        "ours": round(on_postgresql[0], 1),
        "peer": round(on_postgresql[1], 1),
        "peer_name": "bare rows past the database's own guard, as durable, on PostgreSQL",
        "unit": f"bookings/s of {CLIENTS} clients on PostgreSQL",
        "runs": RUNS,
        "sqlite": round(on_sqlite[0], 1),
        "sqlite_ratio": round(on_sqlite[0] / on_sqlite[1], 2),
        "overlaps": 0,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
