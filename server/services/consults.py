"""Consult notes as people use them: open, save, confirm, sign, amend. Every reading and writing leaves its line."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from server.care import consult_note as care
from server.care.access import Staff
from server.care.consult_note import CONFIRMED, FACTS, ConsultNote, StaleNote
from server.care.encounter import Encounter, call_facts
from server.care.guests import guest_facts, holds
from server.care.note_changes import Piece, changed_fields, pieces
from server.services import accounts, appointments, jurisdiction, patients, practice, transfers
from server.store import audit, encounters, presence
from server.store import guests as invitations
from server.store import notes as store
from server.store.database import Tx
from server.store.ids import new_id

PATIENT = "patient"


class NoSuchNote(Exception):
    """There is no such note."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version as it was saved; `changes` by field, against the version before."""

    number: int
    saved_at: datetime
    saved_by: str
    body: dict[str, Any]
    changes: dict[str, list[Piece]]


async def open_for_visit(tx: Tx, encounter_id: str, *, by: Staff, now: datetime) -> ConsultNote:
    """The visit's note, begun when it is opened first. Raises NoSuchVisit."""
    note = await store.by_encounter(tx, encounter_id)
    if note is None:
        encounter = await appointments.visit(tx, encounter_id)
        note = _blank(encounter.patient_id, encounter.visit_type, by=by, now=now)
        # The visit's own clinician writes its note, whoever looks first.
        clinician = await practice.practitioner(tx, encounter.practitioner_id)
        note = replace(note, encounter_id=encounter_id, author_id=clinician.account_id)
        await store.insert(tx, note)
    return note


async def start_without_visit(
    tx: Tx, patient_id: str, *, visit_type: str, by: Staff, now: datetime
) -> ConsultNote:
    """A note that belongs to no visit. Raises NoSuchPatient, practice.NoSuchChoice."""
    await patients.by_id(tx, patient_id)
    await practice.visit_type(tx, visit_type)
    note = _blank(patient_id, visit_type, by=by, now=now)
    await store.insert(tx, note)
    await _record(tx, note, action="started", by=by.account_id, now=now)
    return note


async def by_id(tx: Tx, note_id: str) -> ConsultNote:
    """Raises NoSuchNote."""
    note = await store.by_id(tx, note_id)
    if note is None:
        raise NoSuchNote(note_id)
    return note


async def was_read(tx: Tx, note: ConsultNote, *, by: Staff, now: datetime) -> None:
    """The trail's line for showing the note to somebody."""
    await _record(tx, note, action="read", by=by.account_id, now=now)


async def save(
    tx: Tx,
    note_id: str,
    *,
    body: Mapping[str, Any],
    based_on: int,
    page: str,
    sequence: int,
    by: Staff,
    now: datetime,
) -> ConsultNote:
    """The note as this save left it. The same text under the same page and sequence again is the same save.

    Another text under a number that is taken is nobody's retry: it is stale, so that both texts are shown.
    Raises NoSuchNote, NoteAlreadySigned, NotTheAuthor, StaleNote, BadBody, AnswerTooLong.
    """
    note = await by_id(tx, note_id)
    if (before := await store.saved_as(tx, note_id, page=page, sequence=sequence)) is not None:
        if care.answers_of(before.body) == care.check_body(note.visit_type, body):
            # Not the newest version: a page that took another's text for its own would write over it next.
            return replace(note, version=before.version, body=before.body, saved_at=before.saved_at)
        based_on = care.NOTHING
    saved = care.save(note, body=body, based_on=based_on, by=by.account_id, now=now)
    if saved is note:
        return note
    await store.save(tx, saved, over=note.version)
    await store.keep_version(tx, saved, by=by.account_id, page=page, sequence=sequence)
    await _record(tx, saved, action="saved", by=by.account_id, now=now)
    return saved


async def confirm_facts(tx: Tx, note_id: str, *, by: Staff, now: datetime) -> ConsultNote:
    """The call's facts as they are now, into the note. Raises NoSuchNote, NoteAlreadySigned, NotTheAuthor."""
    note = await by_id(tx, note_id)
    facts = await facts_of(tx, note)
    confirmed = care.confirm_facts(note, facts=facts, by=by.account_id, now=now)
    await store.save(tx, confirmed, over=note.version)
    await store.keep_version(tx, confirmed, by=by.account_id, page="confirmation", sequence=confirmed.version)
    await _record(tx, confirmed, action="facts-confirmed", by=by.account_id, now=now)
    return confirmed


