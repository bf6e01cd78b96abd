"""Reminders of visits: which are due now, each queued once for its visit, its version, its distance and its channel."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from scheduling.reminders import Reminder, ReminderRules, due, plan
from server.care.encounter import Encounter
from server.care.people import channels_of
from server.services import outgoing
from server.store import audit, encounters, outbox
from server.store.database import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    encounter_id: str
    link_version: int
    reminder: Reminder
    # It was due before the records were restored: nobody knows whether it was sent after the backup was made.
    unknown: bool = False

    @property
    def key(self) -> str:
        return outgoing.visit_key(
            outgoing.REMINDER,
            self.encounter_id,
            self.link_version,
            self.reminder.channel,
            _about(self.reminder),
        )


async def due_now(tx: Tx, *, rules: ReminderRules, now: datetime) -> list[Due]:
    """What is due and was not queued yet."""
    found = [
        Due(encounter_id=row.id, link_version=row.link_version, reminder=reminder)
        for row in await encounters.to_remind_of(tx, starts_after=now, starts_before=now + rules.farthest)
        for reminder in due(now, rules=rules, **_facts(row))
    ]
    known = await outbox.known_keys(tx, [each.key for each in found])
    new = [each for each in found if each.key not in known]
    # Asked only when there is something to send: the trail is long.
    restored_at = await audit.last_restored(tx) if new else None
    if restored_at is None:
        return new
    return [replace(each, unknown=each.reminder.at <= restored_at) for each in new]


async def queue(tx: Tx, each: Due, *, now: datetime) -> bool:
    """False when the visit is not to be reminded of any more. One that may have been sent waits for the desk's word."""
    encounter = await encounters.by_id(tx, each.encounter_id)
    if encounter is None or encounter.status != "planned" or encounter.link_version != each.link_version:
        return False
    message_id = await outgoing.queue_one(
        tx,
        kind=outgoing.REMINDER,
        encounter=encounter,
        channel=each.reminder.channel,
        about=_about(each.reminder),
        expires_at=each.reminder.until,
        now=now,
    )
    if each.unknown:
        await outbox.give_up(tx, message_id, problem=outgoing.UNKNOWN, now=now)
    return True


async def coming(tx: Tx, encounter: Encounter, *, rules: ReminderRules, now: datetime) -> list[Reminder]:
    """The reminders of this visit that are still to come, the next one first."""
    around = timedelta(seconds=1)
    rows = await encounters.to_remind_of(
        tx,
        starts_after=encounter.planned_starts_at - around,
        starts_before=encounter.planned_starts_at + around,
    )
    mine = [row for row in rows if row.id == encounter.id]
    planned = [reminder for row in mine for reminder in plan(rules=rules, **_facts(row))]
    return [reminder for reminder in planned if reminder.at > now]


def _facts(row: Any) -> dict[str, Any]:
    return {
        "starts_at": row.starts_at,
        "told_at": row.told_at,
        "zone": row.time_zone,
        "channels": channels_of(row.reached_by, email=bool(row.has_email), phone=bool(row.has_phone)),
    }


def _about(reminder: Reminder) -> str:
    return f"{int(reminder.offset.total_seconds() // 60)} min"
