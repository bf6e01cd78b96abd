"""What becomes of a text message after its gateway took it, told by the gateway and signed with its secret.

A body that is not signed, and a gateway that has no secret, are answered like an address that does not exist.
"""

import hashlib
import hmac
from typing import Any

from aiohttp import web

from server.services import delivery_reports
from server.services.delivery_reports import UNSAID, NotYet, Report
from server.web import keys, live
from server.web.forms import read_json

SIGNATURE = "X-Bedside-Signature"
# Far more than two numbers and two words take.
LONGEST = 4096
OUTCOMES = {"delivered": True, "failed": False}
TRY_AGAIN_SECONDS = "5"


async def submit(request: web.Request) -> web.Response:
    """204 whether the message is known or not; 503 when it may be one that is just being handed over."""
    body, now = await request.read(), request.app[keys.CLOCK].now()
    # Wrong ones are not counted: a secret of config.SHORTEST_SECRET characters is not guessed, and whoever tried would
    # keep the gateway itself out.
    gateway = _gateway(request, body)
    if gateway is None:
        return web.Response(status=404)
    try:
        said = _report(await read_json(request))
    except web.HTTPBadRequest:
        return web.Response(status=400)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            encounter_id = await delivery_reports.take(tx, said, gateway=gateway, now=now)
    except NotYet:
        return web.Response(status=503, headers={"Retry-After": TRY_AGAIN_SECONDS})
    if encounter_id is not None:
        request.app[keys.CHANGES].publish(live.BOARD, live.encounter_topic(encounter_id))
    return web.Response(status=204)


def _gateway(request: web.Request, body: bytes) -> int | None:
    """The place in the settings of the gateway whose secret signed this body."""
    secrets, named = request.app[keys.REPORT_SECRETS], request.match_info["gateway"]
    place = int(named) - 1 if named.isascii() and named.isdigit() and len(named) < len("100") else -1
    secret = secrets[place] if 0 <= place < len(secrets) else ""
    signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = request.headers.get(SIGNATURE, "").encode(errors="surrogateescape")
    # Compared also where there is no secret, so that the time tells nothing.
    same = hmac.compare_digest(given, signed.encode())
    return place if secret and same and len(body) <= LONGEST else None


def _report(said: dict[str, Any]) -> Report:
    """Raises HTTPBadRequest for what no gateway should send."""
    number, reference, status, reason = (
        "" if said.get(name) is None else said[name]
        for name in ("client_reference", "id", "status", "reason")
    )
    # A line break or a zero byte is in no number of anybody's.
    if not all(isinstance(each, str) and each.isprintable() for each in (number, reference, status, reason)):
        raise web.HTTPBadRequest
    if not status or not (number or reference):
        raise web.HTTPBadRequest
    # States on the way have as many names as there are gateways.
    delivered = OUTCOMES.get(status)
    return Report(number=number, reference=reference, delivered=delivered, reason=reason or UNSAID)
