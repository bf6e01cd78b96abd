"""Sending what the outbox holds: claimed with all it needs, and what became of it written down."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from scheduling.reminders import QuietHours
from server.care.access import ADMINISTRATOR
from server.care.delays import Delay
from server.care.encounter import Encounter
from server.care.people import EMAIL, SMS
from server.services import calendar_mail, delays, patients, practice, self_booking_letters, tasks
from server.services.message_facts import InvitationFacts, OfferFacts, Outgoing, RequestFacts, VisitFacts
from server.services.outgoing import (
    ANSWER,
    AWAITED,
    CANCELLED,
    CODE,
    GUEST,
    GUEST_CANCELLED,
    GUEST_MOVED,
    HOME,
    LATE,
    LOOK,
    MISSED_VISIT,
    MOVED,
    NOT_DELIVERED,
    OFFER,
    OWN,
    OWN_GONE,
    PROGRAMME,
    QUESTIONS,
    REMINDER,
    SELF_PROOF,
    STALE,
    WITH_WORDS,
)
from server.store import accounts, appointments, encounters, guests, home, links, series, wait_list
from server.store import outbox as store
from server.store.database import Tx

# Long enough for a slow mail server, short enough that a crash in between is made good soon.
CLAIMED_FOR = timedelta(minutes=2)
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
)
# Trying to write it again helps only where something was just being changed.
WRITTEN_AT_MOST = 3
NOT_WRITTEN = "could not be written"
# A text message at night wakes people. What was decided for them waits for the morning when their visit is later still
# by so much; what they or somebody with them on the phone asked for goes at once, and so does whatever is urgent.
WAIT_FOR_MORNING = frozenset({(MOVED, SMS), (CANCELLED, SMS), (PROGRAMME, SMS)})
# Nothing about a patient's own pages is worth waking them; the link they asked for is.
BY_DAY = frozenset({(ANSWER, SMS), (QUESTIONS, SMS), (LOOK, SMS), (MISSED_VISIT, SMS), (OFFER, SMS)})
TIME_TO_REACT = timedelta(hours=3)
USUAL_HOURS = QuietHours()


async def due(tx: Tx, *, now: datetime) -> list[str]:
    """Ids of the messages that may be claimed now."""
    return [row.id for row in await store.due(tx, now=now)]


async def claim(
    tx: Tx, message_id: str, *, now: datetime, quiet: QuietHours = USUAL_HOURS
) -> Outgoing | None:
    """The message with all it needs, ours for a while; None when another has it, it is overtaken, or it is night."""
    row = await store.claim(tx, message_id, until=now + CLAIMED_FOR, now=now)
    if row is None:
        return None
    found = await _found(tx, row, now=now)
    if found is None:
        await store.give_up(tx, message_id, problem=STALE, now=now)
        return None
    morning = _held_until(found, quiet, now=now)
    if (expires_at := row["expires_at"]) is not None and expires_at <= max(now, morning):
        await _expire(tx, row, now=now)
        return None
    if morning > now:
        await store.put_off(tx, message_id, until=morning)
        return None
    return found


def _held_until(message: Outgoing, quiet: QuietHours, *, now: datetime) -> datetime:
    """The morning for what must not arrive at night; `now` for everything else."""
    how = (message.kind, message.channel)
    if message.kind != REMINDER and how not in BY_DAY and how not in WAIT_FOR_MORNING:
        # Staff and guests are in no zone we know.
        return now
    morning = quiet.morning_after(now, message.zone)
    first = message.visit or next(iter(message.visits), None)
    if how not in WAIT_FOR_MORNING or (first is None and message.kind == PROGRAMME):
        return morning
    return morning if first and first.starts_at - morning >= TIME_TO_REACT else now


async def _expire(tx: Tx, row: dict[str, Any], *, now: datetime) -> None:
    """One that nobody tried to send says nothing of use any more; one that failed until then was not delivered."""
    if row["last_problem"] is None:
        await store.give_up(tx, row["id"], problem=STALE, now=now)
    else:
        await _not_delivered(tx, row["id"], problem=row["last_problem"], now=now)


async def _found(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    if row["account_id"]:
        return await _to_staff(tx, row, now=now)
    if row["self_booking_id"]:
        return await _to_visitor(tx, row)
    if row["kind"] in (GUEST, GUEST_MOVED, GUEST_CANCELLED):
        return await _to_guest(tx, row, now=now)
    return await _to_patient(tx, row, now=now)


async def _to_visitor(tx: Tx, row: dict[str, Any]) -> Outgoing | None:
    """To somebody who booked online; what they are told is decided now, apart from the page they asked on."""
    letter = await self_booking_letters.letter_of(tx, row["self_booking_id"], row["kind"])
    if letter is None or letter.person.email is None:
        return None
    return Outgoing(
        message_id=row["id"],
        kind=letter.kind,
        channel=EMAIL,
        to=letter.person.email,
        name=letter.person.name,
        zone=letter.person.time_zone,
        language=letter.person.language,
        attempts=row["attempts"],
        token=letter.token,
        request=RequestFacts(practitioner_name=letter.practitioner_name, starts_at=letter.starts_at),
    )


async def _to_guest(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    """With nothing of the patient in it, not even a language. None once withdrawn, or when the visit is past.

    A visit that has begun is past when it is finished, however long it takes.
    """
    invitation = await guests.by_id(tx, row["facts"])
    if invitation is None or invitation.email is None or invitation.revoked_at is not None:
        return None
    encounter = await encounters.by_id(tx, invitation.encounter_id)
    if encounter is None or not _guest_should_hear(row, encounter, now=now):
        return None
    practitioner = await practice.practitioner(tx, encounter.practitioner_id)
    return Outgoing(
        message_id=row["id"],
        kind=row["kind"],
        channel=EMAIL,
        to=invitation.email,
        name=invitation.name,
        zone="",
        language="",
        attempts=row["attempts"],
        token=guests.token_for(tx, invitation.id),
        invitation=InvitationFacts(
            role=invitation.role,
            practitioner_name=practitioner.name,
            starts_at=encounter.planned_starts_at,
        ),
    )


def _guest_should_hear(row: dict[str, Any], encounter: Encounter, *, now: datetime) -> bool:
    cancelled = row["kind"] == GUEST_CANCELLED
    if row["kind"] != GUEST and row["link_version"] != encounter.link_version:
        return False
    if encounter.over and not (cancelled and encounter.status == "cancelled"):
        return False
    past = encounter.planned_ends_at <= now
    return not past if cancelled else not (past and encounter.status == "planned")


async def _to_staff(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    account = await accounts.by_id(tx, row["account_id"])
    if account is None or account.disabled_at is not None:
        return None
    own = None
    if row["kind"] in (OWN, OWN_GONE) and (own := await calendar_mail.facts_of(tx, row, now=now)) is None:
        return None
    # A number that was taken away meanwhile is no reason to say nothing.
    channel = row["channel"] if account.phone else EMAIL
    return Outgoing(
        message_id=row["id"],
        kind=row["kind"],
        channel=channel,
        to=account.phone if channel == SMS else account.email,
        name=account.name,
        zone=own.zone if own else "",
        language="",
        attempts=row["attempts"],
        own=own,
    )


async def _to_patient(tx: Tx, row: dict[str, Any], *, now: datetime) -> Outgoing | None:
    patient = await patients.by_id(tx, row["patient_id"])
    to = patient.phone if row["channel"] == SMS else patient.email
    if to is None:
        return None
    message = Outgoing(
        message_id=row["id"],
        kind=row["kind"],
        channel=row["channel"],
        to=to,
        name=patient.name,
        zone=patient.time_zone,
        language=patient.language,
        attempts=row["attempts"],
        gateway=_may_have_it(row),
    )
    if row["encounter_id"] is not None:
        visit = await _visit(tx, row, now=now)
        return replace(message, visit=visit) if visit else None
    if row["kind"] == PROGRAMME:
        return replace(message, visits=await _programme(tx, row["facts"], now=now))
    if row["kind"] == OFFER:
        return await _with_offer(tx, message, row["facts"], now=now)
    if row["kind"] in (HOME, LOOK, QUESTIONS, ANSWER, MISSED_VISIT):
        token = await _home_token(tx, row)
        return replace(message, token=token) if token else None
    code = await home.code_by_id(tx, row["facts"])
    alive = code is not None and code["used_at"] is None and code["ends_at"] > now
    return replace(message, code=code["code"]) if code and alive else None


def _may_have_it(row: dict[str, Any]) -> int | None:
    """The gateway whose answer was lost; after a crash, of which nothing was written down, the one asked first."""
    crashed = row["attempts"] > 1 and row["last_problem"] is None
    return 0 if row["gateway"] is None and crashed else row["gateway"]


async def _visit(tx: Tx, row: dict[str, Any], *, now: datetime) -> VisitFacts | None:
    encounter = await encounters.by_id(tx, row["encounter_id"])
    if encounter is None or _overtaken(row["kind"], row["link_version"], encounter, now):
        return None
    delay = None
    if row["kind"] == LATE and (delay := await _stands(tx, encounter, row["facts"])) is None:
        return None
    facts = await _facts(tx, encounter)
    before = await encounters.last_before(tx, encounter)
    with_words = row["kind"] == AWAITED and row["facts"] == WITH_WORDS
    return replace(facts, before=before, delay=delay.minutes if delay else None, with_words=with_words)


async def _programme(tx: Tx, series_id: str, *, now: datetime) -> tuple[VisitFacts, ...]:
    """The series' visits that are still ahead, earliest first; none when all were cancelled."""
    found = [await encounters.by_id(tx, each) for each in await series.encounter_ids(tx, series_id)]
    ahead = [v for v in found if v and v.status == "planned" and v.planned_starts_at > now]
    return tuple([await _facts(tx, v) for v in sorted(ahead, key=lambda v: v.planned_starts_at)])


