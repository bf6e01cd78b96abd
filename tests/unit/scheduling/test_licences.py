"""A licence counts by the days of the patient's own calendar (clinical.md, S8)."""

from datetime import UTC, date, datetime

from scheduling.interval import Interval
from scheduling.licences import Licence, licensed_between

ARIZONA = Licence(state="AZ", first_on=date(2026, 1, 1), last_on=date(2026, 11, 24))


def test_a_licence_is_valid_until_its_last_day_ends_where_the_patient_is():
    assert licensed_between([ARIZONA], state="AZ", zone="America/Phoenix") == (
        Interval(start=datetime(2026, 1, 1, 7, tzinfo=UTC), end=datetime(2026, 11, 25, 7, tzinfo=UTC)),
    )


def test_a_renewed_licence_is_one_without_a_seam():
    renewed = Licence(state="AZ", first_on=date(2026, 11, 25))

    (span,) = licensed_between([ARIZONA, renewed], state="AZ", zone="America/Phoenix")

    assert span.start == datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert span.end.year == 2200


def test_a_licence_for_one_state_is_none_for_another():
    assert licensed_between([ARIZONA], state="NV", zone="America/Los_Angeles") == ()
