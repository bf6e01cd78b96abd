"""Somebody invited into a visit, by a link of their own."""

from server.care import access as may
from server.handlers.guest import (
    call,
    join,
    name,
)
from server.web.routing import Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/guest/join/{token}", join.show, may.anyone),
    Route("HEAD", "/guest/join/{token}", join.show, may.anyone),
    Route("POST", "/guest/join/{token}", join.submit, may.anyone),
    Route("GET", "/guest/name/{invitation_id}", name.show, may.invited),
    Route("POST", "/guest/name/{invitation_id}", name.submit, may.invited),
    Route("GET", "/guest/call/{invitation_id}", call.show, may.introduced),
)
