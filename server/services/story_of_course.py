"""The course's part of a patient's story: journal, measures, sessions, holds.

What a patient keeps to themselves does not come through here; the answers that bear on safety do.
"""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from server.care.journal import MORE, PROMPTS, UNUSUAL, JournalEntry, JournalVersion
from server.care.measures import ANSWER_WORDS, MeasureResponse
from server.care.plan import ACTIVE, CarePlan
from server.care.safety import ASKS, KINDS, PATIENT, SAID_SAFE, Alarm, Hold
from server.care.tasks import Task
from server.care.timeline import TimelineEntry
from server.services import patients
from server.store import accounts, holds, journals, measures, plans, tasks
from server.store.database import Tx

NOON = time(12)


async def of_patient(tx: Tx, patient_id: str) -> list[TimelineEntry]:
    """In no order."""
    courses = await plans.of_patient(tx, patient_id)
    numbers: dict[str | None, int] = {each.id: each.number for plan in courses for each in plan.sessions}
    entries = [
        found
        for entry in await journals.of_patient(tx, patient_id)
        if (found := _journal(entry, numbers.get(entry.session_id)))
    ]
    entries += _measures(await measures.of_patient(tx, patient_id))
    names, asked = await accounts.names(tx), await tasks.of_patient(tx, patient_id)
    rung = await holds.alarms_of_patient(tx, patient_id)
    entries += _holds(await holds.of_patient(tx, patient_id), rung, asked=asked, names=names)
    entries += [_said_safe(each, names) for each in asked if each.kind == SAID_SAFE]
    zone = ZoneInfo((await patients.by_id(tx, patient_id)).time_zone)
    for plan in courses:
        entries += _course(plan, zone, names)
    return entries


def _course(plan: CarePlan, zone: ZoneInfo, names: dict[str, str]) -> list[TimelineEntry]:
    """Its sessions, those ahead only while it runs, and how it ended."""
    found = []
    for session in plan.sessions:
        if session.done_at is None and plan.status != ACTIVE:
            continue
        planned = datetime.combine(session.planned_on, NOON, zone).astimezone(UTC)
        facts = {
            "number": session.number,
            "all": len(plan.sessions),
            "ahead": session.done_at is None,
            "written_by": PATIENT,
        }
        at = session.done_at or planned
        found.append(TimelineEntry(kind="session", at=at, object_id=session.id, facts=facts))
    if plan.ended_at is not None:
        ended = {
            "ended": plan.status,
            "by": names.get(plan.ended_by or "", ""),
            "reason": plan.end_reason or "",
            "ahead": False,
            "written_by": plan.ended_by,
        }
        found.append(
            TimelineEntry(kind="session", at=plan.ended_at, object_id=f"{plan.id}-ended", facts=ended)
        )
    return found


def _journal(entry: JournalEntry, number: int | None) -> TimelineEntry | None:
    """The newest shared version with the older ones under it; of a kept entry no more than that it is there."""
    newest, shared = entry.newest, entry.shared
    safety = {"unusual": entry.last_said(UNUSUAL.name), "more": entry.last_said(MORE.name)}
    facts = safety | {"number": number, "written_by": PATIENT}
    if shared:
        return TimelineEntry(
            kind="journal",
            at=shared[-1].shared_at or shared[-1].saved_at,
            object_id=entry.id,
            facts=facts
            | {
                "kept": False,
                "version": shared[-1].version,
                "said": _said(shared[-1]),
                "older": [
                    {"version": each.version, "shared_at": each.shared_at, "said": _said(each)}
                    for each in reversed(shared[:-1])
                ],
            },
        )
    if not newest.written and not any(safety.values()):
        return None
    return TimelineEntry(kind="journal", at=newest.saved_at, object_id=entry.id, facts=facts | {"kept": True})


def _said(version: JournalVersion) -> list[tuple[str, str]]:
    return [(prompt.label, version.body[prompt.name]) for prompt in PROMPTS if prompt.name in version.body]


