"""Is the server up, and are the records within its reach? Says nothing else, so that anybody may ask."""

from aiohttp import web

from server.store.reaching import RecordsOutOfReach
from server.web import keys
from server.web.refusals import REFUSALS


async def show(request: web.Request) -> web.Response:
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
