"""A server that is killed hears no goodbye: what it left open is ended one lease after the next one has begun."""

from datetime import timedelta

import pytest

from server.care.encounter import PresenceEvent
from server.jobs.lost_stays import end_lost_stays, lost_stays_job
from server.services import appointments, visits
from server.web import keys
from tests.http.signalling.stage import hear, hello


@pytest.fixture
def waited(database, clock, room):
    """As the server before this one wrote it down: the patient came to the waiting room, and nothing after that."""

    async def before() -> None:
        async with database.write() as tx:
            at = clock.now() - timedelta(minutes=5)
            await visits.arrive(tx, encounter_id=room, now=at)
            event = PresenceEvent(seat="patient", kind="joined", at=at)
            await visits.record(tx, encounter_id=room, event=event)

    return before


async def test_who_did_not_come_back_is_lost_and_calls_nobody(
    app, mira, ada, room, kept, events, waited, words
) -> None:
    await waited()
    assert "Waiting" in words((await ada.get("/desk/today/board")).text)
    assert await end_lost_stays(app) == 1
    assert (await kept("planned")).arrived_at is None
    assert ("patient", "lost") in await events()
    board = await ada.get("/desk/today/board")
    assert "Waiting" not in words(board.text) and "data-alert=" not in board.text
    assert await end_lost_stays(app) == 0


async def test_who_came_back_goes_on_waiting(app, mira, room, kept, events, waited) -> None:
    await waited()
    page = await hello(mira, f"/signalling/{room}")
    await hear(page, type="snapshot")
    assert await end_lost_stays(app) == 0
    await kept("arrived")
    assert ("patient", "lost") not in await events()


async def test_whom_the_desk_has_seen_come_never_had_a_page_to_lose(
    app, mira, database, cast, clock, room, kept
) -> None:
    async with database.write() as tx:
        await appointments.check_in(tx, room, by=cast.ada, now=clock.now())
    assert await end_lost_stays(app) == 0
    await kept("arrived")


async def test_pages_have_one_lease_to_come_back_and_it_is_looked_once(
    app, mira, clock, room, kept, waited, monkeypatch
) -> None:
    began = clock.monotonic()
    job = lost_stays_job(app)
    await waited()
    monkeypatch.setattr(clock, "monotonic", lambda: began + app[keys.ROOMS].lease_seconds - 1)
    await job.run()
    await kept("arrived")
    monkeypatch.setattr(clock, "monotonic", lambda: began + app[keys.ROOMS].lease_seconds + 1)
    await job.run()
    await kept("planned")
    await waited()
    await job.run()
    await kept("arrived")