def _measures(responses: list[MeasureResponse]) -> list[TimelineEntry]:
    """What was handed in, with the change since the last; of a form that was not, only a positive item 9."""
    found: list[TimelineEntry] = []
    before: dict[str, int] = {}
    for response in responses:
        instrument, total = response.asked, response.score.total
        level = response.answers.get(instrument.alarm or "", 0)
        facts = {
            "title": instrument.title,
            "highest": instrument.highest,
            "alarm": ANSWER_WORDS[level] if level else "",
            "written_by": PATIENT,
        }
        if response.completed_at is not None and total is not None:
            last = before.get(response.instrument)
            before[response.instrument] = total
            facts |= {
                "sent": True,
                "total": total,
                "band": instrument.band_of(total).label,
                "change": None if last is None else total - last,
            }
            at = response.completed_at
        elif level:
            facts |= {"sent": False}
            at = response.saved_at
        else:
            continue
        found.append(TimelineEntry(kind="measure", at=at, object_id=response.id, facts=facts))
    return found


def _holds(
    all_holds: list[Hold], rung: list[Alarm], *, asked: list[Task], names: dict[str, str]
) -> list[TimelineEntry]:
    """Each hold when it was opened, again whenever it was pressed, and once more when it was lifted."""
    found = []
    for hold in all_holds:
        times = [each for each in rung if each.hold_id == hold.id]
        ends = [*(each.received_at for each in times[1:]), hold.lifted_at]
        for number, (alarm, until) in enumerate(zip(times, ends, strict=True)):
            task = _taken(hold.kind, asked, since=alarm.received_at, until=until)
            facts = _alarm(hold, alarm, names) | {
                "again": number > 0,
                "taken_by": names.get(task.acknowledged_by or "", "") if task else "",
                "taken_at": task.acknowledged_at if task else None,
            }
            object_id = f"{hold.id}-{number}" if number else hold.id
            found.append(TimelineEntry(kind="hold", at=alarm.received_at, object_id=object_id, facts=facts))
        if hold.lifted_at is not None:
            found.append(_lifted(hold, hold.lifted_at, names))
    return found


def _alarm(hold: Hold, alarm: Alarm, names: dict[str, str]) -> dict[str, object]:
    return {
        "hold_id": hold.id,
        "what": KINDS[hold.kind],
        "level": ANSWER_WORDS[alarm.level] if alarm.level else "",
        "told": hold.told or "",
        "reason": hold.reason or "",
        "by": names.get(hold.opened_by, ""),
        "open": hold.open,
        "pressed_at": alarm.pressed_at if alarm.came_late else None,
        "lifted": False,
        "written_by": hold.opened_by,
    }


def _lifted(hold: Hold, at: datetime, names: dict[str, str]) -> TimelineEntry:
    facts = {
        "lifted": True,
        "by": names.get(hold.lifted_by or "", ""),
        "reason": hold.lift_reason or "",
        "written_by": hold.lifted_by,
    }
    return TimelineEntry(kind="hold", at=at, object_id=f"{hold.id}-lifted", facts=facts)


def _said_safe(task: Task, names: dict[str, str]) -> TimelineEntry:
    """What was pressed with no hold open stands in the story by itself."""
    facts = {
        "said": ASKS[task.kind],
        "taken_by": names.get(task.acknowledged_by or "", ""),
        "taken_at": task.acknowledged_at,
        "written_by": PATIENT,
    }
    return TimelineEntry(kind="hold", at=task.created_at, object_id=task.id, facts=facts)


def _taken(kind: str, asked: list[Task], *, since: datetime, until: datetime | None) -> Task | None:
    """Who took over what was told of an alarm, by name."""
    about = [
        task
        for task in asked
        if task.kind == kind
        and task.acknowledged_at is not None
        and since <= task.created_at
        and (until is None or task.created_at < until)
    ]
    return about[-1] if about else None
