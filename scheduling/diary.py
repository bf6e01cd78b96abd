"""What is known of a practitioner when a time is sought or a visit handed on: hours, bookings, licences, languages."""

from dataclasses import dataclass

from scheduling.bookings import NotLicensed, PractitionerId
from scheduling.interval import Interval
from scheduling.licences import Licence, licensed_spans
from scheduling.refusals import SchedulingRefusal
from scheduling.schedule import Schedule
from scheduling.visit_types import NotTheirKind, VisitType


class NotTheirLanguage(SchedulingRefusal):
    """The practitioner does not speak the patient's language, and no interpreter comes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Diary:
    """`busy`: what bookings and holds take, buffers included, in any order; a colleague's overbooked time may overlap.

    `languages` are codes as a patient's ("es"). What an external calendar takes stands in `schedule.elsewhere`.
    """

    schedule: Schedule
    name: str
    busy: tuple[Interval, ...] = ()
    languages: frozenset[str] = frozenset()
    licences: tuple[Licence, ...] = ()

    @property
    def id(self) -> PractitionerId:
        return PractitionerId(self.schedule.practitioner_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """The patient as far as a time depends on them. `time_zone` is where they are, by which licences count.

    `state` None: no licence is asked for. `language` None: it does not matter; with an `interpreter` neither, and the
    visit is half as long again. `own` is the practitioner they know; `busy` are their other visits.
    """

    time_zone: str
    state: str | None = None
    language: str | None = None
    interpreter: bool = False
    own: PractitionerId | None = None
    busy: tuple[Interval, ...] = ()


def unfit(diary: Diary, *, kind: VisitType, patient: Patient) -> type[SchedulingRefusal] | None:
    """Why no time of theirs will do: NotTheirKind, NotTheirLanguage, NotLicensed (ever), in this order; or None."""
    if not kind.may_be_held_by(diary.id):
        return NotTheirKind
    if patient.language and not patient.interpreter and patient.language not in diary.languages:
        return NotTheirLanguage
    if licensed(diary, patient) == []:
        return NotLicensed
    return None


def licensed(diary: Diary, patient: Patient) -> list[tuple[int, int]] | None:
    """When they may treat this patient, in minutes; None: always."""
    if patient.state is None:
        return None
    return licensed_spans(diary.licences, state=patient.state, zone=patient.time_zone)
