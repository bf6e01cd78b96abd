"""Server time of a long story: the timeline of a patient with 500 entries, beside a bare page of the same length.

Both are asked for over HTTP from one process: the clinic as it is served (sign-in, sealed text, trail and all), and
aiohttp with one Jinja template that writes a text of equal size into the same frame. What counts is CPU time of the
process per request, ours and theirs by turns, so that a busy machine does not change the ratio much.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer, unused_port
from jinja2 import Environment
from markupsafe import Markup

from server.app import create_app
from server.services import accounts, journals, patients, practice
from server.store import sessions
from server.store.database import Database, Tx
from server.store.migrations import migrate
from server.store.sealing import MasterKey
from tests.builders import house_config
from tests.clocks import StoppedClock

ENTRIES = 500
RUNS = 9
REQUESTS = 4
BEGAN = datetime(2026, 1, 5, 15, tzinfo=UTC)
WORDS = "The room was larger than it is, and somebody hummed. "


async def settle(tx: Tx, *, now: datetime) -> tuple[str, str]:
    """A clinician with a session and a patient with a long journal: the session's cookie, the patient's id."""
    await practice.add_default_visit_types(tx)
    account = await accounts.create(
        tx,
        name="Dr. Ines Reyes",
        email="reyes@harbor.example",
        roles=frozenset({"clinician"}),
        password_hash=None,
        now=now,
    )
    await accounts.add_practitioner(
        tx, account_id=account, name="Dr. Ines Reyes", time_zone="America/Denver", hours=()
    )
    patient = await patients.register(
        tx,
        name="Mira Lindqvist",
        date_of_birth=date(1990, 4, 17),
        email=None,
        phone=None,
        time_zone="America/Denver",
        language="en",
        by=account,
        now=now,
    )
    for n in range(ENTRIES):
        at = BEGAN + timedelta(hours=n)
        entry = await journals.begin(tx, patient_id=patient.id, now=at)
        body = {"text": WORDS * 4, "insight": WORDS, "body": f"{n} {WORDS}"}
        await journals.write(tx, entry.id, patient_id=patient.id, body=body, based_on=0, now=at)
        await journals.share(tx, entry.id, patient_id=patient.id, now=at)
    cookie = sessions.new_cookie()
    await sessions.open_session(
        tx, account_id=account, cookie=cookie, ends_at=now + timedelta(hours=12), now=now
    )
    return cookie, patient.id


def bare_page(text: str) -> web.Application:
    """One template, one text, and nothing asked of anybody."""
    template = Environment(autoescape=True).from_string("<!doctype html><main>{{ text }}</main>")

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=template.render(text=Markup(text)), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", show)
    return app


async def cpu_ms(client: ClientSession, address: str) -> float:
    """Of this process, for one request and its answer: the client's share is the same for both."""
    before = time.process_time()
    for _ in range(REQUESTS):
        async with client.get(address) as answer:
            assert answer.status == 200
            await answer.read()
    return (time.process_time() - before) * 1000 / REQUESTS


async def measure(folder: Path) -> tuple[list[float], list[float]]:
    url = f"sqlite+aiosqlite:///{folder / 'bedside.db'}"
    await asyncio.to_thread(migrate, url)
    clock, port = StoppedClock(), unused_port()
    database = await Database.open(url, MasterKey.of(b"a key that is only ever used in a bench"[:32]))
    async with database.write() as tx:
        cookie, patient_id = await settle(tx, now=clock.now())
    house = create_app(house_config(port=port, data=folder), database=database, clock=clock, call=False)
    ours, theirs = [], []
    async with (
        TestServer(house, port=port) as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as client,
    ):
        client.cookie_jar.update_cookies({"sid": cookie}, server.make_url("/"))
        timeline = f"http://localhost:{port}/clinic/chart/{patient_id}/timeline"
        client.cookie_jar.update_cookies({"sid": cookie}, server.make_url("/").with_host("localhost"))
        async with client.get(timeline) as answer:
            text = await answer.text()
        assert text.count('<li class="entry journal') == ENTRIES
        async with TestServer(bare_page(text)) as bare:
            for _ in range(RUNS):
                ours.append(await cpu_ms(client, timeline))
                theirs.append(await cpu_ms(client, str(bare.make_url("/"))))
                print(
                    f"ours {ours[-1]:.1f} ms   peer {theirs[-1]:.2f} ms   of CPU a request, {len(text) // 1000} kB"
                )
    await database.close()
    return ours, theirs


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        ours, theirs = asyncio.run(measure(Path(name)))
    result = {
        "name": "timeline",
        "ratio": round(statistics.median(one / other for one, other in zip(ours, theirs, strict=True)), 1),
        "ours": round(statistics.median(ours), 1),
        "peer": round(statistics.median(theirs), 2),
        "peer_name": "aiohttp and one Jinja template with a text of the same length",
        "unit": f"ms of CPU for the timeline of {ENTRIES} entries",
        "runs": RUNS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
