"""Free times as a page offers them: by day in the clinic's zone, earliest first, as values that fit into a form."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.bookings import Appointment, NotLicensed, times
from scheduling.diary import Diary, NotTheirLanguage, Patient, unfit
from scheduling.find import Slot
from scheduling.interval import Interval
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import NotTheirKind, VisitType
from server.services import practice, slot_holds
from server.services.board import bounds_of
from server.services.slot_holds import Kept
from server.store.database import Tx
from server.web.forms import Form

# A page of times: more than a few days at once is a wall nobody reads.
DAYS_SHOWN = 5
DAYS_SEARCHED = 60
# Why somebody is not among those offered.
ON_LEAVE, NO_HOURS, TAKEN = "leave", "no-hours", "taken"
WHY_UNFIT: dict[type[SchedulingRefusal], str] = {
    NotTheirKind: "kind",
    NotTheirLanguage: "language",
    NotLicensed: "licence",
}
# Beyond these the calendar itself ends when a zone or a few weeks are added.
YEARS = range(1900, 2200)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One practitioner's time, as it travels in a form: "<practitioner>|<instant>"."""

    practitioner_id: str
    starts_at: datetime
    # Whoever keeps it while they book; None: it can be chosen.
    kept: Kept | None = None

    @property
    def value(self) -> str:
        return f"{self.practitioner_id}|{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

    @classmethod
    def read(cls, text: str) -> "Choice":
        """Raises ValueError."""
        practitioner_id, _, instant = text.partition("|")
        starts_at = datetime.strptime(instant, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
        if not practitioner_id or starts_at.year not in YEARS:
            raise ValueError("nobody's time")
        return cls(practitioner_id=practitioner_id, starts_at=starts_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    practitioner_id: str
    choices: list[Choice]


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day's free times, a row per practitioner."""

    on: date
    rows: list[Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """`later` is the date from which to look on, when there may be more."""

    days: list[Day]
    earliest: Choice | None
    later: date | None
    not_offered: list["NotOffered"]

    def why_not(self, practitioner_id: str) -> str:
        """Why nothing of theirs is offered; "" when something is, or they were not asked about."""
        return next((each.why for each in self.not_offered if each.practitioner_id == practitioner_id), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class NotOffered:
    """Somebody without a time on the days shown, and why, as a word; `back_on` the day after their leave."""

    practitioner_id: str
    name: str
    why: str
    back_on: date | None = None


def chosen(form: Form) -> Choice | None:
    """The button just pressed, else what was chosen before; a refused time is not chosen any more."""
    if "chosen" in form.problems:
        return None
    for name in ("slot", "chosen"):
        try:
            return Choice.read(form.text(name))
        except ValueError:
            continue
    return None


async def offer(
    tx: Tx,
    *,
    practitioner_ids: list[str],
    kind: VisitType,
    since: date,
    zone: str,
    now: datetime,
    moving: Appointment | None = None,
    hold_id: str = "",
    patient: Patient = practice.ANYBODY,
) -> Offer:
    """The first days from `since` on that have a free time; for one that is `moving`, any but its own.

    What others keep is shown as such; `hold_id` is what the form itself keeps.
    """
    start, _ = bounds_of(since, zone)
    patient = await practice.as_asked(tx, patient, kind=kind)
    slots, diaries = await practice.search(
        tx,
        practitioner_ids=practitioner_ids,
        kind=kind,
        start=max(start, now),
        end=start + timedelta(days=DAYS_SEARCHED),
        now=now,
        patient=patient,
        leave_out=moving.id if moving else None,
    )
    others = (slot for slot in slots if moving is None or slot.starts_at != moving.starts_at)
    found = _first_days(others, zone, DAYS_SHOWN + 1)
    own_first = sorted(practitioner_ids, key=lambda each: each != patient.own)
    kept = await slot_holds.kept_between(
        tx,
        practitioner_ids,
        start=start,
        end=start + timedelta(days=DAYS_SEARCHED),
        now=now,
        leave_out=hold_id,
    )
    visit = kind.with_interpreter() if patient.interpreter else kind
    choices = _named_once([_choice(slot, visit, kept) for slot in found])
    days = _days(choices, own_first, zone)
    earliest = next((choice for choice in choices if choice.kept is None), None)
    later = days[DAYS_SHOWN].on if len(days) > DAYS_SHOWN else None
    shown = days[:DAYS_SHOWN]
    offered = {row.practitioner_id for day in shown for row in day.rows}
    until = bounds_of(shown[-1].on if shown else since, zone)[1]
    return Offer(
        days=shown,
        earliest=earliest,
        later=later,
        not_offered=[
            _why_not(each, kind=kind, patient=patient, within=Interval(start=start, end=until))
            for each in diaries
            if each.id not in offered
        ],
    )


def _first_days(slots: Iterable[Slot], zone: str, most: int) -> list[Slot]:
    """The slots of the first `most` days that have any: what nobody looks at is not searched for."""
    found: list[Slot] = []
    seen: set[date] = set()
    for slot in slots:
        seen.add(day_of(slot.starts_at, zone))
        if len(seen) > most:
            break
        found.append(slot)
    return found


def _why_not(diary: Diary, *, kind: VisitType, patient: Patient, within: Interval) -> NotOffered:
    refusal = unfit(diary, kind=kind, patient=patient)
    if refusal is not None:
        return NotOffered(practitioner_id=diary.id, name=diary.name, why=WHY_UNFIT[refusal])
    away = [each for each in diary.schedule.leave if each.meets(within)]
    if away:
        back = max(each.ends for each in away)
        return NotOffered(practitioner_id=diary.id, name=diary.name, why=ON_LEAVE, back_on=back.date())
    return NotOffered(
        practitioner_id=diary.id, name=diary.name, why=NO_HOURS if not diary.schedule.hours else TAKEN
    )


def _choice(slot: Slot, kind: VisitType, kept: list[Kept]) -> Choice:
    _, held = times(kind, slot.starts_at)
    by = (each for each in kept if each.practitioner_id == slot.practitioner_id and each.held.overlaps(held))
    return Choice(practitioner_id=slot.practitioner_id, starts_at=slot.starts_at, kept=next(by, None))


def _named_once(choices: list[Choice]) -> list[Choice]:
    """A time that is kept stands in the way of several starts: it is shown at the first of them alone."""
    named: list[Kept] = []
    shown = []
    for each in choices:
        if each.kept is None or each.kept not in named:
            shown.append(each)
        if each.kept is not None:
            named.append(each.kept)
    return shown


def _days(choices: list[Choice], practitioner_ids: list[str], zone: str) -> list[Day]:
    by_day: dict[date, dict[str, list[Choice]]] = {}
    for choice in choices:
        on = choice.starts_at.astimezone(ZoneInfo(zone)).date()
        by_day.setdefault(on, {}).setdefault(choice.practitioner_id, []).append(choice)
    return [
        Day(
            on=on,
            rows=[Row(practitioner_id=id_, choices=rows[id_]) for id_ in practitioner_ids if id_ in rows],
        )
        for on, rows in sorted(by_day.items())
    ]


def day_asked(text: str, *, otherwise: date) -> date:
    """An unreadable day shows today: the address was cut short, and today is what people come for."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if day.year in YEARS else otherwise


def day_of(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()
