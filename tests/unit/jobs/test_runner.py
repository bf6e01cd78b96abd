"""Jobs run for ever, side by side; one that fails waits longer and holds up nobody."""

import asyncio
import logging
from contextlib import suppress

import pytest

from server.jobs import runner
from server.jobs.job import LONGEST_PAUSE_SECONDS, Job, pause_after


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 2), (1, 4), (2, 8), (7, 256), (8, LONGEST_PAUSE_SECONDS), (60, 300)]
)
def test_the_pause_doubles_up_to_a_limit(failures: int, seconds: float) -> None:
    assert pause_after(failures, every_seconds=2) == seconds


def test_a_job_slower_than_the_limit_keeps_its_own_period() -> None:
    assert pause_after(3, every_seconds=3600) == 3600


async def until(condition) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_failing_job_is_run_again_and_the_other_goes_on(monkeypatch, caplog) -> None:
    failed, ran = [], []

    async def broken() -> int:
        failed.append(1)
        raise RuntimeError("no")

    async def sound() -> int:
        ran.append(1)
        return 0

    jobs = (
        Job(name="broken", every_seconds=0.001, run=broken),
        Job(name="sound", every_seconds=0.001, run=sound),
    )
    monkeypatch.setattr(runner, "all_jobs", lambda _app, _notifier: jobs)
    caplog.set_level(logging.CRITICAL)
    async with runner.run_jobs(None, None):  # type: ignore[arg-type]
        await until(lambda: len(failed) >= 3 and len(ran) >= 3)
    counted = (len(failed), len(ran))
    await asyncio.sleep(0.02)
    assert (len(failed), len(ran)) == counted, "nothing runs after the block"


async def test_as_long_as_there_is_work_a_job_does_not_pause(monkeypatch) -> None:
    left = [3]

    async def work() -> int:
        left[0] -= 1
        return max(0, left[0])

    jobs = (Job(name="work", every_seconds=3600, run=work),)
    monkeypatch.setattr(runner, "all_jobs", lambda _app, _notifier: jobs)
    async with runner.run_jobs(None, None):  # type: ignore[arg-type]
        await until(lambda: left[0] == 0)


async def test_a_round_that_has_begun_is_not_broken_off_when_the_block_is_left(monkeypatch) -> None:
    """A statement that is cancelled can leave the database's driver waiting for ever."""
    begun, ended = asyncio.Event(), []

    async def slow() -> int:
        begun.set()
        await asyncio.sleep(0.05)
        ended.append(1)
        return 1

    jobs = (Job(name="slow", every_seconds=3600, run=slow),)
    monkeypatch.setattr(runner, "all_jobs", lambda _app, _notifier: jobs)
    async with runner.run_jobs(None, None):  # type: ignore[arg-type]
        await begun.wait()
    assert ended == [1]


async def test_the_block_is_left_though_a_job_kept_the_cancellation_to_itself(monkeypatch) -> None:
    """As the database's driver does when it is cancelled between two steps."""
    begun = asyncio.Event()

    async def deaf() -> int:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return 0

    jobs = (Job(name="deaf", every_seconds=3600, run=deaf),)
    monkeypatch.setattr(runner, "all_jobs", lambda _app, _notifier: jobs)
    monkeypatch.setattr(runner, "FINISH_SECONDS", 0.05)

    async def open_and_leave() -> None:
        async with runner.run_jobs(None, None):  # type: ignore[arg-type]
            await begun.wait()

    leaving = asyncio.ensure_future(open_and_leave())
    done, _ = await asyncio.wait({leaving}, timeout=5)
    assert done == {leaving}
