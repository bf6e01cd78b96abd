"""What a gateway reports of a text message it took: a phone has it, or no phone will.

Reports come late, twice and in any order. That a phone has it is the last word; whatever else is said of it, the first
time counts.
"""

from dataclasses import dataclass
from datetime import datetime

from server.services import outgoing, sending, tasks
from server.store import encounters
from server.store import outbox as store
from server.store.database import Tx

# Why no phone has it, as our own words know it; anything else a gateway says is none of them and is not kept.
REASONS = frozenset({"unreachable", "unknown-number", "blocked", "refused"})
UNSAID = "not said"


class NotYet(Exception):
    """A message is being handed over just now: it may be the one, whose number we have not written down yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """`number` is ours, `reference` the gateway's own; one of them is enough. `delivered` is None on the way."""

    number: str
    reference: str
    delivered: bool | None
    reason: str = UNSAID

    @property
    def problem(self) -> str:
        return f"reported: {self.reason if self.reason in REASONS else UNSAID}"


async def take(tx: Tx, said: Report, *, gateway: int, now: datetime) -> str | None:
    """The id of the visit whose messages look different now, if any. A message nobody knows changes nothing.

    Raises NotYet.
    """
    row = await store.taken_by(tx, gateway, number=said.number, reference=said.reference)
    if row is None:
        if not said.number and await store.handing_over(tx, now=now):
            raise NotYet
        return None
    if said.delivered:
        if await store.mark_delivered(tx, row.id, now=now):
            await _arrived(tx, row.encounter_id, now=now)
    elif (
        said.delivered is not None
        and await store.mark_undelivered(tx, row.id, problem=said.problem, now=now)
        and (row.encounter_id is None or await _is_of_use(tx, row.encounter_id, now=now))
    ):
        await sending.tell_the_desk(tx, row.id, now=now)
    return None if row.encounter_id is None else str(row.encounter_id)


async def _is_of_use(tx: Tx, encounter_id: str, *, now: datetime) -> bool:
    """A report can take days: nobody rings about a visit that was."""
    encounter = await encounters.by_id(tx, encounter_id)
    return encounter is not None and encounter.planned_ends_at > now and encounter.status != "finished"


async def _arrived(tx: Tx, encounter_id: str | None, *, now: datetime) -> None:
    """It had been reported as lost: whoever was to ring about it need not, if that was all."""
    encounter = await encounters.by_id(tx, encounter_id) if encounter_id else None
    if encounter is None or any(each.state == "failed" for each in await outgoing.history(tx, encounter.id)):
        return
    await tasks.withdraw(tx, kind=outgoing.NOT_DELIVERED, encounter=encounter, by="system", now=now)
