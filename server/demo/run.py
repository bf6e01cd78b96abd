"""`python -m server demo`: an invented clinic on loopback, ready to be clicked through.

With `--phone` patients' pages open on the local network too; the doors that sign staff in stay on loopback.
"""

import argparse
import asyncio
import json
import logging
import os
import socket
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from server.app import create_app
from server.config import HIGHEST_PORT, Config, ConfigError, read_config
from server.demo import clinic
from server.demo.clinic import Ready
from server.demo.mail_catcher import MailCatcher
from server.demo.people import ADA, MIRA, OKAFOR, PETRA, REYES, ROBIN
from server.demo.robot_host import robot_patient
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import MasterKey, create_master_key, read_master_key
from server.web import keys
from server.web.clock import Clock
from server.web.demo_doors import DemoDoors
from server.web.logs import set_up_logging
from server.web.phone_side import PHONE_HELP, PhoneSide, advice, drawn, phone_side
from server.web.serving import listening, until_told_to_stop
from webrtc.relay_client import RelayBusy

PROJECT = Path(__file__).parents[2]
ADDRESSES = ("127.0.0.1", "::1")
PRIVATE = 0o077


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8080, help="0 takes any free port")
    parser.add_argument("--data", type=Path, default=PROJECT / "var" / "demo", help="kept between runs")
    parser.add_argument("--json", action="store_true", help="one JSON line on stdout when ready")
    parser.add_argument("--clock-offset", type=float, default=0.0, metavar="MINUTES", help="shift the time")
    parser.add_argument("--phone", nargs="?", const="", metavar="ADDRESS", help=PHONE_HELP)


def _port(text: str) -> int:
    """Raises ValueError."""
    if (number := int(text)) not in range(HIGHEST_PORT + 1):
        raise ValueError(text)
    return number


def run(args: argparse.Namespace) -> int:
    set_up_logging(logging.WARNING)
    # Invented people, but files like a real clinic's: for this user only.
    os.umask(PRIVATE)
    try:
        args.data.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ConfigError(f"{args.data} cannot be used (--data): {problem.strerror}") from problem
    try:
        return asyncio.run(serve_demo(args))
    except RelayBusy as problem:
        raise ConfigError(f"another demo is running on {args.data} (--data)") from problem


async def serve_demo(args: argparse.Namespace) -> int:
    """Until SIGINT or SIGTERM. Everything it starts, it stops."""
    data: Path = args.data.resolve()
    clock = Clock(timedelta(minutes=args.clock_offset))
    port = args.port or free_port(everywhere=args.phone is not None)
    phone = None
    if args.phone is not None:
        # The phones' own time, not the shifted one of the pages.
        phone = phone_side(args.phone, port=port, data=data, now=Clock().now())
    mail = MailCatcher(data / "mail")
    mail.start()
    config = demo_config(port, data=data, mail_port=mail.port)
    migrate(config.database_url)
    database = await Database.open(config.database_url, demo_master_key(data / "master.key"))
    try:
        doors = DemoDoors(mail_folder=data / "mail")
        ready = await clinic.prepare(database, now=clock.now())
        app = create_app(config, database=database, clock=clock, demo=doors, phone=phone)
        await serve(app, config, ready, doors, as_json=args.json)
    finally:
        await database.close()
        mail.stop()
    return 0


def demo_config(port: int, *, data: Path, mail_port: int) -> Config:
    """The shipped settings, moved to loopback and to free ports, so that nothing has to be set up."""
    shipped = read_config(PROJECT / "config.toml")
    return replace(
        shipped,
        server=replace(shipped.server, host=ADDRESSES[0], port=port, base_url="", data=data),
        mail=replace(shipped.mail, host=ADDRESSES[0], port=mail_port, security="none", username=""),
        media=replace(shipped.media, port=0),
        self_booking=replace(shipped.self_booking, mode="desk"),
    )


