"""PHQ-9 and GAD-7, answer by answer: what is dangerous acts at the tick, not when the form is handed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.bookings import PatientId
from server.care import measures as care
from server.care.measures import INSTRUMENTS, Due, Instrument, MeasureResponse, ResponseId
from server.care.safety import PATIENT
from server.care.trend import Trend, trend
from server.services import safety, trail
from server.store import audit, holds, plans
from server.store import measures as store
from server.store.database import Tx
from server.store.ids import new_id

# One form is one day's answers: what was begun the day before is not mixed with how somebody is now.
STAYS_OPEN = timedelta(hours=24)


class NoSuchMeasure(Exception):
    """There is no such instrument."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One instrument from the patient's side: why it is asked for now, if it is, and what was begun."""

    instrument: Instrument
    due: Due | None
    last: MeasureResponse | None
    begun: MeasureResponse | None


async def asked_of(tx: Tx, patient_id: str, *, now: datetime) -> list[Asked]:
    """Every instrument, those that are due and those that are not."""
    responses = await store.of_patient(tx, patient_id)
    done = {number: at for plan in await plans.of_patient(tx, patient_id) for number, at in plan.done.items()}
    found = []
    for instrument in INSTRUMENTS.values():
        theirs = [each for each in responses if each.instrument == instrument.code]
        completed = [each for each in theirs if each.completed_at is not None]
        found.append(
            Asked(
                instrument=instrument,
                due=care.due(
                    sessions_done=done,
                    completed=[each.completed_at for each in completed if each.completed_at],
                    now=now,
                ),
                last=completed[-1] if completed else None,
                begun=_open(theirs, now),
            )
        )
    return found


def _open(responses: list[MeasureResponse], now: datetime) -> MeasureResponse | None:
    open_ones = [r for r in responses if r.status == "in-progress" and now - r.begun_at < STAYS_OPEN]
    return open_ones[-1] if open_ones else None


async def current(tx: Tx, *, patient_id: str, code: str, now: datetime) -> MeasureResponse | None:
    """The form that was begun and not handed in. Raises NoSuchMeasure."""
    _instrument(code)
    return _open([r for r in await store.of_patient(tx, patient_id) if r.instrument == code], now)


async def answer(
    tx: Tx, *, patient_id: str, code: str, item: str, value: int, now: datetime
) -> MeasureResponse:
    """One tick, kept at once. Item 9 opens a hold and tells the clinicians. Raises NoSuchMeasure, NoSuchAnswer."""
    instrument = _instrument(code)
    before = await current(tx, patient_id=patient_id, code=code, now=now)
    if before is None:
        before = MeasureResponse(
            id=ResponseId(new_id()),
            patient_id=PatientId(patient_id),
            instrument=code,
            begun_at=now,
            saved_at=now,
        )
        after = care.answer(before, item=item, value=value, now=now)
        await store.insert(tx, after)
    else:
        after = care.answer(before, item=item, value=value, now=now)
        await store.save(tx, after)
    if not before.answers or now - before.saved_at >= trail.SITTING:
        await _record(tx, after, action="measure-answered", now=now)
    if care.is_alarming(instrument, item=item, value=value):
        await safety.press(
            tx,
            patient_id=patient_id,
            kind="self-harm",
            event_id=f"measure|{after.id}|{value}",
            level=value,
            now=now,
        )
    return after


async def complete(tx: Tx, *, patient_id: str, code: str, now: datetime) -> MeasureResponse:
    """Hands the form in. Raises NoSuchMeasure, Unanswered."""
    before = await current(tx, patient_id=patient_id, code=code, now=now)
    if before is None:
        raise care.Unanswered(tuple(item.name for item in _instrument(code).items))
    after = care.complete(before, now=now)
    await store.save(tx, after)
    await _record(tx, after, action="measure-completed", now=now)
    return after


async def trends(tx: Tx, patient_id: str, *, now: datetime) -> list[Trend]:
    """A drawing for each instrument that was answered, with the sessions and holds beside it."""
    responses = await store.of_patient(tx, patient_id)
    courses = await plans.of_patient(tx, patient_id)
    sessions = [(number, at) for plan in courses for number, at in plan.done.items()]
    held = [hold.opened_at for hold in await holds.of_patient(tx, patient_id)]
    drawn = [
        trend(instrument, responses, sessions=sessions, holds=held, now=now)
        for instrument in INSTRUMENTS.values()
    ]
    return [each for each in drawn if each is not None]


def _instrument(code: str) -> Instrument:
    if code not in INSTRUMENTS:
        raise NoSuchMeasure(code)
    return INSTRUMENTS[code]


async def _record(tx: Tx, response: MeasureResponse, *, action: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=PATIENT,
        action=action,
        object_kind="measure",
        object_id=response.id,
        patient_id=response.patient_id,
        now=now,
    )
