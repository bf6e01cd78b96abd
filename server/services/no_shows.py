"""Somebody did not come: decided by a person, followed up, taken back, and undone by their coming after all.

After clinical.md §9, S3. Nothing here is automatic but what follows from the decision.
"""

from datetime import datetime, timedelta

from scheduling import bookings, visit_types
from scheduling.bookings import Appointment, SlotTaken
from server.care import encounter as care
from server.care import safety as rules
from server.care.access import CLINICIAN, Staff
from server.care.encounter import Encounter
from server.care.refusals import CareRefusal
from server.care.visit_actions import (
    CAME_AFTER_ALL,
    NO_SHOW,
    NO_SHOW_UNDONE,
    OTHER,
    OUTCOMES,
    REBOOKED,
    WELFARE,
    VisitAction,
)
from server.services import alarms, outgoing, safety, tasks
from server.store import appointments as appointments_store
from server.store import audit, encounters, holds, plans, slot_holds, visit_actions
from server.store.database import Tx

PATIENT = "patient"
# Where somebody who does not come was last seen at a session.
AFTER_A_SESSION = (visit_types.CHECK_IN, visit_types.POST_SESSION_REVIEW)
# Two more tries within two days, unless they are booked again.
TRIES = (timedelta(hours=24), timedelta(hours=48))
# The welfare call is due the same day.
CALLED_WITHIN = timedelta(hours=2)


class OutcomeMissing(CareRefusal):
    """A no-show is written down with what was done about it."""


async def decide(
    tx: Tx, before: Encounter, *, outcome: str, words: str, by: Staff, day_ends: datetime, now: datetime
) -> Encounter:
    """The patient did not come. `day_ends`: the clinic's midnight, for what is due the same day.

    Raises OutcomeMissing, EncounterOver, IsHere.
    """
    if outcome not in OUTCOMES or (outcome == OTHER and not words.strip()):
        raise OutcomeMissing
    after = care.no_show(before, now)
    if after is before:
        return before
    appointment = await _appointment(tx, before)
    if appointment is not None:
        await appointments_store.save(tx, bookings.no_show(appointment))
    await encounters.save(tx, after)
    said = words.strip() or None
    await _did(tx, after, NO_SHOW, by=by.account_id, now=now, outcome=outcome, words=said)
    await _follow_up(tx, after, outcome=outcome, by=by, day_ends=day_ends, now=now)
    return after


async def take_back(tx: Tx, before: Encounter, *, by: Staff, now: datetime) -> Encounter:
    """Pressed by mistake. A hold it opened stays: only a clinician lifts one. Raises SlotTaken."""
    after = care.not_a_no_show(before)
    if after is before:
        return before
    appointment = await _appointment(tx, before)
    if appointment is not None and appointment.status == "noshow":
        if not await _is_free(tx, appointment, now=now):
            raise SlotTaken
        await appointments_store.save(tx, bookings.not_a_no_show(appointment))
    await encounters.save(tx, after)
    await _did(tx, after, NO_SHOW_UNDONE, by=by.account_id, now=now)
    await _need_no_more_tries(tx, after, by=by.account_id, now=now)
    return after


async def came_after_all(tx: Tx, before: Encounter, *, by: str, now: datetime) -> None:
    """Whoever comes late is let in. Their appointment counts again, unless somebody has its time by now."""
    if before.no_show_at is None:
        return
    appointment = await _appointment(tx, before)
    if (
        appointment is not None
        and appointment.status == "noshow"
        and await _is_free(tx, appointment, now=now)
    ):
        await appointments_store.save(tx, bookings.check_in(appointment))
    await _did(tx, before, CAME_AFTER_ALL, by=None if by == PATIENT else by, now=now)
    await _need_no_more_tries(tx, before, by=by, now=now)


async def _follow_up(
    tx: Tx, encounter: Encounter, *, outcome: str, by: Staff, day_ends: datetime, now: datetime
) -> None:
    """The hold of somebody who was lost after a session, the call the same day, and two more tries."""
    known = await holds.of_patient(tx, encounter.patient_id)
    plan = await plans.active_of(tx, encounter.patient_id)
    if encounter.visit_type in AFTER_A_SESSION and plan is not None and plan.done:
        await safety.lose_touch(tx, patient_id=encounter.patient_id, by=by, now=now)
    if outcome == WELFARE or rules.at_risk(known, now):
        await _call_today(tx, encounter, by=by, due_at=min(now + CALLED_WITHIN, day_ends), now=now)
    if outcome == REBOOKED:
        return
    for number, after in enumerate(TRIES, start=1):
        await tasks.open_task(
            tx,
            kind=tasks.CONTACT_AGAIN,
            patient_id=encounter.patient_id,
            encounter_id=encounter.id,
            detail=str(number),
            by=by.account_id,
            due_at=now + after,
            now=now,
        )


async def _call_today(tx: Tx, encounter: Encounter, *, by: Staff, due_at: datetime, now: datetime) -> None:
    mine = await alarms.treating(tx, encounter.patient_id)
    task_id = await tasks.open_task(
        tx,
        kind=rules.WELFARE_CALL,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=None,
        by=by.account_id,
        now=now,
        due_at=due_at,
        owner_role=CLINICIAN,
        owner_id=mine.account_id if mine else None,
    )
    for each in [mine] if mine else await alarms.clinicians(tx):
        await outgoing.queue_attention(
            tx, patient_id=encounter.patient_id, account_id=each.account_id, about=task_id, now=now
        )


async def _need_no_more_tries(tx: Tx, encounter: Encounter, *, by: str, now: datetime) -> None:
    for _ in TRIES:
        await tasks.withdraw(tx, kind=tasks.CONTACT_AGAIN, encounter=encounter, by=by, now=now)


async def _is_free(tx: Tx, appointment: Appointment, *, now: datetime) -> bool:
    """Whether nobody else has taken, or keeps, its time since then; what lay over others may again."""
    theirs = await appointments_store.live_of_patient(
        tx, appointment.patient_id, starts_at=appointment.starts_at, ends_at=appointment.ends_at
    )
    if any(each.id != appointment.id for each in theirs):
        return False
    if appointment.overbook_reason is not None:
        return True
    whose, start, end = appointment.practitioner_id, appointment.busy_from, appointment.busy_until
    booked = await appointments_store.live_of_practitioner(tx, whose, starts_at=start, ends_at=end)
    kept = await slot_holds.between(tx, [whose], starts_at=start, ends_at=end, now=now)
    return not kept and all(each.overbook_reason is not None for each in booked)


async def _appointment(tx: Tx, encounter: Encounter) -> Appointment | None:
    return await appointments_store.by_id(tx, encounter.appointment_id) if encounter.appointment_id else None


async def _did(
    tx: Tx,
    encounter: Encounter,
    kind: str,
    *,
    by: str | None,
    now: datetime,
    outcome: str | None = None,
    words: str | None = None,
) -> None:
    action = VisitAction(
        encounter_id=encounter.id,
        patient_id=encounter.patient_id,
        kind=kind,
        at=now,
        account_id=by,
        outcome=outcome,
        words=words,
    )
    await visit_actions.append(tx, action)
    await audit.append(
        tx,
        actor=by or PATIENT,
        action=kind,
        object_kind="visit",
        object_id=encounter.id,
        patient_id=encounter.patient_id,
        now=now,
    )