async def _with_offer(tx: Tx, message: Outgoing, offer_id: str, *, now: datetime) -> Outgoing | None:
    """None once it was taken, has ended, or nobody waits for it any more."""
    offer = await wait_list.offer_by_id(tx, offer_id)
    place = await wait_list.by_id(tx, offer.waiting_id) if offer else None
    if offer is None or place is None or place.ended_at is not None or not offer.stands_at(now):
        return None
    visit = await encounters.by_id(tx, place.encounter_id) if place.encounter_id else None
    facts = OfferFacts(
        practitioner_name=(await practice.practitioner(tx, offer.practitioner_id)).name,
        starts_at=offer.starts_at,
        until=offer.expires_at,
        instead_of=visit.planned_starts_at if visit else None,
    )
    return replace(message, offer=facts, token=wait_list.token_for(tx, offer.id))


async def _facts(tx: Tx, encounter: Encounter) -> VisitFacts:
    practitioner = await practice.practitioner(tx, encounter.practitioner_id)
    return VisitFacts(
        encounter_id=encounter.id,
        practitioner_name=practitioner.name,
        starts_at=encounter.planned_starts_at,
        ends_at=encounter.planned_ends_at,
        mode=encounter.mode,
        token=links.token_for(tx, encounter_id=encounter.id, seat="patient", version=encounter.link_version),
        sequence=await appointments.version_of(tx, encounter.appointment_id) or encounter.version,
    )


