"""Is the server up, and are the records within its reach? Says nothing else, so that anybody may ask."""

from contextlib import suppress

from aiohttp import web

from server.store.reaching import RecordsOutOfReach
from server.web import keys
from server.web.refusals import REFUSALS
from server.web.websockets import opened

# Nothing said to us there is read.
LONGEST = 1


async def show(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return await _greet(request)
    try:
        await request.app[keys.DATABASE].check()
    except RecordsOutOfReach:
        refusal = REFUSALS[RecordsOutOfReach]
        return web.json_response(
            {"status": refusal.code},
            status=refusal.status,
            headers={"Retry-After": str(refusal.retry_after)},
        )
    return web.json_response({"status": "ok"})


async def _greet(request: web.Request) -> web.StreamResponse:
    """Whether a web server in front of us passes WebSockets on (`python -m server doctor`); calls begin with one."""
    socket = await opened(request, longest=LONGEST)
    if socket is None:
        return web.Response()
    with suppress(ConnectionResetError):
        await socket.close()
    return socket
