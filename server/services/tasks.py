"""Tasks: raising an alarm for somebody to act on, and acknowledging it by name."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.care import tasks as care
from server.care.access import FRONT_DESK, Staff
from server.care.encounter import Encounter
from server.care.safety import PROGRAMME
from server.care.tasks import Task
from server.services import patients
from server.store import accounts, audit, encounters
from server.store import tasks as store
from server.store.database import Tx
from server.store.ids import new_id

CALL_ME_INSTEAD = "call-me-instead"
CALL_NOT_SAFE = "call-not-safe"
CALL_BROKE_OFF = "call-broke-off"
# A booking that leave or a closure came to lie over, and a licence that ends.
IN_ABSENCE = "in-absence"
LICENCE_ENDS = "licence-ends"
# A clinician's time that the desk would book twice, and their no.
OVERBOOK = "overbook"
OVERBOOK_DECLINED = "overbook-declined"
# A patient who would rather not see whoever stands in.
DECLINED_CLINICIAN = "declined-clinician"
# Nobody has seen for a while that somebody waits; somebody who did not come is to be tried again; and what a patient
# was to do is missing although they were reminded.
NOBODY_CAME, CONTACT_AGAIN, MISSED = "nobody-came", "contact-again", "missed"
# A message of a kind that could not be written at all: a mistake in the house, for whoever looks after it.
NOT_WRITTEN = "message-not-written"
# A visit's link in other hands: wrong dates of birth, or a browser that is another patient's (services/incidents.py).
LINK_OTHER_DATE, LINK_OTHER_PATIENT = "link-other-date", "link-other-patient"
# No press alone takes these off the list: they are closed with a decision.
ASSESSED = (LINK_OTHER_DATE, LINK_OTHER_PATIENT)
# Somebody who is no patient yet asks for a visit online.
SELF_BOOKING = "self-booking"
# How soon somebody should have acted, by kind.
DUE = {
    CALL_ME_INSTEAD: timedelta(minutes=5),
    CALL_NOT_SAFE: timedelta(minutes=5),
    CALL_BROKE_OFF: timedelta(minutes=5),
    "message": timedelta(minutes=5),
    NOBODY_CAME: timedelta(minutes=2),
    MISSED: timedelta(hours=24),
    LINK_OTHER_DATE: timedelta(hours=24),
    LINK_OTHER_PATIENT: timedelta(hours=24),
    PROGRAMME: timedelta(hours=24),
    # clinical.md §5.4: acknowledged within a quarter of an hour, in hours.
    "self-harm": timedelta(minutes=15),
    "need-help": timedelta(minutes=5),
    "calls-not-working": timedelta(minutes=5),
}
DUE_OTHERWISE = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A task as the board shows it, with whom it is about and whose it is first."""

    task: Task
    patient_name: str | None
    owner_name: str | None
    overdue: bool
    # Whether it still calls for somebody.
    rings: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A task that somebody did, and their name."""

    task: Task
    by: str


class NotOfThisRole(Exception):
    """Whoever a task is given to must be able to do it."""


class NoSuchTask(Exception):
    """There is no such task, or it is not this person's to see."""


async def open_task(
    tx: Tx,
    *,
    kind: str,
    patient_id: str | None,
    encounter_id: str | None,
    detail: str | None,
    by: str,
    now: datetime,
    owner_role: str = FRONT_DESK,
    owner_id: str | None = None,
    subject_id: str | None = None,
    due_at: datetime | None = None,
) -> str:
    """The task's id. Asking twice about one visit or patient keeps one: an alarm is not louder for being doubled."""
    known = await store.open_one_like(
        tx,
        kind=kind,
        patient_id=patient_id,
        encounter_id=encounter_id,
        # About a visit one is enough, whatever else it is about.
        subject_id=None if encounter_id else subject_id,
    )
    if known is not None and known.detail == detail:
        return known.id
    task = Task(
        id=new_id(),
        kind=kind,
        patient_id=patient_id,
        encounter_id=encounter_id,
        owner_role=owner_role,
        owner_id=owner_id,
        subject_id=subject_id,
        detail=detail,
        created_at=now,
        due_at=due_at or now + DUE.get(kind, DUE_OTHERWISE),
    )
    await store.insert(tx, task)
    await _record(tx, task, action="task-opened", by=by, now=now)
    return task.id


