"""A visit's link in other hands (clinical.md, S15): what shows it, the incident it drafts, and its assessment."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.care.access import ADMINISTRATOR, Staff
from server.care.encounter import Encounter, EncounterOver
from server.care.tasks import Task
from server.services import appointments, outgoing, patients, practice, tasks, trail
from server.services.tasks import ASSESSED, LINK_OTHER_DATE, LINK_OTHER_PATIENT, NoSuchTask
from server.store import accounts, audit, encounters, home, sessions
from server.store import tasks as store
from server.store.database import Tx

PATIENT = "patient"
# One wrong date is a slip and two are a bad day; the fifth closes the link (care.encounter.WRONG_DATES).
DRAFTED_AFTER = 3
# 45 CFR 164.404: whoever is concerned is told without unreasonable delay, and this long after discovery at the latest.
TOLD_WITHIN = timedelta(days=60)
NO_BREACH, BREACH = "no-breach", "breach"
DECISIONS = (NO_BREACH, BREACH)
REFUSED = "link-refused"
# Somebody who presses again within this has not come again: nobody fills the trail with a finger.
SAME_PRESS = timedelta(minutes=1)
# What of the trail belongs on an incident's page.
SEEN = ("identity-refused", "identity-proven", REFUSED, "link-replaced", "link-resent", "admitted")


@dataclass(frozen=True, slots=True)
class Browser:
    """The patients' cookies a browser holds; empty where it holds none."""

    visitor: str
    home: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    at: datetime
    action: str
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """An incident among all; `decision` is None until it is assessed."""

    task: Task
    patient: str
    decision: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """`others` are whose browsers it was, where we know. `decision` and `why` are None until it is assessed."""

    task: Task
    patient: str
    others: tuple[str, ...]
    encounter: Encounter
    practitioner: str
    events: tuple[Event, ...]
    told_by: datetime
    decision: str | None
    why: str | None
    assessed_by: str | None


async def is_of_another(tx: Tx, encounter_id: str, *, browser: Browser, now: datetime) -> bool:
    """Whether this browser is known as another patient's than the visit's, which drafts an incident.

    Returns instead of raising, because the incident must be committed. Raises NoSuchVisit.
    """
    encounter = await appointments.visit(tx, encounter_id)
    known = await sessions.proven_as(tx, browser.visitor, now) if browser.visitor else set()
    device = await home.device(tx, browser.home, now=now) if browser.home else None
    if device is not None and device.remembered_at is not None:
        known.add(device.patient_id)
    if not known or encounter.patient_id in known:
        return False
    other = min(known)
    just_said = await audit.patients_of_object(
        tx, object_id=encounter.id, action=REFUSED, since=now - SAME_PRESS, until=now
    )
    for patient_id in (encounter.patient_id, other) if other not in just_said else ():
        await audit.append(
            tx,
            actor=PATIENT,
            action=REFUSED,
            object_kind="encounter",
            object_id=encounter.id,
            patient_id=patient_id,
            now=now,
        )
    await _draft(tx, LINK_OTHER_PATIENT, encounter, other=other, now=now)
    return True


async def count_wrong_date(tx: Tx, encounter: Encounter, *, wrong: int, now: datetime) -> None:
    """An incident from the third wrong date of birth through one link on."""
    if wrong >= DRAFTED_AFTER:
        await _draft(tx, LINK_OTHER_DATE, encounter, other=None, now=now)


async def _draft(tx: Tx, kind: str, encounter: Encounter, *, other: str | None, now: datetime) -> None:
    await tasks.open_task(
        tx,
        kind=kind,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=None,
        subject_id=other,
        by=PATIENT,
        now=now,
        owner_role=ADMINISTRATOR,
    )


