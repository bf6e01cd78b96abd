"""Whatever is booked, moved, cancelled or missed: no two live appointments of a practitioner or a patient overlap."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scheduling import bookings
from scheduling.bookings import Appointment, Calendar
from scheduling.interval import Interval
from scheduling.refusals import SchedulingRefusal
from scheduling.visit_types import VisitType

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OPEN = (Interval(start=START, end=START + timedelta(hours=8)),)
KINDS = (
    VisitType(code="intake", name="", length=timedelta(minutes=60), buffer_after=timedelta(minutes=15)),
    VisitType(code="check-in", name="", length=timedelta(minutes=30), buffer_before=timedelta(minutes=5)),
)
times = st.integers(0, 40).map(lambda n: START + timedelta(minutes=15 * n))
people = st.sampled_from(("mira", "tomas", "otto"))
doctors = st.sampled_from(("reyes", "okafor"))
kinds = st.sampled_from(KINDS)
picks = st.integers(0, 99)


class BookingMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.book: dict[str, Appointment] = {}

    def calendar(self, doctor: str, patient: str, leave_out: str = "") -> Calendar:
        live = [a for a in self.book.values() if a.live and a.id != leave_out]
        return Calendar(
            open=OPEN,
            busy=tuple(a.held for a in live if a.practitioner_id == doctor),
            patient_busy=tuple(
                Interval(start=a.starts_at, end=a.ends_at) for a in live if a.patient_id == patient
            ),
        )

    def pick(self, number: int) -> Appointment | None:
        return list(self.book.values())[number % len(self.book)] if self.book else None

    @rule(doctor=doctors, patient=people, kind=kinds, at=times)
    def booking(self, doctor: str, patient: str, kind: VisitType, at: datetime) -> None:
        number = f"a{len(self.book)}"
        try:
            self.book[number] = bookings.book(
                id=number,  # type: ignore[arg-type]
                patient_id=patient,  # type: ignore[arg-type]
                practitioner_id=doctor,  # type: ignore[arg-type]
                visit_type=kind,
                starts_at=at,
                mode="video",
                booked_by="ada",
                calendar=self.calendar(doctor, patient),
                now=START - timedelta(days=1),
            )
        except SchedulingRefusal:
            return

    @rule(number=picks, kind=kinds, at=times)
    def moving(self, number: int, kind: VisitType, at: datetime) -> None:
        if (chosen := self.pick(number)) is None:
            return
        calendar = self.calendar(chosen.practitioner_id, chosen.patient_id, leave_out=chosen.id)
        try:
            self.book[chosen.id] = bookings.reschedule(
                chosen, visit_type=kind, starts_at=at, calendar=calendar, now=START - timedelta(days=1)
            )
        except SchedulingRefusal:
            return

    @rule(number=picks, verb=st.sampled_from(("cancel", "check_in", "fulfil", "no_show")))
    def changing(self, number: int, verb: str) -> None:
        if (chosen := self.pick(number)) is None:
            return
        try:
            if verb == "cancel":
                self.book[chosen.id] = bookings.cancel(chosen, reason="x")
            elif verb != "check_in" or chosen.live:
                self.book[chosen.id] = getattr(bookings, verb)(chosen)
        except SchedulingRefusal:
            return

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        for one, other in combinations([a for a in self.book.values() if a.live], 2):
            if one.practitioner_id == other.practitioner_id:
                assert not one.held.overlaps(other.held)
            if one.patient_id == other.patient_id:
                assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at


TestBookings = BookingMachine.TestCase
