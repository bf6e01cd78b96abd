"""Is the server up, and are the records within its reach? Says nothing else, so that anybody may ask."""

from aiohttp import web

from server.store.reaching import RecordsOutOfReach
from server.web import keys
from server.web.refusals import REFUSALS


async def show(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    if socket.can_prepare(request).ok:
        # Whether a web server in front of us passes WebSockets on (`python -m server doctor`); calls begin with one.
        await socket.prepare(request)
        await socket.close()
        return socket
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