def free_port(*, everywhere: bool) -> int:
    """One that is free on loopback, or on every address of this machine."""
    with socket.socket() as probe:
        probe.bind(("" if everywhere else ADDRESSES[0], 0))
        return int(probe.getsockname()[1])


def demo_master_key(path: Path) -> MasterKey:
    """The demo makes its own key, once; a real clinic's is kept apart from its data."""
    return read_master_key(path) if path.exists() else create_master_key(path)


async def serve(
    app: web.Application, config: Config, ready: Ready, doors: DemoDoors, *, as_json: bool
) -> None:
    phone = app.get(keys.PHONE)
    # Loopback in both families: browsers may try either for "localhost".
    async with listening(app, hosts=ADDRESSES, port=config.server.port, phone=phone):
        facts = facts_of(config, ready, doors, phone)
        async with robot_patient(
            app,
            encounter_id=ready.robot_visit.id,
            link=f"{config.base_url}/visit/join/{ready.robot_token}",
            born=ROBIN.born.isoformat(),
        ):
            print(json.dumps(facts) if as_json else table(facts, config), flush=True)
            if phone is not None and not as_json:
                media_port = app[keys.ROOMS].media_port
                print(for_the_phone(facts["visit_url"], phone, media_port=media_port), flush=True)
            await until_told_to_stop()


def facts_of(config: Config, ready: Ready, doors: DemoDoors, phone: PhoneSide | None) -> dict[str, str]:
    """What a script needs to go on from here. Staff's links work on this machine only, patients' on the phone too."""
    base, accounts = config.base_url, ready.known.accounts
    patients = phone.url if phone else base
    return {
        "base_url": base,
        "desk_url": base + doors.link_for(accounts[ADA.key], "/desk/today"),
        "clinic_url": base + doors.link_for(accounts[REYES.key], "/clinic/day"),
        "okafor_url": base + doors.link_for(accounts[OKAFOR.key], "/clinic/day"),
        "admin_url": base + doors.link_for(accounts[PETRA.key], "/admin/accounts"),
        "visit_url": f"{patients}/visit/join/{ready.visit_token}",
        "visit_id": ready.visit.id,
        "patient_date_of_birth": MIRA.born.isoformat(),
        "robot_visit_id": ready.robot_visit.id,
        "home_url": f"{patients}/home/door/{ready.home_token}",
        "book_url": f"{patients}/book",
    }


def for_the_phone(visit_url: str, phone: PhoneSide, *, media_port: int) -> str:
    """The link of Mira's call as a QR code, and only that one: it opens nothing but one visit."""
    return "\n".join(
        (
            "",
            drawn(visit_url, in_colour=sys.stdout.isatty()),
            f"{MIRA.name}'s call for a phone's camera. Staff's links work on this machine only.",
            advice(phone, media_port=media_port),
        )
    )


def table(facts: dict[str, str], config: Config) -> str:
    """The same for a person. The addresses sign in without a password, while this runs and on this machine only."""
    rows = (
        (f"{ADA.name}, front desk", facts["desk_url"]),
        (f"{REYES.name}, psychiatrist", facts["clinic_url"]),
        (f"{OKAFOR.name}, psychiatrist", facts["okafor_url"]),
        (f"{PETRA.name}, administrator", facts["admin_url"]),
        (f"{MIRA.name}, today's call", facts["visit_url"]),
        (f"{MIRA.name}, her own pages", facts["home_url"]),
        ("Anybody, to book a first visit", facts["book_url"]),
    )
    lines = [f"  {who:<31} {address}" for who, address in rows]
    return "\n".join(
        (
            f"{config.clinic.name} is open on {facts['base_url']}",
            "",
            *lines,
            "",
            f"{MIRA.name} was born on {facts['patient_date_of_birth']}: both pages ask for it.",
            f"{ROBIN.name} comes to the waiting room when {REYES.name} opens that visit.",
            "Ctrl+C closes the clinic; what you did is kept.",
        )
    )
