"""The answer to "is this the same person?", for the desk and the chart alike."""

from aiohttp import web

from server.services import twins
from server.store.database import Tx
from server.web import keys
from server.web.forms import Form
from server.web.session import staff

ONE, TWO = "one", "two"


async def take(tx: Tx, request: web.Request, form: Form, patient_id: str) -> None:
    """Raises NoSuchPatient."""
    answer = form.text("answer")
    if answer not in (ONE, TWO):
        raise web.HTTPBadRequest
    await twins.say(
        tx,
        patient_id,
        form.text("other"),
        one_person=answer == ONE,
        by=staff(request).account_id,
        now=request.app[keys.CLOCK].now(),
    )
