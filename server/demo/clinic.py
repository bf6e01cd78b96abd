"""Fills an empty database with the invented clinic, through the same services the pages use, and sees to it that
there are visits today whenever the demo starts."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.bookings import NotLicensed
from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.protocol import standard
from scheduling.schedule import Absence
from scheduling.series import OutOfOrder, SessionsTooClose, StepsOpen
from server.care.encounter import Encounter
from server.care.plan import STANDARD
from server.demo import history, online
from server.demo.people import ADA, MARIN, MIRA, PATIENTS, PETRA, ROBIN, STAFF, WORKING_HOURS, Guest, Person
from server.services import (
    accounts,
    appointments,
    home,
    licences,
    patients,
    practice,
    practice_time,
    series,
    wait_list,
)
from server.store import accounts as accounts_store
from server.store import encounters
from server.store.database import Database, Tx

QUARTER = timedelta(minutes=15)
# Before the earliest of the stories begins.
FOUNDED_BEFORE = timedelta(days=120)
# A demo is started at any hour: today its clinicians see people from a little before until well after.
OPEN_BEFORE, OPEN_AFTER = timedelta(hours=5), timedelta(hours=8)
# When today's visits begin, counted from the next quarter of an hour.
TODAY: tuple[tuple[str, timedelta], ...] = (
    (MIRA.key, timedelta()),
    (ROBIN.key, timedelta(minutes=45)),
    ("juniper", timedelta(minutes=105)),
    ("basil", timedelta(minutes=15)),
    ("cosmo", timedelta(minutes=60)),
    ("pearl", timedelta(minutes=120)),
)
# What is booked for the coming working days, at an hour in the clinician's own zone.
COMING: tuple[tuple[str, int, int], ...] = (
    ("otto", 1, 10),
    ("paloma", 1, 11),
    ("juniper", 3, 14),
    ("pearl", 30, 9),
)
# Whose whole programme is booked, from so many days ahead on, at this time of theirs.
PROGRAMME = ("paloma", 9, time(11))
# Who would come earlier than is booked.
WAITS = "pearl"
# Why somebody is seen although the time is not free.
WHY = "Asked to be seen today"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Ids by key: accounts, practitioners, patients."""

    accounts: dict[str, str]
    practitioners: dict[str, str]
    patients: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """What the demo's first lines tell of."""

    known: Known
    visit: Encounter
    visit_token: str
    robot_visit: Encounter
    robot_token: str
    home_token: str


async def prepare(database: Database, *, now: datetime) -> Ready:
    """The clinic, filled if it was empty, with visits today. Running it again changes nothing that is there."""
    async with database.write() as tx:
        known = await _known(tx)
        if known is None:
            known = await _fill(tx, now=now)
            await history.write(tx, known, now=now)
            await _coming(tx, known, now=now)
            await _away(tx, known, now=now)
            await _programme(tx, known, now=now)
            await _would_come_earlier(tx, known, now=now)
            await online.ask(tx, known, now=now)
        visits = await _todays(tx, known, now=now)
        return Ready(
            known=known,
            visit=visits[MIRA.key],
            visit_token=appointments.token_of(tx, visits[MIRA.key]),
            robot_visit=visits[ROBIN.key],
            robot_token=appointments.token_of(tx, visits[ROBIN.key]),
            home_token=await home.link_token(tx, known.patients[MIRA.key], now=now),
        )


async def _known(tx: Tx) -> Known | None:
    """The people already there, or None in an empty database."""
    found = {person.key: await accounts_store.by_email(tx, person.email) for person in STAFF}
    if all(row is None for row in found.values()):
        return None
    ids = {key: row.id for key, row in found.items() if row is not None}
    # Somebody may have come to these pages after this demo was filled.
    seeing = [person for person in STAFF if person.zone and person.key in ids]
    practitioners = {p.key: (await accounts_store.practitioner_of(tx, ids[p.key])) for p in seeing}
    people = {guest.key: (await patients.find(tx, guest.email))[0].id for guest in PATIENTS}
    return Known(
        accounts=ids,
        practitioners={key: row.id for key, row in practitioners.items() if row is not None},
        patients={key: str(patient_id) for key, patient_id in people.items()},
    )


