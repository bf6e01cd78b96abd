"""How many messages a second leave the outbox over real SMTP, killed again and again meanwhile, and none doubled.

The peer is aiosmtplib by itself: the same letters to the same kind of server, one connection a letter as ours, and
nothing that would remember what was sent. `duplicates` are letters that arrived under more than one Message-ID;
`copies` are those a mail program recognises, taken by the server in the moment of a kill.
"""

import asyncio
import email
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiosmtplib
from aiosmtpd.controller import Controller

from server.jobs.mail import send_due
from server.notify import Letter, MailSettings, Notifier, message_of
from server.services import outgoing
from server.store import encounters, outbox
from server.store.database import Database
from server.store.migrations import migrate
from tests.builders import house_config
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.conftest import MASTER_KEY
from tests.people import settle

LETTERS, KILLS, RUNS = 120, 4, 3


class Post:
    """A real SMTP server that counts letters by what they are about and by their number."""

    def __init__(self) -> None:
        self.numbers: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- its name
        message = email.message_from_bytes(envelope.content)
        self.numbers[envelope.rcpt_tos[0], message["Message-ID"]] += 1
        return "250 Kept"


def settings(port: int) -> MailSettings:
    return MailSettings(
        host="127.0.0.1", port=port, security="none", sender_name="H", sender_address="h@harbor.example"
    )


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def fill(path: Path) -> None:
    """A clinic whose patients all wait for one letter."""
    from server.services import appointments, patients  # noqa: PLC0415 -- only where the clinic is made

    migrate(url_of(path))
    database, clock = await Database.open(url_of(path), MASTER_KEY), StoppedClock()
    cast = await settle(database, clock)
    async with database.write() as tx:
        visit = await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(days=3),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
        for number in range(LETTERS):
            patient = await patients.register(
                tx,
                name=f"Patient {number}",
                date_of_birth=MONDAY_MORNING.date(),
                email=f"patient-{number}@example.org",
                phone=None,
                time_zone="America/New_York",
                language="en",
                by=cast.ada,
                now=clock.now(),
            )
            theirs = replace_ids(visit, patient.id, number)
            await encounters.insert(tx, theirs)
            await outgoing.queue(tx, kind=outgoing.BOOKED, encounter=theirs, patient=patient, now=clock.now())
        await outbox.withdraw(tx, visit.id, now=clock.now())
    await database.close()


def replace_ids(visit: Any, patient_id: str, number: int) -> Any:
    from dataclasses import replace  # noqa: PLC0415 -- only where the clinic is made

    return replace(visit, id=f"visit-{number}", appointment_id=None, patient_id=patient_id)


async def postman(path: str, port: str, minutes: str) -> None:
    """One postman until nothing is left, as a process of its own; says when it begins."""
    from server.app import create_app  # noqa: PLC0415 -- takes long, and only the postman needs it

    database = await Database.open(url_of(Path(path)), MASTER_KEY)
    clock = StoppedClock(MONDAY_MORNING + timedelta(minutes=int(minutes)))
    app = create_app(
        house_config(port=8080, data=Path(path).parent), database=database, clock=clock, call=False
    )
    print("ready", flush=True)
    began = time.perf_counter()
    sent = 0
    while left := await send_due(app, Notifier(settings(int(port)))):
        sent += left
    print(json.dumps({"sent": sent, "seconds": time.perf_counter() - began}), flush=True)
    await database.close()


def run_postman(path: Path, port: int, minutes: int, *, kill_after: float | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.outbox", str(path), str(port), str(minutes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(process.pid, signal.SIGKILL)
            return {}
        return dict(json.loads(process.stdout.readline()))


def ours(filled: Path, folder: Path, *, kills: int) -> tuple[float, Post]:
    """Letters a second of the postman who lived to the end, and what arrived over all."""
    path, post = Path(shutil.copy(filled, folder / "run.db")), Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        for each in range(kills):
            run_postman(path, controller.port, each * 3, kill_after=0.25)
        last = run_postman(path, controller.port, kills * 3)
    finally:
        controller.stop()
    return last["sent"] / last["seconds"], post


def peer() -> float:
    """aiosmtplib alone: letters a second, of the same kind and number."""
    controller = Controller(Post(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        return asyncio.run(alone(controller.port))
    finally:
        controller.stop()


async def alone(port: int) -> float:
    letters = [
        Letter(
            number=str(number),
            to=f"patient-{number}@example.org",
            subject="Your visit on Thu, Nov 26 - Harbor Clinic",
            text="Hello,\n" + "what a letter says in a few lines.\n" * 16,
            html="<p>" + "what a letter says, with its shape.\n" * 60 + "</p>",
            written_at=MONDAY_MORNING,
            calendar=b"BEGIN:VCALENDAR\r\n" * 40,
        )
        for number in range(LETTERS)
    ]
    began = time.perf_counter()
    for letter in letters:
        await aiosmtplib.send(
            message_of(letter, settings(port)), hostname="127.0.0.1", port=port, start_tls=False
        )
    return LETTERS / (time.perf_counter() - began)


def free_port() -> int:
    from aiohttp.test_utils import unused_port  # noqa: PLC0415 -- not needed by the postman

    return unused_port()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        filled = folder / "filled.db"
        asyncio.run(fill(filled))
        fast, bare, copies, doubled, lost = [], [], 0, 0, 0
        for _ in range(RUNS):
            rate, post = ours(filled, folder, kills=0)
            fast.append(rate)
            bare.append(peer())
            assert sum(post.numbers.values()) == LETTERS
        _, post = ours(filled, folder, kills=KILLS)
        of_each = Counter(to for to, _ in post.numbers)
        doubled = sum(count > 1 for count in of_each.values())
        copies = sum(post.numbers.values()) - len(post.numbers)
        lost = LETTERS - len(of_each)
    best, other = sorted(fast)[RUNS // 2], sorted(bare)[RUNS // 2]
    print(
        json.dumps(
            {
                "name": "outbox",
                "ours": round(best, 1),
                "peer": round(other, 1),
                "peer_name": "aiosmtplib alone",
                "unit": "messages/s",
                "ratio": round(best / other, 3),
                "runs": RUNS,
                "duplicates": doubled,
                "copies": copies,
                "lost": lost,
                "kills": KILLS,
            }
        )
    )
    if doubled or lost:
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(postman(*sys.argv[1:]))
    else:
        main()
