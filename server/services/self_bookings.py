"""Self-booking: a time kept for somebody nobody here knows yet, their address proved, and the clinic's answer.

Neither page nor time tells whether anybody is a patient here: the request is the same work for everybody, and only the
letter, written later, says to a known address what that address's owner may know.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduling.bookings import PractitionerId, SlotTaken
from scheduling.diary import Patient as Sought
from scheduling.holds import HELD_FOR, Hold
from scheduling.refusals import SchedulingRefusal
from server.care.access import Staff
from server.care.asking import due_at
from server.care.people import NewPatient
from server.care.self_booking import (
    AUTOMATIC,
    PROVED_AND_OPEN,
    AlreadyAsked,
    AnswerMissing,
    RequestOver,
    Rules,
    SelfBooking,
    Status,
    become,
    check_age,
)
from server.care.visit_kinds import Kind
from server.services import appointments, outgoing, practice, slot_holds, tasks, twins
from server.store import audit, outbox
from server.store import self_bookings as store
from server.store import slot_holds as holds_store
from server.store.database import Tx
from server.store.ids import new_id

# Nobody of the staff: who a time is kept for on the public page, and whom the trail names.
NOBODY, VISITOR = "", "visitor"
# So many times are kept for strangers at once: the calendar stays the clinic's, whoever plays with the page.
MOST_KEPT = 20
# So many letters an hour to an address that proved none of them: more would be a letter bomb.
MOST_LETTERS = 3
HOUR = timedelta(hours=1)


class NoSuchRequest(Exception):
    """There is no such request, or nobody needs it any longer."""


class TooManyKept(SchedulingRefusal):
    """So many times are kept for strangers now that no more are until some expire."""


async def kind_offered(tx: Tx, rules: Rules) -> Kind | None:
    """The kind of visit the public page offers, with the page's notice; None: the clinic offers none."""
    kind = next((kind for kind in await practice.visit_types(tx) if kind.public), None)
    return kind and replace(kind, minimum_notice=max(kind.minimum_notice, rules.notice))


async def kind_for(tx: Tx, request: SelfBooking, rules: Rules) -> Kind:
    """The kind that was asked for; once that is not booked any more, the one that is offered now, if there is one."""
    own = await practice.visit_type(tx, request.visit_type)
    return (await kind_offered(tx, rules) or own) if own.retired else own


def sought(person: NewPatient) -> Sought:
    """As far as a time depends on them. The language was a wish of the search, and no rule."""
    return Sought(
        time_zone=person.time_zone,
        state=person.state,
        interpreter=person.interpreter_language is not None,
    )


async def choose(
    tx: Tx,
    *,
    key: str,
    practitioner_id: str,
    starts_at: datetime,
    who: Sought,
    rules: Rules,
    now: datetime,
) -> Hold:
    """Keeps the time while the rest is typed, in place of what the same form kept. Raises as `_keep`, TooManyKept."""
    await _check_room(tx, key, now=now)
    kind = await kind_offered(tx, rules)
    if kind is None:
        raise practice.NoSuchChoice("public")
    return await _keep(
        tx, key, kind=kind, practitioner_id=practitioner_id, starts_at=starts_at, who=who, now=now
    )


async def _check_room(tx: Tx, key: str, *, now: datetime) -> None:
    """Whoever keeps a time already has their place. Raises TooManyKept."""
    keeps = await slot_holds.kept(tx, key, now=now) is not None
    if not keeps and await holds_store.count_of_visitors(tx, but=slot_holds.OFFERED, now=now) >= MOST_KEPT:
        raise TooManyKept


async def is_used(tx: Tx, key: str) -> bool:
    """Whether a form with this key was sent already: what it kept belongs to that request."""
    return await store.by_id(tx, key) is not None


