"""What a time depends on besides the kind of visit: the patient's state, language and interpreter.

What is known of a patient stands in the fields by itself; what the desk writes there is asked for at once, and kept
with the patient when the visit is booked.
"""

from datetime import datetime, timedelta

from scheduling.bookings import PractitionerId
from scheduling.diary import Patient as Sought
from scheduling.interval import Interval
from server.care.people import Patient, Practitioner
from server.care.states import STATES
from server.services import appointments, patients, practice
from server.store.database import Tx
from server.web.forms import Form
from server.web.free_times import DAYS_SEARCHED
from server.web.spoken import SPOKEN

# In place of a code: no interpreter, or any language will do.
NONE = "none"
AROUND = timedelta(days=1)


async def sought(
    tx: Tx,
    form: Form,
    patient: Patient | None,
    *,
    people: list[Practitioner],
    zone: str,
    now: datetime,
) -> Sought:
    """The patient as the search sees them: what is typed, else what is known."""
    habit = await appointments.habit_of(tx, patient.id) if patient else None
    interpreter = interpreter_of(form, patient)
    busy: tuple[Interval, ...] = ()
    if patient is not None:
        end = now + timedelta(days=DAYS_SEARCHED) + AROUND
        busy = await practice.busy_of_patient(tx, patient.id, start=now - AROUND, end=end)
    return Sought(
        time_zone=patient.time_zone if patient else form.text("time_zone") or zone,
        state=state_of(form, patient),
        language=_language(form, patient, people),
        interpreter=interpreter is not None,
        own=PractitionerId(habit.practitioner_id) if habit else None,
        busy=busy,
    )


def state_of(form: Form, patient: Patient | None) -> str | None:
    typed = form.text("state")
    if typed in STATES:
        return typed
    return patient.state if patient else None


def interpreter_of(form: Form, patient: Patient | None) -> str | None:
    """The language an interpreter comes for, if one does."""
    typed = form.text("interpreter")
    if typed in SPOKEN:
        return typed
    return patient.interpreter_language if patient and typed != NONE else None


async def needs_interpreter(tx: Tx, form: Form, patient_id: str) -> bool:
    """Also of somebody who is only being written down."""
    try:
        patient = await patients.by_id(tx, patient_id)
    except patients.NoSuchPatient:
        patient = None
    return interpreter_of(form, patient) is not None


def _language(form: Form, patient: Patient | None, people: list[Practitioner]) -> str | None:
    """As asked for; else the patient's, where any of these people speaks it: it must not leave them nobody."""
    typed = form.text("speaks")
    if typed in SPOKEN or typed == NONE:
        return typed if typed in SPOKEN else None
    known = patient.language if patient else ""
    return known if any(known in person.languages for person in people) else None


async def complete(tx: Tx, form: Form, patient_id: str, *, by: object, now: object) -> None:
    """What the desk learnt while booking is kept. Raises NoSuchPatient."""
    patient = await patients.by_id(tx, patient_id)
    assert isinstance(now, datetime)
    await patients.correct(
        tx,
        patient_id,
        by=str(by),
        now=now,
        state=state_of(form, patient),
        interpreter_language=interpreter_of(form, patient),
    )
