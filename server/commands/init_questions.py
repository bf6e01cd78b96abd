"""What `init` asks, one question a line, and the settings that its answers make."""

import asyncio
import getpass
import json
import re
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

from server.care.access import CLINICIAN, ROLES
from server.commands.account import OFFICE_HOURS, NewAccount
from server.config import HIGHEST_PORT, LOOPBACK_NAMES, config_from
from server.services import passwords
from server.services.weekly_hours import HoursUnclear, read_week
from server.store.values import check_text

SHIPPED = Path(__file__).parents[2] / "config.toml"
Value = TypeVar("Value")


@dataclass(slots=True)
class Answers:
    """`settings` by "section.key", as they go into config.toml."""

    account: NewAccount
    settings: dict[str, Any] = field(default_factory=dict)


def ask_everything() -> Answers:
    """One question a line, from the terminal or from standard input. Raises EOFError."""
    print("A few questions; an empty line takes what stands in brackets.\n")
    settings: dict[str, Any] = {
        "clinic.name": ask("The clinic's name", check=_something),
        "clinic.phone": ask("The phone number patients call", check=_something),
        "clinic.time_zone": ask("Its time zone", default="America/Denver", check=_zone),
        "server.base_url": ask(
            "The https:// address people will use (empty: this machine only)", check=_site
        ),
    }
    account = _ask_account(settings["clinic.time_zone"])
    host = ask("Mail server", default="127.0.0.1", check=_something)
    settings |= {
        "mail.host": host,
        "mail.port": ask("Its port", default="25" if host in LOOPBACK_NAMES else "587", check=_port),
        "mail.security": ask(
            'How it is protected: "starttls", "tls", or "none" on this machine',
            default="none" if host in LOOPBACK_NAMES else "starttls",
            check=partial(_security, host),
        ),
        "mail.username": ask("User name there (empty: none)", default=""),
        "mail.from_address": ask("The address mail comes from", default=account.email, check=_address),
    }
    if settings["mail.username"]:
        print("Its password goes into no file: put it into BEDSIDE_MAIL_PASSWORD.")
    # All of it together must be settings that start, before anything is made.
    config_from(tomllib.loads(with_values(SHIPPED.read_text(), settings)))
    return Answers(account, settings)


def _ask_account(zone: str) -> NewAccount:
    print("\nThe first account: yours.")
    name = ask("Your name, as colleagues know you", check=_something)
    email = ask("Your e-mail address, to sign in with", check=_address)
    roles = ask(f"Your roles, of {', '.join(ROLES)}", default=", ".join(ROLES), check=_roles)
    hours = ()
    if CLINICIAN in roles:
        hours = ask("Your weekly hours", default=OFFICE_HOURS, check=_hours)
    password_hash = ask("A password", check=_password, hidden=True)
    return NewAccount(
        name=name, email=email, roles=roles, zone=zone, hours=hours, password_hash=password_hash
    )


def ask(
    question: str,
    *,
    default: str | None = None,
    check: Callable[[str], Value] = str,  # type: ignore[assignment]
    hidden: bool = False,
) -> Value:
    """What `check` makes of the answer; asked again, with its reason, as long as it raises ValueError."""
    shown = f"{question} [{default}]: " if default else f"{question}: "
    while True:
        typed = getpass.getpass(shown) if hidden and sys.stdin.isatty() else input(shown)
        try:
            check_text(typed)
            return check(typed.strip() or default or "")
        except ValueError as problem:
            print(f"  {problem}")


def _site(text: str) -> str:
    if text and not re.fullmatch(r"https://[^/\s]+/?", text):
        raise ValueError("It begins with https:// and ends after the name, like https://visits.example.org.")
    return text.rstrip("/")


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise ValueError(f"A port is a number up to {HIGHEST_PORT}.")
    return int(text)


def _security(host: str, text: str) -> str:
    if text not in ("none", "starttls", "tls"):
        raise ValueError('One of "none", "starttls" and "tls".')
    if text == "none" and host not in LOOPBACK_NAMES:
        raise ValueError('"none" is for a mail server on this machine only.')
    return text


def _something(text: str) -> str:
    if not text:
        raise ValueError("This is needed.")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError(f"{text} is no known time zone; they are written like America/Denver.")
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError("An e-mail address looks like name@clinic.example.")
    return text


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not roles or roles - set(ROLES):
        raise ValueError(f"One or more of {', '.join(ROLES)}, with commas between.")
    return roles


def _hours(text: str) -> Any:
    try:
        return read_week(text)
    except HoursUnclear as unclear:
        raise ValueError(f'Write them like "{OFFICE_HOURS}".') from unclear


def _password(text: str) -> str:
    try:
        return asyncio.run(passwords.hashed(text))
    except passwords.PasswordUnfit as unfit:
        raise ValueError(f"It needs {passwords.SHORTEST_PASSWORD} characters or more.") from unfit


def with_values(text: str, values: dict[str, Any]) -> str:
    """The settings file with these values in it and every comment left where it was."""
    section, lines, left = "", [], dict(values)
    for line in text.splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line.strip()):
            section = found[1]
        name = f"{section}.{line.partition('=')[0].strip()}"
        lines.append(f"{name.partition('.')[2]} = {_toml(left.pop(name))}" if name in left else line)
    if left:
        raise KeyError(", ".join(left))
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A text or a whole number; JSON writes both as TOML does."""
    return json.dumps(value, ensure_ascii=False)
