"""A whole programme among all else that is booked: proposed, moved by days, cancelled, in database and model.

The model asks day by day whether a step has a place; it knows neither the search nor the order in which visits move.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from scheduling.protocol import Protocol, Step
from server.care.access import Staff
from server.care.plan import STANDARD
from server.services import patients, series
from server.store import plans
from tests.property.booking_machine import BookingMachine, Visit, doctors, people

DAY = timedelta(days=1)
ZONES = {"mira": "America/Denver", "tomas": "America/New_York"}
# Short enough to be in the way of Monday's bookings, visits of the model's one length.
PROTOCOL = Protocol(
    steps=(
        Step(key="first", day=0, visit_type="check-in", within=1),
        Step(key="session-1", day=1, session=True),
        Step(key="review", day=2, visit_type="post-session-review", within=1),
        Step(key="session-2", day=4, session=True),
        Step(key="session-3", day=8, session=True),
        Step(key="session-4", day=11, session=True),
        Step(key="last", day=14, visit_type="check-in", within=2),
    )
)
APART = timedelta(days=3)

anchors = st.integers(0, 7).map(lambda n: date(2026, 11, 23) + n * DAY)
hours = st.integers(9, 15).map(time)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A step where it stands: a session's day, or a visit's id."""

    step: Step
    on: date | None = None
    visit: str | None = None


