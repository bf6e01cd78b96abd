"""A call that has to go on by telephone: it broke off and stayed away, or it never came up at all."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from server.care.call_losses import STOPS
from server.care.encounter import TWO, Encounter, PresenceEvent

# Whoever is let in and has no connection is called by telephone after this long; their page says so.
CALLED_AFTER = timedelta(minutes=2)

_ENDS = frozenset({"by-phone", "finished"}) | STOPS
# The call that has to begin now, among what is missing.
_BEGINNING = ("patient", "beginning")


def call_due(encounter: Encounter, events: Iterable[PresenceEvent], now: datetime) -> datetime | None:
    """Since when the two have been cut off from each other, once the desk must go on by telephone and was not told.

    Nobody is called who left on purpose, and nobody twice for the same break.
    """
    if encounter.status != "in-progress" or encounter.mode != "video":
        return None
    since = _cut_off_since(
        sorted((e for e in events if e.seat in TWO or e.kind in STOPS), key=lambda e: e.at)
    )
    return since if since is not None and now - since >= CALLED_AFTER else None


def _cut_off_since(events: list[PresenceEvent]) -> datetime | None:
    """From when the patient was let in, or the call broke, until everybody is back; None when somebody knows of it."""
    here: set[str] = set()
    missing: set[tuple[str, str]] = set()
    since: datetime | None = None
    let_in = up = told = False
    for event in events:
        seat, kind = event.seat, event.kind
        if kind == "call-started":
            here, up = set(TWO), True
            missing.clear()
        elif kind == "admitted":
            # By who sits in the room; whatever call there was, it was somebody else's who had come by the same link.
            here, let_in, up = set(TWO), True, False
        elif kind == "other-device":
            let_in = False
            missing.discard(_BEGINNING)
        elif kind in _ENDS:
            up = False
            here.clear()
            missing.clear()
        elif kind == "left":
            up = False
            here.discard(seat)
            if seat == "patient":
                missing.clear()
        elif kind == "joined":
            # The same page again, whose media may never have stopped; another page starts a call of its own.
            here.add(seat)
            missing.discard((seat, "lost"))
        elif kind in ("lost", "call-interrupted") and (up or since):
            missing.add((seat, kind))
        elif kind == "call-resumed":
            missing = {each for each in missing if each[0] != seat or each == _BEGINNING}
        elif kind == "desk-told":
            told = True
        if let_in and not up and here == TWO:
            missing.add(_BEGINNING)
        if not missing:
            since, told = None, False
        elif since is None:
            since = event.at
    return None if told else since
