"""One ordered story of a patient: visits, notes, messages, questions, journal, measures, sessions and holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KINDS = ("visit", "note", "message", "question", "journal", "measure", "session", "hold")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """`facts` are what the entry's kind shows; `object_id` leads to the thing itself."""

    kind: str
    at: datetime
    object_id: str
    facts: dict[str, Any] = field(default_factory=dict)


def story(
    entries: Iterable[TimelineEntry], *, kinds: frozenset[str] = frozenset(KINDS)
) -> list[TimelineEntry]:
    """Newest first; entries of one moment in a fixed order, so that the story never jumps when it is read again."""
    chosen = [entry for entry in entries if entry.kind in kinds]
    return sorted(chosen, key=lambda e: (e.at, KINDS.index(e.kind), e.object_id), reverse=True)


def new_since(entries: Iterable[TimelineEntry], last_read: datetime | None) -> list[TimelineEntry]:
    """The entries that came after `last_read`; none when nothing was ever read."""
    return [] if last_read is None else [entry for entry in entries if entry.at > last_read]
