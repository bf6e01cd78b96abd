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
UNSAID = "unsaid"


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
        found.append(
            Asked(
                instrument=instrument,
                due=care.due(
                    sessions_done=done,
                    completed=[each.completed_at for each in theirs if each.completed_at],
                    now=now,
                ),
                last=_newest(theirs),
                begun=_open(theirs, now),
            )
        )
    return found


def _open(responses: list[MeasureResponse], now: datetime) -> MeasureResponse | None:
    open_ones = [r for r in responses if r.status == "in-progress" and now - r.begun_at < STAYS_OPEN]
    return open_ones[-1] if open_ones else None


def _newest(responses: list[MeasureResponse]) -> MeasureResponse | None:
    """The one that was handed in last."""
    sent = [each for each in responses if each.completed_at]
    return max(sent, key=lambda each: each.completed_at or each.begun_at, default=None)


async def current(tx: Tx, *, patient_id: str, code: str, now: datetime) -> MeasureResponse | None:
    """The form that was begun and not handed in. Raises NoSuchMeasure."""
    _instrument(code)
    return _open([r for r in await store.of_patient(tx, patient_id) if r.instrument == code], now)


async def answer(
    tx: Tx,
    *,
    patient_id: str,
    code: str,
    item: str,
    value: int,
    now: datetime,
    after: str | None = None,
    event_id: str = "",
) -> MeasureResponse:
    """One tick, kept at once. Item 9 opens a hold and tells the clinicians. `after` as in `handed_in`.

    `event_id` is the page's own name for the tick, so that one that is sent twice alarms once. The form as it is now
    comes back: one that was handed in stays as it is, and only a late tick of item 9 still acts. Raises NoSuchMeasure,
    NoSuchAnswer.
    """
    care.check(_instrument(code), item=item, value=value)
    sent = await handed_in(tx, patient_id=patient_id, code=code, after=after, now=now)
    if sent is not None:
        await _alarm(tx, sent, item=item, value=value, mark=event_id or "late", now=now)
        return sent
    before = await current(tx, patient_id=patient_id, code=code, now=now)
    blank = before or MeasureResponse(
        id=ResponseId(new_id()),
        patient_id=PatientId(patient_id),
        instrument=code,
        begun_at=now,
        saved_at=now,
    )
    ticked = care.answer(blank, item=item, value=value, now=now)
    if before is None:
        await store.insert(tx, ticked)
    elif ticked != before:
        await store.save(tx, ticked)
    if not blank.answers or now - blank.saved_at >= trail.SITTING:
        await _record(tx, ticked, action="measure-answered", now=now)
    mark = event_id or str(ticked.version)
    await _alarm(tx, blank, item=item, value=value, mark=mark, now=now)
    return ticked


async def _alarm(tx: Tx, before: MeasureResponse, *, item: str, value: int, mark: str, now: datetime) -> None:
    """`mark` tells one change of the form's answers from the next."""
    if care.alarms_anew(before, item=item, value=value):
        await safety.press(
            tx,
            patient_id=before.patient_id,
            kind="self-harm",
            event_id=f"measure|{before.id}|{mark}|{value}",
            level=value,
            now=now,
        )


async def handed_in(
    tx: Tx, *, patient_id: str, code: str, after: str | None, now: datetime
) -> MeasureResponse | None:
    """The form that was handed in since the page was written, which is then the one the page means.

    `after` is the id of the form that was the newest handed in when the page was written, "" without one; UNSAID when
    a request does not say, which then means what was handed in within a day; None when no page is behind it. Raises
    NoSuchMeasure.
    """
    _instrument(code)
    newest = _newest([r for r in await store.of_patient(tx, patient_id) if r.instrument == code])
    if after is None or newest is None or newest.id == after:
        return None
    if after == UNSAID and now - (newest.completed_at or now) >= STAYS_OPEN:
        return None
    return newest


async def complete(
    tx: Tx, *, patient_id: str, code: str, now: datetime, after: str | None = None
) -> MeasureResponse:
    """Hands the form in; twice is once. `after` as in `handed_in`. Raises NoSuchMeasure, Unanswered."""
    if (sent := await handed_in(tx, patient_id=patient_id, code=code, after=after, now=now)) is not None:
        return sent
    before = await current(tx, patient_id=patient_id, code=code, now=now)
    if before is None:
        raise care.Unanswered(tuple(item.name for item in _instrument(code).items))
    completed = care.complete(before, now=now)
    await store.save(tx, completed)
    await _record(tx, completed, action="measure-completed", now=now)
    return completed


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
