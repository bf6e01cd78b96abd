"""`python -m server init`: from an empty folder to a clinic that can be opened."""

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from server.commands import staging
from server.commands.account import NewAccount, create
from server.commands.init_questions import SHIPPED, Answers, ask_everything, with_values
from server.commands.refused import Refused
from server.config import Config, ConfigError, named_master_key_file, read_config
from server.store.database import Database
from server.store.migrations import migrate
from server.store.reaching import RecordsOutOfReach
from server.store.sealing import MasterKey, create_master_key, read_master_key

PRIVATE = 0o077
# `var` is server.data of the shipped settings, about which nothing is asked.
SETTINGS, KEY, SHEET, DATA = "config.toml", "master.key", "recovery-sheet.txt", "var"
# As it can be typed in the clinic's folder, whatever the shell knows.
COMMAND = f"{sys.executable} -m server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--print-key", action="store_true", help="show the master key once, to be written down"
    )


def run(args: argparse.Namespace) -> int:
    for name in (SETTINGS, KEY, SHEET, DATA):
        if os.path.lexists(name):
            raise ConfigError(f"{name} is here already; init begins in an empty folder")
    # A key that cannot be read is said before twenty questions are answered.
    named = named_master_key_file()
    key = read_master_key(named) if named else None
    os.umask(PRIVATE)
    try:
        made = make(ask_everything(), Path.cwd(), key)
    except (EOFError, KeyboardInterrupt):
        whole = os.path.lexists(SETTINGS)
        made_of_it = f"everything was made before that, {SHEET} too" if whole else "nothing was made"
        print(f"\nbedside: stopped; {made_of_it}", file=sys.stderr)
        return 1
    except OSError as problem:
        raise Refused(f"nothing was made: {staging.reason(problem)}") from problem
    except DBAPIError as problem:
        raise Refused(f"nothing was made: {problem.orig}") from problem
    except RecordsOutOfReach as problem:
        raise Refused(f"nothing was made: {problem}") from problem
    print(made.sheet)
    if args.print_key:
        print(f"The master key, to be written down and locked away: {made.key.secret.hex()}\n")
    print(f"Start it with: {COMMAND} serve\nThen sign in at {made.config.base_url}/sign-in")
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    config: Config
    key: MasterKey
    sheet: str


def make(answers: Answers, clinic: Path, known_key: MasterKey | None) -> Made:
    """The clinic in its folder, all of it or nothing; with a key of its own unless there is one. Raises OSError."""
    with staging.folder(clinic, staging.INIT) as folder:
        (folder / SETTINGS).write_text(with_values(SHIPPED.read_text(), answers.settings))
        key = known_key or create_master_key(folder / KEY)
        config = read_config(folder / SETTINGS)
        staged = replace(config, server=replace(config.server, data=folder / DATA))
        staged.server.data.mkdir()
        migrate(staged.database_url)
        asyncio.run(_first_account(staged, key, answers.account))
        sheet = recovery_sheet(config, clinic, key, named_master_key_file() or clinic / KEY)
        (folder / SHEET).write_text(sheet)
        # The settings come last: without them no command takes the folder for a clinic's.
        names = (DATA, *(() if known_key else (KEY,)), SHEET, SETTINGS)
        staging.put_all(folder, clinic, names)
    return Made(config=config, key=key, sheet=sheet)


async def _first_account(config: Config, key: MasterKey, account: NewAccount) -> None:
    database = await Database.open(config.database_url, key)
    try:
        await create(database, account)
    finally:
        await database.close()


def recovery_sheet(config: Config, folder: Path, key: MasterKey, key_file: Path) -> str:
    """What somebody needs who stands before a dead machine. The key itself is never on it."""
    return f"""
{config.clinic.name}: recovery sheet. Print it and keep it where you keep keys.

Master key     {key_file.absolute()} (its id: {key.kid})
               It opens every record. Copy the file to two places off this machine now.
               Without it nobody can open the records or a backup of them, and neither can we.
Settings       {folder / SETTINGS}
Database       {(folder / config.server.data / "bedside.db")}
Back up        {COMMAND} backup FILE
               every day; the file is sealed with the master key
Restore        in an empty folder, with the master key's file as {KEY} in it:
               {COMMAND} restore FILE
               It ends every session, remembered device and link to patients' own pages, and
               prints what to check. Then: {COMMAND} serve
Not in it      the master key, and what is in BEDSIDE_MAIL_PASSWORD, BEDSIDE_SMS_TOKEN, BEDSIDE_TURN_SECRET,
               BEDSIDE_DATABASE_PASSWORD
Nobody can     {COMMAND} account password --email ADDRESS
sign in        {COMMAND} account second-factor --email ADDRESS
Patients call  {config.clinic.phone}
"""
