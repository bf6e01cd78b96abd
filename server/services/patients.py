"""Patients: registering a new one, correcting what is known, finding one."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from scheduling.bookings import PatientId
from server.care.people import EMAIL, Patient
from server.store import audit
from server.store import patients as store
from server.store.database import Tx
from server.store.ids import new_id

MAY_BE_CORRECTED = frozenset(
    {
        *("name", "date_of_birth", "email", "phone", "time_zone", "language"),
        *("reached_by", "state", "interpreter_language"),
    }
)


class NoSuchPatient(Exception):
    """There is no such patient."""


async def register(
    tx: Tx,
    *,
    name: str,
    date_of_birth: date,
    email: str | None,
    phone: str | None,
    time_zone: str,
    language: str,
    by: str,
    reached_by: str = EMAIL,
    now: datetime,
    state: str | None = None,
    interpreter_language: str | None = None,
) -> Patient:
    """A new patient with a key of their own."""
    patient = Patient(
        id=PatientId(new_id()),
        name=name,
        date_of_birth=date_of_birth,
        email=email or None,
        phone=phone or None,
        time_zone=time_zone,
        language=language,
        state=state,
        interpreter_language=interpreter_language,
        reached_by=reached_by,
    )
    await store.insert(tx, {**_values(patient), "created_at": now})
    await _record(tx, patient.id, action="registered", by=by, now=now)
    return patient


async def correct(tx: Tx, patient_id: str, *, by: str, now: datetime, **changes: Any) -> Patient:
    """The patient with `changes` made. Raises NoSuchPatient; a change of anything else is a bug (TypeError)."""
    if not changes.keys() <= MAY_BE_CORRECTED:
        raise TypeError(f"cannot correct {sorted(changes.keys() - MAY_BE_CORRECTED)}")
    before = await by_id(tx, patient_id)
    after = replace(before, **changes)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    await store.change(tx, _values(after))
    await _record(tx, patient_id, action="corrected", by=by, now=now)
    return after


async def by_id(tx: Tx, patient_id: str) -> Patient:
    """Raises NoSuchPatient."""
    row = await store.by_id(tx, patient_id)
    if row is None:
        raise NoSuchPatient(patient_id)
    return _patient(row)


async def by_ids(tx: Tx, patient_ids: Collection[str]) -> dict[str, Patient]:
    """Several at once, by their ids."""
    return {row["id"]: _patient(row) for row in await store.by_ids(tx, patient_ids)}


async def find(tx: Tx, text: str, *, limit: int | None = 8) -> list[Patient]:
    """Patients whose name, e-mail address or phone number fits what was typed, by name; at most so many."""
    return [_patient(row) for row in await store.search(tx, text, limit=limit)]


async def found_by(tx: Tx, *texts: str | None) -> list[Patient]:
    """Everybody that a name, an address or a number finds."""
    found: dict[str, Patient] = {}
    for text in texts:
        if text:
            found |= {each.id: each for each in await find(tx, text, limit=None)}
    return list(found.values())


def same_address(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and str(one).casefold() == str(other).casefold()


def same_name(one: str, other: str) -> bool:
    """Whether they are one name, however it is accented and spaced."""
    return store.words_of(one) == store.words_of(other)


def same_number(one: str, other: str) -> bool:
    """Whether they end alike: with a country's code before it or not, it is the same number."""
    return bool(store.end_of_number(one)) and store.end_of_number(one) == store.end_of_number(other)


def _values(patient: Patient) -> dict[str, Any]:
    return asdict(patient) | {"date_of_birth": patient.date_of_birth.isoformat()}


def _patient(row: dict[str, Any]) -> Patient:
    known = {name: row[name] for name in Patient.__slots__}
    return Patient(**known | {"date_of_birth": date.fromisoformat(row["date_of_birth"])})


async def _record(tx: Tx, patient_id: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="patient",
        object_id=patient_id,
        patient_id=patient_id,
        now=now,
    )
