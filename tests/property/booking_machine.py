"""Bookings, holds, overbooking, moving, giving on and leave, done to a real database and to a model a page long."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scheduling.refusals import SchedulingRefusal
from scheduling.schedule import Absence
from server.services import appointments, moving, practice_time, slot_holds
from server.services.appointments import Overbook
from server.services.series import SeriesAlreadyThere
from server.store.database import Database
from server.store.tables.appointments import appointments as table
from tests.conftest import MASTER_KEY
from tests.databases import Databases
from tests.people import Cast

# Monday: from ten in the morning in Denver until both doctors have gone home; Dr Okafor, in New York, goes first.
NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
OPEN = {
    "reyes": (datetime(2026, 11, 23, 15, tzinfo=UTC), datetime(2026, 11, 24, 1, tzinfo=UTC)),
    "okafor": (datetime(2026, 11, 23, 13, tzinfo=UTC), datetime(2026, 11, 23, 23, tzinfo=UTC)),
}
# The same on every weekday of the two months after it; the clocks do not change in them.
WEEKDAYS = [timedelta(days=n) for n in range(60) if n % 7 < 5]
LENGTH, BUFFER, KEPT = timedelta(minutes=30), timedelta(minutes=10), timedelta(minutes=10)

doctors = st.sampled_from(sorted(OPEN))
people = st.sampled_from(("mira", "tomas"))
times = st.integers(0, 34).map(lambda n: NOW + timedelta(minutes=15 * n))
forms = st.sampled_from(("a" * 32, "b" * 32))
picks = st.integers(0, 99)


@dataclass(frozen=True, kw_only=True)
class Visit:
    id: str
    doctor: str
    patient: str
    starts: datetime
    over_others: bool = False

    @property
    def ends(self) -> datetime:
        return self.starts + LENGTH


@dataclass(frozen=True, kw_only=True)
class Held:
    doctor: str
    starts: datetime
    until: datetime


def meet(one: datetime, other: datetime, *, after: timedelta = BUFFER) -> bool:
    """Whether two visits that start then are in each other's way."""
    return one < other + LENGTH + after and other < one + LENGTH + after


