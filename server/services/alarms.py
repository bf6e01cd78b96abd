"""Who must know when an alarm rings: the treating clinician at once, every clinician when nobody takes it in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.care.access import CLINICIAN
from server.care.people import Practitioner
from server.care.plan import REVOKED
from server.services import opening, outgoing, practice, tasks
from server.store import accounts, encounters, plans
from server.store.database import Tx

LOOKS_AHEAD = timedelta(days=14)
# What the front desk is told of a hold: that there is one.
ON_HOLD = "on-hold"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """Whether the clinic is open now; `opens_at` is when it next is, None when nobody's hours are known.

    `anybody`: whether there is a single clinician who can be told.
    """

    open_now: bool
    opens_at: datetime | None
    anybody: bool


async def clinicians(tx: Tx) -> list[Practitioner]:
    """Those who can be told: their account is enabled and still a clinician's."""
    return [each for each in await practice.practitioners(tx) if await accounts.may_be_booked(tx, each.id)]


async def treating(tx: Tx, patient_id: str) -> Practitioner | None:
    """Whose patient this is: the course's clinician, else the one of their latest visit. None: nobody's any more."""
    courses = [plan for plan in await plans.of_patient(tx, patient_id) if plan.status != REVOKED]
    theirs = [each.practitioner_id for each in courses] or [
        each.practitioner_id for each in await encounters.of_patient(tx, patient_id)
    ]
    mine = theirs[-1] if theirs else None
    if mine is None or not await accounts.may_be_booked(tx, mine):
        return None
    return await practice.practitioner(tx, mine)


async def watch(tx: Tx, *, now: datetime) -> Watch:
    """By the clinic's opening hours, or the clinicians' where nobody wrote any; a page says no more than is true."""
    # Schedules know whole minutes; the one that has begun belongs to now.
    minute = now.replace(second=0, microsecond=0)
    everybody = await clinicians(tx)
    clinic = await opening.schedule(tx)
    schedules = [clinic] if clinic else [await practice.schedule_of(tx, each.id) for each in everybody]
    openings = [o for each in schedules for o in each.open_between(minute, minute + LOOKS_AHEAD)]
    earliest = min((each.start for each in openings), default=None)
    return Watch(
        open_now=earliest is not None and earliest <= now, opens_at=earliest, anybody=bool(everybody)
    )


async def tell(tx: Tx, *, patient_id: str, kind: str, level: int, by: str, now: datetime) -> None:
    """A task that stays until a clinician takes it by name, and a mail that says nothing.

    Nobody is told again of what still waits: an alarm is not louder for being doubled. A worse answer is told.
    """
    waiting = await tasks.waiting_about(tx, patient_id=patient_id, kinds=[kind])
    if any(int(each.detail or 0) >= level for each in waiting):
        return
    mine = await treating(tx, patient_id)
    told = [mine] if mine else await clinicians(tx)
    await _task(tx, patient_id=patient_id, kind=kind, level=level, owner=mine, told=told, by=by, now=now)


async def tell_of_a_clinicians_hold(tx: Tx, *, patient_id: str, kind: str, by: str, now: datetime) -> None:
    """The front desk, and whichever clinicians should know and did not do it themselves (experience.md, row 116)."""
    await tasks.open_task(
        tx, kind=ON_HOLD, patient_id=patient_id, encounter_id=None, detail=None, by=by, now=now
    )
    mine = await treating(tx, patient_id)
    told = [each for each in ([mine] if mine else await clinicians(tx)) if each.account_id != by]
    if told:
        await _task(tx, patient_id=patient_id, kind=kind, level=0, owner=mine, told=told, by=by, now=now)


async def _task(
    tx: Tx,
    *,
    patient_id: str,
    kind: str,
    level: int,
    owner: Practitioner | None,
    told: Sequence[Practitioner],
    by: str,
    now: datetime,
) -> None:
    task_id = await tasks.open_task(
        tx,
        kind=kind,
        patient_id=patient_id,
        encounter_id=None,
        detail=str(level) if level else None,
        by=by,
        now=now,
        owner_role=CLINICIAN,
        owner_id=owner.account_id if owner else None,
    )
    for each in told:
        await outgoing.queue_attention(
            tx, patient_id=patient_id, account_id=each.account_id, about=task_id, now=now
        )


async def escalate(tx: Tx, task_id: str, *, now: datetime) -> bool:
    """What its owner did not take in time becomes everybody's, once: one more mail to each clinician.

    After clinical.md §5.4. False when somebody took it meanwhile.
    """
    task = await tasks.make_everybodys(tx, task_id, now=now)
    if task is None or task.patient_id is None:
        return False
    # A front desk's errand becomes its colleagues' and stays one.
    for each in await clinicians(tx) if task.owner_role == CLINICIAN else ():
        await outgoing.queue_attention(
            tx, patient_id=task.patient_id, account_id=each.account_id, about=f"{task_id}|late", now=now
        )
    return True
