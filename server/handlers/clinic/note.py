"""The note's own requests: saving, confirming, signing, adding. The same for a visit's note and for one without."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from server.care.consult_note import (
    CONFIRMED,
    LONGEST_ANSWER,
    NOTHING,
    AnswerTooLong,
    BadBody,
    ConsultNote,
    EmptyAddendum,
    FieldsMissing,
    NoteAlreadySigned,
    StaleNote,
    answers_of,
)
from server.care.note_sections import fields_of, sections_for
from server.handlers.clinic.around import Shown, address_of, everything, facts_shown, missing_of, own_zone
from server.services import consults, patients
from server.store.database import Tx
from server.store.ids import new_id
from server.web import keys, live, pages
from server.web.forms import Form, read_form, read_json
from server.web.middleware import wants_json
from server.web.refusals import NotYours
from server.web.session import staff
from server.web.words import N_, words_in

Change = Callable[[Tx, ConsultNote], Awaitable[ConsultNote]]

REASON = "not_obtained:"
JSON = "application/json"
NO_FORM = N_("This text could not be read. It is still on your page; please reload and try again.")
EMPTY = N_("Write what is to be added, and why.")
TOO_LONG = N_(
    "“%(label)s” is too long: it has %(length)s characters, and %(most)s fit. Shorten it here; until then everything "
    "you typed stays on this page."
)
# Refusals of a plain form after which its text must be on the page again: no script has kept it.
WHY_NOT_SAVED: dict[type[Exception], tuple[int, str]] = {
    StaleNote: (
        409,
        N_("This note was changed in another window, so yours was not saved yet. Both texts are below."),
    ),
    NoteAlreadySigned: (
        409,
        N_(
            "This note was signed meanwhile, so your text was not saved. Copy what is missing into an addendum."
        ),
    ),
    BadBody: (
        422,
        N_("One of these answers could not be read, so nothing was saved yet. Please check them."),
    ),
    AnswerTooLong: (422, TOO_LONG),
}
LOSING = tuple(WHY_NOT_SAVED)


async def note_of(tx: Tx, request: web.Request) -> ConsultNote:
    """The note the address names, by itself or through its visit. Raises NotYours, NoSuchVisit."""
    now, by = request.app[keys.CLOCK].now(), staff(request)
    encounter_id = request.match_info.get("encounter_id")
    try:
        if encounter_id:
            return await consults.open_for_visit(tx, encounter_id, by=by, now=now)
        return await consults.by_id(tx, request.match_info["note_id"])
    except consults.NoSuchNote as problem:
        raise NotYours from problem


async def page(request: web.Request, *, status: int = 200, shown: Shown | None = None) -> web.Response:
    """The consult page around the note."""
    async with request.app[keys.DATABASE].write() as tx:
        note = await note_of(tx, request)
        context = await everything(tx, request, note, by=staff(request), shown=shown or Shown())
    return pages.render(request, "clinic/consult", status=status, **context)


async def show(request: web.Request) -> web.Response:
    return await page(request)


async def save(request: web.Request) -> web.Response:
    """The autosave: {page, sequence, version, body} as JSON."""
    asked = await _json(request)
    try:
        page_id, sequence, version = str(asked["page"])[:64], int(asked["sequence"]), int(asked["version"])
        body = dict(asked["body"])
    except (KeyError, TypeError, ValueError):
        return _refused(request, 422, "bad-body", NO_FORM)

    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        return await consults.save(
            tx, note.id, body=body, based_on=version, page=page_id, sequence=sequence, **_who(request)
        )

    try:
        return _answer(await _changed(request, change))
    except StaleNote as stale:
        theirs = stale.theirs
        kept = {
            "version": theirs.version,
            "body": answers_of(theirs.body),
            "saved_at": theirs.saved_at.isoformat(),
        }
        return web.json_response({"code": "note-stale", "theirs": kept}, status=409)
    except AnswerTooLong as long:
        return _refused(request, 422, "too-long", TOO_LONG, long, name=long.name)
    except BadBody as bad:
        return _refused(request, 422, "bad-body", NO_FORM, name=bad.name)


async def submit(request: web.Request) -> web.Response:
    """Saving without a script: the whole form, then the page again."""
    form = await read_form(request)
    try:
        note = await _keep_typed(request, form)
    except LOSING as problem:
        return await _again(request, form, problem)
    raise web.HTTPSeeOther(address_of(note))


async def confirm(request: web.Request) -> web.Response:
    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        return await consults.confirm_facts(tx, note.id, **_who(request))

    return await _after_saving(request, change)


async def sign(request: web.Request) -> web.Response:
    """Signs what the page shows: a script says which version that is, a plain form brings the text itself."""
    version = (await _json(request)).get("version")

    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        based_on = version if isinstance(version, int) else None
        return await consults.sign(tx, note.id, based_on=based_on, **_who(request))

    try:
        return await _after_saving(request, change)
    except FieldsMissing as problem:
        async with request.app[keys.DATABASE].write() as tx:
            wanting = missing_of(await note_of(tx, request), problem.names)
        if not wants_json(request):
            return await page(request, status=422, shown=Shown(missing=wanting))
        say = words_in(pages.language_of(request)).gettext
        listed = [{"name": each.name, "label": say(each.label)} for each in wanting]
        return web.json_response({"code": "fields-missing", "missing": listed}, status=422)


async def amend(request: web.Request) -> web.Response:
    form = await read_form(request)
    reason, text = form.text("reason", required=EMPTY), form.text("text", required=EMPTY, longest=20_000)

    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        return await consults.amend(tx, note.id, reason=reason, text=text, **_who(request))

    try:
        if not form.ok:
            raise EmptyAddendum
        note = await _changed(request, change)
    except EmptyAddendum:
        return await page(request, status=422, shown=Shown(form=form))
    raise web.HTTPSeeOther(address_of(note))


async def versions(request: web.Request) -> web.Response:
    """Everything the note ever said, newest first, each with what it changed."""
    async with request.app[keys.DATABASE].write() as tx:
        note = await note_of(tx, request)
        await consults.was_read(tx, note, **_who(request))
        history = await consults.history(tx, note)
        patient = await patients.by_id(tx, note.patient_id)
        zone = await own_zone(tx, request)
    sections = sections_for(note.visit_type)
    return pages.render(
        request,
        "clinic/versions",
        history=history,
        patient=patient,
        sections=sections,
        note_address=address_of(note),
        page_zone=zone,
    )


async def facts(request: web.Request) -> web.Response:
    """What the server saw of the call, by itself, for the page that follows it live."""
    async with request.app[keys.DATABASE].write() as tx:
        note = await note_of(tx, request)
        await consults.was_read(tx, note, **_who(request))
        shown = await facts_shown(tx, note)
        zone = await own_zone(tx, request)
    return pages.render(request, "clinic/_visit_facts", **shown, note=note, page_zone=zone)


async def _after_saving(request: web.Request, change: Change) -> web.Response:
    """A plain form that carries the note's fields saves them before anything else is done with the note."""
    form = await read_form(request)
    try:
        if "version" in form.typed:
            await _keep_typed(request, form)
    except LOSING as problem:
        return await _again(request, form, problem)
    note = await _changed(request, change)
    if wants_json(request):
        return _answer(note)
    raise web.HTTPSeeOther(address_of(note))


