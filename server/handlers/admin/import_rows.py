"""A file's lines as rows that can be carried out, with a sentence for everything in them that cannot be right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from server.care.people import Practitioner
from server.care.states import STATES
from server.care.visit_kinds import Kind
from server.services.imports import BookingRow, PatientRow, Row, WantedVisit
from server.web import patient_form
from server.web.csv_files import Sheet, Unreadable
from server.web.forms import Form
from server.web.words import LANGUAGES, N_

PATIENTS = ("name", "date_of_birth", "email", "phone", "time_zone", "language", "state")
BOOKINGS = (
    *("email", "phone", "name", "date_of_birth"),
    *("practitioner", "visit_type", "date", "time", "time_zone", "mode"),
)
# Without these columns it is not that file.
PATIENTS_NEED = frozenset({"name", "date_of_birth", "time_zone"})
BOOKINGS_NEED = frozenset({"practitioner", "visit_type", "date", "time", "time_zone"})
MODES = ("video", "phone")
# Beyond them is nothing anybody means.
FIRST_YEAR, LATEST_YEAR = 1900, 2100

NEITHER = N_(
    "These are no columns of patients or of bookings. Missing: %(columns)s. Take one of the templates below."
)
UNKNOWN_COLUMN = N_("Nobody knows what to do with these columns: %(columns)s. Please take them out.")
TOO_MANY_CELLS = N_("This row has more cells than the first line has names.")
NO_LANGUAGE = N_("The language is not one of those the clinic writes in: en or es.")
NO_STATE = N_("The state is two letters, as in AZ.")
NOBODY_NAMED = N_("Say who it is for: an e-mail address, a phone number, or name and date of birth.")
NO_BIRTH = N_("The date of birth is written as in 1990-04-17.")
NO_PRACTITIONER = N_("There is no psychiatrist of this name.")
NO_KIND = N_("There is no such visit type.")
NO_DATE = N_("The date is written as in 2027-01-15.")
NO_TIME = N_("The time is written as in 14:30.")
NO_ZONE = N_("The time zone is written as in America/Denver.")
NO_MODE = N_("The mode is video or phone.")
NEVER = N_("The clocks go forward over this time that night: it does not exist there.")
TWICE = N_("The clocks go back that night, so this time comes twice. Please book it by hand.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Clinic:
    """What rows are read against."""

    people: Sequence[Practitioner]
    kinds: Sequence[Kind]
    today: date
    sends_sms: bool


def kind_of(sheet: Sheet) -> str:
    """ "patients" or "bookings", by the columns. Raises Unreadable."""
    head = set(sheet.head)
    for name, needs, known in (
        ("bookings", BOOKINGS_NEED, frozenset(BOOKINGS)),
        ("patients", PATIENTS_NEED, frozenset(PATIENTS)),
    ):
        if needs <= head:
            if not head <= known:
                raise Unreadable(UNKNOWN_COLUMN, columns=", ".join(sorted(head - known))[:200])
            return name
    looks_booked = "practitioner" in head or "visit_type" in head
    missing = (BOOKINGS_NEED if looks_booked else PATIENTS_NEED) - head
    raise Unreadable(NEITHER, columns=", ".join(sorted(missing)))


def rows_of(sheet: Sheet, clinic: Clinic) -> list[Row]:
    """Raises Unreadable."""
    read: Callable[[int, Form, Clinic], Row] = _booking if kind_of(sheet) == "bookings" else _patient
    return [read(number, Form(cells), clinic) for number, cells in sheet.lines]


def _patient(number: int, form: Form, clinic: Clinic) -> PatientRow:
    language, state = form.text("language"), form.text("state").upper()
    form.typed = {**form.typed, "state": state}
    if language and language not in LANGUAGES:
        form.problems["language"] = NO_LANGUAGE
    if state and state not in STATES:
        form.problems["state"] = NO_STATE
    _no_more_cells(form)
    patient = patient_form.read(form, today=clinic.today, sends_sms=clinic.sends_sms)
    if form.problems.get("date_of_birth") == patient_form.NO_BIRTH:
        form.problems["date_of_birth"] = NO_BIRTH
    if form.problems.get("time_zone") == patient_form.NO_ZONE:
        form.problems["time_zone"] = NO_ZONE
    return PatientRow(number=number, who=_who(form), patient=patient, problems=_problems(form))


def _booking(number: int, form: Form, clinic: Clinic) -> BookingRow:
    """Whom it is for is looked up later, by whatever of it is given."""
    born = form.date("date_of_birth", NO_BIRTH) if form.text("date_of_birth") else None
    if not (form.text("email") or form.text("phone") or (form.text("name") and born)):
        form.problems.setdefault("name", NOBODY_NAMED)
    person = [each for each in clinic.people if each.name.casefold() == form.text("practitioner").casefold()]
    asked = form.text("visit_type").casefold()
    kind = next((each for each in clinic.kinds if asked in (each.code, each.name.casefold())), None)
    mode = form.text("mode").casefold() or MODES[0]
    starts_at = _starts_at(form)
    for field, right, sentence in (
        ("practitioner", len(person) == 1, NO_PRACTITIONER),
        ("visit_type", kind is not None, NO_KIND),
        ("mode", mode in MODES, NO_MODE),
    ):
        if not right:
            form.problems[field] = sentence
    _no_more_cells(form)
    visit = None
    if form.ok and kind is not None and starts_at is not None:
        visit = WantedVisit(
            practitioner_id=person[0].id, visit_type=kind.code, starts_at=starts_at, mode=mode
        )
    return BookingRow(
        number=number,
        who=_who(form),
        email=form.text("email"),
        phone=form.text("phone"),
        name=form.text("name"),
        born=born,
        time_zone=form.text("time_zone"),
        visit=visit,
        problems=_problems(form),
    )


def _starts_at(form: Form) -> datetime | None:
    """The instant at which the clock there shows it, if it does so once."""
    on = form.date("date", NO_DATE)
    at = form.parsed("time", time.fromisoformat, NO_TIME)
    zone = form.text("time_zone")
    if not patient_form.is_zone(zone):
        form.problems["time_zone"] = NO_ZONE
        return None
    if at is not None and (at.tzinfo is not None or at.second or at.microsecond):
        form.problems["time"] = NO_TIME
    if on is not None and not FIRST_YEAR <= on.year <= LATEST_YEAR:
        form.problems["date"] = NO_DATE
    if on is None or at is None or not form.ok:
        return None
    first, second = (datetime.combine(on, at.replace(fold=fold), ZoneInfo(zone)) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        exists = first.astimezone(UTC).astimezone(ZoneInfo(zone)).time() == at
        form.problems["time"] = TWICE if exists else NEVER
        return None
    return first.astimezone(UTC)


def _no_more_cells(form: Form) -> None:
    if form.text(""):
        form.problems[""] = TOO_MANY_CELLS


def _who(form: Form) -> str:
    """As the file says it."""
    return form.text("name") or form.text("email") or form.text("phone") or "–"


def _problems(form: Form) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.problems.values()))
