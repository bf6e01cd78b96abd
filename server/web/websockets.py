"""Opening a WebSocket, whoever asks for one: nothing is unpacked, and whoever does not answer is not waited for."""

from aiohttp import web

CLOSING_SECONDS = 2.0


async def opened(request: web.Request, *, longest: int) -> web.WebSocketResponse | None:
    """None where it is gone before it began. `longest`: of what may be said to us, in bytes."""
    ws = web.WebSocketResponse(max_msg_size=longest, compress=False, timeout=CLOSING_SECONDS)
    try:
        await ws.prepare(request)
    except ConnectionResetError:
        return None
    except ValueError:  # aiohttp takes every header for text, and would repeat it in its refusal
        raise web.HTTPBadRequest from None
    return ws
