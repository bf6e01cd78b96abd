"""A clinician's visits for their own calendar, at a secret address that they open, change and close themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.care.encounter import Encounter
from server.services import patients, practice
from server.store import accounts, audit, encounters
from server.store import calendar_feeds as store
from server.store.database import Tx

# What a visit is called there: that time is taken, what kind of visit it is, or with whom as well.
BUSY, KIND, NAME = "busy", "kind", "name"
SHOWS = (BUSY, KIND, NAME)
BEHIND, AHEAD = timedelta(days=14), timedelta(days=180)
# A calendar's visit is written down no more often than this.
NOTED_EVERY = timedelta(minutes=10)


class NoFeed(Exception):
    """There is no open address of this name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A clinician's open address. `fetched_at` is the last time a calendar came, to some minutes; None before that."""

    token: str
    shows: str
    created_at: datetime
    fetched_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """A visit as a calendar is told of it. `kind` and `patient_name` are empty where it is told less."""

    encounter_id: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    mode: str
    kind: str = ""
    patient_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Followable:
    """What a calendar gets: whose time it is, in which zone they work, and their visits in order."""

    practitioner_id: str
    opened_at: datetime
    zone: str
    shows: str
    visits: list[Followed]


async def feed_of(tx: Tx, practitioner_id: str) -> Feed | None:
    row = await store.newest(tx, practitioner_id)
    if row is None or row.revoked_at is not None:
        return None
    token = store.token_for(tx, practitioner_id=practitioner_id, version=row.version)
    return Feed(token=token, shows=row.shows, created_at=row.created_at, fetched_at=row.fetched_at)


async def open_new(tx: Tx, practitioner_id: str, *, shows: str, by: str, now: datetime) -> str:
    """A new address's token; the one before answers no more. Raises ValueError for an unknown `shows`."""
    _known(shows)
    last = await store.newest(tx, practitioner_id)
    await store.close(tx, practitioner_id, now=now)
    version = last.version + 1 if last else 1
    token = await store.insert(tx, practitioner_id=practitioner_id, version=version, shows=shows, now=now)
    await _record(tx, practitioner_id, action="calendar-opened", by=by, now=now)
    return token


async def show(tx: Tx, practitioner_id: str, *, shows: str, by: str, now: datetime) -> None:
    """Tells the calendars at the open address more or less. Raises NoFeed; ValueError for an unknown `shows`."""
    _known(shows)
    row = await store.newest(tx, practitioner_id)
    if row is None or row.revoked_at is not None:
        raise NoFeed
    if row.shows != shows:
        await store.show(tx, row.id, shows=shows)
        await _record(tx, practitioner_id, action=f"calendar-shows-{shows}", by=by, now=now)


async def close(tx: Tx, practitioner_id: str, *, by: str, now: datetime) -> None:
    """The address answers no more; closing twice is as good as once."""
    if await store.close(tx, practitioner_id, now=now):
        await _record(tx, practitioner_id, action="calendar-closed", by=by, now=now)


async def follow(tx: Tx, token: str, *, now: datetime) -> tuple[Followable, bool]:
    """What the calendar at this address gets, and whether it is time to note that it came. Raises NoFeed.

    Somebody who may not be booked any more (a disabled account) has no calendar either.
    """
    row = await store.by_token(tx, token)
    if row is None or not await accounts.may_be_booked(tx, row.practitioner_id):
        raise NoFeed
    person = await practice.practitioner(tx, row.practitioner_id)
    kinds = {kind.code: kind.name for kind in await practice.every_visit_type(tx)}
    found = await encounters.between(tx, now - BEHIND, now + AHEAD, practitioner_id=row.practitioner_id)
    told = [visit for visit in found if visit.status != "cancelled"]
    # One search for all of them: a calendar asks often, and of half a year.
    people = await patients.by_ids(tx, {each.patient_id for each in told}) if row.shows == NAME else {}
    visits = [
        _followed(
            visit,
            kind=kinds.get(visit.visit_type, "") if row.shows != BUSY else "",
            patient_name=people[visit.patient_id].name if people else "",
        )
        for visit in told
    ]
    due = row.fetched_at is None or now - row.fetched_at >= NOTED_EVERY
    followable = Followable(
        practitioner_id=person.id,
        opened_at=row.created_at,
        zone=person.time_zone,
        shows=row.shows,
        visits=visits,
    )
    return followable, due


async def note(tx: Tx, token: str, *, now: datetime) -> None:
    """That a calendar came to this address."""
    row = await store.by_token(tx, token)
    if row is not None:
        await store.fetched(tx, row.id, now=now)


def _followed(visit: Encounter, *, kind: str, patient_name: str) -> Followed:
    return Followed(
        encounter_id=visit.id,
        sequence=visit.version,
        starts_at=visit.planned_starts_at,
        ends_at=visit.planned_ends_at,
        mode=visit.mode,
        kind=kind,
        patient_name=patient_name,
    )


def _known(shows: str) -> None:
    if shows not in SHOWS:
        raise ValueError(shows)


async def _record(tx: Tx, practitioner_id: str, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="practitioner",
        object_id=practitioner_id,
        patient_id=None,
        now=now,
    )