async def _fill(tx: Tx, *, now: datetime) -> Known:
    founded = now - FOUNDED_BEFORE
    await practice.add_default_visit_types(tx)
    ids, practitioners, people = {}, {}, {}
    for person in STAFF:
        ids[person.key] = await accounts.create(
            tx, name=person.name, email=person.email, roles=person.roles, password_hash=None, now=founded
        )
        if person.zone:
            practitioners[person.key] = await accounts.add_practitioner(
                tx,
                account_id=ids[person.key],
                name=person.name,
                time_zone=person.zone,
                hours=WORKING_HOURS,
                languages=person.languages,
            )
            await _licences(tx, person, practitioners[person.key], founded=founded, now=now)
    for guest in PATIENTS:
        people[guest.key] = await _register(tx, guest, by=ids[ADA.key], now=founded)
    return Known(accounts=ids, practitioners=practitioners, patients=people)


async def _licences(
    tx: Tx, person: Person, practitioner_id: str, *, founded: datetime, now: datetime
) -> None:
    for state, days in person.licences:
        last_on = None if days is None else now.date() + timedelta(days=days)
        licence = Licence(state=state, first_on=founded.date() - timedelta(days=700), last_on=last_on)
        number = f"{state}-{person.key.upper()}-0042"
        await licences.add(tx, practitioner_id, licence, number=number, by="system", now=founded)


async def _away(tx: Tx, known: Known, *, now: datetime) -> None:
    """Dr. Marin is on leave next week, and the clinic is closed for a day some weeks on."""
    zone = str(MARIN.zone)
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today + timedelta(days=7 - today.weekday())
    stretches = (
        (known.practitioners[MARIN.key], monday, monday + timedelta(days=6), ""),
        (None, today + timedelta(days=40), today + timedelta(days=40), "Staff training"),
    )
    for practitioner_id, first_on, last_on, reason in stretches:
        absence = Absence.whole_days(first_on=first_on, last_on=last_on, time_zone=zone, reason=reason)
        await practice_time.add_absence(
            tx, absence, practitioner_id=practitioner_id, by=known.accounts[PETRA.key], now=now
        )


async def _register(tx: Tx, guest: Guest, *, by: str, now: datetime) -> str:
    patient = await patients.register(
        tx,
        name=guest.name,
        date_of_birth=guest.born,
        email=guest.email,
        phone=guest.phone,
        time_zone=guest.zone,
        language=guest.language,
        state=guest.state,
        by=by,
        now=now,
    )
    return str(patient.id)


async def _todays(tx: Tx, known: Known, *, now: datetime) -> dict[str, Encounter]:
    """A visit for everybody who is due today: the one that is still ahead or going on, or a new one.

    Whose psychiatrist's licence has ended since the clinic was filled has none.
    """
    visits = {}
    await _open_today(tx, known, now=now)
    for key, after in TODAY:
        current = await _current(tx, known.patients[key], now=now)
        with suppress(NotLicensed):
            visits[key] = current or await _book_today(
                tx, known, key, wanted=next_quarter(now) + after, now=now
            )
    return visits


async def _book_today(tx: Tx, known: Known, key: str, *, wanted: datetime, now: datetime) -> Encounter:
    """At the time that is wanted, else as soon after it as may be: a clinic that was filled on another day has visits
    of its own by now, and leave. Over all of those where nothing is free."""
    guest = next(each for each in PATIENTS if each.key == key)
    practitioner_id = known.practitioners[guest.sees]
    free = await practice.free_times(
        tx,
        practitioner_ids=[practitioner_id],
        kind=await practice.visit_type(tx, "check-in"),
        start=wanted,
        end=now + OPEN_AFTER,
        now=now,
    )
    whose = next(person for person in STAFF if person.key == guest.sees)
    return await appointments.book(
        tx,
        patient_id=known.patients[key],
        practitioner_id=practitioner_id,
        visit_type="check-in",
        starts_at=free[0].starts_at if free else wanted,
        mode="video",
        booked_by=known.accounts[ADA.key],
        now=now,
        overbook=None if free else appointments.Overbook(reason=WHY, agreed_by=known.accounts[whose.key]),
    )


