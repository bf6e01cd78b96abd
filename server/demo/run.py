"""`python -m server demo`: an invented clinic on loopback, ready to be clicked through."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from server.app import create_app
from server.config import Config, read_config
from server.demo import clinic
from server.demo.mail_catcher import MailCatcher
from server.demo.robot_host import RobotHost
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import MasterKey, create_master_key, read_master_key
from server.web.clock import Clock
from server.web.demo_doors import DemoDoors

PROJECT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8080, help="0 takes any free port")
    parser.add_argument("--data", type=Path, default=PROJECT / "var" / "demo", help="kept between runs")
    parser.add_argument("--json", action="store_true", help="one JSON line on stdout when ready")
    parser.add_argument("--clock-offset", type=float, default=0.0, metavar="MINUTES", help="shift the time")


def run(args: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    return asyncio.run(serve_demo(args))


async def serve_demo(args: argparse.Namespace) -> int:
    """Until SIGINT or SIGTERM. Everything it starts, it stops."""
    data: Path = args.data
    data.mkdir(parents=True, exist_ok=True)
    clock = Clock(timedelta(minutes=args.clock_offset))
    url = f"sqlite+aiosqlite:///{(data / 'bedside.db').resolve()}"
    migrate(url)
    database = await Database.open(url, demo_master_key(data / "master.key"))
    mail = MailCatcher(data / "mail")
    mail.start()
    try:
        config = demo_config(args, mail_port=mail.port)
        doors = DemoDoors(mail_folder=data / "mail")
        todays = await clinic.prepare(database, now=clock.now())
        app = create_app(config, database=database, clock=clock, demo=doors)
        await _serve(app, config, doors=doors, todays=todays, as_json=args.json)
    finally:
        mail.stop()
        await database.close()
    return 0
