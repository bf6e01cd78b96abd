"""The patient behind a request, and what every page of theirs has in common."""

from datetime import datetime
from typing import Any

from aiohttp import web

from server.care.access import Guest
from server.care.people import Patient
from server.services import alarms, patients
from server.store.database import Tx
from server.web import keys, live, pages
from server.web.refusals import HomeLinkNeeded
from server.web.session import caller

# Why there is no way on → the page's status.
CLOSED = {"unknown": 404, "replaced": 410, "locked": 403}


def guest(request: web.Request) -> Guest:
    """The device's owner; whose pages these are never stands in an address."""
    who = caller(request).guest
    if who is None:
        raise HomeLinkNeeded
    return who


async def owner(tx: Tx, request: web.Request) -> Patient:
    return await patients.by_id(tx, guest(request).patient_id)


def go_on(address: str) -> web.Response:
    """A redirect that can be returned inside a transaction: raising it there would undo what was done."""
    return web.Response(status=303, headers={"Location": address})


def closed(request: web.Request, why: str) -> web.Response:
    """The page that says why there is no way on, and whom to call."""
    return pages.render(request, "home/closed", status=CLOSED[why], why=why)


async def told(tx: Tx, request: web.Request, patient: Patient) -> dict[str, Any]:
    """Who was told and whether anybody works now, for pages that must be honest about it."""
    now = request.app[keys.CLOCK].now()
    mine = await alarms.treating(tx, patient.id)
    return {
        "patient": patient,
        "clinician": mine.name if mine else "",
        "watch": await alarms.watch(tx, now=now),
    }


def instant(text: str) -> datetime | None:
    """A phone's own time of a press; nothing when it makes no sense."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said if said.tzinfo else None


def publish(request: web.Request) -> None:
    """After a commit: the chart, the day list, the board, and the patient's other devices."""
    request.app[keys.CHANGES].publish(live.BOARD, live.patient_topic(guest(request).patient_id))
