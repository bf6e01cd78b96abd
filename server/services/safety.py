"""Holds as they happen: pressed, told to whoever must know, lifted by a clinician."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduling.bookings import PatientId
from server.care import safety as care
from server.care.access import CLINICIAN, Staff
from server.care.people import Patient
from server.care.safety import PATIENT, Alarm, Hold
from server.services import alarms, completion, home, patients, tasks
from server.store import accounts, audit
from server.store import holds as store
from server.store.database import Tx
from server.store.ids import new_id

# A phone's clock is taken at its word only this far back.
LONGEST_OFFLINE = timedelta(days=14)


class NoSuchHold(Exception):
    """There is no such hold on this patient's course."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnHold:
    """Whose course is on hold since when; why is for clinicians."""

    patient: Patient
    since: datetime
    holds: tuple[Hold, ...]


async def press(
    tx: Tx,
    *,
    patient_id: str,
    kind: str,
    event_id: str,
    now: datetime,
    pressed_at: datetime | None = None,
    level: int = 0,
) -> Hold:
    """The patient's course is on hold from now on, and everybody who must know is told.

    The same `event_id` ever again changes nothing, whatever became of its hold. Another press while a hold of its
    kind is open belongs to that hold, and is told unless what was told before still waits.
    """
    key = hashlib.sha256(f"{patient_id}|{event_id}".encode()).hexdigest()
    if (known := await store.by_alarm(tx, key)) is not None:
        return known
    said_at = min(now, max(now - LONGEST_OFFLINE, pressed_at or now))
    hold = await _open_one(tx, patient_id, kind)
    if hold is None:
        new = Hold(
            id=new_id(),
            patient_id=PatientId(patient_id),
            kind=kind,
            opened_by=PATIENT,
            opened_at=now,
            pressed_at=said_at,
            level=level,
        )
        hold = await _open(tx, new)
    else:
        hold = await _again(tx, hold, level=level, now=now)
    await _ring(tx, hold, key=key, pressed_at=said_at, level=level, now=now)
    await alarms.tell(tx, patient_id=patient_id, kind=kind, level=level, by=PATIENT, now=now)
    return hold


async def _open_one(tx: Tx, patient_id: str, kind: str) -> Hold | None:
    return next((h for h in await store.of_patient(tx, patient_id) if h.open and h.kind == kind), None)


async def _again(tx: Tx, hold: Hold, *, level: int, now: datetime) -> Hold:
    await _record(tx, hold, action="hold-pressed-again", by=PATIENT, now=now)
    pressed = replace(hold, level=max(level, hold.level))
    await store.save(tx, pressed)
    return pressed


async def _open(tx: Tx, hold: Hold) -> Hold:
    await store.insert(tx, hold)
    await _record(tx, hold, action="hold-opened", by=hold.opened_by, now=hold.opened_at)
    return hold


async def _ring(tx: Tx, hold: Hold, *, key: str, pressed_at: datetime, level: int, now: datetime) -> None:
    alarm = Alarm(
        id=key,
        patient_id=hold.patient_id,
        hold_id=hold.id,
        pressed_at=pressed_at,
        received_at=now,
        level=level,
    )
    await store.add_alarm(tx, alarm)


async def add_words(tx: Tx, *, patient_id: str, hold_id: str, words: str, now: datetime) -> Hold:
    """What the patient says about a hold afterwards. Raises NoSuchHold, AlreadyLifted.

    Whoever took over the alarm may not look again, so unless it still waits the words are an item of their own.
    """
    said = await _say(tx, await _of(tx, hold_id, patient_id), words, now=now)
    if not await tasks.waiting_about(tx, patient_id=patient_id, kinds=[said.kind]):
        await alarms.tell(tx, patient_id=patient_id, kind=care.REPLY, level=0, by=PATIENT, now=now)
    return said


async def _say(tx: Tx, hold: Hold, words: str, *, now: datetime) -> Hold:
    said = care.say(hold, words)
    await store.save(tx, said)
    await _record(tx, said, action="hold-explained", by=PATIENT, now=now)
    return said


