"""Licences to practise, by state and with dates (clinical.md, S8).

A visit takes place where the patient is and under that state's law, and the state's board dates a licence by its own
calendar: so the days count in the patient's time zone, not in the practitioner's. A visit has to lie within them whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduling import spans, wall
from scheduling.interval import Interval

# A licence without an end is asked again in a hundred years.
NO_END = date(2199, 12, 31)


@dataclass(frozen=True, kw_only=True, slots=True)
class Licence:
    """`state` as the clinic writes it ("AZ"). Valid from `first_on` until the end of `last_on`; None: without end."""

    state: str
    first_on: date
    last_on: date | None = None


def licensed_spans(licences: Iterable[Licence], *, state: str, zone: str) -> list[tuple[int, int]]:
    """When one may treat in `state`, in minutes, by the calendar of the patient's `zone`; a renewal leaves no seam."""
    return spans.merge(
        wall.day_span(each.first_on, each.last_on or NO_END, zone) for each in licences if each.state == state
    )


def licensed_between(licences: Iterable[Licence], *, state: str, zone: str) -> tuple[Interval, ...]:
    """The same as instants, as `bookings.Calendar` wants it."""
    return tuple(
        Interval(start=wall.instant_of(start), end=wall.instant_of(end))
        for start, end in licensed_spans(licences, state=state, zone=zone)
    )
