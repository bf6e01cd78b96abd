"""The consult note (FHIR Composition): saved in versions, signed once, amended only by addenda (clinical.md §4.4).

A body is a dict from field name to an answer: text, a choice's value, or {"not_obtained": "because …"}. Beside the
fields it may hold `facts`, the call's facts as the clinician confirmed them, and `facts_confirmed_at`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from server.care.note_sections import JURISDICTION, Field, fields_of
from server.care.refusals import CareRefusal

LONGEST_ANSWER = 20_000
FACTS = "facts"
CONFIRMED = "facts_confirmed_at"
# The version of a text that is based on none there ever was.
NOTHING = -1
Body = Mapping[str, Any]


class NoteRefusal(CareRefusal):
    """An expected "no" of the note's rules."""


class BadBody(NoteRefusal):
    """A field the note does not have, or an answer it cannot hold; `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class AnswerTooLong(BadBody):
    """More than LONGEST_ANSWER characters: `length` of them, in the field that people know as `label`."""

    def __init__(self, asked: Field, length: int) -> None:
        super().__init__(asked.name)
        self.label = asked.label
        self.length = length


class StaleNote(NoteRefusal):
    """Somebody else saved since; `theirs` is the note as it stands, so both texts can be shown."""

    def __init__(self, theirs: "ConsultNote") -> None:
        super().__init__(theirs.version)
        self.theirs = theirs


class NoteAlreadySigned(NoteRefusal):
    """The text is final."""


class NoteNotSigned(NoteRefusal):
    """There is nothing to add to yet."""


class NotTheAuthor(NoteRefusal):
    """Only its author changes or signs a draft."""


class FieldsMissing(NoteRefusal):
    """What a signature still needs, by field name; CONFIRMED stands for the call's facts."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names


class EmptyAddendum(NoteRefusal):
    """An addendum has a text and a reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Addendum:
    id: str
    author_id: str
    reason: str
    text: str
    added_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsultNote:
    """`encounter_id` is None for a note started without a visit. `version` counts saves, from 0 for an unsaved one."""

    id: str
    patient_id: str
    author_id: str
    visit_type: str
    created_at: datetime
    saved_at: datetime
    encounter_id: str | None = None
    status: str = "preliminary"
    version: int = 0
    body: Body = field(default_factory=dict)
    signed_at: datetime | None = None
    signed_by: str | None = None
    addenda: tuple[Addendum, ...] = ()

    @property
    def signed(self) -> bool:
        return self.signed_at is not None


def save(note: ConsultNote, *, body: Body, based_on: int, by: str, now: datetime) -> ConsultNote:
    """The next version. Raises NoteAlreadySigned, NotTheAuthor, StaleNote, BadBody, AnswerTooLong.

    Saving what is already there is no new version, whatever it was based on.
    """
    _must_be_draft(note, by)
    checked = check_body(note.visit_type, body)
    kept = {name: note.body[name] for name in (FACTS, CONFIRMED) if name in note.body}
    if {**checked, **kept} == dict(note.body):
        return note
    if based_on != note.version:
        raise StaleNote(note)
    return replace(note, body={**checked, **kept}, version=note.version + 1, saved_at=now)


def confirm_facts(note: ConsultNote, *, facts: Mapping[str, Any], by: str, now: datetime) -> ConsultNote:
    """The call's facts, looked at and confirmed. Raises NoteAlreadySigned, NotTheAuthor."""
    _must_be_draft(note, by)
    body = {**note.body, FACTS: dict(facts), CONFIRMED: now.isoformat()}
    return replace(note, body=body, version=note.version + 1, saved_at=now)


def missing(note: ConsultNote, *, outside: bool = False) -> tuple[str, ...]:
    """The required fields without an answer, in the note's order; the unconfirmed facts of a visit come last.

    `outside`: the patient was where the clinician has no licence, so the note says why the visit took place.
    """
    names = [
        f.name
        for f in fields_of(note.visit_type).values()
        if (f.required or (outside and f is JURISDICTION)) and not _answered(note.body, f)
    ]
    if note.encounter_id is not None and CONFIRMED not in note.body:
        names.append(CONFIRMED)
    return tuple(names)


def sign(note: ConsultNote, *, by: str, now: datetime, outside: bool = False) -> ConsultNote:
    """Final from here on. Raises NoteAlreadySigned, NotTheAuthor, FieldsMissing."""
    _must_be_draft(note, by)
    if names := missing(note, outside=outside):
        raise FieldsMissing(names)
    return replace(note, status="final", signed_at=now, signed_by=by)


def amend(note: ConsultNote, *, id: str, reason: str, text: str, by: str, now: datetime) -> ConsultNote:  # noqa: A002 -- FHIR's name, by keyword
    """The note with one more addendum, the original untouched. Raises NoteNotSigned, EmptyAddendum."""
    if not note.signed:
        raise NoteNotSigned
    if not text.strip() or not reason.strip():
        raise EmptyAddendum
    addendum = Addendum(id=id, author_id=by, reason=reason.strip(), text=text.strip(), added_at=now)
    return replace(note, status="amended", addenda=(*note.addenda, addendum))


def answers_of(body: Body) -> dict[str, Any]:
    """What was typed, without the facts of the call beside it."""
    return {name: answer for name, answer in body.items() if name not in (FACTS, CONFIRMED)}


def check_body(visit_type: str, body: Body) -> dict[str, Any]:
    """The answers worth keeping: empty ones are left out. Raises BadBody, AnswerTooLong."""
    fields = fields_of(visit_type)
    kept = {}
    for name, answer in answers_of(body).items():
        if name not in fields:
            raise BadBody(name)
        if (value := _checked(fields[name], answer)) is not None:
            kept[name] = value
    return kept


def _checked(asked: Field, answer: Any) -> Any:
    not_obtained = isinstance(answer, dict) and set(answer) == {"not_obtained"}
    said = answer["not_obtained"] if not_obtained else answer
    if not isinstance(said, str):
        raise BadBody(asked.name)
    if len(said) > LONGEST_ANSWER:
        raise AnswerTooLong(asked, len(said))
    if not_obtained:
        return answer
    if asked.kind == "choice" and answer and answer not in dict(asked.choices):
        raise BadBody(asked.name)
    return answer or None


def _answered(body: Body, asked: Field) -> bool:
    answer = body.get(asked.name)
    if isinstance(answer, dict):
        return bool(answer.get("not_obtained", "").strip())
    return bool(answer and answer.strip())


def _must_be_draft(note: ConsultNote, by: str) -> None:
    if note.signed:
        raise NoteAlreadySigned
    if note.author_id != by:
        raise NotTheAuthor
