"""The two servers that the benchmark of the board compares: `ours <folder> <port>` and `peer <port> <bytes>`.

Each says with one line of JSON that it is ready, and what its client needs to know.
"""

import asyncio
import json
import resource
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from scheduling.bookings import EncounterId, PatientId, PractitionerId
from server.app import create_app
from server.care.encounter import Encounter, EntryAnswers
from server.handlers.call_records import keep_records
from server.services import accounts, patients, practice
from server.store import encounters, links, sessions
from server.store.database import Database, Tx
from server.store.migrations import migrate
from server.store.sealing import MasterKey
from server.web import csrf, keys
from server.web.clock import Clock
from tests.builders import house_config
from webrtc.relay_process import RelayProcess
from webrtc.room_settings import RoomSettings
from webrtc.rooms import Rooms

ROOMS, CLINICIANS = 1000, 40
FILES = 8192


def raise_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(FILES, hard)), hard))


async def settle(tx: Tx, cookies: tuple[str, str], *, clock: Clock) -> list[str]:
    """Everybody is due now; one visitor's cookie opens all of the rooms. The ids of the visits."""
    now = clock.now()
    await practice.add_default_visit_types(tx)
    desk = await accounts.create(
        tx,
        name="Ada Quill",
        email="ada@harbor.example",
        roles=frozenset({"front-desk"}),
        password_hash=None,
        now=now,
    )
    ends_at = now + timedelta(hours=12)
    await sessions.open_session(tx, account_id=desk, cookie=cookies[0], ends_at=ends_at, now=now)
    doctors = []
    for n in range(CLINICIANS):
        name = f"Dr. Number {n}"
        account = await accounts.create(
            tx,
            name=name,
            email=f"dr{n}@harbor.example",
            roles=frozenset({"clinician"}),
            password_hash=None,
            now=now,
        )
        doctors.append(
            await accounts.add_practitioner(
                tx, account_id=account, name=name, time_zone="America/Denver", hours=()
            )
        )
    return [
        await waiting_room(tx, n, doctors[n % CLINICIANS], cookies[1], desk=desk, clock=clock)
        for n in range(ROOMS)
    ]


async def waiting_room(tx: Tx, n: int, doctor: str, cookie: str, *, desk: str, clock: Clock) -> str:
    now = clock.now()
    patient = await patients.register(
        tx,
        # Too short to be looked for: what finds people is not measured here.
        name=f"P {n % 10}",
        date_of_birth=date(1990, 4, 17),
        email=None,
        phone="(303) 555-0142",
        time_zone="America/Denver",
        language="en",
        by=desk,
        now=now,
    )
    entry = EntryAnswers(where="At home", call_back="(303) 555-0142", with_whom="Nobody", agreed_at=now)
    visit = Encounter(
        id=EncounterId(f"{n:032x}"),
        appointment_id=None,
        patient_id=PatientId(patient.id),
        practitioner_id=PractitionerId(doctor),
        visit_type="check-in",
        mode="video",
        status="planned",
        planned_starts_at=now,
        planned_ends_at=now + timedelta(minutes=30),
        entry=entry,
    )
    await encounters.insert(tx, visit)
    token = await links.create(tx, encounter_id=visit.id, seat="patient", version=1, now=now)
    link = await links.by_token(tx, token)
    assert link is not None
    await sessions.open_visitor_session(
        tx,
        cookie=cookie,
        encounter_id=visit.id,
        join_link_id=link.id,
        ends_at=now + timedelta(hours=12),
        now=now,
    )
    session = await sessions.visitor_session(tx, cookie, encounter_id=visit.id, now=now)
    assert session is not None
    await sessions.verify_visitor(tx, session.id, now)
    return str(visit.id)


async def serve_ours(folder: Path, port: int) -> None:
    url = f"sqlite+aiosqlite:///{folder / 'bedside.db'}"
    await asyncio.to_thread(migrate, url)
    clock, cookies = Clock(), (sessions.new_cookie(), sessions.new_cookie())
    database = await Database.open(url, MasterKey.of(b"a key that is only ever used in a bench"[:32]))
    async with database.write() as tx:
        visits = await settle(tx, cookies, clock=clock)
    app = create_app(house_config(port=port, data=folder), database=database, clock=clock, call=False)
    rooms = Rooms(RelayProcess(), RoomSettings(), clock.monotonic)
    app[keys.ROOMS] = rooms
    keep_records(app, rooms)
    held = {"sid": cookies[0], "vid": cookies[1]}
    token = csrf.token_for_cookies(app, held, "/desk/today")
    await serve(app, port, {"cookies": held, "token": token, "visits": visits})


async def serve_peer(port: int, size: int) -> None:
    text = b"data: " + b"x" * size + b"\n\n"
    streams: set[web.StreamResponse] = set()

    async def room(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            pass
        return socket

    async def listen(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        streams.add(response)
        await response.write(b"data: connected\n\n")
        await asyncio.Event().wait()
        return response

    async def change(_: web.Request) -> web.Response:
        await asyncio.gather(*(each.write(text) for each in streams))
        return web.Response()

    app = web.Application()
    app.router.add_get("/room", room)
    app.router.add_get("/changes", listen)
    app.router.add_post("/change", change)
    await serve(app, port, {})


async def serve(app: web.Application, port: int, facts: dict[str, Any]) -> None:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=ROOMS).start()
    print(json.dumps(facts), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    raise_limit()
    kind, *said = sys.argv[1:]
    if kind == "ours":
        asyncio.run(serve_ours(Path(said[0]), int(said[1])))
    else:
        asyncio.run(serve_peer(int(said[0]), int(said[1])))


if __name__ == "__main__":
    main()
