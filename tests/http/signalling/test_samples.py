"""What pages measure of a call is written down beside the visit; while it cannot be, it waits."""

import asyncio

import pytest

from server.jobs.call_samples import MOST_WAITING, call_samples_job
from server.services import call_quality
from server.store import call_samples
from server.web import keys
from tests.http.signalling.stage import hear, let_in, say
from webrtc import quality
from webrtc.protocol import Quality
from webrtc.room_events import measured

REPORT = {"type": "quality", "rtt_ms": 140, "loss_up": 0.2, "bitrate_up": 600_000}


@pytest.fixture(autouse=True)
def every_report_is_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """How they become one: tests/unit/webrtc/test_quality_window.py."""
    monkeypatch.setattr(quality, "WINDOW_SECONDS", 0.0)


async def reports(socket) -> None:  # type: ignore[no-untyped-def]
    """Once, and it was taken."""
    await say(socket, **REPORT)
    await say(socket, type="ping")
    await hear(socket, type="pong")


async def test_what_a_page_measures_becomes_a_row_of_the_visit(
    app, mira, reyes, room, kept, clock, database
) -> None:
    job = call_samples_job(app)
    patient, clinician = await let_in(mira, reyes, room, kept)
    await reports(patient)
    assert await job.run() == 0
    async with database.read() as tx:
        (sample, *again) = await call_samples.of_encounter(tx, room)
    # The server's own job listens too, and may have been there first.
    assert set(again) <= {sample}
    assert (sample.seat, sample.word, sample.side) == ("patient", "weak", "up")
    assert (sample.figures.rtt_ms, sample.figures.loss_up) == (140, 0.2)
    assert (clock.now() - sample.at).total_seconds() < 10
    for socket in (patient, clinician):
        await socket.close()


async def test_what_could_not_be_written_is_written_later(
    app, mira, room, database, clock, monkeypatch
) -> None:
    job, tried = call_samples_job(app), []

    async def refuse(_tx, batch) -> int:  # type: ignore[no-untyped-def]
        tried.append(len(batch))
        raise OSError("the disk is full")

    def a_sample(n: int) -> None:
        event = measured(room, "patient", "udp", Quality(rtt_ms=n), at=clock.monotonic())
        for listener in app[keys.ROOMS]._listeners[-1:]:
            listener(event)

    with monkeypatch.context() as broken:
        broken.setattr(call_quality, "keep", refuse)
        for n in range(MOST_WAITING + 3):
            a_sample(n)
        with pytest.raises(OSError, match="full"):
            await job.run()
        a_sample(9999)
        with pytest.raises(OSError, match="full"):
            await job.run()
    await job.run()
    assert tried == [MOST_WAITING, MOST_WAITING], "never more than that is kept waiting"
    async with database.read() as tx:
        figures = [each.figures.rtt_ms for each in await call_samples.of_encounter(tx, room)]
    assert len(figures) == MOST_WAITING
    assert max(figures) == 9999
    assert min(figures) == 4, "the oldest gave way"


async def test_a_listener_of_samples_never_holds_up_the_visits_own_events(
    app, mira, reyes, room, kept, events
) -> None:
    patient, clinician = await let_in(mira, reyes, room, kept)
    await reports(patient)
    await say(patient, type="leave")
    async with asyncio.timeout(10):
        while ("patient", "left") not in await events():
            await asyncio.sleep(0.02)
    assert {kind for _, kind in await events()} <= {"joined", "admitted", "left", "call-started"}
    await clinician.close()
