"""`python -m server doctor`: looks at what the settings name, one line each, and changes nothing."""

import argparse
import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from server.app import mail_settings
from server.commands import doctor_calls
from server.commands.wrong import Wrong
from server.config import Config, ConfigError, master_key_file, read_config
from server.notify import Notifier, NotSent
from server.store.looking import revision_of
from server.store.migrations import knows, newest
from server.store.sealing import MasterKey, MasterKeyMissing, read_master_key
from server.store.unusable import Unusable

# What is fine in words. Raises Wrong.
Check = Callable[[Config], Awaitable[str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="the settings")


def run(args: argparse.Namespace) -> int:
    """0 when nothing is wrong, else 1."""
    # What is wrong is said once, in the line it belongs to.
    logging.disable(logging.CRITICAL)
    try:
        return look(args.config)
    finally:
        logging.disable(logging.NOTSET)


def look(settings: Path) -> int:
    try:
        key = read_master_key(master_key_file(settings))
        config = read_config(settings)
    except (ConfigError, MasterKeyMissing) as problem:
        say("settings", str(problem), wrong=True)
        return 1
    say("settings", f"{settings} and the master key can be read")
    return asyncio.run(examine(config, checks(config, key)))


def checks(config: Config, key: MasterKey) -> list[tuple[str, Check]]:
    """In the order of what has to work first."""

    async def database(config: Config) -> str:
        return await look_at_database(config, key)

    return [
        ("database", database),
        ("data folder", look_at_folder),
        *doctor_calls.checks(config),
        ("public address", doctor_calls.knock_at_the_public_address),
        ("mail", look_at_mail),
    ]


async def examine(config: Config, todo: list[tuple[str, Check]]) -> int:
    found = 0
    for name, check in todo:
        try:
            say(name, await check(config))
        except Wrong as problem:
            say(name, str(problem), wrong=True)
            found = 1
    return found


def say(name: str, words: str, *, wrong: bool = False) -> None:
    print(f"{'WRONG' if wrong else 'ok':5}  {name}: {words}", flush=True)


async def look_at_database(config: Config, key: MasterKey) -> str:
    try:
        revision = await revision_of(config.database_url, key)
    except Unusable as problem:
        raise Wrong(str(problem)) from problem
    if not revision:
        raise Wrong("there is none yet; `serve` makes it")
    if revision == newest():
        return "it can be reached, the master key opens it, and its tables are up to date"
    if knows(revision):
        raise Wrong("its tables are those of an older version; `serve` brings them up to date")
    raise Wrong("a newer version of Bedside made it: install that one")


async def look_at_folder(config: Config) -> str:
    folder = config.server.data
    if not folder.is_dir():
        raise Wrong(f"{folder} (server.data) is not there; `serve` makes it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Wrong(f"this user may not write in {folder} (server.data)")
    return f"{folder} can be written in"


async def look_at_mail(config: Config) -> str:
    mail = config.mail
    where = f"{mail.host}:{mail.port}"
    try:
        await Notifier(mail_settings(config)).greet()
    except NotSent as problem:
        raise Wrong(f"{where} (mail.host) does not take us: {problem}") from problem
    return f"{where} takes us"
