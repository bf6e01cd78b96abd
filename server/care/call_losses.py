"""What a call went on without, from the visit's presence events: a picture, a sound, or the video altogether."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

# A shorter silence is a hiccup nobody noticed, not a gap in care.
SHORTEST_GAP = timedelta(seconds=5)
# What stops a call at once, for everybody.
STOPS = frozenset({"words-differ", "words-forged"})
# Seat, "picture" or "sound", from, to; `to` None is still open.
Loss = tuple[str, str, datetime, datetime | None]

_LOST = {f"{what}-lost": what for what in ("picture", "sound")}
_BACK = {f"{what}-back": what for what in ("picture", "sound")}
_ENDS = frozenset({"finished", "by-phone"}) | STOPS


class Event(Protocol):
    @property
    def seat(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...


def losses(events: Iterable[Event]) -> tuple[Loss, ...]:
    """What was missing of whom although nobody chose so; only while the call ran, before it nobody missed anything."""
    found: list[Loss] = []
    running = False
    since: dict[tuple[str, str], datetime] = {}

    def end(key: tuple[str, str], at: datetime) -> None:
        began = since.pop(key, None)
        if running and began is not None:
            found.append((*key, began, at))

    for event in events:
        if event.kind == "call-started":
            if not running:
                # What was missing in the waiting room is missing from the first moment.
                since = dict.fromkeys(since, event.at)
            running = True
        elif event.kind in _LOST:
            since.setdefault((event.seat, _LOST[event.kind]), event.at)
        elif event.kind in _BACK:
            end((event.seat, _BACK[event.kind]), event.at)
        elif event.kind == "left" or event.kind in _ENDS:
            # Whoever stays is missed by nobody meanwhile; what they lack may still be lacking when the call goes on.
            stays = [each for each in since if event.kind == "left" and each[0] != event.seat]
            for key in list(since):
                end(key, event.at)
            since |= dict.fromkeys(stays, event.at)
            running = False
    if running:
        found += [(*key, at, None) for key, at in since.items()]
    told = [each for each in found if each[3] is None or each[3] - each[2] >= SHORTEST_GAP]
    return tuple(sorted(told, key=lambda each: each[2]))


def by_phone_and_back(events: Iterable[Event]) -> tuple[tuple[datetime, datetime], ...]:
    """While the visit was on the telephone, where it came back to video."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for event in events:
        if event.kind == "by-phone":
            since = since or event.at
        elif event.kind == "by-video" and since is not None:
            found.append((since, event.at))
            since = None
    return tuple(found)
