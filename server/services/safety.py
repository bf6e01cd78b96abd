"""Holds as they happen: pressed, told to whoever must know, lifted by a clinician."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling.bookings import PatientId
from server.care import safety as care
from server.care.access import CLINICIAN, Staff
from server.care.people import Patient, Practitioner
from server.care.safety import Hold
from server.services import outgoing, patients, practice, tasks
from server.store import accounts, audit, encounters, plans
from server.store import holds as store
from server.store.database import Tx
from server.store.ids import new_id

# A phone's clock is taken at its word only this far back.
LONGEST_OFFLINE = timedelta(days=14)
LOOKS_AHEAD = timedelta(days=14)


class NoSuchHold(Exception):
    """There is no such hold on this patient's course."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnHold:
    """Whose course is on hold since when; why is for clinicians."""

    patient: Patient
    since: datetime
    holds: tuple[Hold, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """Whether anybody works now; `opens_at` is when somebody next does. None: nobody's hours are known."""

    open_now: bool
    opens_at: datetime | None


async def press(
    tx: Tx,
    *,
    patient_id: str,
    kind: str,
    event_id: str,
    now: datetime,
    pressed_at: datetime | None = None,
    by: str = care.PATIENT,
    level: int = 0,
    words: str | None = None,
) -> Hold:
    """The course is on hold from now on, and everybody who must know is told.

    The same event twice is one hold, and so is the same button while its hold is still open: an alarm is not louder
    for being doubled. A worse answer to item 9 is told again.
    """
    key = hashlib.sha256(f"{patient_id}|{event_id}".encode()).hexdigest()
    if (known := await store.by_event(tx, key)) is not None:
        return known
    for hold in await store.of_patient(tx, patient_id):
        if hold.open and hold.kind == kind:
            return await _again(tx, hold, level=level, by=by, now=now)
    earliest = now - LONGEST_OFFLINE
    hold = Hold(
        id=new_id(),
        patient_id=PatientId(patient_id),
        kind=kind,
        opened_by=by,
        opened_at=now,
        pressed_at=min(now, max(earliest, pressed_at or now)),
        event_id=key,
        level=level,
        words=words,
    )
    await store.insert(tx, hold)
    await _record(tx, hold, action="hold-opened", by=by, now=now)
    await _tell(tx, hold, by=by, now=now)
    return hold


async def _again(tx: Tx, hold: Hold, *, level: int, by: str, now: datetime) -> Hold:
    await _record(tx, hold, action="hold-pressed-again", by=by, now=now)
    if level <= hold.level:
        return hold
    worse = replace(hold, level=level)
    await store.save_words(tx, worse)
    await _tell(tx, worse, by=by, now=now)
    return worse


async def _tell(tx: Tx, hold: Hold, *, by: str, now: datetime) -> None:
    """A task for the clinicians that stays until one takes it by name, and a mail that says nothing."""
    if by != care.PATIENT:
        return
    await tasks.open_task(
        tx,
        kind=hold.kind,
        patient_id=hold.patient_id,
        encounter_id=None,
        detail=str(hold.level) if hold.level else None,
        by=by,
        now=now,
        owner_role=CLINICIAN,
    )
    for account_id in await _responsible(tx, hold.patient_id):
        await outgoing.queue_attention(
            tx,
            patient_id=hold.patient_id,
            account_id=account_id,
            about=f"{hold.id}|{hold.level}",
            now=now,
        )


async def _responsible(tx: Tx, patient_id: str) -> list[str]:
    """The account of the patient's own clinician; of every clinician while there is none."""
    mine = await treating(tx, patient_id)
    if mine is not None:
        return [mine.account_id]
    return [each.account_id for each in await practice.practitioners(tx)]


async def treating(tx: Tx, patient_id: str) -> Practitioner | None:
    """Whose patient this is: the course's clinician, else the one of their latest visit."""
    plan = await plans.active_of(tx, patient_id)
    if plan is not None:
        return await practice.practitioner(tx, plan.practitioner_id)
    visits = await encounters.of_patient(tx, patient_id)
    return await practice.practitioner(tx, visits[-1].practitioner_id) if visits else None


async def add_words(tx: Tx, *, patient_id: str, hold_id: str, words: str, now: datetime) -> Hold:
    """What the patient says about a press afterwards. Raises NoSuchHold, AlreadyLifted."""
    hold = await _of(tx, hold_id, patient_id)
    if not hold.open:
        raise care.AlreadyLifted
    said = replace(hold, words="\n\n".join(filter(None, (hold.words, words.strip()))))
    await store.save_words(tx, said)
    await _record(tx, said, action="hold-explained", by=care.PATIENT, now=now)
    return said


async def say_safe(tx: Tx, *, patient_id: str, words: str, now: datetime) -> None:
    """ "I am safe for now": put to whatever is open about death or harm; with nothing open it is only recorded."""
    for hold in await store.of_patient(tx, patient_id):
        if hold.open and hold.kind in ("self-harm", "need-help"):
            await add_words(tx, patient_id=patient_id, hold_id=hold.id, words=words, now=now)
    await audit.append(
        tx,
        actor=care.PATIENT,
        action="said-safe",
        object_kind="patient",
        object_id=patient_id,
        patient_id=patient_id,
        now=now,
    )


async def put_on_hold(tx: Tx, *, patient_id: str, by: Staff, reason: str, now: datetime) -> Hold:
    """A clinician stops the course. Raises ReasonMissing."""
    if not reason.strip():
        raise care.ReasonMissing
    return await press(
        tx,
        patient_id=patient_id,
        kind="clinician",
        event_id=new_id(),
        by=by.account_id,
        words=reason.strip(),
        now=now,
    )


async def read(tx: Tx, hold_id: str, *, by: Staff, now: datetime) -> Hold:
    """For a clinician; on the record. Raises NoSuchHold."""
    hold = await _known(tx, hold_id)
    await _record(tx, hold, action="hold-read", by=by.account_id, now=now)
    return hold


async def names(tx: Tx) -> dict[str, str]:
    """Who may have opened or lifted a hold, by account's id."""
    return await accounts.names(tx)


async def lift(tx: Tx, hold_id: str, *, by: Staff, reason: str, now: datetime) -> Hold:
    """Raises NoSuchHold, NotForThisRole, AlreadyLifted, ReasonMissing."""
    lifted = care.lift(await _known(tx, hold_id), by=by, reason=reason, now=now)
    if not await store.save_lift(tx, lifted):
        raise care.AlreadyLifted
    await _record(tx, lifted, action="hold-lifted", by=by.account_id, now=now)
    # Whoever lifts a hold has seen what it was about.
    await tasks.acknowledge_about(tx, kind=lifted.kind, patient_id=lifted.patient_id, by=by, now=now)
    return lifted


async def own(tx: Tx, hold_id: str, *, patient_id: str) -> Hold:
    """Raises NoSuchHold: somebody else's does not exist for this patient."""
    return await _of(tx, hold_id, patient_id)


async def of_patient(tx: Tx, patient_id: str) -> list[Hold]:
    """All there were, oldest first."""
    return await store.of_patient(tx, patient_id)


async def is_on_hold(tx: Tx, patient_id: str) -> bool:
    return care.on_hold(await store.of_patient(tx, patient_id))


async def everybody_on_hold(tx: Tx) -> dict[str, OnHold]:
    """By patient's id, the longest on hold first."""
    found: dict[str, list[Hold]] = {}
    for hold in await store.open_ones(tx):
        found.setdefault(hold.patient_id, []).append(hold)
    return {
        patient_id: OnHold(
            patient=await patients.by_id(tx, patient_id), since=holds[0].opened_at, holds=tuple(holds)
        )
        for patient_id, holds in found.items()
    }


async def watch(tx: Tx, *, now: datetime) -> Watch:
    """By the clinicians' hours; a page says no more than is true."""
    openings = []
    for each in await practice.practitioners(tx):
        schedule = await practice.schedule_of(tx, each.id)
        openings += schedule.open_between(now, now + LOOKS_AHEAD)
    earliest = min((opening.start for opening in openings), default=None)
    return Watch(open_now=earliest is not None and earliest <= now, opens_at=earliest)


async def _of(tx: Tx, hold_id: str, patient_id: str) -> Hold:
    hold = await _known(tx, hold_id)
    if hold.patient_id != patient_id:
        raise NoSuchHold(hold_id)
    return hold


async def _known(tx: Tx, hold_id: str) -> Hold:
    hold = await store.by_id(tx, hold_id)
    if hold is None:
        raise NoSuchHold(hold_id)
    return hold


async def _record(tx: Tx, hold: Hold, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="hold",
        object_id=hold.id,
        patient_id=hold.patient_id,
        now=now,
    )
