"""The front desk's board: one day, a column per clinician, who is here and who is late."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.bookings import times
from scheduling.diary import Diary
from scheduling.interval import Interval, subtract
from server.care import device_test, guests, no_show
from server.care.delays import Delay
from server.care.device_test import DeviceTest
from server.care.encounter import OPENS_BEFORE, Encounter
from server.care.people import Patient, Practitioner
from server.care.visit_actions import VisitAction, rings_at_the_desk, rings_for
from server.services import delays, outgoing, patients, practice, slot_holds
from server.services.outgoing import Delivery
from server.services.slot_holds import Kept
from server.store import appointments as appointments_store
from server.store import encounters, presence, sessions, visit_actions
from server.store.database import Tx

# Past its time by so much a visit is noticed, and then it is urgent.
NOTICED_AFTER = timedelta(minutes=5)
URGENT_AFTER = timedelta(minutes=15)
# The shortest kind of visit decides which gaps are worth showing.
SHORTEST = "check-in"

WAITING, IN_CALL, BEGUN, LATE, DUE, LATER, FINISHED, CANCELLED, NO_SHOW = (
    "waiting",
    "in-call",
    # A visit that goes on by telephone: nobody here hears whether somebody talks.
    "begun",
    "late",
    "due",
    "later",
    "finished",
    "cancelled",
    "no-show",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a visit stands now: a word, whole minutes of it, and how much it should be noticed.

    `tint` is "", "good", "wait" or "alarm"; the word alone says the same.
    """

    word: str
    minutes: int
    tint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    encounter: Encounter
    patient: Patient
    kind: str
    standing: Standing
    delivery: Delivery | None
    device: DeviceTest
    # How the patient reaches the call that is going on: udp, tcp, or None.
    route: str | None = None
    # It holds its time and waits for somebody's word; it lies over others deliberately.
    pending: bool = False
    overbooked: bool = False
    # What was done about a visit whose patient waits or does not come, oldest first.
    actions: tuple[VisitAction, ...] = ()
    # What the presence of both sides suggests about somebody who is late: see care/no_show.py.
    suggestion: str | None = None
    # What the patient was told last of a late beginning.
    delay: Delay | None = None
    # The roles of invited people who are in the waiting room.
    guests: tuple[str, ...] = ()
    # When somebody pressed Continue on the link and has not come as far as the waiting room.
    entered_at: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        return self.encounter.planned_starts_at

    @property
    def number(self) -> str | None:
        """Where to ring the patient: what they said last."""
        return self.encounter.entry.call_back if self.encounter.entry else self.patient.phone

    @property
    def rings(self) -> bool:
        """Whether nobody has seen yet that they wait."""
        return rings_at_the_desk(self.encounter, self.actions)

    def rings_for(self, account_id: str) -> bool:
        """Whether their clinician has not."""
        return rings_for(self.encounter, self.actions, account_id=account_id)

    @property
    def alert(self) -> str:
        """One arrival, as pages tell it from the next."""
        return f"{self.encounter.id}-{self.encounter.arrived_at:%H%M%S}" if self.encounter.arrived_at else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Free time in which at least the shortest visit fits; `starts_at` is the first time that can be booked."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """Waiting people first, then visits, gaps and what is kept by time, then what is over."""

    practitioner: Practitioner
    waiting: list[Card]
    rows: list[Card | Gap | Kept]
    over: list[Card]


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    on: date
    starts_at: datetime
    columns: list[Column]

    @property
    def cards(self) -> list[Card]:
        """Everybody of the day, without the gaps."""
        rows = [row for c in self.columns for row in (*c.waiting, *c.rows, *c.over)]
        return [row for row in rows if isinstance(row, Card)]


def standing(encounter: Encounter, now: datetime) -> Standing:
    """The word for a visit on the board. Waiting and late people turn amber, then red."""
    past = now - encounter.planned_starts_at
    tint = "alarm" if past >= URGENT_AFTER else "wait" if past >= NOTICED_AFTER else ""
    if encounter.status == "cancelled":
        return Standing(word=CANCELLED, minutes=0, tint="")
    if encounter.status == "finished":
        return Standing(word=FINISHED, minutes=0, tint="")
    if encounter.status == "in-progress" and encounter.mode == "phone":
        return Standing(word=BEGUN, minutes=_minutes(now, encounter.started_at), tint="good")
    if encounter.status == "in-progress":
        return Standing(word=IN_CALL, minutes=_minutes(now, encounter.started_at), tint="good")
    if encounter.status == "arrived":
        return Standing(word=WAITING, minutes=_minutes(now, encounter.arrived_at), tint=tint or "good")
    if encounter.no_show_at is not None:
        return Standing(word=NO_SHOW, minutes=0, tint="")
    if past < timedelta():
        return Standing(word=LATER, minutes=-int(past.total_seconds() // 60), tint="")
    return Standing(word=LATE if tint else DUE, minutes=int(past.total_seconds() // 60), tint=tint)


def _minutes(now: datetime, since: datetime | None) -> int:
    return 0 if since is None else max(0, int((now - since).total_seconds() // 60))


def bounds_of(on: date, zone: str) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends in `zone`; 23 or 25 hours apart when the clocks change."""
    midnight = datetime.combine(on, time(), ZoneInfo(zone))
    following = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC), following.astimezone(UTC)


