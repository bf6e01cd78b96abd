"""Messages between the patient and the clinic: the list as a fragment, and writing one with or without a script."""

from aiohttp import web

from server.care.messages import LONGEST, MessageTooLong, NothingWritten
from server.handlers.visit import steps, waiting
from server.services import messages
from server.web import keys, pages
from server.web.forms import Form, read_form
from server.web.middleware import wants_json
from server.web.words import N_, words_in

EMPTY = N_("Write your message first.")
TOO_LONG = N_("This is too long for one message. Please shorten it, or call us.")


async def show(request: web.Request) -> web.Response:
    """The list as it is now; reading it goes on the record."""
    now = request.app[keys.CLOCK].now()
    async with request.app[keys.DATABASE].write() as tx:
        view = await steps.visit_of(tx, request)
        said = await messages.of_visit(tx, view.encounter.id, reader=messages.PATIENT, now=now)
    return pages.render(request, "visit/_messages", view=view, messages=said)


async def submit(request: web.Request) -> web.Response:
    form = await read_form(request)
    encounter_id = steps.visitor(request).encounter_id
    try:
        async with request.app[keys.DATABASE].write() as tx:
            # Read as typed: a text cut off at the limit would be another text.
            text = form.typed.get("message", "")
            await messages.send(
                tx, encounter_id=encounter_id, text=text, by=None, now=request.app[keys.CLOCK].now()
            )
    except (NothingWritten, MessageTooLong) as problem:
        return await _refused(request, form, EMPTY if isinstance(problem, NothingWritten) else TOO_LONG)
    await steps.tell(request, encounter_id, topic="messages")
    if wants_json(request):
        return web.Response(status=204)
    raise web.HTTPSeeOther(f"/visit/waiting/{encounter_id}#messages")


async def _refused(request: web.Request, form: Form, sentence: str) -> web.Response:
    if wants_json(request):
        said = words_in(pages.language_of(request)).gettext(sentence)
        return web.json_response({"code": "message", "sentence": said, "longest": LONGEST}, status=422)
    form.problems["message"] = sentence
    return await waiting.page(request, form, status=422)
