"""The certificate a phone can be told to trust, where the server made one of its own (`--phone`)."""

from aiohttp import web

from server.web import keys
from server.web.refusals import NotYours

# iPhones and Android phones offer to install what is called this.
KIND = "application/x-x509-ca-cert"


async def show(request: web.Request) -> web.Response:
    """Public, as every certificate is; the page exists with `--phone` only."""
    if keys.PHONE not in request.app:
        raise NotYours
    return web.Response(body=request.app[keys.PHONE].certificate.authority, content_type=KIND)