class SeriesMachine(BookingMachine):
    """All that is booked by itself, and programmes."""

    def __init__(self, *how: Any) -> None:
        super().__init__(*how)
        self.series: dict[str, list[Place]] = {}
        self.ada = Staff(account_id=self.cast.ada, name="Ada Quill", roles=frozenset({"front-desk"}))

    def day_of(self, patient: str, at: datetime) -> date:
        return at.astimezone(ZoneInfo(ZONES[patient])).date()

    def instant(self, patient: str, on: date, at: time) -> datetime:
        return datetime.combine(on, at, ZoneInfo(ZONES[patient])).astimezone(UTC)

    def fits(self, doctor: str, patient: str, at: datetime, own: frozenset[str] = frozenset()) -> bool:
        free = self.is_free(doctor, at, leave_out=own)
        return at >= self.now and free and self.can_come(patient, at, leave_out=own)

    def days_fit(self, days: list[date], sessions: list[date], patient: str) -> bool:
        """In order, none in the past, sessions far enough apart."""
        today = self.day_of(patient, self.now)
        rising = all(one < other for one, other in pairwise(days))
        apart = all(other - one >= APART for one, other in pairwise(sessions))
        return rising and apart and all(day >= today for day in days)

    def wished(self, patient: str, doctor: str, anchor: date, at: time) -> list[datetime | date] | None:
        """Every step's day or instant; None when one has none."""
        found: list[datetime | date] = []
        last = date.min
        for number, step in enumerate(PROTOCOL.steps):
            on = anchor + step.day * DAY
            if step.session:
                found.append(on)
                last = on
                continue
            wall = next((anchor + s.day * DAY for s in PROTOCOL.steps[number:] if s.session), date.max)
            days = sorted(
                (on + n * DAY for n in range(-step.within, step.within + 1)),
                key=lambda day: (abs(day - on), day < on),
            )
            fit = [
                day
                for day in days
                if last < day < wall and self.fits(doctor, patient, self.instant(patient, day, at))
            ]
            if not fit:
                return None
            found.append(self.instant(patient, fit[0], at))
            last = fit[0]
        days = [each if not isinstance(each, datetime) else self.day_of(patient, each) for each in found]
        sessions = [day for day, step in zip(days, PROTOCOL.steps, strict=True) if step.session]
        return found if self.days_fit(days, sessions, patient) else None

    @initialize(early=st.booleans(), anchor=anchors)
    def perhaps_one_from_the_beginning(self, early: bool, anchor: date) -> None:
        if early:
            self.booking_a_programme("tomas", "okafor", anchor, time(12))

    @rule(patient=people, doctor=doctors, anchor=anchors, at=hours)
    def booking_a_programme(self, patient: str, doctor: str, anchor: date, at: time) -> None:
        expected = None if patient in self.series else self.wished(patient, doctor, anchor, at)

        async def work(tx: Any) -> Any:
            whom = await patients.by_id(tx, self.patient_id(patient))
            how = {"anchor": anchor, "at": at, "zone": ZONES[patient], "now": self.now}
            whose = self.doctor_id(doctor)
            proposal = await series.propose(tx, whom, PROTOCOL, practitioner_id=whose, **how)
            more = {"practitioner_id": whose, "by": self.ada, "now": self.now, "course_rules": STANDARD}
            await series.save(tx, whom.id, proposal, {}, **more)
            return await series.running(tx, whom.id, now=self.now, course_rules=STANDARD)

        made = self.did(work)
        assert (made is not None) == (expected is not None)
        if made is not None and expected is not None:
            places = []
            for step, where in zip(PROTOCOL.steps, expected, strict=True):
                visit = made.visits.get(step.key)
                if visit is None or not isinstance(where, datetime):
                    places.append(Place(step=step, on=where))
                    continue
                self.visits[visit.id] = Visit(id=visit.id, doctor=doctor, patient=patient, starts=where)
                places.append(Place(step=step, visit=visit.id))
            self.series[patient] = places

    def split(self, patient: str) -> tuple[list[Place], list[Place]]:
        """What has begun and what is ahead; a visit cancelled by itself is neither."""
        begun, ahead = [], []
        for each in self.series[patient]:
            if each.visit is None:
                ahead.append(each)
            elif each.visit in self.visits:
                (begun if self.visits[each.visit].starts <= self.now else ahead).append(each)
        return begun, ahead

    def day_at(self, patient: str, place: Place) -> date:
        if place.visit is None:
            assert place.on is not None
            return place.on
        return self.day_of(patient, self.visits[place.visit].starts)

    @rule(patient=people, by=st.integers(-9, 9).filter(bool))
    def moving_the_rest(self, patient: str, by: int) -> None:
        if patient not in self.series:
            return
        begun, ahead = self.split(patient)
        own = frozenset(each.visit for each in self.series[patient] if each.visit)
        moved = [self.day_at(patient, each) + by * DAY for each in ahead]
        before = [self.day_at(patient, each) for each in begun[-1:]]
        sessions = [on for on, each in zip(moved, ahead, strict=True) if each.step.session]
        allowed = self.days_fit(moved, sessions, patient) and all(day < moved[0] for day in before)
        for each in ahead:
            if each.visit is not None:
                visit = self.visits[each.visit]
                allowed = allowed and self.fits(visit.doctor, patient, visit.starts + by * DAY, own)

        async def work(tx: Any) -> Any:
            whom = await patients.by_id(tx, self.patient_id(patient))
            there = await series.running(tx, whom.id, now=self.now, course_rules=STANDARD)
            assert there is not None
            proposal = await series.propose_move(tx, whom, there, by_days=by, now=self.now)
            more = {"by": self.ada, "now": self.now, "course_rules": STANDARD}
            await series.move(tx, whom.id, there, proposal, {}, **more)
            return True

        assert (self.did(work) is not None) == allowed
        if allowed:
            for each in ahead:
                if each.visit is not None:
                    visit = self.visits[each.visit]
                    self.visits[visit.id] = replace(visit, starts=visit.starts + by * DAY, over_others=False)
            self.series[patient] = [
                replace(each, on=each.on + by * DAY) if each.on else each for each in self.series[patient]
            ]

    @rule(patient=people)
    def cancelling_the_rest(self, patient: str) -> None:
        if patient not in self.series:
            return
        _, ahead = self.split(patient)

        async def work(tx: Any) -> Any:
            whose = self.patient_id(patient)
            there = await series.running(tx, whose, now=self.now, course_rules=STANDARD)
            assert there is not None
            await series.cancel(tx, whose, there, reason="moved away", by=self.ada, now=self.now)
            return True

        assert self.did(work)
        for each in ahead:
            if each.visit is not None:
                del self.visits[each.visit]
        del self.series[patient]

    @invariant()
    def the_course_has_the_models_session_days(self) -> None:
        async def days(patient: str) -> list[date]:
            async with self.database.read() as tx:
                plan = await plans.active_of(tx, self.patient_id(patient))
            return [each.planned_on for each in plan.sessions] if plan else []

        for patient in ZONES:
            known = [each.on for each in self.series.get(patient, ()) if each.on]
            assert self.loop.run_until_complete(days(patient)) == known
