"""The note's own requests: saving, confirming, signing, adding. The same for a visit's note and for one without."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from server.care.consult_note import BadBody, ConsultNote, EmptyAddendum, FieldsMissing, StaleNote
from server.handlers.clinic.around import Shown, address_of, everything, missing_of
from server.services import consults
from server.store.database import Tx
from server.store.ids import new_id
from server.web import keys, live, pages
from server.web.forms import read_form
from server.web.middleware import wants_json
from server.web.refusals import NotYours
from server.web.session import staff
from server.web.words import N_, words_in

REASON = "not_obtained:"
NO_FORM = N_("This text could not be read. It is still on your page; please reload and try again.")
EMPTY = N_("Write what is to be added, and why.")


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
        kept = {"version": theirs.version, "body": _fields(theirs), "saved_at": theirs.saved_at.isoformat()}
        return web.json_response({"code": "note-stale", "theirs": kept}, status=409)
    except BadBody as bad:
        return _refused(request, 422, "bad-body", NO_FORM, name=bad.name)


async def submit(request: web.Request) -> web.Response:
    """Saving without a script: the whole form, then the page again."""
    form = await read_form(request)
    body: dict[str, Any] = {}
    for name, value in form.typed.items():
        if name.startswith(REASON) and value.strip():
            body[name.removeprefix(REASON)] = {"not_obtained": value}
        elif name not in ("csrf", "version") and not name.startswith(REASON) and value:
            body.setdefault(name, value)

    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        version = int(form.typed.get("version", "-1") or -1)
        return await consults.save(
            tx, note.id, body=body, based_on=version, page=new_id(), sequence=1, **_who(request)
        )

    note = await _changed(request, change)
    raise web.HTTPSeeOther(address_of(note))


async def confirm(request: web.Request) -> web.Response:
    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        return await consults.confirm_facts(tx, note.id, **_who(request))

    return _done(request, await _changed(request, change))


async def sign(request: web.Request) -> web.Response:
    async def change(tx: Tx, note: ConsultNote) -> ConsultNote:
        return await consults.sign(tx, note.id, **_who(request))

    try:
        return _done(request, await _changed(request, change))
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
    """Everything the note ever said, newest first."""
    async with request.app[keys.DATABASE].write() as tx:
        note = await note_of(tx, request)
        saved = await consults.versions(tx, note)
        context = await everything(tx, request, note, by=staff(request), shown=Shown())
    return pages.render(request, "clinic/versions", saved=saved, **context)


async def _changed(
    request: web.Request, change: Callable[[Tx, ConsultNote], Awaitable[ConsultNote]]
) -> ConsultNote:
    """One transaction around one change; whoever looks at the visit is told."""
    async with request.app[keys.DATABASE].write() as tx:
        note = await change(tx, await note_of(tx, request))
    if note.encounter_id:
        request.app[keys.CHANGES].publish(live.encounter_topic(note.encounter_id))
    return note


def _who(request: web.Request) -> dict[str, Any]:
    return {"by": staff(request), "now": request.app[keys.CLOCK].now()}


def _fields(note: ConsultNote) -> dict[str, Any]:
    return {name: answer for name, answer in note.body.items() if not name.startswith("facts")}


def _answer(note: ConsultNote) -> web.Response:
    return web.json_response({"version": note.version, "saved_at": note.saved_at.isoformat()})


def _done(request: web.Request, note: ConsultNote) -> web.Response:
    """For a script the new version; for a form the page again."""
    if wants_json(request):
        return _answer(note)
    raise web.HTTPSeeOther(address_of(note))


def _refused(request: web.Request, status: int, code: str, sentence: str, **more: str) -> web.Response:
    said = words_in(pages.language_of(request)).gettext(sentence)
    return web.json_response({"code": code, "sentence": said, **more}, status=status)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
