"""Asking for any route with Mira's things in its address, as a page of ours would."""

import re
from typing import Any

from aiohttp import ClientResponse

from server.routes import ROUTES, Route
from tests.conftest import Visitor
from tests.http.miras import Miras

UNSAFE = tuple(route for route in ROUTES if route.method not in {"GET", "HEAD"})
PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
# Only a shared entry has newer versions, only one that is kept can be written in.
SHARED = "/home/entry/{entry_id}/versions"


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def address(route: Route, miras: Miras) -> str:
    """The route with Mira's things filled in. KeyError for a parameter nobody has thought about."""
    known = {
        "encounter_id": miras.encounter_id,
        "patient_id": miras.patient_id,
        "note_id": miras.note_id,
        "task_id": miras.task_id,
        "token": {"home": miras.home_token, "guest": miras.guest_token, "book": miras.request_token}.get(
            route.path.split("/")[1], miras.token
        ),
        "invitation_id": miras.invitation_id,
        "self_booking_id": miras.self_booking_id,
        "entry_id": miras.shared_entry_id if route.path == SHARED else miras.entry_id,
        "hold_id": miras.hold_id,
        "session_id": miras.session_id,
        "device_id": miras.device_id,
        "code": "phq-9",
        "account_id": miras.account_id,
        "visit_type": "check-in",
        "practitioner_id": miras.practitioner_id,
        "day_id": "none",
        "absence_id": "none",
        "licence_id": "none",
        "place_id": "none",
        "n": "1",
        "gateway": "1",
        "version": "x",
        "name": "base.css",
    }
    return PARAMETER.sub(lambda found: known[found[1]], route.path)


async def ask(
    caller: Visitor,
    route: Route,
    path: str,
    *,
    token: bool = True,
    headers: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> ClientResponse:
    """The request as our own page would send it. Without a `body` it is empty: who may ask comes before what."""
    sent = dict(headers or {})
    if token:
        sent.setdefault("X-CSRF-Token", caller.token(path))
    how = {"PUT": "json", "POST": "data"}.get(route.method)
    content: dict[str, Any] = {how: body or {}} if how else {}
    return await caller.client.request(route.method, path, allow_redirects=False, headers=sent, **content)


async def read(response: ClientResponse) -> str:
    """What was sent. A stream of news never ends and its first line says nothing, so its beginning is enough."""
    if response.content_type == "text/event-stream":
        said = (await response.content.readany()).decode()
        response.close()
        return said
    return await response.text()
