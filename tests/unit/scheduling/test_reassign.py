"""A clinician is sick and the list has to go to others (clinical.md, S12)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from scheduling.bookings import Appointment, NotLicensed, OutsideHours, SlotTaken
from scheduling.diary import Diary, NotTheirLanguage, Patient
from scheduling.interval import Interval
from scheduling.licences import Licence
from scheduling.reassign import ToCover, rank
from scheduling.schedule import Hours, Schedule
from scheduling.visit_types import NotTheirKind, VisitType

KIND = VisitType(code="check-in", name="", length=timedelta(minutes=30), buffer_after=timedelta(minutes=10))
NINE = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
ARIZONA = Licence(state="AZ", first_on=date(2026, 1, 1))
MIRA = Patient(time_zone="America/Phoenix", state="AZ", language="en")


def person(name: str, *busy: Interval, opens: int = 8, licence: Licence = ARIZONA) -> Diary:
    return Diary(
        schedule=Schedule(
            practitioner_id=name.lower(),
            time_zone="America/Phoenix",
            hours=tuple(Hours(weekday=day, opens=time(opens), closes=time(20)) for day in range(7)),
        ),
        name=name,
        busy=busy,
        languages=frozenset({"en"}),
        licences=(licence,),
    )


def visit(number: str, starts_at: datetime, *, risk: int = 0, kind: VisitType = KIND) -> ToCover:
    return ToCover(
        appointment=Appointment(
            id=number,  # type: ignore[arg-type]
            patient_id=f"patient-{number}",  # type: ignore[arg-type]
            practitioner_id="sick",  # type: ignore[arg-type]
            visit_type="check-in",
            starts_at=starts_at,
            ends_at=starts_at + kind.length,
            busy_from=starts_at,
            busy_until=starts_at + kind.length + kind.buffer_after,
            status="booked",
            version=1,
            mode="video",
            booked_by="ada",
            created_at=NINE - timedelta(days=1),
        ),
        kind=kind,
        patient=MIRA,
        risk=risk,
    )


def busy(start: datetime, minutes: int) -> Interval:
    return Interval(start=start, end=start + timedelta(minutes=minutes))


def test_s12_the_list_is_in_order_of_risk_and_then_of_time():
    early, late, risky = visit("a", NINE), visit("b", NINE + timedelta(hours=2)), visit("c", NINE, risk=2)

    covers = rank([late, early, replace(risky, appointment=risky.appointment)], [person("Reyes")])

    assert [each.visit.appointment.id for each in covers] == ["c", "a", "b"]


def test_s12_whoever_cannot_is_there_with_the_reason_and_after_those_who_can():
    nevada = Licence(state="NV", first_on=date(2026, 1, 1))
    expired = Licence(state="AZ", first_on=date(2026, 1, 1), last_on=date(2026, 11, 23))
    people = [
        person("Abe", licence=nevada),
        person("Bea", licence=expired),
        replace(person("Cid"), languages=frozenset({"es"})),
        person("Dov", opens=12),
        # The buffer after the visit would run into it.
        person("Eve", busy(NINE + timedelta(minutes=35), 30)),
        person("Zoe"),
    ]

    (cover,) = rank([visit("a", NINE)], people)

    assert [(each.name, each.reason) for each in cover.candidates] == [
        ("Zoe", None),
        ("Abe", NotLicensed),
        ("Bea", NotLicensed),
        ("Cid", NotTheirLanguage),
        ("Dov", OutsideHours),
        ("Eve", SlotTaken),
    ]
    assert cover.given_to == "zoe"


def test_a_kind_is_taken_over_only_by_those_who_hold_it():
    kind = replace(KIND, held_by=frozenset({"reyes"}))

    (cover,) = rank([visit("a", NINE, kind=kind)], [person("Okafor"), person("Reyes")])

    assert [(each.name, each.reason) for each in cover.candidates] == [
        ("Reyes", None),
        ("Okafor", NotTheirKind),
    ]


def test_the_patients_own_comes_before_the_least_loaded():
    own = visit("a", NINE)
    own = replace(own, patient=replace(MIRA, own="reyes"))  # type: ignore[arg-type]
    loaded = person("Reyes", busy(NINE + timedelta(hours=1), 60))
    later = visit("b", NINE + timedelta(hours=3))

    first, second = rank([own, later], [loaded, person("Singh"), person("Okafor")])

    assert [each.name for each in first.candidates] == ["Reyes", "Okafor", "Singh"]
    # Reyes has taken one over by now, and had an hour before.
    assert [each.name for each in second.candidates] == ["Okafor", "Singh", "Reyes"]


def test_nobody_is_proposed_for_two_visits_at_once():
    covers = rank([visit("a", NINE), visit("b", NINE), visit("c", NINE)], [person("Reyes"), person("Okafor")])

    assert [each.given_to for each in covers] == ["okafor", "reyes", None]


def test_whom_the_desk_has_chosen_is_given_the_visit_if_they_can():
    chosen = {"a": "reyes", "b": "reyes"}

    covers = rank(
        [visit("a", NINE), visit("b", NINE)],
        [person("Reyes"), person("Okafor")],
        chosen=chosen,  # type: ignore[arg-type]
    )

    assert [each.given_to for each in covers] == ["reyes", "okafor"]