async def sign(tx: Tx, note_id: str, *, based_on: int | None = None, by: Staff, now: datetime) -> ConsultNote:
    """Signs version `based_on`, the one its author has before them.

    Raises NoSuchNote, NoteAlreadySigned, NotTheAuthor, FieldsMissing, StaleNote.
    """
    note = await by_id(tx, note_id)
    if not await facts_confirmed(tx, note):
        # What was confirmed is not what happened any more: the call went on, or ended.
        note = replace(note, body={name: value for name, value in note.body.items() if name != CONFIRMED})
    encounter = await encounters.by_id(tx, note.encounter_id) if note.encounter_id else None
    outside = encounter is not None and await jurisdiction.outside(tx, encounter) is not None
    signed = care.sign(note, by=by.account_id, now=now, outside=outside)
    if based_on not in (None, note.version):
        raise StaleNote(note)
    await store.save(tx, signed, over=note.version)
    await _record(tx, signed, action="signed", by=by.account_id, now=now)
    return signed


async def amend(tx: Tx, note_id: str, *, reason: str, text: str, by: Staff, now: datetime) -> ConsultNote:
    """Raises NoSuchNote, NoteNotSigned, EmptyAddendum."""
    note = await by_id(tx, note_id)
    amended = care.amend(note, id=new_id(), reason=reason, text=text, by=by.account_id, now=now)
    await store.add_addendum(tx, amended, amended.addenda[-1])
    await _record(tx, amended, action="amended", by=by.account_id, now=now)
    return amended


async def history(tx: Tx, note: ConsultNote) -> list[Version]:
    """Everything the note ever said, newest first, each beside what it changed."""
    saved = await store.versions(tx, note.id)
    older = [*(each.body for each in saved), {}][1:]
    return [
        Version(
            number=each.version,
            saved_at=each.saved_at,
            saved_by=(await accounts.staff_of(tx, each.saved_by)).name,
            body=each.body,
            changes={
                name: pieces(_in_words(before.get(name)), _in_words(each.body.get(name)))
                for name in changed_fields(before, each.body)
            },
        )
        for each, before in zip(saved, older, strict=False)
    ]


def _in_words(answer: Any) -> str:
    if isinstance(answer, dict):
        return str(answer.get("not_obtained", ""))
    return answer if isinstance(answer, str) else ""


async def drafts(tx: Tx, *, by: Staff) -> list[ConsultNote]:
    """What this person still has to sign and has written something in."""
    return [note for note in await store.drafts_of(tx, by.account_id) if note.version > 0]


async def facts_of(tx: Tx, note: ConsultNote) -> dict[str, Any]:
    """The confirmed facts, or what the server saw of the call so far; times as ISO texts. Empty without a visit."""
    if note.signed and FACTS in note.body:
        return dict(note.body[FACTS])
    encounter = await encounters.by_id(tx, note.encounter_id) if note.encounter_id else None
    return await _seen(tx, encounter) if encounter else {}


async def facts_added(tx: Tx, note: ConsultNote) -> dict[str, Any]:
    """What the visit's record says beyond the facts that were signed, once the visit is over; empty if nothing.

    A note may be signed while its visit goes on. The signed text stays as it was; its end stands beside it.
    """
    encounter = await encounters.by_id(tx, note.encounter_id) if note.encounter_id else None
    if encounter is None or not note.signed or not encounter.over:
        return {}
    seen = await _seen(tx, encounter)
    return {} if seen == note.body.get(FACTS) else seen


async def facts_confirmed(tx: Tx, note: ConsultNote) -> bool:
    """Whether the call's facts were confirmed as they are now."""
    return CONFIRMED in note.body and note.body.get(FACTS) == await facts_of(tx, note)


async def _seen(tx: Tx, encounter: Encounter) -> dict[str, Any]:
    events = await presence.of_encounter(tx, encounter.id)
    facts = asdict(call_facts(encounter, events))
    guests = [asdict(each) for each in guest_facts(await invitations.of_encounter(tx, encounter.id), events)]
    # Left out where there is nothing to tell: notes that were signed when less was looked at have none of it.
    clinicians = [asdict(each) for each in await transfers.facts_of(tx, encounter)]
    more = {"guests": guests, "holds": holds(events, PATIENT), "clinicians": clinicians}
    more |= {name: facts.pop(name) for name in ("phone", "losses")}
    facts |= {name: told for name, told in more.items() if told}
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _blank(patient_id: str, visit_type: str, *, by: Staff, now: datetime) -> ConsultNote:
    return ConsultNote(
        id=new_id(),
        patient_id=patient_id,
        author_id=by.account_id,
        visit_type=visit_type,
        created_at=now,
        saved_at=now,
    )


async def _record(tx: Tx, note: ConsultNote, *, action: str, by: str, now: datetime) -> None:
    await audit.append(
        tx,
        actor=by,
        action=action,
        object_kind="note",
        object_id=note.id,
        patient_id=note.patient_id,
        now=now,
    )
