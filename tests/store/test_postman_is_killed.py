"""A message leaves once and is never lost, at whatever step of a send its postman dies.

Here the death is an exception nothing catches; tests/long kills a real process.
"""

import email
from datetime import timedelta
from email.policy import default
from pathlib import Path

import pytest

from server.demo.mail_catcher import MailCatcher
from server.jobs.mail import send_due
from server.notify import MailSettings, Notifier, SmsSettings
from server.services import appointments, outgoing, patients
from tests.clocks import MONDAY_MORNING
from tests.postmen import STEPS, Gateway, dies

pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """Nobody catches it, as nobody catches a SIGKILL."""


@pytest.fixture
def catcher(tmp_path: Path):
    caught = MailCatcher(tmp_path / "mail")
    caught.start()
    yield caught
    caught.stop()


@pytest.fixture
async def gateway():
    return Gateway()


@pytest.fixture
async def notifier(catcher, gateway):
    server = await gateway.open()
    mail = MailSettings(
        host="127.0.0.1",
        port=catcher.port,
        security="none",
        sender_name="H",
        sender_address="h@harbor.example",
    )
    yield Notifier(mail, (SmsSettings(url=str(server.make_url("/send")), token="secret"),))
    await server.close()


@pytest.fixture
async def booked(database, cast, clock):
    """Mira wants word both ways."""
    async with database.write() as tx:
        await patients.correct(tx, cast.mira, reached_by="both", by=cast.ada, now=clock.now())
        return await appointments.book(
            tx,
            patient_id=cast.mira,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=2),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


@pytest.mark.parametrize("step", STEPS)
async def test_at_whatever_step_it_dies_everything_arrives_as_one(
    app, database, booked, clock, notifier, gateway, tmp_path, monkeypatch, step
) -> None:
    def die() -> None:
        raise Killed

    with monkeypatch.context() as patched:
        dies(patched, step, die)
        # Dies with the first message, and once more with the other.
        for _ in range(2):
            with pytest.raises(Killed):
                await send_due(app, notifier)
    clock.advance(minutes=3)
    await send_due(app, notifier)
    clock.advance(minutes=10)
    assert await send_due(app, notifier) == 0
    arrived = [
        email.message_from_bytes(path.read_bytes(), policy=default)["Message-ID"]
        for path in (tmp_path / "mail").glob("*.eml")
    ]
    assert len(set(arrived)) == 1 and len(gateway.delivered) == 1
    async with database.read() as tx:
        assert [told.state for told in await outgoing.history(tx, booked.id)] == ["sent", "sent"]