async def open_tasks(tx: Tx, *, staff: Staff) -> list[Task]:
    """What waits for this person, the most urgent first."""
    return await store.open_ones(tx, roles=staff.roles)


async def for_board(tx: Tx, *, staff: Staff, role: str, now: datetime) -> list[Waiting]:
    """What waits for this person in one of their roles, with the names of the people it is about."""
    names = await accounts.names(tx)
    return [
        Waiting(
            task=task,
            patient_name=await _name(tx, task),
            owner_name=names.get(task.owner_id or ""),
            overdue=task.due_at <= now,
            rings=care.rings(task, now),
        )
        for task in await open_tasks(tx, staff=staff)
        if task.owner_role == role
    ]


async def _name(tx: Tx, task: Task) -> str | None:
    return (await patients.by_id(tx, task.patient_id)).name if task.patient_id else None


async def acknowledge(tx: Tx, task_id: str, *, by: Staff, now: datetime, note: str = "") -> Task:
    """Takes the task off the list under this person's name. Raises NoSuchTask, AlreadyAcknowledged.

    `note` is what they say of it; only a task about a patient keeps one.
    """
    task = await _theirs(tx, task_id, by)
    if task.kind in ASSESSED:
        raise NoSuchTask(task_id)
    return await _acknowledge(tx, task, by=by, now=now, note=note)


async def assess(tx: Tx, task_id: str, *, decision: str, by: Staff, now: datetime) -> None:
    """Takes an incident off the list with what was decided. Raises NoSuchTask, AlreadyAcknowledged."""
    await _acknowledge(tx, await _theirs(tx, task_id, by), by=by, now=now, note=decision)


async def take(tx: Tx, task_id: str, *, by: Staff, now: datetime) -> Task:
    """ "I do it": theirs from now on, and nobody else is reminded of it. Raises NoSuchTask, AlreadyAcknowledged."""
    taken = care.take(await _theirs(tx, task_id, by), by=by.account_id, now=now)
    await store.save_owner(tx, taken)
    await _record(tx, taken, action="task-taken", by=by.account_id, now=now)
    return taken


async def give(tx: Tx, task_id: str, *, to: str, by: Staff, now: datetime) -> Task:
    """Somebody else of the same role is to do it. Raises NoSuchTask, NotOfThisRole, AlreadyAcknowledged."""
    task = await _theirs(tx, task_id, by)
    if to not in await accounts.enabled_with(tx, task.owner_role):
        raise NotOfThisRole(to)
    given = care.give(task, to=to)
    await store.save_owner(tx, given)
    await _record(tx, given, action="task-given", by=by.account_id, now=now)
    return given


async def colleagues(tx: Tx, role: str) -> dict[str, str]:
    """Who can do a task of this role: name by account's id."""
    names = await accounts.names(tx)
    return {each: names[each] for each in await accounts.enabled_with(tx, role)}


async def done_about(tx: Tx, encounter_id: str) -> list[Done]:
    """What was done of a visit's tasks, oldest first; what was only withdrawn is nobody's work."""
    names = await accounts.names(tx)
    return [
        Done(task=task, by=names.get(task.acknowledged_by, ""))
        for task in await store.of_encounter(tx, encounter_id)
        if task.acknowledged_by is not None
    ]


async def _theirs(tx: Tx, task_id: str, by: Staff) -> Task:
    task = await store.by_id(tx, task_id)
    if task is None or task.owner_role not in by.roles:
        raise NoSuchTask(task_id)
    return task