async def replace_link(tx: Tx, encounter_id: str, *, by: str, now: datetime) -> bool:
    """A new link, and the old one is dead: whoever came by it and was not let in yet has to come again.

    False when there is no way to send it to the patient. Raises NoSuchVisit, EncounterOver.
    """
    before = await appointments.visit(tx, encounter_id)
    if before.over:
        raise EncounterOver
    renewed = replace(before, link_version=before.link_version + 1, version=before.version + 1)
    encounter = await encounters.save(tx, renewed)
    await appointments.make_link(tx, encounter, now=now)
    await sessions.end_unadmitted(tx, encounter_id)
    await appointments.record(tx, encounter, action="link-replaced", by=by, now=now)
    patient = await patients.by_id(tx, encounter.patient_id)
    if not patient.channels:
        return False
    await outgoing.queue(tx, kind=outgoing.LINK, encounter=encounter, patient=patient, now=now)
    return True


async def every(tx: Tx) -> list[Listed]:
    """All there were, the newest first."""
    return [
        Listed(task=task, patient=await _name(tx, task.patient_id), decision=_decided(task)[0])
        for task in await store.of_kinds(tx, ASSESSED)
    ]


async def one(tx: Tx, task_id: str, *, by: Staff, now: datetime) -> Incident:
    """Leaves a trail with every patient it names. Raises NoSuchTask."""
    task = await _of(tx, task_id)
    others = await _others(tx, task, now=now)
    about = {each for each in (task.patient_id, *others) if each}
    await trail.read(tx, action="incident-read", patient_ids=about, by=by.account_id, now=now)
    return await _shown(tx, task, others)


async def assess(tx: Tx, task_id: str, *, decision: str, why: str, by: Staff, now: datetime) -> None:
    """Off the list, under a name, with what was decided and why. Raises NoSuchTask, AlreadyAcknowledged."""
    task = await _of(tx, task_id)
    if decision not in DECISIONS:
        raise ValueError(decision)
    await tasks.assess(tx, task.id, decision=f"{decision} {why}", by=by, now=now)
    await audit.append(
        tx,
        actor=by.account_id,
        action="incident-assessed",
        object_kind="task",
        object_id=task.id,
        patient_id=task.patient_id,
        now=now,
    )


async def _of(tx: Tx, task_id: str) -> Task:
    task = await store.by_id(tx, task_id)
    if task is None or task.kind not in ASSESSED:
        raise NoSuchTask(task_id)
    return task


async def _others(tx: Tx, task: Task, *, now: datetime) -> list[str]:
    """Whose browsers were refused until it was assessed: until then one visit has one incident."""
    assert task.encounter_id is not None
    if task.kind != LINK_OTHER_PATIENT:
        return []
    until = task.acknowledged_at or now
    found = await audit.patients_of_object(
        tx, object_id=task.encounter_id, action=REFUSED, since=task.created_at, until=until
    )
    return [each for each in dict.fromkeys((task.subject_id, *found)) if each and each != task.patient_id]


async def _shown(tx: Tx, task: Task, others: list[str]) -> Incident:
    assert task.patient_id is not None
    assert task.encounter_id is not None
    names = await accounts.names(tx)
    encounter = await appointments.visit(tx, task.encounter_id)
    rows = await audit.of_object(tx, object_id=encounter.id, patient_id=task.patient_id, actions=SEEN)
    decision, why = _decided(task)
    return Incident(
        task=task,
        patient=await _name(tx, task.patient_id),
        others=tuple([await _name(tx, each) for each in others]),
        encounter=encounter,
        practitioner=(await practice.practitioner(tx, encounter.practitioner_id)).name,
        events=tuple(Event(at=r.at, action=r.action, by=names.get(r.actor, r.actor)) for r in rows),
        told_by=task.created_at + TOLD_WITHIN,
        decision=decision,
        why=why,
        assessed_by=names.get(task.acknowledged_by or ""),
    )


def _decided(task: Task) -> tuple[str | None, str | None]:
    decision, _, why = (task.note or "").partition(" ")
    return decision or None, why or None


async def _name(tx: Tx, patient_id: str | None) -> str:
    assert patient_id is not None
    return (await patients.by_id(tx, patient_id)).name