async def say_safe(tx: Tx, *, patient_id: str, words: str, now: datetime) -> None:
    """ "I am safe for now": put to whatever is open about death or harm; with nothing open an item on the list.

    Nobody is written to: it is no alarm. Somebody reads it either way, and the page says so.
    """
    about = [h for h in await store.of_patient(tx, patient_id) if h.open and h.kind in care.ABOUT_HARM]
    for hold in about:
        await _say(tx, hold, words, now=now)
    if not about:
        await tasks.open_task(
            tx,
            kind=care.SAID_SAFE,
            patient_id=patient_id,
            encounter_id=None,
            detail=None,
            by=PATIENT,
            now=now,
            owner_role=CLINICIAN,
        )
    await audit.append(
        tx,
        actor=PATIENT,
        action="said-safe",
        object_kind="patient",
        object_id=patient_id,
        patient_id=patient_id,
        now=now,
    )


async def put_on_hold(tx: Tx, *, patient_id: str, by: Staff, reason: str, now: datetime) -> Hold:
    """A clinician stops the course: a hold of its own, whatever else is open. Raises ReasonMissing."""
    if not reason.strip():
        raise care.ReasonMissing
    new = Hold(
        id=new_id(),
        patient_id=PatientId(patient_id),
        kind=care.BY_A_CLINICIAN,
        opened_by=by.account_id,
        opened_at=now,
        pressed_at=now,
        words=reason.strip(),
    )
    hold = await _open(tx, new)
    await _ring(tx, hold, key=new_id(), pressed_at=now, level=0, now=now)
    await alarms.tell_of_a_clinicians_hold(
        tx, patient_id=patient_id, kind=hold.kind, by=by.account_id, now=now
    )
    await home.tell_to_look(tx, patient_id, about=hold.id, now=now)
    return hold


async def lose_touch(tx: Tx, *, patient_id: str, by: Staff, now: datetime) -> None:
    """Somebody did not come to a check-in after a session: no next one until a clinician has looked (S3)."""
    if await _open_one(tx, patient_id, care.LOST_TOUCH) is not None:
        return
    new = Hold(
        id=new_id(),
        patient_id=PatientId(patient_id),
        kind=care.LOST_TOUCH,
        opened_by=by.account_id,
        opened_at=now,
        pressed_at=now,
    )
    hold = await _open(tx, new)
    await _ring(tx, hold, key=new_id(), pressed_at=now, level=0, now=now)
    await alarms.tell(tx, patient_id=patient_id, kind=hold.kind, level=0, by=by.account_id, now=now)


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
    kinds = {lifted.kind}
    if not await is_on_hold(tx, lifted.patient_id):
        kinds |= {care.REPLY, alarms.ON_HOLD}
    await tasks.acknowledge_about(tx, kinds=kinds, patient_id=lifted.patient_id, by=by, now=now)
    await completion.settle(tx, lifted.patient_id, by=by.account_id, now=now)
    return lifted


async def own(tx: Tx, hold_id: str, *, patient_id: str) -> Hold:
    """Raises NoSuchHold: somebody else's does not exist for this patient."""
    return await _of(tx, hold_id, patient_id)


async def of_patient(tx: Tx, patient_id: str) -> list[Hold]:
    """All there were, oldest first."""
    return await store.of_patient(tx, patient_id)


async def is_on_hold(tx: Tx, patient_id: str) -> bool:
    return care.on_hold(await store.of_patient(tx, patient_id))


async def asks_for_help(tx: Tx, patient_id: str) -> bool:
    """Whether "I need help now" was pressed and its hold is open."""
    return await _open_one(tx, patient_id, care.NEED_HELP) is not None


async def everybody_on_hold(tx: Tx) -> dict[str, OnHold]:
    """By patient's id, the longest on hold first."""
    found: dict[str, list[Hold]] = {}
    for hold in await store.open_ones(tx):
        found.setdefault(hold.patient_id, []).append(hold)
    known = await patients.by_ids(tx, found)
    return {
        patient_id: OnHold(patient=known[patient_id], since=holds[0].opened_at, holds=tuple(holds))
        for patient_id, holds in found.items()
    }


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
