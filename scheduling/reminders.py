"""Which reminders of an appointment are due: at fixed distances before it, by day, once, and never too late to help.

An offset is time that passes, not wall-clock time: a reminder a day before a visit comes 24 hours before it, also
across a change of the clocks. Whether a moment is night is a question to the wall clock of whoever is reminded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A reminder is worth sending late for half of its distance, and never later than this.
LATE_AT_MOST = timedelta(hours=6)

# How long before a visit, as the settings write it.
OFFSET = re.compile(r"([1-9][0-9]{0,3}) (h|min)")


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """People are left alone before `day_begins` and from `day_ends` on. What fell into the night and cannot wait for
    the morning is said at `evening`."""

    day_begins: time = time(8)
    day_ends: time = time(20)
    evening: time = time(19)

    def night(self, instant: datetime, zone: str) -> bool:
        there = instant.astimezone(ZoneInfo(zone)).time()
        return not self.day_begins <= there < self.day_ends

    def morning_after(self, instant: datetime, zone: str) -> datetime:
        """When the day begins next; `instant` itself by day."""
        if not self.night(instant, zone):
            return instant
        there = instant.astimezone(ZoneInfo(zone))
        on = there.date() + timedelta(days=there.time() >= self.day_begins)
        return datetime.combine(on, self.day_begins, ZoneInfo(zone)).astimezone(UTC)

    def evening_before(self, instant: datetime, zone: str) -> datetime:
        """The evening of the day the night of `instant` belongs to; `instant` itself by day."""
        if not self.night(instant, zone):
            return instant
        there = instant.astimezone(ZoneInfo(zone))
        on = there.date() - timedelta(days=there.time() < self.day_begins)
        return datetime.combine(on, self.evening, ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderRules:
    """How long before a visit each channel reminds, and when nobody is disturbed."""

    offsets: dict[str, tuple[timedelta, ...]]
    quiet: QuietHours = QuietHours()

    @property
    def farthest(self) -> timedelta:
        """How far ahead of `now` the visits lie that can have a reminder due; a night longer than the offset."""
        longest = max((offset for each in self.offsets.values() for offset in each), default=timedelta())
        return longest + timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """To be sent from `at` on, and not from `until` on."""

    channel: str
    offset: timedelta
    at: datetime
    until: datetime


def plan(
    *, starts_at: datetime, told_at: datetime, zone: str, channels: Sequence[str], rules: ReminderRules
) -> list[Reminder]:
    """Every reminder of a visit, the earliest first.

    `told_at` is when its patient was told of this time: what lies before it would say the same twice. Of several that
    the night has moved to one moment the first is sent.
    """
    found = []
    for channel in channels:
        moments: dict[datetime, timedelta] = {}
        for offset in sorted(rules.offsets.get(channel, ()), reverse=True):
            at = _moment(starts_at, offset, zone=zone, quiet=rules.quiet)
            if min(starts_at - offset, at) > told_at:
                moments.setdefault(at, offset)
        ordered = sorted(moments.items())
        following = [*(at for at, _ in ordered[1:]), starts_at]
        found += [
            Reminder(channel=channel, offset=offset, at=at, until=_until(starts_at, at, offset, after))
            for (at, offset), after in zip(ordered, following, strict=False)
        ]
    return sorted(found, key=lambda reminder: reminder.at)


def due(
    now: datetime,
    *,
    starts_at: datetime,
    told_at: datetime,
    zone: str,
    channels: Sequence[str],
    rules: ReminderRules,
) -> list[Reminder]:
    """What may be sent at `now`. That each goes once is its key's business: visit, version, offset, channel."""
    planned = plan(starts_at=starts_at, told_at=told_at, zone=zone, channels=channels, rules=rules)
    if rules.quiet.night(now, zone):
        return []
    return [reminder for reminder in planned if reminder.at <= now < reminder.until]


def _moment(starts_at: datetime, offset: timedelta, *, zone: str, quiet: QuietHours) -> datetime:
    """By day, `offset` before the visit. Out of the night into the morning when that leaves half of the offset, which
    is when the reminder still does what it is for; else into the evening, when there is time to get ready."""
    nominal = starts_at - offset
    morning = quiet.morning_after(nominal, zone)
    return morning if morning <= starts_at - offset / 2 else quiet.evening_before(nominal, zone)


def _until(starts_at: datetime, at: datetime, offset: timedelta, following: datetime) -> datetime:
    """Late is better than never for a while; not when the next one says the same, and never after the visit began.

    One that came in the evening for the morning is as good all evening.
    """
    grace = min(max(offset, starts_at - at) / 2, LATE_AT_MOST)
    return min(at + grace, following, starts_at)


def offset(text: str) -> timedelta:
    """ "24 h" or "10 min", as the settings write how long before a visit."""
    number, unit = text.split()
    return timedelta(hours=int(number)) if unit == "h" else timedelta(minutes=int(number))
