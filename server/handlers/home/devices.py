"""The phones and computers that come in by themselves; each can be made to forget."""

from aiohttp import web

from server.care.safety import PATIENT
from server.handlers.home import steps
from server.services import home
from server.web import keys, pages
from server.web.session import drop_cookie, names_for


async def show(request: web.Request) -> web.Response:
    who = steps.guest(request)
    async with request.app[keys.DATABASE].read() as tx:
        patient = await steps.owner(tx, request)
        known = await home.devices(tx, who.patient_id, now=request.app[keys.CLOCK].now())
    return pages.render(request, "home/devices", patient=patient, devices=known, this=who.device_id)


async def forget(request: web.Request) -> web.Response:
    who, device_id = steps.guest(request), request.match_info["device_id"]
    async with request.app[keys.DATABASE].write() as tx:
        await home.forget(
            tx, device_id, patient_id=who.patient_id, by=PATIENT, now=request.app[keys.CLOCK].now()
        )
    if device_id != who.device_id:
        raise web.HTTPSeeOther("/home/devices")
    response = pages.render(request, "home/left")
    drop_cookie(response, request, names_for(request).home)
    return response
