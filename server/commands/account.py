"""`python -m server account`: the first accounts, and passwords when nobody can sign in to set them."""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from server.care.access import CLINICIAN, ROLES
from server.commands.refused import Refused
from server.config import Config, master_key_file, read_config
from server.services import accounts, passwords, practice, second_factor
from server.services.accounts import Account
from server.services.weekly_hours import HoursUnclear, WeeklyHours, read_week
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import read_master_key
from server.store.values import check_text
from server.web.clock import Clock

OFFICE_HOURS = "mon-fri 09:00-17:00"
# Who did it, on the audit trail: somebody at the machine itself.
OPERATOR = "system"
PRIVATE = 0o077


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="the settings")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|password|second-factor|list")
    add = verbs.add_parser(
        "add", help="a new account; asks for its password, or reads it from standard input"
    )
    add.add_argument("--name", required=True, help="as colleagues know them")
    add.add_argument("--email", required=True, help="what they sign in with")
    add.add_argument(
        "--role", required=True, action="append", choices=ROLES, help="may be given several times"
    )
    add.add_argument("--zone", help="a clinician's time zone; the clinic's own if not given")
    add.add_argument(
        "--hours", default=OFFICE_HOURS, help=f'a clinician\'s weekly hours, like "{OFFICE_HOURS}"'
    )
    password = verbs.add_parser("password", help="another password; signs the account out everywhere")
    password.add_argument("--email", required=True)
    factor = verbs.add_parser(
        "second-factor", help="forget a lost phone; the account is signed out and sets up another"
    )
    factor.add_argument("--email", required=True)
    verbs.add_parser("list", help="everybody who has an account")


def run(args: argparse.Namespace) -> int:
    """Raises ValueUnfit, also for what is only looked for: not everything a shell passes on is text."""
    for given in vars(args).values():
        if isinstance(given, str):
            check_text(given)
    key = read_master_key(master_key_file(args.config))
    config = read_config(args.config)
    # A database that this makes is for this user only.
    os.umask(PRIVATE)
    config.server.data.mkdir(parents=True, exist_ok=True)
    migrate(config.database_url)

    async def work() -> None:
        database = await Database.open(config.database_url, key)
        try:
            await VERBS[args.verb](database, config, args)
        finally:
            await database.close()

    asyncio.run(work())
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAccount:
    """`zone` and `hours` count for clinicians."""

    name: str
    email: str
    roles: frozenset[str]
    zone: str
    hours: WeeklyHours
    password_hash: str


async def add(database: Database, config: Config, args: argparse.Namespace) -> None:
    zone = args.zone or config.clinic.time_zone
    hours = _hours(args.hours)
    if zone not in available_timezones():
        raise Refused(f"{zone} is no known time zone; they are written like America/Denver")
    if not args.name.strip():
        raise Refused("a name is needed: --name, as colleagues know them")
    if "@" not in args.email:
        raise Refused(f"{args.email} is no e-mail address")
    account = NewAccount(
        name=args.name.strip(),
        email=args.email.strip(),
        roles=frozenset(args.role),
        zone=zone,
        hours=hours,
        password_hash=await _new_password(),
    )
    await create(database, account)
    print(f"{args.name} can sign in at {config.base_url}/sign-in")


async def create(database: Database, account: NewAccount) -> None:
    """Raises Refused."""
    async with database.write() as tx:
        try:
            account_id = await accounts.create(
                tx,
                name=account.name,
                email=account.email,
                roles=account.roles,
                password_hash=account.password_hash,
                now=Clock().now(),
                by=OPERATOR,
            )
        except accounts.AddressTaken as taken:
            raise Refused(f"{account.email} has an account already") from taken
        if CLINICIAN in account.roles:
            await accounts.add_practitioner(
                tx, account_id=account_id, name=account.name, time_zone=account.zone, hours=account.hours
            )
            # Nobody can be booked without a kind of visit.
            await practice.add_default_visit_types(tx)


async def password(database: Database, config: Config, args: argparse.Namespace) -> None:
    account = await _account(database, args.email)
    password_hash = await _new_password()
    async with database.write() as tx:
        await accounts.set_password(
            tx, account_id=account.id, password_hash=password_hash, by=OPERATOR, now=Clock().now()
        )
    print(f"{account.name} has another password and is signed out everywhere")


async def reset_second_factor(database: Database, config: Config, args: argparse.Namespace) -> None:
    """For the last administrator, who has nobody else to ask."""
    account = await _account(database, args.email)
    async with database.write() as tx:
        await second_factor.reset(tx, account_id=account.id, by=OPERATOR, now=Clock().now())
    print(f"{account.name} is signed out everywhere and sets up a phone at the next sign-in")


async def show_all(database: Database, config: Config, args: argparse.Namespace) -> None:
    async with database.read() as tx:
        for account in await accounts.everybody(tx):
            state = "disabled" if account.disabled_at else "" if account.has_password else "no password yet"
            print("\t".join((account.email, account.name, ", ".join(sorted(account.roles)), state)).rstrip())


VERBS: dict[str, Callable[[Database, Config, argparse.Namespace], Awaitable[None]]] = {
    "add": add,
    "password": password,
    "second-factor": reset_second_factor,
    "list": show_all,
}


async def _account(database: Database, email: str) -> Account:
    async with database.read() as tx:
        try:
            return await accounts.get_by_email(tx, email)
        except accounts.NoSuchAccount as unknown:
            raise Refused(f"{email} has no account") from unknown


def _hours(text: str) -> WeeklyHours:
    try:
        return read_week(text)
    except HoursUnclear as unclear:
        raise Refused(f'the hours "{text}" are not clear; write them like "{OFFICE_HOURS}"') from unclear


async def _new_password() -> str:
    """Never an argument: the list of processes is open to everybody on the machine."""
    if sys.stdin.isatty():
        given = getpass.getpass("New password: ")
        if given != getpass.getpass("Once more: "):
            raise Refused("the two are not the same; nothing was changed")
    else:
        given = sys.stdin.readline().rstrip("\n")
    check_text(given)
    try:
        return await passwords.hashed(given)
    except passwords.PasswordUnfit as unfit:
        raise Refused(f"a password needs {passwords.SHORTEST_PASSWORD} characters or more") from unfit
