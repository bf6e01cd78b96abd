"""Ask the clinic: the patient's thread, and writing in it with or without a script."""

from typing import Any

from aiohttp import web

from server.care.asking import About, about_of
from server.care.messages import LONGEST, MessageTooLong, NothingWritten
from server.handlers.home import steps
from server.services import asking
from server.store.database import Tx
from server.store.ids import new_id
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.middleware import wants_json
from server.web.words import N_, words_in

EMPTY = N_("Write your question first.")
TOO_LONG = N_("This is too long for one question. Please shorten it, or send it in two.")
NO_CHOICE = N_("Choose what it is about, so that the right person reads it.")


async def show(request: web.Request) -> web.Response:
    return await _page(request, Form({}), key=new_id())


async def thread(request: web.Request) -> web.Response:
    """The thread by itself, for the page that follows it."""
    async with request.app[keys.DATABASE].write() as tx:
        shown = await _thread(tx, request)
    return pages.render(request, "home/_thread", **shown)


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    about = about_of(form.typed.get("about", ""))
    if about is None:
        form.problems["about"] = NO_CHOICE
    else:
        await _ask(request, form, about)
    if not form.ok:
        return await _refused(request, form)
    steps.publish(request)
    if wants_json(request):
        return web.Response(status=204)
    raise web.HTTPSeeOther("/home/ask?sent=1#newest")


async def _ask(request: web.Request, form: Form, about: About) -> None:
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await asking.ask(
                tx,
                patient_id=steps.guest(request).patient_id,
                about=about,
                # Read as typed: a text cut off at the limit would be another text.
                text=form.typed.get("question", ""),
                key=form.typed.get("key", "")[:64] or new_id(),
                times=request.app[keys.ANSWER_TIMES],
                now=request.app[keys.CLOCK].now(),
            )
    except NothingWritten:
        form.problems["question"] = EMPTY
    except MessageTooLong:
        form.problems["question"] = TOO_LONG


async def _refused(request: web.Request, form: Form) -> web.Response:
    """The page again with everything in it; for its script the sentence alone."""
    if wants_json(request):
        [sentence, *_] = form.problems.values()
        said = words_in(pages.language_of(request)).gettext(sentence)
        return web.json_response({"code": "question", "sentence": said, "longest": LONGEST}, status=422)
    return await _page(request, form, key=form.typed.get("key", "")[:64] or new_id(), status=422)


async def _thread(tx: Tx, request: web.Request) -> dict[str, Any]:
    patient = await steps.owner(tx, request)
    return {
        "patient": patient,
        "entries": await asking.own(tx, patient.id, now=request.app[keys.CLOCK].now()),
    }


async def _page(request: web.Request, form: Form, *, key: str, status: int = 200) -> web.Response:
    async with request.app[keys.DATABASE].write() as tx:
        shown = await _thread(tx, request)
        told = await steps.told(tx, request, shown["patient"])
    return pages.render(
        request,
        "home/ask",
        status=status,
        form=form,
        key=key,
        sent="sent" in request.query,
        longest=LONGEST,
        times=request.app[keys.ANSWER_TIMES],
        page_zone=shown["patient"].time_zone,
        **(shown | told),
    )