async def ask(
    tx: Tx,
    *,
    key: str,
    person: NewPatient,
    practitioner_id: str,
    starts_at: datetime,
    rules: Rules,
    now: datetime,
) -> None:
    """Keeps the time until the address is proved, and queues the letter for that.

    Sent twice it is one request; a form gone back to, to correct something, is a new one in place of the old.
    Raises NotOfAge before anything is written, TooManyKept, and as `_keep` does.
    """
    check_age(person, starts_at=starts_at)
    known = await store.by_id(tx, key)
    if known is not None:
        if (known.person, known.starts_at, known.practitioner_id) == (person, starts_at, practitioner_id):
            return
        if known.status == "asked":
            await _close(tx, known, "withdrawn", by=VISITOR, now=now)
        key = new_id()
    await _check_room(tx, key, now=now)
    kind = await kind_offered(tx, rules)
    if kind is None:
        raise practice.NoSuchChoice("public")
    await _keep(
        tx,
        key,
        kind=kind,
        practitioner_id=practitioner_id,
        starts_at=starts_at,
        who=sought(person),
        now=now,
        lasts=rules.proof,
    )
    if await store.count_to_address(tx, person, since=now - HOUR) >= MOST_LETTERS:
        await slot_holds.release(tx, key, held_by=NOBODY)
        return
    request = SelfBooking(
        id=key,
        person=person,
        practitioner_id=PractitionerId(practitioner_id),
        visit_type=kind.code,
        starts_at=starts_at,
        status="asked",
        asked_at=now,
    )
    await store.insert(tx, request)
    await outgoing.queue_self_booking(
        tx, kind=outgoing.SELF_PROOF, self_booking_id=request.id, about="", now=now
    )
    await _record(tx, request, action="self-booking-asked", by=VISITOR, now=now)


async def by_token(tx: Tx, token: str) -> SelfBooking:
    """Raises NoSuchRequest."""
    request = await store.by_token(tx, token)
    if request is None:
        raise NoSuchRequest
    return request


async def by_id(tx: Tx, self_booking_id: str) -> SelfBooking:
    """Raises NoSuchRequest."""
    request = await store.by_id(tx, self_booking_id)
    if request is None:
        raise NoSuchRequest
    return request


async def prove(
    tx: Tx,
    request: SelfBooking,
    *,
    rules: Rules,
    now: datetime,
    another: tuple[str, datetime] | None = None,
) -> SelfBooking:
    """The link was followed and pressed: booked at once, or the desk's to answer. Pressed twice it is the same.

    `another`: the practitioner and start in place of what was asked for. What may be somebody the clinic knows, or a
    kind that is not booked any more, is the desk's to answer in any case. Raises AlreadyAsked, RequestOver, NotOfAge,
    NotLicensed, SlotTaken.
    """
    if not request.may_be_proved:
        return request
    if request.status == "offered" and another is None:
        raise RequestOver
    was = request.status
    if another is not None:
        request = replace(request, practitioner_id=PractitionerId(another[0]), starts_at=another[1])
    check_age(request.person, starts_at=request.starts_at)
    opened = await store.of_person(tx, request.person, statuses=(*PROVED_AND_OPEN, "asked"))
    for other in (each for each in opened if each.id != request.id):
        if other.status != "asked":
            raise AlreadyAsked
        await _close(tx, other, "withdrawn", by=VISITOR, now=now)
    kind = await kind_for(tx, request, rules)
    proved = replace(request, visit_type=kind.code, proved_at=request.proved_at or now)
    if another is not None:
        kind = replace(kind, minimum_notice=max(kind.minimum_notice, rules.notice))
    await _keep(
        tx,
        request.id,
        kind=kind,
        practitioner_id=request.practitioner_id,
        starts_at=request.starts_at,
        who=sought(request.person),
        now=now,
        # Hardly past its own beginning: nobody is told that a time is kept that is over.
        lasts=min(rules.kept, max(request.starts_at - now, rules.proof)),
    )
    if rules.mode == AUTOMATIC and not kind.retired and not await twins.like(tx, request.person):
        return await _book(tx, proved, patient_id=None, by=None, now=now)
    waiting = become(proved, "waiting", answer=None)
    await _save(tx, waiting, was=was)
    await outbox.withdraw_of_request(tx, request.id, now=now)
    await tasks.open_task(
        tx,
        kind=tasks.SELF_BOOKING,
        patient_id=None,
        encounter_id=None,
        detail=None,
        by=VISITOR,
        now=now,
        subject_id=request.id,
        due_at=due_at(now, days=rules.answer_days, zone=rules.zone),
    )
    await _record(tx, waiting, action="self-booking-proved", by=VISITOR, now=now)
    return waiting


async def withdraw(tx: Tx, request: SelfBooking, *, now: datetime) -> None:
    """Whoever asked wants it no more: the time is free again. Raises RequestOver."""
    await _close(tx, request, "withdrawn", by=VISITOR, now=now)
    await tasks.withdraw_about(tx, subject_id=request.id, by=VISITOR, now=now)


