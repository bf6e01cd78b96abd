"""The service worker of a patient's own pages: it keeps one page without any data for when there is no network."""

import json

from aiohttp import web

from server.web import keys

# Everything the page for "no network" needs; nothing that knows a patient.
KEPT = ("tokens.css", "base.css", "icon.svg", "home/", "lib/", "elements/")


async def show(request: web.Request) -> web.Response:
    """The script with what it keeps written into it: another version of the pages is another script."""
    statics = request.app[keys.STATICS]
    kept = sorted(statics.address(name) for name in statics.files if name.startswith(KEPT))
    parts = (statics.files[name][0].decode() for name in ("lib/unsent.js", "worker.js"))
    text = "\n".join((f"const KEPT = {json.dumps(kept)};", *parts))
    return web.Response(text=text, content_type="text/javascript")
