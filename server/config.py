"""config.toml, read once into frozen dataclasses. Anything unknown, missing or ill-typed stops the start by name.

Below this module only values travel; nobody else reads the file or asks for a key.
"""

import os
import re
import tomllib
from dataclasses import dataclass
from ipaddress import ip_address
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduling.reminders import OFFSET
from server.typed_table import TableUnfit, read_as
from server.web.branding import Branding, problem_of
from server.web.words import LANGUAGES

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
HIGHEST_PORT = 65535
# RFC 7065, without what browsers refuse. IPv6 addresses stand in brackets.
TURN_URL = re.compile(r"turns?:([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(\?transport=(udp|tcp))?")
SHORTEST_SECRET = 32
LAST_HOUR = 23
NOT_NOTHING = (
    *("clinic.desk_answers_days", "clinic.clinician_answers_days", "media.orphan_minutes", "media.max_tests"),
    *("turn.credential_minutes", "sessions.idle_minutes", "sessions.absolute_hours"),
    *("self_booking.proof_minutes", "self_booking.kept_hours", "retention.call_samples_days"),
    "retention.guest_sessions_days",
)


class ConfigError(Exception):
    """The file cannot be used; the message names the key and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    host: str
    port: int
    base_url: str
    data: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Clinic:
    name: str
    phone: str
    emergency_number: str
    crisis_line: str
    time_zone: str
    languages: tuple[str, ...]
    desk_answers_days: int
    clinician_answers_days: int
    free_times_offered: Literal["by-desk", "at-once"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    username: str
    from_address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sms:
    urls: tuple[str, ...]
    country_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminders:
    email: tuple[str, ...]
    sms: tuple[str, ...]
    day_begins: int
    day_ends: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    relay: Literal["built-in", "turn"]
    port: int
    public_addresses: tuple[str, ...]
    max_seats: int
    orphan_minutes: int
    max_tests: int
    check_minutes: int
    check_up_to_calls: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    urls: tuple[str, ...]
    credential_minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sessions:
    idle_minutes: int
    absolute_hours: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    min_hours_between_sessions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerts:
    clinician_minutes: int
    desk_minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfBooking:
    mode: Literal["off", "desk", "automatic"]
    proof_minutes: int
    kept_hours: int
    notice_hours: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    call_samples_days: int
    guest_sessions_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    server: Server
    clinic: Clinic
    branding: Branding
    database: Database
    mail: Mail
    sms: Sms
    reminders: Reminders
    media: Media
    turn: Turn
    sessions: Sessions
    course: Course
    alerts: Alerts
    self_booking: SelfBooking
    retention: Retention

    @property
    def base_url(self) -> str:
        """The address people use; on loopback made from the port when none is given."""
        return self.server.base_url or f"http://localhost:{self.server.port}"

    @property
    def database_url(self) -> str:
        """With the password, so it is for the database's driver only."""
        path = (self.server.data / "bedside.db").resolve()
        return _with_password(self.database.url) or f"sqlite+aiosqlite:///{path}"


