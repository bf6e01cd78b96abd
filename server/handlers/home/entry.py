"""One journal entry: written in peace, kept on the device until the server has it, shared when its owner wants."""

from collections.abc import Mapping

from aiohttp import web

from server.care.journal import (
    MORE,
    PROMPTS,
    UNUSUAL,
    EntryChanged,
    EntryTooLong,
    JournalEntry,
    NothingToShare,
    says_unusual,
)
from server.handlers.home import steps
from server.services import journals, plans, safety
from server.store.database import Tx
from server.web import keys, pages
from server.web.forms import read_form, read_json, whole
from server.web.words import N_

FIELDS = tuple(prompt.name for prompt in (*PROMPTS, UNUSUAL, MORE))
ELSEWHERE = N_(
    "This entry was changed in another window. Below is what you wrote here; the other text is in that window."
)
ODD = N_(
    "One of the answers could not be read, so nothing was saved yet. What you wrote is below: please check it."
)
TOO_LONG = N_(
    "This is too long for one entry, so it was not saved yet. Please move some of it into another entry."
)
NOTHING = N_("There is nothing written yet. Write something first, then share it.")
LEVELS = tuple(str(level) for level in range(11))


class Unreadable(Exception):
    """Not something our page asks for."""


# Why a plain form was not saved; its text is on the page again, because no script has kept it.
WHY_NOT_SAVED: dict[type[Exception], tuple[int, str]] = {
    EntryChanged: (409, ELSEWHERE),
    EntryTooLong: (422, TOO_LONG),
    Unreadable: (422, ODD),
}


async def show(request: web.Request) -> web.Response:
    async with request.app[keys.DATABASE].read() as tx:
        return await _page(tx, request, await _entry(tx, request))


async def save(request: web.Request) -> web.Response:
    """The page's own saving, as a consult note's: `version` is the last save the page has seen."""
    said = await read_json(request)
    seen = whole(said.get("version"))
    try:
        body = _fields(said["body"])
    except (KeyError, Unreadable) as unreadable:
        raise web.HTTPBadRequest from unreadable
    try:
        entry, held = await _write(request, body, based_on=seen)
    except EntryChanged:
        async with request.app[keys.DATABASE].read() as tx:
            theirs = (await _entry(tx, request)).newest
        kept = {"version": theirs.edit, "body": dict(theirs.body), "saved_at": theirs.saved_at.isoformat()}
        return web.json_response({"code": "entry-changed", "theirs": kept}, status=409)
    newest = entry.newest
    return web.json_response(
        {
            "version": newest.edit,
            "saved_at": newest.saved_at.isoformat(),
            "on_hold": held,
        }
    )


async def submit(request: web.Request) -> web.Response:
    """Saving without a script."""
    form = await read_form(request)
    try:
        entry, _ = await _write(request, _fields(form.typed), based_on=_edit(form.typed.get("version", "")))
    except tuple(WHY_NOT_SAVED) as problem:
        status, sentence = WHY_NOT_SAVED[type(problem)]
        async with request.app[keys.DATABASE].read() as tx:
            entry = await _entry(tx, request)
            typed = {name: form.typed[name] for name in FIELDS if name in form.typed}
            return await _page(tx, request, entry, typed=typed, problem=sentence, status=status)
    raise web.HTTPSeeOther(f"/home/entry/{entry.id}")


async def share(request: web.Request) -> web.Response:
    """ "Share with my doctor": from now on the clinicians can read it, at once."""
    patient_id = steps.guest(request).patient_id
    try:
        async with request.app[keys.DATABASE].write() as tx:
            entry = await journals.share(
                tx, request.match_info["entry_id"], patient_id=patient_id, now=request.app[keys.CLOCK].now()
            )
    except NothingToShare:
        async with request.app[keys.DATABASE].read() as tx:
            return await _page(tx, request, await _entry(tx, request), problem=NOTHING, status=422)
    steps.publish(request)
    raise web.HTTPSeeOther(f"/home/entry/{entry.id}")


async def revise(request: web.Request) -> web.Response:
    """ "Write a new version" of what was shared."""
    patient_id = steps.guest(request).patient_id
    async with request.app[keys.DATABASE].write() as tx:
        entry = await journals.revise(
            tx, request.match_info["entry_id"], patient_id=patient_id, now=request.app[keys.CLOCK].now()
        )
    raise web.HTTPSeeOther(f"/home/entry/{entry.id}")


async def _entry(tx: Tx, request: web.Request) -> JournalEntry:
    return await journals.of_patient(
        tx, request.match_info["entry_id"], patient_id=steps.guest(request).patient_id
    )


async def _write(request: web.Request, body: dict[str, str], *, based_on: int) -> tuple[JournalEntry, bool]:
    """The entry, and whether what it says keeps the course on hold."""
    async with request.app[keys.DATABASE].write() as tx:
        entry = await journals.write(
            tx,
            request.match_info["entry_id"],
            patient_id=steps.guest(request).patient_id,
            body=body,
            based_on=based_on,
            now=request.app[keys.CLOCK].now(),
        )
        held = await _held(tx, entry)
    if any(body.get(name) for name in (UNUSUAL.name, MORE.name)):
        steps.publish(request)
    return entry, held


async def _held(tx: Tx, entry: JournalEntry) -> bool:
    """A hold that was lifted since is no hold any more, whatever stands in the entry."""
    return says_unusual(entry.newest.body) and await safety.is_on_hold(tx, entry.patient_id)


def _edit(text: str) -> int:
    """The save an old-fashioned form has seen. Raises Unreadable."""
    try:
        return int(text or 0)
    except ValueError as problem:
        raise Unreadable from problem


def _fields(given: object) -> dict[str, str]:
    """Only what the page asks for. Raises Unreadable for anything that is none of its answers."""
    if not isinstance(given, Mapping):
        raise Unreadable
    found = {name: given[name] for name in FIELDS if name in given}
    if not all(isinstance(text, str) for text in found.values()):
        raise Unreadable
    if found.get(UNUSUAL.name, "") not in ("", "yes", "no") or found.get(MORE.name, "") not in ("", *LEVELS):
        raise Unreadable
    return found


async def _page(
    tx: Tx,
    request: web.Request,
    entry: JournalEntry,
    *,
    typed: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> web.Response:
    patient = await steps.owner(tx, request)
    numbers = await plans.numbers_of(tx, patient.id)
    return pages.render(
        request,
        "home/entry",
        status=status,
        entry=entry,
        newest=entry.newest,
        held=await _held(tx, entry),
        body=typed if typed is not None else entry.newest.body,
        problem=problem,
        prompts=PROMPTS,
        unusual=UNUSUAL,
        more=MORE,
        levels=LEVELS,
        number=numbers.get(entry.session_id or ""),
        page_zone=patient.time_zone,
        **await steps.told(tx, request, patient),
    )
