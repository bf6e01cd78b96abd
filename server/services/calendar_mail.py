"""A clinician's visits mailed into a calendar of their own, for who wants that, as much of each as they chose.

Under the UID of their feed, so that a calendar with both shows one. Whoever a visit is taken from is told in the
transaction that takes it.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.care.encounter import Encounter
from server.services import outgoing, patients, practice
from server.services.calendar_feeds import BUSY, NAME, SHOWS
from server.store import audit, encounters, outbox
from server.store import practice as store
from server.store.database import Tx

NOT_MAILED = "no"
CHOICES = (NOT_MAILED, *SHOWS)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnVisit:
    """A visit as its clinician's calendar is told of it; `kind` and `patient_name` are empty where it is told less."""

    encounter_id: str
    practitioner_id: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    mode: str
    kind: str = ""
    patient_name: str = ""


async def choice(tx: Tx, practitioner_id: str) -> str:
    row = await store.practitioner(tx, practitioner_id)
    return NOT_MAILED if row is None else str(row.mailed)


async def choose(tx: Tx, practitioner_id: str, mailed: str, *, by: str, now: datetime) -> None:
    """From now on; what was booked before is in the feed and in nobody's mail. Raises ValueError for no choice."""
    if mailed not in CHOICES:
        raise ValueError(mailed)
    if await choice(tx, practitioner_id) == mailed:
        return
    await store.set_mailed(tx, practitioner_id, mailed)
    await audit.append(
        tx,
        actor=by,
        action=f"calendar-mail-{mailed}",
        object_kind="practitioner",
        object_id=practitioner_id,
        patient_id=None,
        now=now,
    )


async def invite(tx: Tx, encounter: Encounter, *, now: datetime) -> None:
    """Word of a visit that is theirs, or theirs at another time."""
    if await choice(tx, encounter.practitioner_id) != NOT_MAILED:
        await _queue(tx, outgoing.OWN, encounter, encounter, now=now)


async def call_off(tx: Tx, before: Encounter, *, after: Encounter, now: datetime) -> None:
    """Word that it is theirs no more: to whoever wants mail, and to whoever had an invitation while they did."""
    key = _key(outgoing.OWN, before.id, before.practitioner_id)
    had = await outbox.known_like(tx, key, patient_id=before.patient_id)
    if had or await choice(tx, before.practitioner_id) != NOT_MAILED:
        await _queue(tx, outgoing.OWN_GONE, before, after, now=now)


async def _queue(tx: Tx, kind: str, told: Encounter, after: Encounter, *, now: datetime) -> None:
    """`told` as its clinician knows it, with the number of what happened to it."""
    who = await practice.practitioner(tx, told.practitioner_id)
    facts = {
        "encounter": told.id,
        "practitioner": told.practitioner_id,
        "sequence": after.version,
        "starts_at": told.planned_starts_at.isoformat(),
        "ends_at": told.planned_ends_at.isoformat(),
    }
    await outbox.insert(
        tx,
        kind=kind,
        dedupe_key=f"{_key(kind, told.id, told.practitioner_id)}{after.version}",
        patient_id=told.patient_id,
        account_id=who.account_id,
        facts=json.dumps(facts),
        now=now,
    )


def _key(kind: str, encounter_id: str, practitioner_id: str) -> str:
    return f"{kind}|{encounter_id}|{practitioner_id}|"


async def facts_of(tx: Tx, row: dict[str, Any], *, now: datetime) -> OwnVisit | None:
    """What the mail says; None when it is overtaken: a newer one tells what holds now."""
    said = json.loads(row["facts"])
    visit, shows = await encounters.by_id(tx, said["encounter"]), await choice(tx, said["practitioner"])
    starts_at, ends_at = (datetime.fromisoformat(said[name]) for name in ("starts_at", "ends_at"))
    if visit is None or ends_at <= now:
        return None
    theirs = visit.practitioner_id == said["practitioner"] and not visit.over
    if theirs != (row["kind"] == outgoing.OWN):
        return None
    if theirs and (visit.planned_starts_at != starts_at or shows == NOT_MAILED):
        return None
    who = await practice.practitioner(tx, said["practitioner"])
    tells = shows not in (NOT_MAILED, BUSY)
    kinds = {kind.code: kind.name for kind in await practice.every_visit_type(tx)} if tells else {}
    return OwnVisit(
        encounter_id=visit.id,
        practitioner_id=who.id,
        sequence=said["sequence"],
        starts_at=starts_at,
        ends_at=ends_at,
        zone=who.time_zone,
        mode=visit.mode,
        kind=kinds.get(visit.visit_type, ""),
        patient_name=(await patients.by_id(tx, visit.patient_id)).name if shows == NAME else "",
    )
