"""Who waits and whom that calls: seen by name, rung and written down, told again while nobody has seen it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.care.access import FRONT_DESK, Staff
from server.care.encounter import Encounter, goes_on
from server.care.people import EMAIL, SMS
from server.care.visit_actions import (
    CONTACTS,
    SEEN,
    TOLD_CLINICIAN,
    TOLD_DESK,
    VisitAction,
    rings_at_the_desk,
    rings_for,
    since_arrival,
)
from server.services import appointments, outgoing, practice, tasks
from server.store import accounts, encounters, visit_actions
from server.store.database import Tx

# Nobody who came this long ago is still looked for: their page would have said goodbye.
NEAR = timedelta(hours=12)


class NoSuchContact(Exception):
    """Nothing the desk can say it did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long somebody waits past their time, unseen, before who is written to; and whether by text message."""

    clinician: timedelta
    desk: timedelta
    sms: bool = False


async def see(tx: Tx, encounter_id: str, *, by: Staff, now: datetime) -> Encounter:
    """ "I have seen that they wait", by name. Raises NoSuchVisit."""
    encounter = await appointments.visit(tx, encounter_id)
    if encounter.status == "arrived":
        await _did(tx, encounter, SEEN, by=by.account_id, now=now)
        await appointments.record(tx, encounter, action="waiting-seen", by=by.account_id, now=now)
    return encounter


async def contacted(tx: Tx, encounter_id: str, *, kind: str, by: Staff, now: datetime) -> Encounter:
    """The desk rang or wrote to the patient; the row of the board says so. Raises NoSuchVisit, NoSuchContact."""
    if kind not in CONTACTS:
        raise NoSuchContact(kind)
    encounter = await appointments.visit(tx, encounter_id)
    await _did(tx, encounter, kind, by=by.account_id, now=now)
    await appointments.record(tx, encounter, action=f"patient-{kind}", by=by.account_id, now=now)
    return encounter


async def unseen(tx: Tx, *, patience: Patience, now: datetime) -> list[str]:
    """Ids of the visits about which somebody is to be written to now."""
    return [each.id for each in await _waiting(tx, now) if await _due(tx, each, patience=patience, now=now)]


async def tell(tx: Tx, encounter_id: str, *, patience: Patience, now: datetime) -> bool:
    """Writes to whoever is to know now, once for each arrival; False when somebody saw it meanwhile."""
    encounter = await appointments.visit(tx, encounter_id)
    due = await _due(tx, encounter, patience=patience, now=now)
    for kind in due:
        for account_id in await _whom(tx, encounter, kind):
            about = f"waiting|{encounter.id}|{encounter.arrived_at:%Y%m%dT%H%M%S}"
            channel = EMAIL
            if patience.sms and (await accounts.by_id(tx, account_id)).phone:  # type: ignore[union-attr]
                channel = SMS
            await outgoing.queue_attention(
                tx,
                patient_id=encounter.patient_id,
                account_id=account_id,
                about=about,
                channel=channel,
                now=now,
            )
        if kind == TOLD_DESK:
            await _open_task(tx, encounter, now=now)
        await _did(tx, encounter, kind, by=None, now=now)
    return bool(due)


async def _waiting(tx: Tx, now: datetime) -> list[Encounter]:
    near = await encounters.between(tx, now - NEAR, now + NEAR)
    return [each for each in near if each.status == "arrived"]


async def _due(tx: Tx, encounter: Encounter, *, patience: Patience, now: datetime) -> list[str]:
    """Which of the two are to be told now and were not yet, since the patient came."""
    if encounter.status != "arrived" or encounter.arrived_at is None:
        return []
    done = (await visit_actions.of_visits(tx, [encounter.id])).get(encounter.id, [])
    told = {each.kind for each in since_arrival(encounter, done)}
    waited = now - max(encounter.arrived_at, encounter.planned_starts_at)
    clinician = await practice.practitioner(tx, encounter.practitioner_id)
    found = []
    rings = rings_for(encounter, done, account_id=clinician.account_id)
    # Whoever is in a call has the quiet line on that page, and nothing that hums beside it.
    if waited >= patience.clinician and rings and not await _is_in_a_call(tx, encounter, now):
        found.append(TOLD_CLINICIAN)
    if waited >= patience.desk and rings_at_the_desk(encounter, done):
        found.append(TOLD_DESK)
    return [each for each in found if each not in told]


async def _is_in_a_call(tx: Tx, encounter: Encounter, now: datetime) -> bool:
    theirs = await encounters.between(tx, now - NEAR, now + NEAR, practitioner_id=encounter.practitioner_id)
    return any(goes_on(each, now) for each in theirs)


async def _whom(tx: Tx, encounter: Encounter, kind: str) -> list[str]:
    if kind == TOLD_CLINICIAN:
        return [(await practice.practitioner(tx, encounter.practitioner_id)).account_id]
    return await accounts.enabled_with(tx, FRONT_DESK)


async def _open_task(tx: Tx, encounter: Encounter, *, now: datetime) -> None:
    await tasks.open_task(
        tx,
        kind=tasks.NOBODY_CAME,
        patient_id=encounter.patient_id,
        encounter_id=encounter.id,
        detail=None,
        by="system",
        now=now,
    )


async def _did(tx: Tx, encounter: Encounter, kind: str, *, by: str | None, now: datetime) -> None:
    action = VisitAction(
        encounter_id=encounter.id, patient_id=encounter.patient_id, kind=kind, at=now, account_id=by
    )
    await visit_actions.append(tx, action)
