"""A process that sends is killed at every step of a send; what it was sending arrives once, and nothing is lost."""

import asyncio
import email
import signal
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.policy import default
from pathlib import Path

import pytest

from server.demo.mail_catcher import MailCatcher
from server.services import appointments, outgoing, patients
from server.store.database import Database
from tests.clocks import MONDAY_MORNING, StoppedClock
from tests.conftest import MASTER_KEY
from tests.databases import Databases
from tests.people import Cast
from tests.postmen import STEPS, Gateway

PROJECT = Path(__file__).parents[2]
# A visit on Tuesday at noon in Denver; its reminder of the day before is due at noon on Monday.
VISIT = MONDAY_MORNING + timedelta(hours=27)
REMINDED = VISIT - timedelta(hours=24)


@pytest.fixture
def catcher(tmp_path: Path):
    caught = MailCatcher(tmp_path / "mail")
    caught.start()
    yield caught
    caught.stop()


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    heard = Gateway()
    server = await heard.open()
    yield heard, str(server.make_url("/send"))
    await server.close()


@pytest.fixture
async def url(databases: Databases, settled: Cast) -> str:
    """A clinic in which Mira, who wants word both ways, is booked."""
    cast, clock = settled, StoppedClock()
    url = databases.another("settled", "killed")
    database = await Database.open(url, MASTER_KEY)
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="both", by=cast.ada, now=clock.now())
        await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=VISIT,
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )
    await database.close()
    return url


@pytest.mark.parametrize("step", STEPS)
async def test_nothing_is_lost_and_nothing_doubled(
    url: str, catcher: MailCatcher, gateway: tuple[Gateway, str], tmp_path: Path, step: str
) -> None:
    heard, address = gateway

    async def round_(now: datetime, *dies_at: str) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(
                "-m",
                "tests.long.postman",
                url,
                str(catcher.port),
                address,
                now.isoformat(),
                str(tmp_path),
                *dies_at,
            ),
            cwd=PROJECT,
        )
        return await asyncio.wait_for(process.wait(), 180)

    for begins in (MONDAY_MORNING, REMINDED):
        # Killed with the first of two messages in hand; then one that lives sends the other, and what that one held.
        assert await round_(begins, step) == -signal.SIGKILL
        assert await round_(begins + timedelta(minutes=3)) == 0
    arrived = [
        email.message_from_bytes(each.read_bytes(), policy=default)
        for each in sorted((tmp_path / "mail").glob("*.eml"))
    ]
    mails = {each["Message-ID"]: str(each["Subject"]) for each in arrived}
    assert sorted(mails.values()) == [
        "A reminder of your visit on Tue, Nov 24 - Harbor Clinic",
        "Your visit on Tue, Nov 24 - Harbor Clinic",
    ]
    assert len(heard.delivered) == 2
    # A copy more only where it was taken and nobody lived to write it down.
    copies = len(arrived) - len(mails)
    assert copies <= (2 if step in STEPS[2:] else 0)
    database = await Database.open(url, MASTER_KEY)
    async with database.read() as tx:
        [visit] = await _visits(tx)
        told = [(each.kind, each.channel, each.state) for each in await outgoing.history(tx, visit)]
    await database.close()
    assert sorted(told) == sorted(
        (kind, channel, "sent") for kind in ("booked", "reminder") for channel in ("email", "sms")
    )


async def _visits(tx) -> list[str]:  # type: ignore[no-untyped-def]
    from server.store import encounters

    found = await encounters.between(tx, VISIT - timedelta(days=1), VISIT + timedelta(days=1))
    return [each.id for each in found]
