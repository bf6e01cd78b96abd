"""The whole house, assembled on one screen."""

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from aiohttp import web

from scheduling.reminders import QuietHours, ReminderRules, offset
from server.care.asking import AnswerTimes
from server.care.call_health import CallHealth, CheckRules
from server.care.encounter import TWO
from server.care.people import EMAIL, SMS
from server.care.plan import CourseRules
from server.care.self_booking import Rules as SelfBookingRules
from server.config import Config, is_loopback, mail_password, sms_secret, turn_secret
from server.handlers.call_records import keep_records
from server.jobs.runner import run_jobs
from server.notify import MailSettings, Notifier, SmsSettings
from server.routes import add_routes
from server.services.openings import Openings
from server.services.retention import RetentionRules
from server.services.tries import Tries
from server.services.waiting import Patience
from server.store.database import Database
from server.web import keys
from server.web.branding import brand_of, files_of
from server.web.call_watch import Watch
from server.web.clock import Clock
from server.web.demo_doors import DemoDoors
from server.web.live import Changes
from server.web.middleware import MIDDLEWARES, add_headers
from server.web.open_pages import OpenPages
from server.web.phone_side import PhoneSide
from server.web.session import keep_open_pages_alive
from server.web.settings import ClinicFacts, SessionRules, SiteFacts
from server.web.snapshots import Snapshots
from server.web.statics import read_statics
from webrtc.carriers import Carrier, RelayCarrier, TurnCarrier
from webrtc.ice_servers import TurnPool
from webrtc.participants.echo import EchoTests
from webrtc.relay_process import RelayProcess, RelaySettings
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

log = logging.getLogger("bedside.app")

# The largest thing a person sends is a long note; this is several times that.
LARGEST_REQUEST = 512 * 1024
Context = Callable[[web.Application], AsyncIterator[None]]


def create_app(
    config: Config,
    *,
    database: Database,
    clock: Clock,
    demo: DemoDoors | None = None,
    phone: PhoneSide | None = None,
    call: bool = True,
    keep_relay: bool = False,
) -> web.Application:
    """`call=False` leaves relay and jobs out, for tests of pages; `keep_relay` leaves calls running at shutdown."""
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=LARGEST_REQUEST)
    app[keys.CLOCK] = clock
    app[keys.DATABASE] = database
    app[keys.CHANGES] = Changes()
    app[keys.SNAPSHOTS] = Snapshots(app[keys.CHANGES], clock)
    app[keys.OPENINGS] = Openings()
    app[keys.STATICS] = read_statics(more=files_of(config.branding))
    app[keys.CLINIC] = clinic_facts(config)
    app[keys.SITE] = site_facts(config, phone)
    app[keys.OPEN_PAGES] = OpenPages()
    app[keys.SESSIONS] = session_rules(config)
    app[keys.COURSE] = course_rules(config)
    app[keys.ANSWER_TIMES] = answer_times(config)
    app[keys.SELF_BOOKING] = self_booking_rules(config)
    app[keys.PATIENCE] = patience(config)
    app[keys.RETENTION] = retention_rules(config)
    app[keys.REMINDERS] = reminder_rules(config)
    app[keys.TRIES] = Tries()
    app[keys.GUEST_SEATS] = config.media.max_seats - len(TWO)
    app[keys.REPORT_SECRETS] = report_secrets(config)
    if demo is not None:
        app[keys.DEMO] = demo
    if phone is not None:
        app[keys.PHONE] = phone
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(say_goodbye)
    add_routes(app)
    app.cleanup_ctx.append(keep_open_pages_alive)
    if call:
        app.cleanup_ctx.append(rooms(config, keep_relay=keep_relay))
        app.cleanup_ctx.append(jobs(config))
    return app


async def say_goodbye(app: web.Application) -> None:
    """Before open sockets and streams are waited for: their pages go and look for the next server at once."""
    app[keys.CHANGES].close()
    if keys.ROOMS in app:
        await app[keys.ROOMS].close_all()


def clinic_facts(config: Config) -> ClinicFacts:
    clinic = config.clinic
    return ClinicFacts(
        name=clinic.name,
        phone=clinic.phone,
        emergency_number=clinic.emergency_number,
        crisis_line=clinic.crisis_line,
        time_zone=clinic.time_zone,
        languages=clinic.languages,
        brand=brand_of(config.branding),
    )


def site_facts(config: Config, phone: PhoneSide | None) -> SiteFacts:
    """On loopback both of its names are ours, whichever the person typed."""
    origins = {config.base_url}
    # With a phone side the server listens on loopback too, wherever its links lead.
    if is_loopback(config.base_url) or phone:
        origins |= {f"http://{name}:{config.server.port}" for name in ("localhost", "127.0.0.1")}
    own_tls = phone.origins if phone else frozenset()
    return SiteFacts(
        base_url=config.base_url,
        patients_url=phone.url if phone else config.base_url,
        origins=frozenset(origins) | own_tls,
        own_tls=own_tls,
        mail_address=config.mail.from_address,
        sends_sms=bool(config.sms.urls),
        sms_country_code=config.sms.country_code,
        media_addresses=config.media.public_addresses,
        offers_free_times=config.clinic.free_times_offered == "at-once",
    )