async def confirm(
    tx: Tx, self_booking_id: str, *, patient_id: str | None, by: Staff, now: datetime
) -> SelfBooking:
    """Booked, for somebody new or for the patient they turn out to be. Raises RequestOver and as `book` does."""
    request = await by_id(tx, self_booking_id)
    if request.status == "booked":
        return request
    if request.status != "waiting":
        raise RequestOver
    booked = await _book(tx, request, patient_id=patient_id, by=by, now=now)
    await tasks.acknowledge_subject(tx, subject_id=request.id, by=by, now=now)
    return booked


async def answer(
    tx: Tx, self_booking_id: str, *, status: Status, words: str, by: Staff, now: datetime
) -> SelfBooking:
    """ "offered": choose another time; "declined": no visit. Either way in words, and the time is free again.

    Raises AnswerMissing, RequestOver.
    """
    request = await by_id(tx, self_booking_id)
    if not words.strip():
        raise AnswerMissing
    answered = await _close(
        tx,
        replace(request, answer=words.strip(), answered_by=by.account_id, answered_at=now),
        status,
        by=by.account_id,
        now=now,
    )
    await outgoing.queue_self_booking(
        tx, kind=outgoing.SELF_ANSWER, self_booking_id=request.id, about=now.isoformat(), now=now
    )
    await tasks.acknowledge_subject(tx, subject_id=request.id, by=by, now=now)
    return answered


async def kept_until(tx: Tx, request: SelfBooking, *, now: datetime) -> datetime | None:
    """Until when the time is kept for this request; None: it may be somebody else's by now."""
    kept = await slot_holds.kept(tx, request.id, now=now)
    return kept.expires_at if kept is not None and kept.starts_at == request.starts_at else None


async def _keep(
    tx: Tx,
    key: str,
    *,
    kind: Kind,
    practitioner_id: str,
    starts_at: datetime,
    who: Sought,
    now: datetime,
    lasts: timedelta = HELD_FOR,
) -> Hold:
    """Only what the page could have offered. Raises SlotTaken, and practice.NoSuchChoice."""
    slots, _ = await practice.search(
        tx,
        practitioner_ids=[practitioner_id],
        kind=kind,
        start=starts_at,
        end=starts_at + kind.with_interpreter().length,
        now=now,
        patient=who,
    )
    if all(slot.starts_at != starts_at for slot in slots):
        raise SlotTaken
    return await slot_holds.keep(
        tx,
        hold_id=key,
        practitioner_id=practitioner_id,
        visit_type=kind.code,
        starts_at=starts_at,
        held_by=NOBODY,
        now=now,
        interpreter=who.interpreter,
        lasts=lasts,
    )


async def _book(
    tx: Tx, request: SelfBooking, *, patient_id: str | None, by: Staff | None, now: datetime
) -> SelfBooking:
    """The visit in place of what was kept. Booked by nobody of the staff, it stands in the name of whose time it is."""
    await slot_holds.release(tx, request.id, held_by=NOBODY)
    whose = await practice.practitioner(tx, request.practitioner_id)
    was = (await by_id(tx, request.id)).status
    shared = {
        "practitioner_id": request.practitioner_id,
        "visit_type": request.visit_type,
        "starts_at": request.starts_at,
        "mode": "video",
        "booked_by": by.account_id if by else whose.account_id,
        "actor": "" if by else VISITOR,
        "now": now,
        "appointment_id": request.id,
    }
    if patient_id is None:
        encounter = await appointments.book_for_new_patient(tx, patient=request.person, **shared)  # type: ignore[arg-type]
    else:
        encounter = await appointments.book(tx, patient_id=patient_id, **shared)  # type: ignore[arg-type]
    booked = become(
        request,
        "booked",
        encounter_id=encounter.id,
        answered_at=now,
        answered_by=by.account_id if by else None,
    )
    await _save(tx, booked, was=was)
    await _record(tx, booked, action="self-booking-confirmed", by=by.account_id if by else VISITOR, now=now)
    return booked


async def _close(tx: Tx, request: SelfBooking, status: Status, *, by: str, now: datetime) -> SelfBooking:
    """It keeps no time any more."""
    closed = become(request, status)
    await slot_holds.release(tx, request.id, held_by=NOBODY)
    await _save(tx, closed, was=request.status)
    await _record(tx, closed, action=f"self-booking-{status}", by=by, now=now)
    return closed


async def _save(tx: Tx, request: SelfBooking, *, was: Status) -> None:
    """Raises RequestOver when somebody else was faster."""
    if not await store.save(tx, request, was=was):
        raise RequestOver


async def _record(tx: Tx, request: SelfBooking, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="self-booking",
        object_id=request.id,
        patient_id=None,
        now=now,
    )