class BookingMachine(RuleBasedStateMachine):
    """Whatever is done: the database takes it exactly when the model does, and what it holds is what the model has."""

    def __init__(self, databases: Databases, cast: Cast) -> None:
        super().__init__()
        self.cast, self.now = cast, NOW
        self.visits: dict[str, Visit] = {}
        # Forms that booked something, and what.
        self.used: dict[str, str] = {}
        self.held: dict[str, Held] = {}
        self.away: list[tuple[str, datetime, datetime]] = []
        self.loop = asyncio.new_event_loop()
        self.database = self.loop.run_until_complete(Database.open(databases.begin("settled"), MASTER_KEY))

    def teardown(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()

    def did(self, work: Any) -> Any:
        """What came of `work(tx)` in a transaction of its own; None when it was refused, and then nothing is left."""

        async def run() -> Any:
            async with self.database.write() as tx:
                return await work(tx)

        try:
            return self.loop.run_until_complete(run())
        except (SchedulingRefusal, SeriesAlreadyThere):
            return None

    def patient_id(self, patient: str) -> str:
        return {"mira": self.cast.mira, "tomas": self.cast.tomas}[patient]

    def doctor_id(self, doctor: str) -> str:
        return {"reyes": self.cast.dr_reyes, "okafor": self.cast.dr_okafor}[doctor]

    def pick(self, number: int) -> Visit | None:
        return list(self.visits.values())[number % len(self.visits)] if self.visits else None

    def is_open(self, doctor: str, at: datetime) -> bool:
        opens, closes = OPEN[doctor]
        works = any(opens + day <= at and at + LENGTH <= closes + day for day in WEEKDAYS)
        away = any(who == doctor and at < end and start < at + LENGTH for who, start, end in self.away)
        return works and not away

    def is_free(self, doctor: str, at: datetime, *, form: str = "", leave_out: Collection[str] = ()) -> bool:
        booked = any(
            meet(at, v.starts) for v in self.visits.values() if v.doctor == doctor and v.id not in leave_out
        )
        kept = any(
            meet(at, h.starts)
            for key, h in self.held.items()
            if h.doctor == doctor and key != form and self.now < h.until
        )
        return self.is_open(doctor, at) and not booked and not kept

    def can_come(self, patient: str, at: datetime, *, leave_out: Collection[str] = ()) -> bool:
        return not any(
            meet(at, v.starts, after=timedelta())
            for v in self.visits.values()
            if v.patient == patient and v.id not in leave_out
        )

    @rule(form=forms, doctor=doctors, at=times)
    def holding(self, form: str, doctor: str, at: datetime) -> None:
        allowed = at >= self.now and self.is_free(doctor, at, form=form)
        kept = self.did(
            lambda tx: slot_holds.keep(
                tx,
                hold_id=form,
                practitioner_id=self.doctor_id(doctor),
                visit_type="check-in",
                starts_at=at,
                held_by=self.cast.ada,
                now=self.now,
            )
        )
        assert (kept is not None) == allowed
        if allowed:
            self.held[form] = Held(doctor=doctor, starts=at, until=self.now + KEPT)

    @rule(form=forms)
    def leaving_the_page(self, form: str) -> None:
        self.did(lambda tx: slot_holds.release(tx, form, held_by=self.cast.ada))
        self.held.pop(form, None)

    @rule(form=st.none() | forms, doctor=doctors, patient=people, at=times, anyway=st.booleans())
    def booking(self, form: str | None, doctor: str, patient: str, at: datetime, anyway: bool) -> None:
        if form in self.used:
            self.press_again(form)
            return
        free = self.is_free(doctor, at, form=form or "")
        allowed = at >= self.now and (free or anyway) and self.can_come(patient, at)
        made = self.did(
            lambda tx: appointments.book(
                tx,
                patient_id=self.patient_id(patient),
                practitioner_id=self.doctor_id(doctor),
                visit_type="check-in",
                starts_at=at,
                mode="video",
                booked_by=self.cast.ada,
                now=self.now,
                appointment_id=form,
                overbook=Overbook(reason="cannot wait") if anyway else None,
            )
        )
        assert (made is not None) == allowed
        if made is not None:
            visit = Visit(id=made.id, doctor=doctor, patient=patient, starts=at, over_others=not free)
            self.visits[visit.id] = visit
            self.held.pop(form or "", None)
            if form is not None:
                self.used[form] = visit.id

    def press_again(self, form: str) -> None:
        """The same wish under the same form is the same visit, however full the day has become."""
        if (visit := self.visits.get(self.used[form])) is None:
            return
        made = self.did(
            lambda tx: appointments.book(
                tx,
                patient_id=self.patient_id(visit.patient),
                practitioner_id=self.doctor_id(visit.doctor),
                visit_type="check-in",
                starts_at=visit.starts,
                mode="video",
                booked_by=self.cast.ada,
                now=self.now,
                appointment_id=form,
            )
        )
        assert made is not None and made.id == visit.id

    @rule(number=picks, at=times)
    def moving_one(self, number: int, at: datetime) -> None:
        if (visit := self.pick(number)) is None or at == visit.starts:
            return
        allowed = (
            at >= self.now
            and self.is_free(visit.doctor, at, leave_out=(visit.id,))
            and self.can_come(visit.patient, at, leave_out=(visit.id,))
        )
        moved = self.did(
            lambda tx: moving.reschedule(
                tx, visit.id, starts_at=at, was_at=visit.starts, by=self.cast.ada, now=self.now
            )
        )
        assert (moved is not None) == allowed
        if allowed:
            self.visits[visit.id] = replace(visit, starts=at, over_others=False)

    @rule(number=picks)
    def giving_one_on(self, number: int) -> None:
        if (visit := self.pick(number)) is None:
            return
        to = "okafor" if visit.doctor == "reyes" else "reyes"
        allowed = self.is_free(to, visit.starts)
        given = self.did(
            lambda tx: moving.reassign(
                tx,
                visit.id,
                to=self.doctor_id(to),
                was_with=self.doctor_id(visit.doctor),
                reason="ill",
                by=self.cast.ada,
                now=self.now,
            )
        )
        assert (given is not None) == allowed
        if allowed:
            self.visits[visit.id] = replace(visit, doctor=to, over_others=False)

    @rule(number=picks)
    def cancelling(self, number: int) -> None:
        if (visit := self.pick(number)) is None:
            return
        assert self.did(
            lambda tx: appointments.cancel(tx, visit.id, reason="x", by=self.cast.ada, now=self.now)
        )
        del self.visits[visit.id]

    @rule(doctor=doctors, hour=st.integers(9, 16), hours=st.integers(1, 3))
    def going_away(self, doctor: str, hour: int, hours: int) -> None:
        """Leave cancels nothing: what it hits is named, and nothing more is booked into it."""
        start = datetime(2026, 11, 23, hour)
        absence = Absence(starts=start, ends=start + timedelta(hours=hours), time_zone="America/Denver")
        self.did(
            lambda tx: practice_time.add_absence(
                tx, absence, practitioner_id=self.doctor_id(doctor), by=self.cast.petra, now=self.now
            )
        )
        since = start.replace(tzinfo=UTC) + timedelta(hours=7)
        self.away.append((doctor, since, since + timedelta(hours=hours)))

    @rule(minutes=st.integers(1, 12))
    def waiting(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def the_database_holds_what_the_model_has(self) -> None:
        async def live() -> list[Any]:
            async with self.database.read() as tx:
                return list(await tx.all(table.select().where(table.c.status.in_(("pending", "booked")))))

        rows = self.loop.run_until_complete(live())
        found = sorted((row.practitioner_id, row.patient_id, row.starts_at) for row in rows)
        assert found == sorted(
            (self.doctor_id(v.doctor), self.patient_id(v.patient), v.starts) for v in self.visits.values()
        )
        for one, other in combinations(rows, 2):
            if one.practitioner_id == other.practitioner_id:
                apart = one.busy_until <= other.busy_from or other.busy_until <= one.busy_from
                assert apart or one.overbook_reason or other.overbook_reason
            if one.patient_id == other.patient_id:
                assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
