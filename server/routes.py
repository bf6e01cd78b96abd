"""Every URL, its handler, and who may call it: one line each. A route that names nobody is open to no one."""

from aiohttp import web

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
from server.handlers.admin import accounts as admin_accounts
from server.handlers.admin import audit as admin_audit
from server.handlers.admin import connections as admin_connections
from server.handlers.admin import imports as admin_imports
from server.handlers.admin import incidents as admin_incidents
from server.handlers.admin import relay as admin_relay
from server.handlers.admin import reports as admin_reports
from server.handlers.admin import tasks as admin_tasks
from server.handlers.admin import time as admin_time
from server.handlers.admin import visit_types as admin_visit_types
from server.handlers.clinic import ask as clinic_ask
from server.handlers.clinic import book as clinic_book
from server.handlers.clinic import calendar as clinic_calendar
from server.handlers.clinic import chart as clinic_chart
from server.handlers.clinic import consult as clinic_consult
from server.handlers.clinic import course as clinic_course
from server.handlers.clinic import day as clinic_day
from server.handlers.clinic import guests as clinic_guests
from server.handlers.clinic import hold as clinic_hold
from server.handlers.clinic import note as clinic_note
from server.handlers.clinic import overbooking as clinic_overbooking
from server.handlers.clinic import patients as clinic_patients
from server.handlers.clinic import series as clinic_series
from server.handlers.clinic import tasks as clinic_tasks
from server.handlers.clinic import time as clinic_time
from server.handlers.desk import ask as desk_ask
from server.handlers.desk import book as desk_book
from server.handlers.desk import guests as desk_guests
from server.handlers.desk import hold as desk_hold
from server.handlers.desk import mail as desk_mail
from server.handlers.desk import messages as desk_messages
from server.handlers.desk import patients as desk_patients
from server.handlers.desk import reassign as desk_reassign
from server.handlers.desk import reports as desk_reports
from server.handlers.desk import requests as desk_requests
from server.handlers.desk import reschedule as desk_reschedule
from server.handlers.desk import series as desk_series
from server.handlers.desk import tasks as desk_tasks
from server.handlers.desk import today as desk_today
from server.handlers.desk import visit as desk_visit
from server.handlers.desk import wait_list as desk_wait_list
from server.handlers.guest import call as guest_call
from server.handlers.guest import join as guest_join
from server.handlers.guest import name as guest_name
from server.handlers.home import ask as home_ask
from server.handlers.home import code as home_code
from server.handlers.home import devices as home_devices
from server.handlers.home import door as home_door
from server.handlers.home import entry as home_entry
from server.handlers.home import identity as home_identity
from server.handlers.home import journal as home_journal
from server.handlers.home import measure as home_measure
from server.handlers.home import offline as home_offline
from server.handlers.home import safety as home_safety
from server.handlers.home import session as home_session
from server.handlers.home import stop as home_stop
from server.handlers.home import today as home_today
from server.handlers.visit import after as visit_after
from server.handlers.visit import by_phone as visit_by_phone
from server.handlers.visit import calendar as visit_calendar
from server.handlers.visit import change as visit_change
from server.handlers.visit import device_test as visit_device_test
from server.handlers.visit import entry as visit_entry
from server.handlers.visit import identity as visit_identity
from server.handlers.visit import join as visit_join
from server.handlers.visit import lost_link as visit_lost_link
from server.handlers.visit import messages as visit_messages
from server.handlers.visit import offer as visit_offer
from server.handlers.visit import waiting as visit_waiting
from server.web.routing import Route, guarded

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
    # front desk
    Route("GET", "/desk/today", desk_today.show, may.front_desk),
    Route("GET", "/desk/today/board", desk_today.board, may.front_desk),
    Route("GET", "/desk/today/changes", desk_today.changes, may.front_desk),
    Route("GET", "/desk/book", desk_book.show, may.front_desk),
    Route("POST", "/desk/book", desk_book.submit, may.front_desk),
    Route("POST", "/desk/hold", desk_hold.keep, may.front_desk),
    Route("POST", "/desk/hold/release", desk_hold.release, may.front_desk),
    Route("GET", "/desk/visit/{encounter_id}", desk_visit.show, may.front_desk),
    Route("GET", "/desk/visit/{encounter_id}/card", desk_visit.card, may.front_desk),
    Route("GET", "/desk/visit/{encounter_id}/sent", desk_visit.sent, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/cancellation", desk_visit.cancel, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/link", desk_visit.resend, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/link/replacement", desk_visit.replace_link, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/twin", desk_visit.twin, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/delay", desk_visit.delay, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/message", desk_visit.send_again, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/reached-by", desk_visit.reach, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/home-link", desk_visit.send_home_link, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/check-in", desk_visit.check_in, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/transfer", desk_visit.transfer, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/seen", desk_visit.see, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/contact", desk_visit.contact, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/awaited", desk_visit.await_them, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/no-show", desk_visit.no_show, may.front_desk),
    Route("POST", "/desk/visit/{encounter_id}/no-show/undoing", desk_visit.undo_no_show, may.front_desk),
    Route("GET", "/desk/reassign", desk_reassign.show, may.front_desk),
    Route("POST", "/desk/reassign", desk_reassign.submit, may.front_desk),
    Route("GET", "/desk/reschedule/{encounter_id}", desk_reschedule.show, may.front_desk),
    Route("POST", "/desk/reschedule/{encounter_id}", desk_reschedule.submit, may.front_desk),
    Route("GET", "/desk/guests/{encounter_id}", desk_guests.show, may.front_desk),
    Route("POST", "/desk/guests/{encounter_id}", desk_guests.invite, may.front_desk),
    Route("GET", "/desk/guests/{encounter_id}/list", desk_guests.listing, may.front_desk),
    Route(
        "POST",
        "/desk/guests/{encounter_id}/{invitation_id}/withdrawal",
        desk_guests.withdraw,
        may.front_desk,
    ),
    Route("GET", "/desk/series/{patient_id}", desk_series.show, may.front_desk),
    Route("POST", "/desk/series/{patient_id}", desk_series.submit, may.front_desk),
    Route("POST", "/desk/series/{patient_id}/move", desk_series.move, may.front_desk),
    Route("POST", "/desk/series/{patient_id}/cancellation", desk_series.cancel, may.front_desk),
    Route("GET", "/desk/wait-list", desk_wait_list.show, may.front_desk),
    Route("POST", "/desk/wait-list", desk_wait_list.add, may.front_desk),
    Route("POST", "/desk/wait-list/offers", desk_wait_list.offer, may.front_desk),
    Route("POST", "/desk/wait-list/{place_id}/ending", desk_wait_list.end, may.front_desk),
    Route("POST", "/desk/patients", desk_patients.search, may.front_desk),
    Route("POST", "/desk/tasks/{task_id}/acknowledgement", desk_tasks.acknowledge, may.front_desk),
    Route("POST", "/desk/tasks/{task_id}/taking", desk_tasks.take, may.front_desk),
    Route("POST", "/desk/tasks/{task_id}/giving", desk_tasks.give, may.front_desk),
    Route("GET", "/desk/messages/{encounter_id}", desk_messages.show, may.front_desk),
    Route("GET", "/desk/messages/{encounter_id}/changes", desk_messages.changes, may.front_desk),
    Route("POST", "/desk/messages/{encounter_id}", desk_messages.submit, may.front_desk),
    Route("GET", "/desk/ask", desk_ask.show_all, may.front_desk),
    Route("GET", "/desk/ask/{patient_id}", desk_ask.show, may.front_desk),
    Route("POST", "/desk/ask/{patient_id}", desk_ask.submit, may.front_desk),
    Route("POST", "/desk/ask/{patient_id}/passing", desk_ask.hand_on, may.front_desk),
    Route("POST", "/desk/ask/{patient_id}/closing", desk_ask.close, may.front_desk),
    Route("GET", "/desk/reports", desk_reports.show, may.front_desk),
    Route("GET", "/desk/reports/file", desk_reports.file, may.front_desk),
    Route("GET", "/desk/requests/{self_booking_id}", desk_requests.show, may.front_desk),
    Route("POST", "/desk/requests/{self_booking_id}/confirmation", desk_requests.confirm, may.front_desk),
    Route("POST", "/desk/requests/{self_booking_id}/offer", desk_requests.offer, may.front_desk),
    Route("POST", "/desk/requests/{self_booking_id}/refusal", desk_requests.decline, may.front_desk),
    Route("GET", "/desk/mail", desk_mail.show_all, may.front_desk),
    Route("GET", "/desk/mail/{n}", desk_mail.show, may.front_desk),
    # patient, by link
    Route("GET", "/j/{token}", short_link.show, may.anyone),
    Route("HEAD", "/j/{token}", short_link.show, may.anyone),
    Route("GET", "/visit/join/{token}", visit_join.show, may.anyone),
    Route("HEAD", "/visit/join/{token}", visit_join.show, may.anyone),
    Route("POST", "/visit/join/{token}", visit_join.submit, may.anyone),
    Route("GET", "/visit/lost-link", visit_lost_link.show, may.anyone),
    Route("POST", "/visit/lost-link", visit_lost_link.submit, may.anyone),
    Route("GET", "/visit/identity/{encounter_id}", visit_identity.show, may.link_holder),
    Route("POST", "/visit/identity/{encounter_id}", visit_identity.submit, may.link_holder),
    Route("GET", "/visit/entry/{encounter_id}", visit_entry.show, may.visitor),
    Route("POST", "/visit/entry/{encounter_id}", visit_entry.submit, may.visitor),
    Route("GET", "/visit/calendar/{encounter_id}", visit_calendar.show, may.visitor),
    Route("GET", "/visit/waiting/{encounter_id}", visit_waiting.show, may.visitor),
    Route("GET", "/visit/waiting/{encounter_id}/clinician", visit_waiting.clinician, may.visitor),
    Route("GET", "/visit/messages/{encounter_id}", visit_messages.show, may.visitor),
    Route("POST", "/visit/messages/{encounter_id}", visit_messages.submit, may.visitor),
    Route("GET", "/visit/change/{encounter_id}", visit_change.show, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/time", visit_change.move, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/cancellation", visit_change.cancel, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/clinician", visit_change.decline, may.visitor),
    Route("POST", "/visit/change/{encounter_id}/earlier", visit_change.earlier, may.visitor),
    Route("GET", "/visit/offer/{token}", visit_offer.show, may.anyone),
    Route("POST", "/visit/offer/{token}", visit_offer.take, may.anyone),
    Route("POST", "/visit/offer/{token}/leaving", visit_offer.leave, may.anyone),
    Route("POST", "/visit/by-phone/{encounter_id}", visit_by_phone.submit, may.visitor),
    Route("POST", "/visit/by-phone/{encounter_id}/undoing", visit_by_phone.undo, may.visitor),
    Route("POST", "/visit/device-test/{encounter_id}", visit_device_test.submit, may.visitor),
    Route("GET", "/visit/after/{encounter_id}", visit_after.show, may.visitor),
    Route("GET", "/visit/after/{encounter_id}/standing", visit_after.standing, may.visitor),
    Route("POST", "/visit/after/{encounter_id}", visit_after.submit, may.visitor),
    # somebody invited into a visit, by a link of their own
    Route("GET", "/guest/join/{token}", guest_join.show, may.anyone),
    Route("HEAD", "/guest/join/{token}", guest_join.show, may.anyone),
    Route("POST", "/guest/join/{token}", guest_join.submit, may.anyone),
    Route("GET", "/guest/name/{invitation_id}", guest_name.show, may.invited),
    Route("POST", "/guest/name/{invitation_id}", guest_name.submit, may.invited),
    Route("GET", "/guest/call/{invitation_id}", guest_call.show, may.introduced),
    # patient, on their own pages
    Route("GET", "/home/door/{token}", home_door.show, may.anyone),
    Route("HEAD", "/home/door/{token}", home_door.show, may.anyone),
    Route("POST", "/home/door/{token}", home_door.submit, may.anyone),
    Route("GET", "/home/offline", home_offline.show, may.anyone),
    Route("GET", "/home/identity", home_identity.show, may.at_the_door),
    Route("POST", "/home/identity", home_identity.submit, may.at_the_door),
    Route("GET", "/home/code", home_code.show, may.past_the_door),
    Route("POST", "/home/code", home_code.submit, may.past_the_door),
    Route("POST", "/home/code/sending", home_code.send, may.past_the_door),
    Route("GET", "/home/today", home_today.show, may.at_home),
    Route("GET", "/home/today/now", home_today.now, may.at_home),
    Route("GET", "/home/today/changes", home_today.changes, may.at_home),
    Route("POST", "/home/stop", home_stop.submit, may.at_home),
    Route("GET", "/home/stop/{hold_id}", home_stop.show, may.at_home),
    Route("POST", "/home/stop/{hold_id}", home_stop.explain, may.at_home),
    Route("GET", "/home/safety", home_safety.show, may.at_home),
    Route("POST", "/home/safety", home_safety.submit, may.at_home),
    Route("POST", "/home/session/{session_id}/done", home_session.done, may.at_home),
    Route("GET", "/home/journal", home_journal.show, may.at_home),
    Route("POST", "/home/journal", home_journal.begin, may.at_home),
    Route("GET", "/home/entry/{entry_id}", home_entry.show, may.at_home),
    Route("PUT", "/home/entry/{entry_id}", home_entry.save, may.at_home),
    Route("POST", "/home/entry/{entry_id}", home_entry.submit, may.at_home),
    Route("POST", "/home/entry/{entry_id}/sharing", home_entry.share, may.at_home),
    Route("POST", "/home/entry/{entry_id}/versions", home_entry.revise, may.at_home),
    Route("GET", "/home/measure/{code}", home_measure.show, may.at_home),
    Route("PUT", "/home/measure/{code}", home_measure.tick, may.at_home),
    Route("POST", "/home/measure/{code}", home_measure.submit, may.at_home),
    Route("GET", "/home/ask", home_ask.show, may.at_home),
    Route("GET", "/home/ask/thread", home_ask.thread, may.at_home),
    Route("POST", "/home/ask", home_ask.submit, may.at_home),
    Route("GET", "/home/devices", home_devices.show, may.at_home),
    Route("POST", "/home/devices/{device_id}/forgetting", home_devices.forget, may.at_home),
    # the call
    Route("GET", "/signalling/{encounter_id}", signalling.show, may.in_the_call),
    Route("GET", "/signalling/test/{encounter_id}", signalling.test, may.visitor),
    Route("GET", "/signalling/guest/{invitation_id}", signalling.guest, may.introduced),
    # psychiatrist
    Route("GET", "/clinic/day", clinic_day.show, may.clinician),
    Route("GET", "/clinic/day/list", clinic_day.listing, may.clinician),
    Route("GET", "/clinic/day/changes", clinic_day.changes, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}", clinic_consult.show, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/changes", clinic_consult.changes, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/messages", clinic_consult.read_messages, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/messages", clinic_consult.write_message, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/details", clinic_consult.details, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/around", clinic_consult.around, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/lobby", clinic_consult.lobby, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/seat", clinic_consult.seat, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/admission", clinic_consult.admit, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/seen", clinic_consult.see, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/finish", clinic_consult.finish, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/transfer", clinic_consult.transfer, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/reopening", clinic_consult.reopen, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/by-phone", clinic_consult.by_phone, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/by-video", clinic_consult.by_video, may.clinician),
    Route("PUT", "/clinic/consult/{encounter_id}/note", clinic_consult.save_note, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/note", clinic_consult.submit_note, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/facts", clinic_consult.facts, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/confirmation", clinic_consult.confirm, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/delay", clinic_consult.delay, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/signature", clinic_consult.sign, may.clinician),
    Route("POST", "/clinic/consult/{encounter_id}/addenda", clinic_consult.amend, may.clinician),
    Route("GET", "/clinic/consult/{encounter_id}/versions", clinic_consult.versions, may.clinician),
    Route("GET", "/clinic/guests/{encounter_id}", clinic_guests.show, may.clinician),
    Route("POST", "/clinic/guests/{encounter_id}", clinic_guests.invite, may.clinician),
    Route("GET", "/clinic/guests/{encounter_id}/list", clinic_guests.listing, may.clinician),
    Route(
        "POST",
        "/clinic/guests/{encounter_id}/{invitation_id}/withdrawal",
        clinic_guests.withdraw,
        may.clinician,
    ),
    Route("GET", "/clinic/note/{note_id}", clinic_note.show, may.clinician),
    Route("PUT", "/clinic/note/{note_id}/note", clinic_note.save, may.clinician),
    Route("POST", "/clinic/note/{note_id}/note", clinic_note.submit, may.clinician),
    Route("POST", "/clinic/note/{note_id}/signature", clinic_note.sign, may.clinician),
    Route("POST", "/clinic/note/{note_id}/addenda", clinic_note.amend, may.clinician),
    Route("GET", "/clinic/note/{note_id}/versions", clinic_note.versions, may.clinician),
    Route("GET", "/clinic/calendar", clinic_calendar.show, may.clinician),
    Route("POST", "/clinic/calendar", clinic_calendar.submit, may.clinician),
    Route("POST", "/clinic/calendar/mail", clinic_calendar.mail, may.clinician),
    Route("GET", "/clinic/patients", clinic_patients.show, may.clinician),
    Route("GET", "/clinic/chart/{patient_id}", clinic_chart.show, may.clinician),
    Route("GET", "/clinic/chart/{patient_id}/timeline", clinic_chart.story, may.clinician),
    Route("GET", "/clinic/chart/{patient_id}/standing", clinic_chart.standing, may.clinician),
    Route("GET", "/clinic/chart/{patient_id}/scores", clinic_chart.scores, may.clinician),
    Route("GET", "/clinic/chart/{patient_id}/changes", clinic_chart.changes, may.clinician),
    Route("POST", "/clinic/chart/{patient_id}/home-link", clinic_chart.send_home_link, may.clinician),
    Route("POST", "/clinic/chart/{patient_id}/home-closing", clinic_chart.close_home, may.clinician),
    Route("GET", "/clinic/course/{patient_id}", clinic_course.show, may.clinician),
    Route("POST", "/clinic/course/{patient_id}", clinic_course.submit, may.clinician),
    Route("POST", "/clinic/course/{patient_id}/hold", clinic_course.hold, may.clinician),
    Route("POST", "/clinic/course/{patient_id}/ending", clinic_course.end, may.clinician),
    Route("GET", "/clinic/series/{patient_id}", clinic_series.show, may.clinician),
    Route("POST", "/clinic/series/{patient_id}", clinic_series.submit, may.clinician),
    Route("POST", "/clinic/series/{patient_id}/move", clinic_series.move, may.clinician),
    Route("POST", "/clinic/series/{patient_id}/cancellation", clinic_series.cancel, may.clinician),
    Route("GET", "/clinic/hold/{hold_id}", clinic_hold.show, may.clinician),
    Route("POST", "/clinic/hold/{hold_id}", clinic_hold.lift, may.clinician),
    Route("POST", "/clinic/overbooking/{encounter_id}/agreement", clinic_overbooking.agree, may.clinician),
    Route("POST", "/clinic/overbooking/{encounter_id}/refusal", clinic_overbooking.decline, may.clinician),
    Route("GET", "/clinic/ask/{patient_id}", clinic_ask.show, may.clinician),
    Route("POST", "/clinic/ask/{patient_id}", clinic_ask.submit, may.clinician),
    Route("POST", "/clinic/ask/{patient_id}/passing", clinic_ask.hand_on, may.clinician),
    Route("POST", "/clinic/ask/{patient_id}/closing", clinic_ask.close, may.clinician),
    Route("POST", "/clinic/tasks/{task_id}/acknowledgement", clinic_tasks.acknowledge, may.clinician),
    Route("POST", "/clinic/chart/{patient_id}/call", clinic_chart.call_now, may.clinician),
    Route("POST", "/clinic/chart/{patient_id}/twin", clinic_chart.twin, may.clinician),
    Route("POST", "/clinic/chart/{patient_id}/note", clinic_chart.start_note, may.clinician),
    Route("GET", "/clinic/book/{patient_id}", clinic_book.show, may.clinician),
    Route("POST", "/clinic/book/{patient_id}", clinic_book.submit, may.clinician),
    Route("GET", "/clinic/time", clinic_time.show, may.clinician),
    Route("POST", "/clinic/time/hours", clinic_time.set_hours, may.clinician),
    Route("POST", "/clinic/time/days", clinic_time.add_day, may.clinician),
    Route("POST", "/clinic/time/days/{day_id}/removal", clinic_time.remove_day, may.clinician),
    Route("POST", "/clinic/time/leave", clinic_time.add_leave, may.clinician),
    Route("POST", "/clinic/time/leave/{absence_id}/removal", clinic_time.remove_leave, may.clinician),
    Route("POST", "/clinic/time/feed", clinic_time.set_feed, may.clinician),
    # administrator
    Route("GET", "/admin/accounts", admin_accounts.show, may.administrator),
    Route("POST", "/admin/accounts", admin_accounts.add, may.administrator),
    Route("GET", "/admin/accounts/new", admin_accounts.new, may.administrator),
    Route("GET", "/admin/accounts/{account_id}", admin_accounts.detail, may.administrator),
    Route("POST", "/admin/accounts/{account_id}", admin_accounts.change, may.administrator),
    Route("POST", "/admin/accounts/{account_id}/password", admin_accounts.set_password, may.administrator),
    Route("POST", "/admin/accounts/{account_id}/password-link", admin_accounts.make_link, may.administrator),
    Route(
        "POST",
        "/admin/accounts/{account_id}/second-factor-reset",
        admin_accounts.reset_second_factor,
        may.administrator,
    ),
    Route("POST", "/admin/accounts/{account_id}/disabling", admin_accounts.disable, may.administrator),
    Route("POST", "/admin/accounts/{account_id}/enabling", admin_accounts.enable, may.administrator),
    Route("POST", "/admin/tasks/{task_id}/acknowledgement", admin_tasks.acknowledge, may.administrator),
    Route("GET", "/admin/visit-types", admin_visit_types.show, may.administrator),
    Route("POST", "/admin/visit-types", admin_visit_types.add, may.administrator),
    Route("GET", "/admin/visit-types/new", admin_visit_types.new, may.administrator),
    Route("GET", "/admin/visit-types/{visit_type}", admin_visit_types.detail, may.administrator),
    Route("POST", "/admin/visit-types/{visit_type}", admin_visit_types.change, may.administrator),
    Route("POST", "/admin/visit-types/{visit_type}/retirement", admin_visit_types.retire, may.administrator),
    Route("POST", "/admin/visit-types/{visit_type}/return", admin_visit_types.bring_back, may.administrator),
    Route("GET", "/admin/time", admin_time.show, may.administrator),
    Route("POST", "/admin/time/opening", admin_time.set_opening, may.administrator),
    Route("POST", "/admin/time/closures", admin_time.close, may.administrator),
    Route("POST", "/admin/time/closures/{absence_id}/removal", admin_time.reopen, may.administrator),
    Route("GET", "/admin/time/{practitioner_id}", admin_time.person, may.administrator),
    Route("POST", "/admin/time/{practitioner_id}/hours", admin_time.set_hours, may.administrator),
    Route("POST", "/admin/time/{practitioner_id}/days", admin_time.add_day, may.administrator),
    Route(
        "POST",
        "/admin/time/{practitioner_id}/days/{day_id}/removal",
        admin_time.remove_day,
        may.administrator,
    ),
    Route("POST", "/admin/time/{practitioner_id}/leave", admin_time.add_leave, may.administrator),
    Route(
        "POST",
        "/admin/time/{practitioner_id}/leave/{absence_id}/removal",
        admin_time.remove_leave,
        may.administrator,
    ),
    Route("POST", "/admin/time/{practitioner_id}/feed", admin_time.set_feed, may.administrator),
    Route("POST", "/admin/time/{practitioner_id}/licences", admin_time.add_licence, may.administrator),
    Route(
        "POST",
        "/admin/time/{practitioner_id}/licences/{licence_id}/removal",
        admin_time.remove_licence,
        may.administrator,
    ),
    Route("POST", "/admin/time/{practitioner_id}/languages", admin_time.set_languages, may.administrator),
    Route("GET", "/admin/audit", admin_audit.show, may.administrator),
    Route("GET", "/admin/connections", admin_connections.show, may.administrator),
    Route("GET", "/admin/connections/file", admin_connections.file, may.administrator),
    Route("GET", "/admin/imports", admin_imports.show, may.administrator),
    Route("POST", "/admin/imports", admin_imports.look, may.administrator),
    Route("POST", "/admin/imports/rows", admin_imports.carry_out, may.administrator),
    Route("GET", "/admin/imports/patients", admin_imports.patients_template, may.administrator),
    Route("GET", "/admin/imports/bookings", admin_imports.bookings_template, may.administrator),
    Route("GET", "/admin/reports", admin_reports.show, may.administrator),
    Route("GET", "/admin/reports/file", admin_reports.file, may.administrator),
    Route("GET", "/admin/incidents", admin_incidents.show, may.administrator),
    Route("GET", "/admin/incidents/{task_id}", admin_incidents.detail, may.administrator),
    Route("POST", "/admin/incidents/{task_id}/assessment", admin_incidents.assess, may.administrator),
    Route("GET", "/admin/relay", admin_relay.show, may.administrator),
)


def add_routes(app: web.Application, routes: tuple[Route, ...] = ROUTES) -> None:
    for route in routes:
        app.router.add_route(route.method, route.path, guarded(route))
