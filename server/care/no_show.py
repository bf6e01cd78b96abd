"""Whether somebody did not come, as far as the server saw it. It suggests; a person decides (experience.md, P21)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from server.care.encounter import OPENS_BEFORE, Encounter, PresenceEvent
from server.care.visit_actions import CONTACTS, VisitAction

# clinical.md §9, S3: nothing is suggested sooner.
SUGGESTED_AFTER = timedelta(minutes=15)
# So long somebody of ours must have been there to let them in.
STAFF_THERE = timedelta(minutes=5)
ABSENT, NOT_LET_IN, NOBODY_OF_OURS = "absent", "not-let-in", "nobody-of-ours"

Stay = tuple[datetime, datetime]


def suggestion(
    encounter: Encounter, events: Iterable[PresenceEvent], actions: Iterable[VisitAction], now: datetime
) -> str | None:
    """ABSENT; NOT_LET_IN when they were here and nobody let them in; NOBODY_OF_OURS; None: too soon, or settled."""
    due = encounter.planned_starts_at
    if encounter.status != "planned" or encounter.no_show_at is not None or now - due < SUGGESTED_AFTER:
        return None
    seen = list(events)
    # Before its doors opened they were there for the time it had until it was moved.
    if any(end >= due - OPENS_BEFORE for _, end in stays(seen, "patient", until=now)):
        return NOT_LET_IN
    if any(each.kind in CONTACTS and each.at >= due for each in actions):
        return ABSENT
    there = [end - max(start, due) for start, end in stays(seen, "clinician", until=now) if end > due]
    return ABSENT if sum(there, timedelta()) >= STAFF_THERE else NOBODY_OF_OURS


def stays(events: Iterable[PresenceEvent], seat: str, *, until: datetime) -> list[Stay]:
    """From when to when a seat was taken; a second page in the same seat is no second stay."""
    found: list[Stay] = []
    since: datetime | None = None
    for event in sorted((each for each in events if each.seat == seat), key=lambda each: each.at):
        if event.kind == "joined":
            since = since or event.at
        elif event.kind in ("left", "lost") and since is not None:
            found.append((since, event.at))
            since = None
    return [*found, (since, until)] if since is not None else found
