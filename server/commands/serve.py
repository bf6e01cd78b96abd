"""`python -m server serve`: the clinic, for real. Behind a web server that holds a certificate (README)."""

import argparse
import asyncio
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from server.app import create_app
from server.commands import public_addresses, service_unit, staging
from server.commands.backup import records_folder
from server.config import LOOPBACK_NAMES, Config, ConfigError, master_key_file, read_config
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import MasterKey, read_master_key
from server.web import keys, network
from server.web.clock import Clock
from server.web.logs import set_up_logging
from server.web.phone_side import PHONE_HELP, PhoneSide, advice, phone_side
from server.web.serving import SlowParser, check_parser, listening, until_told_to_stop
from webrtc.relay_client import RelayBusy

log = logging.getLogger("bedside.serve")

PRIVATE = 0o077


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="the settings")
    parser.add_argument("--phone", nargs="?", const="", metavar="ADDRESS", help=PHONE_HELP)


def run(args: argparse.Namespace) -> int:
    """Everything that can be wrong is found before the first page is served."""
    key = read_master_key(master_key_file(args.config))
    config = read_config(args.config)
    if args.phone is not None:
        check_for_phone(config)
    try:
        check_parser()
    except SlowParser as problem:
        raise ConfigError(str(problem)) from problem
    set_up_logging(logging.INFO)
    # Database, log and socket are for this user only.
    os.umask(PRIVATE)
    config.server.data.mkdir(parents=True, exist_ok=True)
    for words in (
        *service_unit.warnings(config.server.data),
        public_addresses.trouble(config, network.own_addresses()),
    ):
        if words:
            log.warning(words)
    staging.sweep(records_folder(config), args.config.resolve().parent)
    phone = None
    if args.phone is not None:
        phone = phone_side(args.phone, port=config.server.port, data=config.server.data, now=Clock().now())
        config = on_the_network(config, phone)
    migrate(config.database_url)
    return asyncio.run(serve(config, key, phone))


def check_for_phone(config: Config) -> None:
    """Raises ConfigError where `--phone` would put a second address beside the clinic's real one."""
    if config.server.base_url:
        raise ConfigError(
            f"--phone is for trying without an address of your own, but server.base_url is {config.server.base_url}: "
            "phones open that one; leave --phone away"
        )
    if config.server.host not in LOOPBACK_NAMES:
        raise ConfigError(
            f"--phone listens on the network with a certificate, and server.host = {config.server.host!r} would "
            "listen there without one: put 127.0.0.1"
        )


def on_the_network(config: Config, phone: PhoneSide) -> Config:
    """All links lead to the phone side, which every machine in the network reaches; the relay is where it is, also
    where TURN servers would carry the calls otherwise."""
    return replace(
        config,
        server=replace(config.server, base_url=phone.url),
        media=replace(config.media, relay="built-in", public_addresses=()),
    )


async def serve(config: Config, key: MasterKey, phone: PhoneSide | None) -> int:
    """Until SIGINT or SIGTERM. Calls go on meanwhile: the next start finds them in the relay."""
    database = await Database.open(config.database_url, key)
    try:
        app = create_app(config, database=database, clock=Clock(), keep_relay=True, phone=phone)
        async with listening(app, hosts=(config.server.host,), port=config.server.port, phone=phone):
            print(f"{config.clinic.name} is open on {config.base_url}", file=sys.stderr, flush=True)
            if phone is not None:
                print(for_phones(app, phone, config.server.port), file=sys.stderr, flush=True)
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


def for_phones(app: web.Application, phone: PhoneSide, port: int) -> str:
    """There is no one link here: each visit has its own, at the front desk."""
    return "\n".join(
        (
            f"On this machine it is open on http://localhost:{port} too.",
            "For a phone: open the visit at the front desk; its link is there as a QR code.",
            advice(phone, media_port=app[keys.ROOMS].media_port),
        )
    )
