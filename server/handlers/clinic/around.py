"""What the consult page shows, gathered once for a visit's note and for a note without a visit."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.care.access import Staff
from server.care.consult_note import CONFIRMED, ConsultNote
from server.care.encounter import Encounter, can_reopen
from server.care.note_sections import fields_of, sections_for
from server.care.people import Patient, age_on
from server.care.safety import KINDS
from server.care.states import STATES
from server.services import (
    accounts,
    appointments,
    call_quality,
    consults,
    jurisdiction,
    measures,
    messages,
    outgoing,
    patients,
    plans,
    practice,
    telephone,
    timeline,
    transfers,
    visits,
)
from server.services.board import WAITING, Card, of_practitioner
from server.store.database import Tx
from server.web import guest_form, keys
from server.web.forms import Form
from server.web.session import staff
from server.web.words import N_

STATUS_WORDS = {
    "planned": N_("Planned"),
    "arrived": N_("Waiting"),
    "in-progress": N_("In progress"),
    "finished": N_("Finished"),
    "cancelled": N_("Cancelled"),
}
# Who waits now was planned for about now.
NEAR = timedelta(hours=12)
FACTS_LABEL = N_("Confirm the facts of the visit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A required field without an answer."""

    name: str
    label: str


@dataclass(slots=True)
class Shown:
    """What a refused form puts back on the page: an addendum, a message, or the note's own answers as typed."""

    form: Form = field(default_factory=lambda: Form({}))
    message: Form = field(default_factory=lambda: Form({}))
    missing: list[Missing] = field(default_factory=list)
    typed: dict[str, Any] | None = None
    problem: str = ""


async def standing_of(tx: Tx, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """The course as it stands: which session is next, and every hold that is open."""
    return {"patient": patient, "course": await plans.course_of(tx, patient, now=now), "kinds_of_hold": KINDS}


def missing_of(note: ConsultNote, names: tuple[str, ...]) -> list[Missing]:
    labels = {name: asked.label for name, asked in fields_of(note.visit_type).items()} | {
        CONFIRMED: FACTS_LABEL
    }
    return [Missing(name=name, label=labels[name]) for name in names]


async def own_zone(tx: Tx, request: web.Request) -> str:
    """The zone whose clock hangs behind this reader: their own, or the clinic's."""
    mine = staff(request).practitioner_id
    return (await practice.practitioner(tx, mine)).time_zone if mine else request.app[keys.CLINIC].time_zone


def address_of(note: ConsultNote) -> str:
    """Where the note's own requests go."""
    return f"/clinic/consult/{note.encounter_id}" if note.encounter_id else f"/clinic/note/{note.id}"


async def everything(
    tx: Tx, request: web.Request, note: ConsultNote, *, by: Staff, shown: Shown
) -> dict[str, Any]:
    """Needs a write transaction: reading a chart leaves a line on the trail."""
    now = request.app[keys.CLOCK].now()
    await consults.was_read(tx, note, by=by, now=now)
    patient = await patients.by_id(tx, note.patient_id)
    encounter = await appointments.visit(tx, note.encounter_id) if note.encounter_id else None
    story = await timeline.of_patient(tx, note.patient_id, by=by, now=now)
    kind = await practice.visit_type(tx, note.visit_type)
    context = {
        "patient": patient,
        "age": age_on(patient.date_of_birth, now.astimezone(ZoneInfo(patient.time_zone)).date()),
        "encounter": encounter,
        "visit_type_name": kind.name,
        "note": note,
        "note_address": address_of(note),
        "sections": sections_for(note.visit_type),
        "may_write": note.author_id == by.account_id,
        "answers": note.body if shown.typed is None else shown.typed,
        "elsewhere": {} if shown.typed is None else _changed_elsewhere(note, shown.typed),
        "typed": shown.typed,
        "problem": shown.problem,
        "missing_now": shown.missing,
        **await facts_shown(tx, note),
        "addenda": [await _addendum(tx, each) for each in note.addenda],
        "author_name": (await accounts.staff_of(tx, note.author_id)).name,
        "form": shown.form,
        "message_form": shown.message,
        "page_zone": await own_zone(tx, request),
        "story": story,
        "trends": await measures.trends(tx, patient.id, now=now),
        "course": await plans.course_of(tx, patient, now=now),
        "timeline_address": f"/clinic/chart/{patient.id}/timeline",
    }
    return context | (await _visit(tx, request, encounter, by=by, now=now) if encounter else {})


async def facts_shown(tx: Tx, note: ConsultNote) -> dict[str, Any]:
    """The facts of the call as the note has them, and what came after it was signed."""
    return {
        "facts": await consults.facts_of(tx, note),
        "facts_added": await consults.facts_added(tx, note),
        "confirmed": await consults.facts_confirmed(tx, note),
    }


def _changed_elsewhere(note: ConsultNote, typed: dict[str, Any]) -> dict[str, Any]:
    """The stored answers that are not the ones just typed, by field."""
    return {
        name: note.body[name]
        for name in fields_of(note.visit_type)
        if name in note.body and note.body[name] != typed.get(name)
    }


async def _visit(
    tx: Tx, request: web.Request, encounter: Encounter, *, by: Staff, now: datetime
) -> dict[str, Any]:
    return (
        await details_of(tx, request, encounter)
        | await guest_form.shown(tx, request, encounter)
        | {
            "guest_form": Form({}),
            "status_words": STATUS_WORDS[encounter.status],
            "is_mine": encounter.practitioner_id == by.practitioner_id,
            "asked_for_phone": await telephone.asked_for_phone(tx, encounter),
            "can_reopen": can_reopen(encounter, now),
            "door": await visits.door_of(tx, encounter.id),
            "other_window": True,
            "handover": None,
            "hand_over_to": await transfers.others(tx, encounter),
            "others": await waiting_besides(tx, encounter, by=by, now=now),
            "messages": await messages.of_visit(tx, encounter.id, reader=by.account_id, now=now),
        }
    )


async def details_of(tx: Tx, request: web.Request, encounter: Encounter) -> dict[str, Any]:
    """How to reach the patient (the number they gave, the link that is valid now, its mail), and how the call is."""
    patient = await patients.by_id(tx, encounter.patient_id)
    token = appointments.token_of(tx, encounter)
    return {
        "encounter": encounter,
        "patient": patient,
        "call_back": encounter.entry.call_back if encounter.entry else patient.phone,
        "outside": STATES.get(await jurisdiction.outside(tx, encounter) or ""),
        "join_link": f"{request.app[keys.SITE].patients_url}/visit/join/{token}",
        "connection": await call_quality.of_visit(tx, encounter),
        "told": (await outgoing.deliveries(tx, [encounter.id])).get(encounter.id),
    }


async def waiting_besides(tx: Tx, encounter: Encounter, *, by: Staff, now: datetime) -> list[Card]:
    """Who else waits for this clinician while they are in a visit."""
    if by.practitioner_id is None or encounter.practitioner_id != by.practitioner_id:
        return []
    cards = await of_practitioner(tx, by.practitioner_id, start=now - NEAR, end=now + NEAR, now=now)
    return [card for card in cards if card.standing.word == WAITING and card.encounter.id != encounter.id]


async def _addendum(tx: Tx, addendum: Any) -> dict[str, Any]:
    author = await accounts.staff_of(tx, addendum.author_id)
    return {
        "author_name": author.name,
        "added_at": addendum.added_at,
        "reason": addendum.reason,
        "text": addendum.text,
    }
