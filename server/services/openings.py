"""The free times for the wait-list, remembered: they are searched for again only when another answer is possible.

Who waits, with their visits and offers, is read each time and compared; of all else the search reads, the store says
whether it was written since.
"""

from collections.abc import Sequence
from datetime import datetime

from server.services import wait_list
from server.services.wait_list import Opening, Waiting
from server.store.database import Tx

# What the search reads beyond who waits.
RESTS_ON = (
    "absences",
    "account_roles",
    "accounts",
    "appointments",
    "busy_times",
    "hours_exceptions",
    "licences",
    "practitioner_languages",
    "practitioners",
    "slot_holds",
    "weekly_hours",
)


class Openings:
    """Nothing is older than a minute: notice runs out, and what another process writes has no version here."""

    def __init__(self) -> None:
        self._state: tuple[tuple[int, ...], datetime, Sequence[Waiting]] | None = None
        self._found: list[Opening] = []

    async def newest(self, tx: Tx, *, now: datetime) -> list[Opening]:
        """As `wait_list.openings`; `tx` only reads."""
        waiting = await wait_list.everybody(tx, now=now)
        state = (tx.versions_of(RESTS_ON), now.replace(second=0, microsecond=0), waiting)
        if state != self._state:
            found = await wait_list.openings_for(tx, waiting, now=now)
            self._state, self._found = state, found
        return self._found