def read_config(path: Path) -> Config:
    """Raises ConfigError."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as problem:
        raise ConfigError(f"{path} cannot be read: {problem.strerror}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path} is not valid TOML: {problem}") from problem
    return config_from(table)


def config_from(table: dict[str, Any]) -> Config:
    """Raises ConfigError."""
    try:
        config: Config = read_as(Config, table)
    except TableUnfit as problem:
        raise ConfigError(str(problem)) from problem
    check(config)
    return config


def check(config: Config) -> None:
    """What types alone cannot say. Raises ConfigError."""
    _check_address(config)
    _check_clinic(config.clinic)
    if problem := problem_of(config.branding):
        raise ConfigError(problem)
    _check_database(config.database.url)
    _check_mail(config.mail)
    _check_sms(config.sms)
    _check_reminders(config.reminders)
    _check_media(config.media)
    _check_turn(config)
    for key in NOT_NOTHING:  # zero would sign everybody out at once, or let no queue move
        _at_least(1, attrgetter(key)(config), key)


def _check_address(config: Config) -> None:
    _port(config.server.port, "server.port")
    try:
        address = urlsplit(config.base_url)
        _port(address.port or 0, "server.base_url")
    except ValueError as problem:
        raise ConfigError(f"server.base_url is no address: {problem}") from problem
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ConfigError("server.base_url must be like https://visits.example.org")
    if config.base_url != f"{address.scheme}://{address.netloc}" or address.username is not None:
        raise ConfigError("server.base_url must end after the name and port: no path, no slash, no user name")
    if address.scheme == "http" and not is_loopback(config.base_url):
        raise ConfigError("server.base_url must be https: browsers give cameras to secure pages only")


def _check_clinic(clinic: Clinic) -> None:
    if not clinic.languages:
        raise ConfigError("clinic.languages needs at least one language")
    for language in clinic.languages:
        if language not in LANGUAGES:
            raise ConfigError(f"clinic.languages may hold {', '.join(LANGUAGES)}, not {language!r}")
    try:
        ZoneInfo(clinic.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ConfigError(f"clinic.time_zone is no known time zone: {clinic.time_zone!r}") from problem


def _check_database(url: str) -> None:
    if not url or url.startswith("sqlite+aiosqlite:///"):
        return
    if not url.startswith("postgresql+asyncpg://"):
        raise ConfigError("database.url must be empty or begin sqlite+aiosqlite:/// or postgresql+asyncpg://")
    try:
        address = urlsplit(url)
        _port(address.port or 0, "database.url")
    except ValueError as problem:
        raise ConfigError(f"database.url is no address: {problem}") from problem
    if address.password is not None:
        raise ConfigError("database.url must not hold the password: put it into BEDSIDE_DATABASE_PASSWORD")
    if not address.username or not address.path.strip("/"):
        raise ConfigError(
            "database.url must name a user and a database: postgresql+asyncpg://bedside@localhost/bedside"
        )
    if address.hostname and address.hostname not in LOOPBACK_NAMES and "ssl" not in parse_qs(address.query):
        raise ConfigError(
            "database.url leads to another machine and must end in ?ssl=verify-full, or in ?ssl=disable where nobody "
            "else is on the way"
        )


def _with_password(url: str) -> str:
    password = os.environ.get("BEDSIDE_DATABASE_PASSWORD", "")
    if not password or not url.startswith("postgresql"):
        return url
    user, at, rest = url.partition("@")
    return f"{user}:{quote(password, safe='')}{at}{rest}"


def _check_mail(mail: Mail) -> None:
    _port(mail.port, "mail.port")
    if mail.security == "none" and mail.host not in LOOPBACK_NAMES:
        raise ConfigError(
            'mail.security = "none" is for a mail server on this machine; use "starttls" or "tls"'
        )
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", mail.from_address):
        raise ConfigError("mail.from_address must be an e-mail address")


def _check_sms(sms: Sms) -> None:
    for place, url in enumerate(sms.urls):
        if 0 < len(sms_secret("REPORT_SECRET", place)) < SHORTEST_SECRET:
            raise ConfigError(f"BEDSIDE_SMS_REPORT_SECRET needs {SHORTEST_SECRET} characters for {url}")
        try:
            address = urlsplit(url)
        except ValueError as problem:
            raise ConfigError(f"sms.urls holds {url!r}, which is no address: {problem}") from problem
        if not (address.scheme == "https" or (address.scheme == "http" and is_loopback(url))):
            raise ConfigError(f"sms.urls holds {url!r}, which does not begin with https://")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", sms.country_code):
        raise ConfigError('sms.country_code must be a calling code without a plus, like "1"')


def _check_reminders(reminders: Reminders) -> None:
    for key in ("email", "sms"):
        for text in getattr(reminders, key):
            if not OFFSET.fullmatch(text):
                raise ConfigError(f'reminders.{key} holds {text!r}, which is not like "24 h" or "10 min"')
    if not reminders.day_begins < reminders.day_ends <= LAST_HOUR:
        raise ConfigError("reminders.day_begins must be before reminders.day_ends, and that at most 23")


def _check_media(media: Media) -> None:
    _port(media.port, "media.port")
    _at_least(2, media.max_seats, "media.max_seats")  # a patient and a clinician
    for address in media.public_addresses:
        try:
            ip_address(address)
        except ValueError as problem:
            raise ConfigError(f"media.public_addresses holds {address!r}, no IP address") from problem


def _check_turn(config: Config) -> None:
    for url in config.turn.urls:
        if not TURN_URL.fullmatch(url):
            raise ConfigError(f"turn.urls holds {url!r}, not like turns:turn.example.org:443?transport=tcp")
    if config.media.relay == "turn" and not config.turn.urls:
        raise ConfigError('media.relay = "turn" needs the servers in turn.urls')
    # Whoever is given credentials can try secrets on them, as fast as they like: it must be too long for that.
    if config.turn.urls and len(turn_secret()) < SHORTEST_SECRET:
        raise ConfigError(
            f"turn.urls needs BEDSIDE_TURN_SECRET, at least {SHORTEST_SECRET} characters, the same as the TURN "
            "servers' static-auth-secret; make one with `openssl rand -hex 32`"
        )


def _port(number: int, key: str) -> None:
    if number > HIGHEST_PORT:
        raise ConfigError(f"{key} must be a port: at most {HIGHEST_PORT}")


def _at_least(least: int, number: int, key: str) -> None:
    if number < least:
        raise ConfigError(f"{key} must be at least {least}")


def is_loopback(base_url: str) -> bool:
    return urlsplit(base_url).hostname in LOOPBACK_NAMES


def named_master_key_file() -> Path | None:
    """What BEDSIDE_MASTER_KEY_FILE says, if it is set."""
    named = os.environ.get("BEDSIDE_MASTER_KEY_FILE", "")
    return Path(named) if named else None


def master_key_file(config: Path) -> Path:
    """Where the operator keeps the master key: where BEDSIDE_MASTER_KEY_FILE says, else beside the settings.

    Raises ConfigError.
    """
    if named := named_master_key_file():
        return named
    beside = config.resolve().parent / "master.key"
    if not beside.exists():
        raise ConfigError(
            f"BEDSIDE_MASTER_KEY_FILE is not set and there is no {beside}. One of them is the file with the master "
            "key, without which no record can be opened; make one with `python -m server key FILE` and keep a copy "
            "off this machine."
        )
    return beside


def sms_secret(name: str, place: int) -> str:
    """TOKEN or REPORT_SECRET of the gateway at this place of sms.urls: BEDSIDE_SMS_TOKEN, BEDSIDE_SMS_TOKEN_2, …"""
    return os.environ.get(f"BEDSIDE_SMS_{name}" if place == 0 else f"BEDSIDE_SMS_{name}_{place + 1}", "")


def turn_secret() -> str:
    return os.environ.get("BEDSIDE_TURN_SECRET", "")


def mail_password() -> str:
    return os.environ.get("BEDSIDE_MAIL_PASSWORD", "")