async def _keep_typed(request: web.Request, form: Form) -> ConsultNote:
    """Saves what a plain form holds. Raises what LOSING lists."""
    version = form.parsed("version", int, NO_FORM)

    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        based_on = NOTHING if version is None else version
        body = body_of(form)
        return await consults.save(
            tx, note.id, body=body, based_on=based_on, page=new_id(), sequence=1, **_who(request)
        )

    return await _changed(request, change)


def body_of(form: Form) -> dict[str, Any]:
    """The answers of a plain form; a reason for "not obtained" goes before the answer beside it."""
    body: dict[str, Any] = {}
    for name, value in form.typed.items():
        # Browsers send line breaks in two characters, scripts in one; it is the same text.
        text = value.replace("\r\n", "\n")
        if name.startswith(REASON) and text.strip():
            body[name.removeprefix(REASON)] = {"not_obtained": text}
        elif name not in ("csrf", "version") and not name.startswith(REASON) and text:
            body.setdefault(name, text)
    return body


async def _again(request: web.Request, form: Form, problem: Exception) -> web.Response:
    """The page with what was typed still in it, and why it was not saved."""
    status, sentence = WHY_NOT_SAVED[type(problem)]
    async with request.app[keys.DATABASE].write() as tx:
        known = fields_of((await note_of(tx, request)).visit_type)
    typed = {name: answer for name, answer in body_of(form).items() if name in known}
    return await page(
        request, status=status, shown=Shown(typed=typed, problem=_say(request, sentence, problem))
    )


async def _changed(request: web.Request, change: Change) -> ConsultNote:
    """One transaction around one change; whoever looks at the visit is told."""
    async with request.app[keys.DATABASE].write() as tx:
        before = await note_of(tx, request)
        note = await change(tx, before)
    # Not of every letter: each reading of the story it stands in is a line on the trail.
    if note.encounter_id and _standing(note) != _standing(before):
        request.app[keys.CHANGES].publish(live.encounter_topic(note.encounter_id))
    return note


def _standing(note: ConsultNote) -> tuple[object, ...]:
    return note.version > 0, note.status, len(note.addenda), note.body.get(CONFIRMED)


def _who(request: web.Request) -> dict[str, Any]:
    return {"by": staff(request), "now": request.app[keys.CLOCK].now()}


def _answer(note: ConsultNote) -> web.Response:
    return web.json_response({"version": note.version, "saved_at": note.saved_at.isoformat()})


def _refused(
    request: web.Request,
    status: int,
    code: str,
    sentence: str,
    problem: Exception | None = None,
    **more: str,
) -> web.Response:
    said = _say(request, sentence, problem)
    return web.json_response({"code": code, "sentence": said, **more}, status=status)


def _say(request: web.Request, sentence: str, problem: Exception | None) -> str:
    """The sentence in the reader's language; for a text that is too long, with which and by how much."""
    say = words_in(pages.language_of(request)).gettext
    if not isinstance(problem, AnswerTooLong):
        return say(sentence)
    figures = {"length": f"{problem.length:,}", "most": f"{LONGEST_ANSWER:,}"}
    return say(sentence) % {"label": say(problem.label), **figures}


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != JSON:
        return {}
    try:
        return await read_json(request)
    except web.HTTPBadRequest:
        return {}
