"""How calls were: the samples of each visit, and what they come to over many visits."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, select

from server.care.call_quality import Figures, Sample
from server.store.database import Tx
from server.store.ids import new_id
from server.store.tables.encounters import call_samples, encounters, presence_events

FIGURES = tuple(field.name for field in fields(Figures))
# Twelve hours of one person, three of four: a visit that lasts longer is known well enough.
MOST_OF_A_VISIT = 4320


async def append(tx: Tx, taken: Sequence[tuple[str, Sample]]) -> int:
    """Samples by visit; how many were kept. What is no visit, or has enough already, is left out."""
    room = await _room_left(tx, {encounter_id for encounter_id, _ in taken})
    rows: list[dict[str, Any]] = []
    for encounter_id, sample in taken:
        if room.get(encounter_id, 0) > 0:
            room[encounter_id] -= 1
            rows.append(_row(encounter_id, sample))
    await tx.run_each(call_samples.insert(), rows)
    return len(rows)


async def _room_left(tx: Tx, encounter_ids: set[str]) -> dict[str, int]:
    joined = encounters.outerjoin(call_samples, call_samples.c.encounter_id == encounters.c.id)
    statement = (
        select(encounters.c.id, func.count(call_samples.c.id).label("kept"))
        .select_from(joined)
        .where(encounters.c.id.in_(encounter_ids))
        .group_by(encounters.c.id)
    )
    return {row.id: MOST_OF_A_VISIT - row.kept for row in await tx.all(statement)}


def _row(encounter_id: str, sample: Sample) -> dict[str, Any]:
    return {
        "id": new_id(),
        "encounter_id": encounter_id,
        "seat": sample.seat,
        "at": sample.at,
        "route": sample.route,
        "word": sample.word,
        "side": sample.side,
        **asdict(sample.figures),
    }


async def forget(tx: Tx, *, before: datetime) -> int:
    """How many were taken before then, and are no more."""
    return await tx.run(delete(call_samples).where(call_samples.c.at < before))


async def of_encounter(tx: Tx, encounter_id: str) -> list[Sample]:
    """In the order they were taken."""
    statement = select(call_samples).where(call_samples.c.encounter_id == encounter_id)
    return [
        Sample(
            seat=row.seat,
            at=row.at,
            route=row.route,
            word=row.word,
            side=row.side,
            figures=Figures(**{name: getattr(row, name) for name in FIGURES}),
        )
        for row in await tx.all(statement.order_by(call_samples.c.at, call_samples.c.id))
    ]


async def totals_since(tx: Tx, since: datetime) -> Sequence[Row[Any]]:
    """For each visit, seat and route: how many samples, how many of them weak here and on arrival, and mean figures."""
    weak = call_samples.c.word.in_(("weak", "lost"))
    arriving = func.coalesce(call_samples.c.side, "") == "down"
    means = (func.avg(call_samples.c[name]).label(name) for name in FIGURES if name != "frozen_ms")
    statement = (
        select(
            encounters.c.id,
            encounters.c.practitioner_id,
            call_samples.c.seat,
            call_samples.c.route,
            func.min(call_samples.c.at).label("first_at"),
            func.count().label("samples"),
            func.sum(case((weak & ~arriving, 1), else_=0)).label("weak_here"),
            func.sum(case((weak & arriving, 1), else_=0)).label("weak_arriving"),
            func.coalesce(func.sum(call_samples.c.frozen_ms), 0).label("frozen_ms"),
            *means,
        )
        .join(encounters, encounters.c.id == call_samples.c.encounter_id)
        .where(call_samples.c.at >= since)
        .group_by(encounters.c.id, encounters.c.practitioner_id, call_samples.c.seat, call_samples.c.route)
    )
    return await tx.all(statement)


async def interruptions_since(tx: Tx, since: datetime) -> dict[str, int]:
    """How often somebody was not heard any more, by visit."""
    statement = (
        select(presence_events.c.encounter_id, func.count().label("times"))
        .where(presence_events.c.kind == "call-interrupted", presence_events.c.at >= since)
        .group_by(presence_events.c.encounter_id)
    )
    return {row.encounter_id: row.times for row in await tx.all(statement)}
