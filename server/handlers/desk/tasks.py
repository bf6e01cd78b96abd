"""Taking a task over, giving it to somebody else, and taking it off the list, by name."""

from aiohttp import web

from server.care.tasks import AlreadyAcknowledged
from server.services import tasks
from server.web import keys, live
from server.web.forms import read_form
from server.web.session import staff

BOARD = "/desk/today"


async def acknowledge(request: web.Request) -> web.Response:
    """Back to the board either way: when somebody else was faster, the task is off the list as wished."""
    form = await read_form(request)
    note = form.text("note", longest=500)
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await tasks.acknowledge(
                tx,
                request.match_info["task_id"],
                by=staff(request),
                note=note,
                now=request.app[keys.CLOCK].now(),
            )
    except AlreadyAcknowledged:
        raise web.HTTPSeeOther(BOARD) from None
    raise _changed(request)


async def take(request: web.Request) -> web.Response:
    """ "I do it": silent for everybody, on the list until it is done."""
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await tasks.take(tx, request.match_info["task_id"], by=staff(request), now=now)
    except AlreadyAcknowledged:
        raise web.HTTPSeeOther(BOARD) from None
    raise _changed(request)


async def give(request: web.Request) -> web.Response:
    """To a colleague: it calls for them until they take it."""
    form = await read_form(request)
    now = request.app[keys.CLOCK].now()
    try:
        async with request.app[keys.DATABASE].write() as tx:
            await tasks.give(
                tx, request.match_info["task_id"], to=form.text("colleague"), by=staff(request), now=now
            )
    except AlreadyAcknowledged:
        raise web.HTTPSeeOther(BOARD) from None
    raise _changed(request)


def _changed(request: web.Request) -> web.HTTPSeeOther:
    request.app[keys.CHANGES].publish(live.BOARD)
    return web.HTTPSeeOther(BOARD)