async def _coming(tx: Tx, known: Known, *, now: datetime) -> None:
    for key, days, hour in COMING:
        sees = next(guest.sees for guest in PATIENTS if guest.key == key)
        zone = ZoneInfo(next(str(person.zone) for person in STAFF if person.key == sees))
        day = now.astimezone(zone).date() + timedelta(days=days)
        while day.weekday() > 4:
            day += timedelta(days=1)
        await appointments.book(
            tx,
            patient_id=known.patients[key],
            practitioner_id=known.practitioners[sees],
            visit_type="check-in",
            starts_at=datetime.combine(day, time(hour), zone).astimezone(UTC),
            mode="phone" if key == "otto" else "video",
            booked_by=known.accounts[ADA.key],
            now=now,
        )


async def _programme(tx: Tx, known: Known, *, now: datetime) -> None:
    """The first other time where the wished one is taken. None where a day has no other."""
    key, days, at = PROGRAMME
    patient = await patients.by_id(tx, known.patients[key])
    sees = next(guest.sees for guest in PATIENTS if guest.key == key)
    practitioner_id = known.practitioners[sees]
    by = await accounts.staff_of(tx, known.accounts[sees])
    proposal = await series.propose(
        tx,
        patient,
        standard(),
        practitioner_id=practitioner_id,
        anchor=now.astimezone(ZoneInfo(patient.time_zone)).date() + timedelta(days=days),
        at=at,
        zone=patient.time_zone,
        now=now,
    )
    others = {each.step.key: each.alternatives[0] for each in proposal.conflicts if each.alternatives}
    with suppress(StepsOpen, OutOfOrder, SessionsTooClose):
        await series.save(
            tx,
            patient.id,
            proposal,
            others,
            practitioner_id=practitioner_id,
            by=by,
            now=now,
            course_rules=STANDARD,
        )


async def _would_come_earlier(tx: Tx, known: Known, *, now: datetime) -> None:
    """The one whose next visit is far away asked to be told of anything earlier."""
    ahead = [
        each for each in await encounters.of_patient(tx, known.patients[WAITS]) if each.status == "planned"
    ]
    last = max(ahead, key=lambda each: each.planned_starts_at)
    await wait_list.join_for_earlier(tx, last, by=known.accounts[ADA.key], now=now)


async def _current(tx: Tx, patient_id: str, *, now: datetime) -> Encounter | None:
    soon = now + OPEN_AFTER
    ahead = [
        each
        for each in await encounters.of_patient(tx, patient_id)
        if not each.over and each.planned_ends_at > now and each.planned_starts_at < soon
    ]
    return ahead[0] if ahead else None


def next_quarter(now: datetime) -> datetime:
    """The next full quarter of an hour, never the one that has just begun."""
    over = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    return now - over + QUARTER


async def _open_today(tx: Tx, known: Known, *, now: datetime) -> None:
    """Extra hours around now, in each clinician's own wall time, cut where a day ends."""
    for person in (p for p in STAFF if p.key in known.practitioners):
        practitioner_id = known.practitioners[person.key]
        wanted = Interval(start=now, end=now + OPEN_AFTER / 2)
        schedule = await practice.schedule_of(tx, practitioner_id)
        if any(
            opening.contains(wanted) for opening in schedule.open_between(now - OPEN_BEFORE, now + OPEN_AFTER)
        ):
            continue
        zone = ZoneInfo(str(person.zone))
        start = (next_quarter(now) - OPEN_BEFORE).astimezone(zone)
        end = (next_quarter(now) + OPEN_AFTER).astimezone(zone)
        spans = [(start.date(), start.time(), end.time())]
        if start.date() != end.date():
            spans = [(start.date(), start.time(), time(0)), (end.date(), time(0), end.time())]
        for on, opens, closes in spans:
            if opens != closes:
                await practice.open_extra(
                    tx, practitioner_id=practitioner_id, on=on, opens=opens, closes=closes
                )
