"""A patient's visit, by its link."""

from server.care import access as may
from server.handlers.visit import (
    after,
    by_phone,
    calendar,
    change,
    device_test,
    entry,
    identity,
    join,
    lost_link,
    messages,
    offer,
    waiting,
)
from server.web.routing import Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/visit/join/{token}", join.show, may.anyone),
    Route("HEAD", "/visit/join/{token}", join.show, may.anyone),
    Route("POST", "/visit/join/{token}", join.submit, may.anyone),
    Route("GET", "/visit/lost-link", lost_link.show, may.anyone),
    Route("POST", "/visit/lost-link", lost_link.submit, may.anyone),
    Route("GET", "/visit/identity/{encounter_id}", identity.show, may.link_holder),
    Route("POST", "/visit/identity/{encounter_id}", identity.submit, may.link_holder),
    Route("GET", "/visit/entry/{encounter_id}", entry.show, may.visitor),
    Route("POST", "/visit/entry/{encounter_id}", entry.submit, may.visitor),
    Route("GET", "/visit/calendar/{encounter_id}", calendar.show, may.visitor),
    Route("GET", "/visit/waiting/{encounter_id}", waiting.show, may.visitor),
    Route("GET", "/visit/waiting/{encounter_id}/clinician", waiting.clinician, may.visitor),
    Route("GET", "/visit/messages/{encounter_id}", messages.show, may.visitor),
    Route("POST", "/visit/messages/{encounter_id}", messages.submit, may.visitor),
    Route("GET", "/visit/change/{encounter_id}", change.show, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/time", change.move, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/cancellation", change.cancel, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/clinician", change.decline, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/earlier", change.earlier, may.visitor),
    Route("GET", "/visit/offer/{token}", offer.show, may.anyone),
    Route("POST", "/visit/offer/{token}", offer.take, may.anyone),
    Route("POST", "/visit/offer/{token}/leaving", offer.leave, may.anyone),
    Route("POST", "/visit/by-phone/{encounter_id}", by_phone.submit, may.visitor),
    Route("POST", "/visit/by-phone/{encounter_id}/undoing", by_phone.undo, may.visitor),
    Route("POST", "/visit/device-test/{encounter_id}", device_test.submit, may.visitor),
    Route("GET", "/visit/after/{encounter_id}", after.show, may.visitor),
    Route("GET", "/visit/after/{encounter_id}/standing", after.standing, may.visitor),
    Route("POST", "/visit/after/{encounter_id}", after.submit, may.visitor),
)