async def _acknowledge(tx: Tx, task: Task, *, by: Staff, now: datetime, note: str = "") -> Task:
    kept = (note.strip() or None) if task.patient_id else None
    done = care.acknowledge(task, by=by.account_id, now=now, note=kept)
    await store.save_acknowledgement(tx, done)
    await _record(tx, done, action="task-acknowledged", by=by.account_id, now=now)
    return done


async def acknowledge_like(tx: Tx, *, kind: str, encounter_id: str, by: Staff, now: datetime) -> None:
    """Takes this visit's task of this kind off the list, if there is one: what it asked for was just done."""
    encounter = await encounters.by_id(tx, encounter_id)
    patient_id = encounter.patient_id if encounter else None
    task = await store.open_one_like(tx, kind=kind, patient_id=patient_id, encounter_id=encounter_id)
    if task is not None and task.owner_role in by.roles:
        await acknowledge(tx, task.id, by=by, now=now)


async def withdraw(tx: Tx, *, kind: str, encounter: Encounter, by: str, now: datetime) -> None:
    """Takes an errand off the list under nobody's name, because its reason is gone. Never an alarm about health."""
    found = await store.open_one_like(
        tx, kind=kind, patient_id=encounter.patient_id, encounter_id=encounter.id
    )
    if found is not None:
        await withdraw_one(tx, found, by=by, now=now)


async def withdraw_about(tx: Tx, *, subject_id: str, by: str, now: datetime) -> list[Task]:
    """Takes every errand about an absence or a licence off the list, because that is gone; what it was."""
    found = await store.open_of_subject(tx, subject_id)
    for task in found:
        await withdraw_one(tx, task, by=by, now=now)
    return found


async def withdraw_one(tx: Tx, task: Task, *, by: str, now: datetime) -> None:
    """This errand, under nobody's name."""
    await store.save_acknowledgement(tx, replace(task, acknowledged_at=now))
    await _record(tx, task, action="task-withdrawn", by=by, now=now)


async def waiting_about(tx: Tx, *, patient_id: str, kinds: Collection[str]) -> list[Task]:
    """What of these kinds nobody has taken yet, on whosever list it stands."""
    return await store.open_about(tx, patient_id=patient_id, kinds=kinds)


async def acknowledge_about(
    tx: Tx,
    *,
    kinds: Collection[str],
    patient_id: str,
    by: Staff,
    now: datetime,
    subject_id: str | None = None,
) -> None:
    """Takes every task of these kinds about this patient off every list: what they asked for was just done.

    With a `subject_id`, only those about that.
    """
    for task in await waiting_about(tx, patient_id=patient_id, kinds=kinds):
        if subject_id in (None, task.subject_id):
            await _acknowledge(tx, task, by=by, now=now)


async def acknowledge_subject(tx: Tx, *, subject_id: str, by: Staff, now: datetime) -> None:
    """Takes every errand about this off the list under this person's name: what it asked for was just done."""
    for task in await store.open_of_subject(tx, subject_id):
        await _acknowledge(tx, task, by=by, now=now)


async def overdue_with_owner(tx: Tx, *, now: datetime) -> list[str]:
    """Ids of the tasks whose owner did not take them in time."""
    return await store.overdue_with_owner(tx, now=now)


async def make_everybodys(tx: Tx, task_id: str, *, now: datetime) -> Task | None:
    """The task without an owner; None when it had none any more, or somebody took it meanwhile."""
    task = await store.by_id(tx, task_id)
    if task is None or not await store.disown(tx, task_id):
        return None
    await _record(tx, task, action="task-escalated", by="system", now=now)
    return task


async def settle(tx: Tx, *, kind: str, by: str, now: datetime) -> None:
    """Takes a task that is about nobody off the list under no name: what it asked for is no longer needed."""
    task = await store.open_one_like(tx, kind=kind, patient_id=None, encounter_id=None)
    if task is not None:
        await store.save_acknowledgement(tx, replace(task, acknowledged_at=now))
        await _record(tx, task, action="task-settled", by=by, now=now)


async def _record(tx: Tx, task: Task, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="task",
        object_id=task.id,
        patient_id=task.patient_id,
        now=now,
    )
