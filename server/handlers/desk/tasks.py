"""Taking a task off the list, by name."""

from aiohttp import web

from server.care.tasks import AlreadyAcknowledged
from server.services import tasks
from server.web import keys, live
from server.web.session import staff


async def acknowledge(request: web.Request) -> web.Response:
    """Back to the board either way: when somebody else was faster, the task is off the list as wished."""
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await tasks.acknowledge(
                tx, request.match_info["task_id"], by=staff(request), now=request.app[keys.CLOCK].now()
            )
    except AlreadyAcknowledged:
        raise web.HTTPSeeOther("/desk/today") from None
    request.app[keys.CHANGES].publish(live.BOARD)
    raise web.HTTPSeeOther("/desk/today")
