"""A visit handed from one clinician to another while its patient is there: who saw them from when to when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.care.encounter import Encounter, EncounterOver
from server.care.refusals import CareRefusal


class NotToHandOver(CareRefusal):
    """Nobody is there yet: such a visit is booked with somebody else instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    id: str
    encounter_id: str
    from_practitioner_id: str
    to_practitioner_id: str
    handed_by: str
    at: datetime
    joined_at: datetime | None = None


def must_allow(encounter: Encounter) -> None:
    """Raises EncounterOver, NotToHandOver."""
    if encounter.over:
        raise EncounterOver
    if encounter.status not in ("arrived", "in-progress"):
        raise NotToHandOver


@dataclass(frozen=True, kw_only=True, slots=True)
class ClinicianFacts:
    """What the note says about one of several clinicians; `until` None is still there, or until the end."""

    name: str
    since: datetime
    until: datetime | None


def clinician_facts(
    transfers: Sequence[Transfer],
    *,
    names: Mapping[str, str],
    started_at: datetime | None,
    ended_at: datetime | None,
) -> tuple[ClinicianFacts, ...]:
    """Who saw the patient, in turn; empty when it was one clinician all the time. `names` by practitioner.

    Somebody sees the patient until the next one is there, whoever the visit was handed to in between. Who was there
    last when the call began is the first one: whoever had the visit before saw nobody.
    """
    if started_at is None or not transfers:
        return ()
    turns = [(transfers[0].from_practitioner_id, started_at)]
    for each in transfers:
        if each.joined_at is None:
            continue
        if each.joined_at <= started_at:
            turns = [(each.to_practitioner_id, started_at)]
        elif each.to_practitioner_id != turns[-1][0]:  # not handed back before anybody else came
            turns.append((each.to_practitioner_id, each.joined_at))
    if len(turns) == 1:
        return ()
    ends = [*(since for _, since in turns[1:]), ended_at]
    return tuple(
        ClinicianFacts(name=names[who], since=since, until=until)
        for (who, since), until in zip(turns, ends, strict=True)
    )
