"""`python -m server serve`: the clinic, for real. Behind a web server that holds a certificate (README)."""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from server.app import create_app
from server.commands import staging
from server.commands.backup import database_file
from server.config import Config, ConfigError, master_key_file, read_config
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import MasterKey, read_master_key
from server.web.clock import Clock
from server.web.logs import set_up_logging
from server.web.serving import SlowParser, check_parser, listening, until_told_to_stop
from webrtc.relay_client import RelayBusy

PRIVATE = 0o077


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="the settings")


def run(args: argparse.Namespace) -> int:
    """Everything that can be wrong is found before the first page is served."""
    key = read_master_key(master_key_file(args.config))
    config = read_config(args.config)
    try:
        check_parser()
    except SlowParser as problem:
        raise ConfigError(str(problem)) from problem
    set_up_logging(logging.INFO)
    # Database, log and socket are for this user only.
    os.umask(PRIVATE)
    config.server.data.mkdir(parents=True, exist_ok=True)
    staging.sweep(database_file(config).parent, args.config.resolve().parent)
    migrate(config.database_url)
    return asyncio.run(serve(config, key))


async def serve(config: Config, key: MasterKey) -> int:
    """Until SIGINT or SIGTERM. Calls go on meanwhile: the next start finds them in the relay."""
    database = await Database.open(config.database_url, key)
    try:
        app = create_app(config, database=database, clock=Clock(), keep_relay=True)
        async with listening(app, hosts=(config.server.host,), port=config.server.port):
            print(f"{config.clinic.name} is open on {config.base_url}", file=sys.stderr, flush=True)
            await until_told_to_stop()
    except RelayBusy as problem:
        raise ConfigError(f"another server is running on {config.server.data} (server.data)") from problem
    except OSError as problem:
        where = f"{config.server.host}:{config.server.port}"
        raise ConfigError(
            f"cannot listen on {where} (server.host, server.port): {problem.strerror}"
        ) from problem
    finally:
        await database.close()
    return 0