async def _stands(tx: Tx, encounter: Encounter, delay_id: str) -> Delay | None:
    """The delay while it is the last word: nothing else was said since, it has not begun, and nobody else sees them."""
    delay = (await delays.newest(tx, [encounter])).get(encounter.id)
    return delay if delay is not None and delay.id == delay_id else None


async def _home_token(tx: Tx, row: dict[str, Any]) -> str:
    """Of the link the message was queued with; nothing when there is a newer one."""
    link = await home.newest_link(tx, row["patient_id"])
    if link is None or link.revoked_at is not None or link.version != row["link_version"]:
        return ""
    return home.token_for(tx, patient_id=row["patient_id"], version=link.version)


def _overtaken(kind: str, link_version: int, encounter: Encounter, now: datetime) -> bool:
    """An old link, a visit that changed meanwhile, or one that is past: better no letter than a wrong one."""
    if link_version != encounter.link_version or encounter.planned_ends_at <= now:
        return True
    if kind in (REMINDER, AWAITED) and encounter.status != "planned":
        return True
    return encounter.status == "finished" or (encounter.status == "cancelled") != (kind == CANCELLED)


async def sent(
    tx: Tx, message_id: str, *, now: datetime, gateway: int | None = None, reference: str = ""
) -> None:
    """The other side has it; of a text message which gateway, and under which number of its own."""
    await store.mark_sent(tx, message_id, now=now, gateway=gateway, reference=reference)


async def failed(
    tx: Tx, outgoing: Outgoing, *, problem: str, for_good: bool, now: datetime, gateway: int | None = None
) -> None:
    """Puts it off, longer each time; gives up when the other side said never, or after the last pause.

    `gateway` is the place of the one that may have taken it all the same.
    """
    if for_good or outgoing.attempts > len(PAUSES):
        await _not_delivered(tx, outgoing.message_id, problem=problem, now=now)
    else:
        at = now + PAUSES[outgoing.attempts - 1]
        await store.try_again(tx, outgoing.message_id, at=at, problem=problem, gateway=gateway)


async def not_written(tx: Tx, message_id: str, *, attempts: int, now: datetime) -> None:
    """Its words could not be made, which is a mistake of ours and no other side's: soon given up, and said aloud."""
    if attempts < WRITTEN_AT_MOST:
        await store.try_again(tx, message_id, at=now + PAUSES[attempts - 1], problem=NOT_WRITTEN)
        return
    await _not_delivered(tx, message_id, problem=NOT_WRITTEN, now=now)
    row = await store.by_id(tx, message_id)
    await tasks.open_task(
        tx,
        kind=tasks.NOT_WRITTEN,
        patient_id=None,
        encounter_id=None,
        detail=None,
        by="system",
        now=now,
        owner_role=ADMINISTRATOR,
        subject_id=row.kind if row else None,
    )


async def not_read(tx: Tx, message_id: str, *, now: datetime) -> None:
    """What it tells of could not even be looked up; counts as a try to write it."""
    row = await store.count_try(tx, message_id, until=now, now=now)
    if row is not None:
        await not_written(tx, message_id, attempts=row.attempts, now=now)


async def _not_delivered(tx: Tx, message_id: str, *, problem: str, now: datetime) -> None:
    if await store.give_up(tx, message_id, problem=problem, now=now):
        await tell_the_desk(tx, message_id, now=now)


async def tell_the_desk(tx: Tx, message_id: str, *, now: datetime) -> None:
    """Somebody waits for it in vain; who asked for a code, or on the public page, sees themselves that none comes."""
    row = await store.by_id(tx, message_id)
    if row is not None and row.account_id is None and row.kind not in (CODE, SELF_PROOF):
        await tasks.open_task(
            tx,
            kind=NOT_DELIVERED,
            patient_id=row.patient_id,
            encounter_id=row.encounter_id,
            subject_id=row.self_booking_id,
            detail=None,
            by="system",
            now=now,
        )
