"""Taking a task off the administrators' list, by name."""

from aiohttp import web

from server.care.tasks import AlreadyAcknowledged
from server.services import tasks
from server.web import keys, live
from server.web.session import staff


async def acknowledge(request: web.Request) -> web.Response:
    """Back to the list either way: when somebody else was faster, it is off the list as wished."""
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await tasks.acknowledge(tx, request.match_info["task_id"], by=staff(request), now=now)
    except AlreadyAcknowledged:
        raise web.HTTPSeeOther("/admin/accounts") from None
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/admin/accounts")
