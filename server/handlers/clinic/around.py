"""What the consult page shows, gathered once for a visit's note and for a note without a visit."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from server.care.access import Staff
from server.care.consult_note import CONFIRMED, ConsultNote
from server.care.encounter import Encounter
from server.care.note_sections import N_, fields_of, sections_for
from server.care.people import age_on
from server.services import accounts, appointments, consults, messages, patients, practice, timeline
from server.store.database import Tx
from server.web import keys
from server.web.forms import Form

STATUS_WORDS = {
    "planned": N_("Planned"),
    "arrived": N_("Waiting"),
    "in-progress": N_("In progress"),
    "finished": N_("Finished"),
    "cancelled": N_("Cancelled"),
}
FACTS_LABEL = N_("Confirm the facts of the visit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A required field without an answer."""

    name: str
    label: str


@dataclass(slots=True)
class Shown:
    """What a refused form puts back on the page."""

    form: Form = field(default_factory=lambda: Form({}))
    missing: list[Missing] = field(default_factory=list)


def missing_of(note: ConsultNote, names: tuple[str, ...]) -> list[Missing]:
    labels = {name: asked.label for name, asked in fields_of(note.visit_type).items()} | {CONFIRMED: FACTS_LABEL}
    return [Missing(name=name, label=labels[name]) for name in names]


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
        "missing_now": shown.missing,
        "facts": await consults.facts_of(tx, note),
        "confirmed": CONFIRMED in note.body,
        "addenda": [await _addendum(tx, each) for each in note.addenda],
        "author_name": (await accounts.staff_of(tx, note.author_id)).name,
        "form": shown.form,
        "blank_form": Form({}),
        "timeline": story.entries,
        "new_count": story.new,
        "timeline_address": f"/clinic/chart/{patient.id}/timeline",
    }
    return context | (await _visit(tx, request, encounter, by=by, now=now) if encounter else {})


async def _visit(
    tx: Tx, request: web.Request, encounter: Encounter, *, by: Staff, now: datetime
) -> dict[str, Any]:
    patient = await patients.by_id(tx, encounter.patient_id)
    token = appointments.token_of(tx, encounter)
    return {
        "status_words": STATUS_WORDS[encounter.status],
        "is_mine": encounter.practitioner_id == by.practitioner_id,
        "call_back": encounter.entry.call_back if encounter.entry else patient.phone,
        "join_link": f"{request.app[keys.SITE].base_url}/visit/join/{token}",
        "messages": await messages.of_visit(tx, encounter.id, reader=by.account_id, now=now),
    }


async def _addendum(tx: Tx, addendum: Any) -> dict[str, Any]:
    author = await accounts.staff_of(tx, addendum.author_id)
    return {
        "author_name": author.name,
        "added_at": addendum.added_at,
        "reason": addendum.reason,
        "text": addendum.text,
    }
