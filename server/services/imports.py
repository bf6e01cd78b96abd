"""Patients and bookings from a file, row by row through what the desk itself uses.

To look at a file first, the same is done in a transaction that is left undone: what is shown is what will happen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from scheduling.refusals import SchedulingRefusal
from server.care.people import NewPatient, Patient
from server.services import appointments, patients
from server.store import appointments as appointments_store
from server.store import audit
from server.store.database import Tx

NEW, KNOWN, REFUSED = "new", "known", "refused"
IMPORTED = "imported"
# What is compared with somebody who is known; nothing of theirs is changed.
COMPARED = ("email", "phone", "time_zone", "language", "state")


class NoPatientFits(Exception):
    """Nobody here is meant by the row."""


class SeveralPatientsFit(Exception):
    """The row could mean more than one patient."""


class InThePast(Exception):
    """The visit would have been already."""


class LookAgain(Exception):
    """Something changed since the file was looked at; nothing was written."""


class ImportedBefore(Exception):
    """Exactly this was imported already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PatientRow:
    """`number` is the file's line; `problems` are sentences about what cannot be right; `patient` is None then."""

    number: int
    who: str
    patient: NewPatient | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedVisit:
    practitioner_id: str
    visit_type: str
    starts_at: datetime
    mode: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingRow:
    """The patient is whoever all that is given fits: address, number, name with date of birth."""

    number: int
    who: str
    email: str = ""
    phone: str = ""
    name: str = ""
    born: date | None = None
    time_zone: str = ""
    visit: WantedVisit | None = None
    problems: tuple[str, ...] = ()


Row = PatientRow | BookingRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What becomes of a row. `differs`: what the clinic knows otherwise, and keeps. `time_zone` is the patient's."""

    number: int
    who: str
    state: str
    problems: tuple[str, ...] = ()
    refusal: type[Exception] | None = None
    differs: tuple[str, ...] = ()
    visit: WantedVisit | None = None
    time_zone: str = ""


async def carry_out(tx: Tx, rows: Iterable[Row], *, tell: bool, by: str, now: datetime) -> list[Outcome]:
    """Writes what can be written, and says what becomes of each. `tell`: patients are sent their confirmations."""
    return [
        await (
            _patient(tx, row, by=by, now=now)
            if isinstance(row, PatientRow)
            else _visit(tx, row, tell, by, now)
        )
        for row in rows
    ]


async def import_seen(
    tx: Tx, text: str, rows: Iterable[Row], *, seen: str, tell: bool, by: str, now: datetime
) -> list[Outcome]:
    """The file as it was looked at, or nothing of it. `seen` is the fingerprint of what was shown then.

    Raises ImportedBefore, LookAgain; leave the transaction then.
    """
    if await audit.is_known(tx, action=IMPORTED, object_id=seen):
        raise ImportedBefore
    outcomes = await carry_out(tx, rows, tell=tell, by=by, now=now)
    if fingerprint(text, outcomes) != seen:
        raise LookAgain
    await audit.append(
        tx, actor=by, action=IMPORTED, object_kind="import", object_id=seen, patient_id=None, now=now
    )
    return outcomes


def fingerprint(text: str, outcomes: Sequence[Outcome]) -> str:
    """Of the file and of what would become of each row: another file, or another day, has another one."""
    said = "\n".join(
        f"{each.number} {each.state} {each.problems} {each.refusal} {each.differs}" for each in outcomes
    )
    return sha256(f"{text}\0{said}".encode()).hexdigest()[:32]


async def _patient(tx: Tx, row: PatientRow, *, by: str, now: datetime) -> Outcome:
    wanted = row.patient
    if wanted is None:
        return Outcome(number=row.number, who=row.who, state=REFUSED, problems=row.problems)
    # By address and number, too: some names are too short to be searched for.
    found = await patients.found_by(tx, wanted.name, wanted.email, wanted.phone)
    same = next((each for each in found if _is_same(each, wanted)), None)
    if same is not None:
        differs = tuple(
            field
            for field in COMPARED
            if getattr(wanted, field) and getattr(wanted, field) != getattr(same, field)
        )
        return Outcome(number=row.number, who=row.who, state=KNOWN, differs=differs)
    await patients.register(
        tx,
        name=wanted.name,
        date_of_birth=wanted.date_of_birth,
        email=wanted.email,
        phone=wanted.phone,
        time_zone=wanted.time_zone,
        language=wanted.language,
        state=wanted.state,
        interpreter_language=wanted.interpreter_language,
        reached_by=wanted.reached_by,
        by=by,
        now=now,
    )
    return Outcome(number=row.number, who=row.who, state=NEW)


async def _visit(tx: Tx, row: BookingRow, tell: bool, by: str, now: datetime) -> Outcome:
    if row.visit is None:
        return Outcome(number=row.number, who=row.who, state=REFUSED, problems=row.problems)
    zone = row.time_zone
    refused: type[Exception] | None = None
    try:
        patient = await _meant(tx, row)
        zone = patient.time_zone
        state = await _book(tx, patient, row.visit, tell=tell, by=by, now=now)
    except (NoPatientFits, SeveralPatientsFit, InThePast, SchedulingRefusal) as problem:
        refused, state = type(problem), REFUSED
    return Outcome(
        number=row.number, who=row.who, state=state, refusal=refused, visit=row.visit, time_zone=zone
    )


async def _book(tx: Tx, patient: Patient, wanted: WantedVisit, *, tell: bool, by: str, now: datetime) -> str:
    """Raises InThePast and as appointments.book does."""
    if wanted.starts_at <= now:
        raise InThePast
    theirs = await appointments_store.starting_at(tx, patient.id, wanted.starts_at)
    if any(each.practitioner_id == wanted.practitioner_id for each in theirs):
        return KNOWN
    await appointments.book(
        tx,
        patient_id=patient.id,
        practitioner_id=wanted.practitioner_id,
        visit_type=wanted.visit_type,
        starts_at=wanted.starts_at,
        mode=wanted.mode,
        booked_by=by,
        confirm=tell,
        now=now,
    )
    return NEW


async def _meant(tx: Tx, row: BookingRow) -> Patient:
    """Raises NoPatientFits, SeveralPatientsFit."""
    fitting = [
        each for each in await patients.found_by(tx, row.email, row.phone, row.name) if _fits(each, row)
    ]
    if not fitting:
        raise NoPatientFits
    if len(fitting) > 1:
        raise SeveralPatientsFit
    return fitting[0]


def _fits(patient: Patient, row: BookingRow) -> bool:
    return (
        (not row.email or (patient.email or "").casefold() == row.email.casefold())
        and (not row.phone or patients.same_number(patient.phone or "", row.phone))
        and (not row.name or patients.same_name(patient.name, row.name))
        and (row.born is None or patient.date_of_birth == row.born)
    )


def _is_same(patient: Patient, wanted: NewPatient) -> bool:
    born_alike = patient.date_of_birth == wanted.date_of_birth
    return born_alike and patients.same_name(patient.name, wanted.name)
