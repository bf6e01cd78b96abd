"""The list of everything the app holds. Configuration arrives as its sections, never whole."""

from aiohttp import web

from scheduling.reminders import ReminderRules
from server.care.asking import AnswerTimes
from server.care.plan import CourseRules
from server.care.self_booking import Rules as SelfBookingRules
from server.services.openings import Openings
from server.services.retention import RetentionRules
from server.services.tries import Tries
from server.services.waiting import Patience
from server.store.database import Database
from server.web.call_watch import Watch
from server.web.clock import Clock
from server.web.demo_doors import DemoDoors
from server.web.live import Changes
from server.web.open_pages import OpenPages
from server.web.phone_side import PhoneSide
from server.web.settings import ClinicFacts, SessionRules, SiteFacts
from server.web.snapshots import Snapshots
from server.web.statics import Statics
from webrtc.participants.echo import EchoTests
from webrtc.rooms import Rooms

CLOCK = web.AppKey("clock", Clock)
DATABASE = web.AppKey("database", Database)
CHANGES = web.AppKey("changes", Changes)
SNAPSHOTS = web.AppKey("snapshots", Snapshots)
OPENINGS = web.AppKey("openings", Openings)
STATICS = web.AppKey("statics", Statics)
CLINIC = web.AppKey("clinic", ClinicFacts)
SITE = web.AppKey("site", SiteFacts)
OPEN_PAGES = web.AppKey("open_pages", OpenPages)
SESSIONS = web.AppKey("sessions", SessionRules)
COURSE = web.AppKey("course", CourseRules)
ANSWER_TIMES = web.AppKey("answer_times", AnswerTimes)
SELF_BOOKING = web.AppKey("self_booking", SelfBookingRules)
PATIENCE = web.AppKey("patience", Patience)
RETENTION = web.AppKey("retention", RetentionRules)
REMINDERS = web.AppKey("reminders", ReminderRules)
TRIES = web.AppKey("tries", Tries)
# By a text message gateway's place in the settings.
REPORT_SECRETS = web.AppKey("report_secrets", tuple[str, ...])
# How many guests a visit has places for, beside its two.
GUEST_SEATS = web.AppKey("guest_seats", int)
ROOMS = web.AppKey("rooms", Rooms)
ECHO_TESTS = web.AppKey("echo_tests", EchoTests)
CALL_WATCH = web.AppKey("call_watch", Watch)
# Only in a demo: sign-in links for loopback, and the caught mail.
DEMO = web.AppKey("demo", DemoDoors)
# Only with `--phone`: the second way in, over the local network.
PHONE = web.AppKey("phone", PhoneSide)
