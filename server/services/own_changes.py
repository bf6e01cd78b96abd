"""What patients change by their own link: another time, or none, until the cut-off; or no to whoever stands in."""

from dataclasses import dataclass
from datetime import datetime

from scheduling.bookings import Appointment, NotPossibleNow
from scheduling.visit_types import check_cut_off
from server.care.encounter import Encounter
from server.care.visit_kinds import Kind
from server.services import appointments, moving, tasks, wait_list
from server.store.database import Tx

PATIENT = "patient"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What can be done about a visit by its link. `until`: the cut-off; `instead_of`: whose visit it was before."""

    encounter: Encounter
    appointment: Appointment
    kind: Kind
    until: datetime
    instead_of: str | None

    def open_at(self, now: datetime) -> bool:
        return self.encounter.status == "planned" and now <= self.until


async def about(tx: Tx, encounter_id: str) -> Change:
    """Raises NoSuchVisit, also for a call on the spot, which nobody moves."""
    encounter, appointment = await appointments.booked(tx, encounter_id)
    kind = await moving.kind_of(tx, appointment)
    covered = await moving.stands_in_for(tx, encounter)
    return Change(
        encounter=encounter,
        appointment=appointment,
        kind=kind,
        until=appointment.starts_at - kind.cut_off,
        instead_of=covered[0] if covered else None,
    )


async def move(
    tx: Tx, encounter_id: str, *, starts_at: datetime, was_at: datetime, now: datetime
) -> Encounter:
    """Another time with the same clinician. Raises TooLateToChange, and as `moving.reschedule` does."""
    change = await about(tx, encounter_id)
    check_cut_off(change.kind, starts_at=change.appointment.starts_at, now=now)
    return await moving.reschedule(tx, encounter_id, starts_at=starts_at, was_at=was_at, by=PATIENT, now=now)


async def cancel(tx: Tx, encounter_id: str, *, reason: str, now: datetime) -> Encounter:
    """Raises TooLateToChange, NotPossibleNow."""
    change = await about(tx, encounter_id)
    if change.encounter.status != "planned":
        raise NotPossibleNow(change.encounter.status)
    check_cut_off(change.kind, starts_at=change.appointment.starts_at, now=now)
    return await appointments.cancel(tx, encounter_id, reason=reason, by=PATIENT, now=now)


async def decline_clinician(tx: Tx, encounter_id: str, *, now: datetime) -> None:
    """They would rather see their own: the desk rings them, and until then the visit stands."""
    change = await about(tx, encounter_id)
    if change.instead_of is None or change.encounter.over:
        raise NotPossibleNow(change.encounter.status)
    await tasks.open_task(
        tx,
        kind=tasks.DECLINED_CLINICIAN,
        patient_id=change.encounter.patient_id,
        encounter_id=encounter_id,
        detail=None,
        by=PATIENT,
        now=now,
    )


async def wait_for_earlier(tx: Tx, encounter_id: str, *, leave: bool, now: datetime) -> None:
    """Whether to be told of an earlier time: the visit keeps its own. Raises NotPossibleNow, DaysUnfit."""
    change = await about(tx, encounter_id)
    if change.encounter.status != "planned" or change.encounter.planned_starts_at <= now:
        raise NotPossibleNow(change.encounter.status)
    known = await wait_list.of_visit(tx, encounter_id)
    if not leave and known is None:
        await wait_list.join_for_earlier(tx, change.encounter, by=PATIENT, now=now)
    elif leave and known is not None:
        await wait_list.leave(tx, known.id, why="left", by=PATIENT, now=now)
