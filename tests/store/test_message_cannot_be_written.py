"""A message whose words cannot be made is given up soon, shown, and told; and it holds up nobody else's."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from server.care.access import ADMINISTRATOR, FRONT_DESK
from server.demo.mail_catcher import MailCatcher
from server.jobs.mail import send_due
from server.notify import MailSettings, Notifier
from server.services import appointments, outgoing
from server.services.sending import NOT_WRITTEN, WRITTEN_AT_MOST
from server.store import tasks
from server.store.tables.outbox import outbox
from tests.clocks import MONDAY_MORNING


@pytest.fixture
def notifier(tmp_path):
    caught = MailCatcher(tmp_path / "mail")
    caught.start()
    settings = MailSettings(
        host="127.0.0.1",
        port=caught.port,
        security="none",
        sender_name="H",
        sender_address="h@harbor.example",
    )
    yield Notifier(settings)
    caught.stop()


async def booked(database, cast, clock, *, patient_id: str, hours: int):
    async with database.write() as tx:
        return await appointments.book(
            tx,
            patient_id=patient_id,
            practitioner_id=cast.dr_reyes,
            visit_type="check-in",
            starts_at=MONDAY_MORNING + timedelta(hours=hours),
            mode="video",
            booked_by=cast.ada,
            now=clock.now(),
        )


SPOILED = {
    "there is no template for it": {"kind": "unheard-of"},
    "what it tells cannot be opened": {"facts": b"not sealed by us"},
}


@pytest.fixture(params=SPOILED)
async def bad(request, database, cast, clock):
    """Mira's confirmation, which nobody can write, due before anybody else's."""
    visit = await booked(database, cast, clock, patient_id=cast.mira, hours=5)
    async with database.write() as tx:
        await tx.run(update(outbox).where(outbox.c.encounter_id == visit.id).values(SPOILED[request.param]))
    return visit


async def test_everybody_elses_leaves_all_the_same(app, database, cast, clock, notifier, bad) -> None:
    clock.advance(seconds=1)
    other = await booked(database, cast, clock, patient_id=cast.tomas, hours=6)
    assert await send_due(app, notifier) == 1
    async with database.read() as tx:
        assert [told.state for told in await outgoing.history(tx, other.id)] == ["sent"]


async def test_after_some_tries_it_has_failed_and_desk_and_administrator_are_told_once(
    app, database, clock, notifier, bad
) -> None:
    for _ in range(WRITTEN_AT_MOST + 3):
        assert await send_due(app, notifier) == 0
        clock.advance(minutes=10)
    async with database.read() as tx:
        [told] = await outgoing.history(tx, bad.id)
        desk = await tasks.open_ones(tx, roles=[FRONT_DESK])
        administrators = await tasks.open_ones(tx, roles=[ADMINISTRATOR])
    assert (told.state, told.problem, told.attempts) == ("failed", NOT_WRITTEN, WRITTEN_AT_MOST)
    assert [(task.kind, task.encounter_id) for task in desk] == [("message-failed", bad.id)]
    assert [(task.kind, task.subject_id, task.patient_id) for task in administrators] == [
        ("message-not-written", told.kind, None)
    ]


async def test_the_log_names_its_kind_and_nothing_of_what_it_tells(
    app, cast, clock, notifier, bad, caplog
) -> None:
    await send_due(app, notifier)
    assert "a message" in caplog.messages[-1]
    assert not [line for line in caplog.messages if "mira" in line.lower()]
