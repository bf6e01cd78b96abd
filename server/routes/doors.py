"""What anybody may open, the doors into the house, and the call's own socket."""

from server.care import access as may
from server.handlers import (
    account,
    book,
    book_request,
    calendar,
    delivery,
    front,
    health,
    phone,
    second_factor,
    short_link,
    sign_in,
    signalling,
    worker,
)
from server.handlers import static as static_files
from server.web.routing import Route

ROUTES: tuple[Route, ...] = (
    Route("GET", "/", front.show, may.anyone),
    Route("GET", "/sw.js", worker.show, may.anyone),
    Route("GET", "/healthz", health.show, may.anyone),
    Route("GET", "/phone", phone.show, may.anyone),
    Route("GET", "/static/{version}/{name:.+}", static_files.show, may.anyone),
    # doors
    Route("GET", "/sign-in", sign_in.show, may.anyone),
    Route("POST", "/sign-in", sign_in.submit, may.anyone),
    Route("POST", "/sign-out", sign_in.leave, may.signed_in),
    Route("POST", "/sign-out/everywhere", sign_in.leave_everywhere, may.signed_in),
    Route("GET", "/sign-in/password/{token}", sign_in.choose, may.anyone),
    Route("POST", "/sign-in/password/{token}", sign_in.chosen, may.anyone),
    Route("GET", "/sign-in/demo/{token}", sign_in.demo, may.anyone),
    Route("GET", "/sign-in/code", second_factor.ask, may.half_signed_in),
    Route("POST", "/sign-in/code", second_factor.answer, may.half_signed_in),
    Route("GET", "/sign-in/set-up", second_factor.show_key, may.half_signed_in),
    Route("POST", "/sign-in/set-up", second_factor.confirm, may.half_signed_in),
    Route("GET", "/sign-in/recovery-codes", second_factor.codes_gone, may.half_signed_in),
    Route("POST", "/sign-in/recovery-codes", second_factor.keep_codes, may.half_signed_in),
    Route("GET", "/account", account.show, may.signed_in),
    Route("POST", "/account/password", account.change_password, may.signed_in),
    Route("POST", "/account/number", account.change_number, may.signed_in),
    Route("POST", "/account/recovery-codes", account.new_codes, may.signed_in),
    Route("POST", "/account/new-phone", account.begin_new_phone, may.signed_in),
    Route("GET", "/account/new-phone", account.show_new_phone, may.signed_in),
    Route("POST", "/account/new-phone/confirmation", account.confirm_new_phone, may.signed_in),
    # a clinician's own calendar, which knows a secret address and nothing else
    Route("GET", "/calendar/{token}", calendar.show, may.anyone),
    Route("HEAD", "/calendar/{token}", calendar.show, may.anyone),
    # a text message gateway, which signs what it says
    Route("POST", "/delivery/{gateway}", delivery.submit, may.anyone),
    # a first visit, booked by whoever was never here
    Route("GET", "/book", book.show, may.anyone),
    Route("POST", "/book", book.submit, may.anyone),
    Route("GET", "/book/request/{token}", book_request.show, may.anyone),
    Route("HEAD", "/book/request/{token}", book_request.show, may.anyone),
    Route("POST", "/book/request/{token}", book_request.submit, may.anyone),
    Route("POST", "/book/request/{token}/withdrawal", book_request.withdraw, may.anyone),
    # patient, by link
    Route("GET", "/j/{token}", short_link.show, may.anyone),
    Route("HEAD", "/j/{token}", short_link.show, may.anyone),
    # the call
    Route("GET", "/signalling/{encounter_id}", signalling.show, may.in_the_call),
    Route("GET", "/signalling/test/{encounter_id}", signalling.test, may.visitor),
    Route("GET", "/signalling/guest/{invitation_id}", signalling.guest, may.introduced),
)