async def board(tx: Tx, *, on: date, zone: str, now: datetime) -> Board:
    """The day `on` in the clinic's zone."""
    start, end = bounds_of(on, zone)
    cards = await _cards(tx, await encounters.between(tx, start, end), now=now)
    columns = []
    everybody = await practice.practitioners(tx)
    since, ids = max(start, now), [each.id for each in everybody]
    kept = await slot_holds.kept_between(tx, ids, start=since, end=end, now=now)
    gaps = await _gaps(tx, everybody, kept, start=since, end=end, now=now)
    for practitioner in everybody:
        theirs = [card for card in cards if card.encounter.practitioner_id == practitioner.id]
        waiting = [card for card in theirs if card.standing.word == WAITING]
        over = [card for card in theirs if card.encounter.over or card.standing.word == NO_SHOW]
        ahead = [card for card in theirs if card not in waiting and card not in over]
        theirs_kept = [each for each in kept if each.practitioner_id == practitioner.id]
        columns.append(
            Column(
                practitioner=practitioner,
                waiting=sorted(waiting, key=lambda card: card.encounter.arrived_at or now),
                rows=sorted(
                    [*ahead, *gaps.get(practitioner.id, []), *theirs_kept], key=lambda row: row.starts_at
                ),
                over=over,
            )
        )
    return Board(on=on, starts_at=start, columns=columns)


async def _cards(tx: Tx, found: list[Encounter], *, now: datetime) -> list[Card]:
    kinds = {kind.code: kind.name for kind in await practice.every_visit_type(tx)}
    told = await outgoing.deliveries(tx, [encounter.id for encounter in found])
    ids = [encounter.appointment_id for encounter in found if encounter.appointment_id]
    booked = await appointments_store.standing_of(tx, ids)
    people = await patients.by_ids(tx, [encounter.patient_id for encounter in found])
    done = await visit_actions.of_visits(tx, [encounter.id for encounter in found])
    late = await delays.newest(tx, found)
    waiting = await _guests(tx, found)
    coming = [each for each in found if each.status == "planned"]
    entered = await sessions.entered(tx, [each.id for each in coming])
    on_the_way = {
        each.id: entered[each.id]
        for each in coming
        # Days before, somebody only looks.
        if each.id in entered and entered[each.id] >= each.planned_starts_at - OPENS_BEFORE
    }
    return [
        Card(
            encounter=encounter,
            patient=people[encounter.patient_id],
            kind=kinds[encounter.visit_type],
            standing=standing(encounter, now),
            delivery=told.get(encounter.id),
            device=device_test.read(encounter.device_test),
            pending=booked.get(encounter.appointment_id or "", ("", False))[0] == "pending",
            overbooked=booked.get(encounter.appointment_id or "", ("", False))[1],
            actions=tuple(done.get(encounter.id, ())),
            suggestion=await _suggestion(tx, encounter, done.get(encounter.id, []), now=now),
            delay=late.get(encounter.id),
            guests=waiting.get(encounter.id, ()),
            entered_at=on_the_way.get(encounter.id),
        )
        for encounter in found
    ]


async def _guests(tx: Tx, found: list[Encounter]) -> dict[str, tuple[str, ...]]:
    """The roles of those who wait to be let in, by visit; nobody waits in one by telephone or one that is over."""
    ids = [each.id for each in found if not each.over and each.mode == "video"]
    events = await presence.of_guests(tx, ids, ends=guests.OVER) if ids else {}
    return {visit: tuple(map(guests.role_of, guests.waiting(each))) for visit, each in events.items()}


async def _suggestion(tx: Tx, encounter: Encounter, done: list[VisitAction], *, now: datetime) -> str | None:
    """Only about those who are missing: who was where when is read for nobody else."""
    if encounter.status != "planned" or now - encounter.planned_starts_at < no_show.SUGGESTED_AFTER:
        return None
    return no_show.suggestion(encounter, await presence.of_encounter(tx, encounter.id), done, now)


async def card(tx: Tx, encounter: Encounter, *, now: datetime) -> Card:
    """One visit, as the board would show it."""
    return (await _cards(tx, [encounter], now=now))[0]


async def _gaps(
    tx: Tx, people: list[Practitioner], kept: list[Kept], *, start: datetime, end: datetime, now: datetime
) -> dict[str, list[Gap]]:
    """By practitioner's id; one search for everybody."""
    if start >= end:
        return {}
    kind = await practice.visit_type(tx, SHORTEST)
    ids = [each.id for each in people]
    slots, diaries = await practice.search(tx, practitioner_ids=ids, kind=kind, start=start, end=end, now=now)
    held: dict[str, list[Interval]] = {}
    for each in kept:
        held.setdefault(each.practitioner_id, []).append(each.held)
    free: dict[str, list[datetime]] = {}
    for slot in slots:
        _, taken = times(kind, slot.starts_at)
        if not any(taken.overlaps(other) for other in held.get(slot.practitioner_id, ())):
            free.setdefault(slot.practitioner_id, []).append(slot.starts_at)
    return {
        each.id: _gaps_of(each, held.get(each.id, []), free.get(each.id, []), start=start, end=end)
        for each in diaries
    }


def _gaps_of(
    diary: Diary, held: list[Interval], free: list[datetime], *, start: datetime, end: datetime
) -> list[Gap]:
    taken = [*diary.busy, *held, *diary.schedule.elsewhere]
    gaps = []
    for stretch in subtract(diary.schedule.open_between(start, end), taken):
        first = next((at for at in free if stretch.start <= at < stretch.end), None)
        if first is not None:
            gaps.append(Gap(starts_at=first, ends_at=stretch.end))
    return gaps


async def of_practitioner(
    tx: Tx, practitioner_id: str, *, start: datetime, end: datetime, now: datetime
) -> list[Card]:
    """One clinician's visits in [start, end), earliest first, without the cancelled ones."""
    found = await encounters.between(tx, start, end, practitioner_id=practitioner_id)
    return [card for card in await _cards(tx, found, now=now) if card.standing.word != CANCELLED]