def session_rules(config: Config) -> SessionRules:
    return SessionRules(
        idle=timedelta(minutes=config.sessions.idle_minutes),
        absolute=timedelta(hours=config.sessions.absolute_hours),
    )


def retention_rules(config: Config) -> RetentionRules:
    return RetentionRules(
        call_samples=timedelta(days=config.retention.call_samples_days),
        guest_sessions=timedelta(days=config.retention.guest_sessions_days),
    )


def course_rules(config: Config) -> CourseRules:
    return CourseRules(min_between=timedelta(hours=config.course.min_hours_between_sessions))


def answer_times(config: Config) -> AnswerTimes:
    clinic = config.clinic
    return AnswerTimes(
        practical=clinic.desk_answers_days, clinical=clinic.clinician_answers_days, zone=clinic.time_zone
    )


def self_booking_rules(config: Config) -> SelfBookingRules:
    return SelfBookingRules(
        mode=config.self_booking.mode,
        proof=timedelta(minutes=config.self_booking.proof_minutes),
        kept=timedelta(hours=config.self_booking.kept_hours),
        notice=timedelta(hours=config.self_booking.notice_hours),
        answer_days=config.clinic.desk_answers_days,
        zone=config.clinic.time_zone,
    )


def patience(config: Config) -> Patience:
    alerts = config.alerts
    return Patience(
        clinician=timedelta(minutes=alerts.clinician_minutes),
        desk=timedelta(minutes=alerts.desk_minutes),
        sms=bool(config.sms.urls),
    )


def reminder_rules(config: Config) -> ReminderRules:
    reminders = config.reminders
    return ReminderRules(
        offsets={
            EMAIL: tuple(offset(text) for text in reminders.email),
            SMS: tuple(offset(text) for text in reminders.sms),
        },
        quiet=QuietHours(
            day_begins=time(reminders.day_begins),
            day_ends=time(reminders.day_ends),
            evening=time(reminders.day_ends - 1),
        ),
    )


def rooms(config: Config, *, keep_relay: bool) -> Context:
    """The relay found or started, and the rooms on top of it; calls that outlived the last server are found again."""

    async def context(app: web.Application) -> AsyncIterator[None]:
        relay = RelayProcess()
        await relay.start_or_find(relay_settings(config))
        settings = RoomSettings(carrier=carrier(config, app[keys.CLOCK]), max_seats=config.media.max_seats)
        live = Rooms(relay, settings, app[keys.CLOCK].monotonic)
        relay.on_restarted, relay.on_lost = live.relay_restarted, live.relay_lost
        app[keys.ROOMS] = live
        app[keys.CALL_WATCH] = watch(config, app[keys.CLOCK].now())
        app[keys.ECHO_TESTS] = EchoTests(live, max_tests=config.media.max_tests)
        stop_keeping = keep_records(app, live)
        await live.start()
        yield
        await stop_keeping()
        await relay.stop(kill=not keep_relay)

    return context


def relay_settings(config: Config) -> RelaySettings:
    """The relay; where TURN servers carry the calls, what only remembers them, and that on loopback."""
    media, data = config.media, config.server.data
    if media.relay == "turn":
        return RelaySettings(data=data, address="127.0.0.1", memory=True, orphan_minutes=media.orphan_minutes)
    return RelaySettings(data=data, port=media.port, orphan_minutes=media.orphan_minutes)


def carrier(config: Config, clock: Clock) -> Carrier:
    """Who carries the calls."""
    turn, given = config.turn, config.media.public_addresses
    pool = TurnPool(
        urls=turn.urls,
        secret=turn_secret(),
        lifetime=turn.credential_minutes * 60,
        now=lambda: clock.now().timestamp(),
    )
    if config.media.relay == "turn":
        return TurnCarrier(pool=pool)
    # Unless it is said, the relay is where the page's own request came to.
    relay = RelayCarrier(addresses=given) if given else RelayCarrier()
    return replace(relay, pool=pool) if turn.urls else relay


def watch(config: Config, now: datetime) -> Watch:
    """Nothing is known of the calls yet."""
    media = config.media
    return Watch(
        health=CallHealth(began_at=now),
        rules=CheckRules(minutes=media.check_minutes, up_to_calls=media.check_up_to_calls),
    )


def jobs(config: Config) -> Context:
    """What happens without a request (server/jobs/runner.py)."""

    async def context(app: web.Application) -> AsyncIterator[None]:
        async with run_jobs(app, Notifier(mail_settings(config), sms_settings(config))):
            yield

    return context


def mail_settings(config: Config) -> MailSettings:
    mail = config.mail
    return MailSettings(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        sender_name=config.clinic.name,
        sender_address=mail.from_address,
        username=mail.username,
        password=mail_password(),
    )


def sms_settings(config: Config) -> tuple[SmsSettings, ...]:
    """The gateways, the first choice first; none when the clinic sends no text messages."""
    sms = config.sms
    return tuple(SmsSettings(url=url, token=sms_secret("TOKEN", place)) for place, url in enumerate(sms.urls))


def report_secrets(config: Config) -> tuple[str, ...]:
    """What each of them signs its reports with; "" for one that makes none."""
    return tuple(sms_secret("REPORT_SECRET", place) for place, _ in enumerate(config.sms.urls))
