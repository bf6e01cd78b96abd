"""A patient's story, gathered from where each part is kept. Reading it is one line on the trail."""

from dataclasses import dataclass
from datetime import datetime

from server.care import guests
from server.care.access import Staff
from server.care.asking import ThreadEntry
from server.care.encounter import WORDS, checks
from server.care.guests import Invitation
from server.care.messages import Message
from server.care.note_sections import fields_of
from server.care.timeline import TimelineEntry, new_since, story
from server.care.visit_actions import OF_A_NO_SHOW
from server.services import asking, story_of_course, trail, transfers
from server.store import accounts, encounters, messages, notes, presence, visit_actions
from server.store import guests as invitations
from server.store.database import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """`new` are the ids of what others added after `since`, when this reader last signed a note here."""

    entries: list[TimelineEntry]
    new: frozenset[str]
    since: datetime | None


async def of_patient(tx: Tx, patient_id: str, *, by: Staff, now: datetime, live: bool = False) -> Story:
    """Newest first. `live`: a page that is open already follows it."""
    entries = await _visits(tx, patient_id, now=now)
    entries += await _notes(tx, patient_id)
    entries += await _messages(tx, patient_id)
    entries += await _questions(tx, patient_id)
    entries += await story_of_course.of_patient(tx, patient_id)
    await trail.read(
        tx, action="timeline-read", patient_ids=[patient_id], by=by.account_id, now=now, live=live
    )
    signed = [e.at for e in entries if e.kind == "note" and e.facts["signed_by"] == by.account_id]
    since = max(signed, default=None)
    # Visits are no news of their own: whoever sees the patient has them in their day; what is ahead is none either.
    news = [
        e
        for e in entries
        if e.kind != "visit" and not e.facts.get("ahead") and e.facts["written_by"] != by.account_id
    ]
    return Story(
        entries=story(entries), new=frozenset(e.object_id for e in new_since(news, since)), since=since
    )


async def _visits(tx: Tx, patient_id: str, *, now: datetime) -> list[TimelineEntry]:
    seen = await presence.of_patient(tx, patient_id, kinds=WORDS | {"call-started"} | guests.KINDS)
    invited: dict[str, list[Invitation]] = {}
    for each in await invitations.of_patient(tx, patient_id):
        invited.setdefault(each.encounter_id, []).append(each)
    theirs = await encounters.of_patient(tx, patient_id)
    did = await visit_actions.of_visits(tx, [each.id for each in theirs])
    handed = {each.id: await transfers.facts_of(tx, each) for each in theirs}
    return [
        TimelineEntry(
            kind="visit",
            at=each.started_at or each.arrived_at or each.planned_starts_at,
            object_id=each.id,
            facts={
                "status": each.status,
                "visit_type": each.visit_type,
                "mode": each.mode,
                "where": each.entry.where if each.entry else "",
                "with_whom": each.entry.with_whom if each.entry else "",
                "checks": checks(seen.get(each.id, ())),
                "guests": guests.guest_facts(invited.get(each.id, ()), seen.get(each.id, ())),
                "clinicians": handed[each.id],
                "ahead": each.status == "planned" and each.planned_ends_at > now and not each.no_show_at,
                "no_show": each.no_show_at is not None,
                "did": [action for action in did.get(each.id, ()) if action.kind in OF_A_NO_SHOW],
            },
        )
        for each in theirs
    ]


async def _notes(tx: Tx, patient_id: str) -> list[TimelineEntry]:
    """Notes somebody has written in; the decision or plan stands for the rest of the text."""
    found = []
    names = await accounts.names(tx)
    for note in await notes.of_patient(tx, patient_id):
        if note.version == 0:
            continue
        fields = fields_of(note.visit_type)
        choice = _text(note.body.get("decision"))
        decision = dict(fields["decision"].choices).get(choice, "") if "decision" in fields else ""
        facts = {
            "visit_type": note.visit_type,
            "status": note.status,
            "author": names.get(note.author_id, ""),
            "signed_by": note.signed_by,
            "written_by": note.author_id,
            "encounter_id": note.encounter_id,
            "decision": decision,
            "summary": _text(note.body.get("assessment") or note.body.get("plan")),
            "addenda": len(note.addenda),
        }
        found.append(
            TimelineEntry(kind="note", at=note.signed_at or note.saved_at, object_id=note.id, facts=facts)
        )
    return found


async def _messages(tx: Tx, patient_id: str) -> list[TimelineEntry]:
    return [_written("message", each) for each in await messages.of_patient(tx, patient_id)]


async def _questions(tx: Tx, patient_id: str) -> list[TimelineEntry]:
    """Questions about care and their answers; what is practical is no part of the chart."""
    return [_written("question", each) for each in await asking.of_the_chart(tx, patient_id)]


def _written(kind: str, said: Message | ThreadEntry) -> TimelineEntry:
    facts = {
        "sender": said.sender,
        "author": said.author or "",
        "written_by": said.account_id,
        "text": said.text,
    }
    return TimelineEntry(kind=kind, at=said.sent_at, object_id=said.id, facts=facts)


def _text(answer: object) -> str:
    return answer if isinstance(answer, str) else ""
