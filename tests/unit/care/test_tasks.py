"""A task stays until somebody acknowledges it by name."""

from datetime import UTC, datetime, timedelta

import pytest

from server.care.tasks import AlreadyAcknowledged, Task, acknowledge

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TASK = Task(id="t", kind="call-back", owner_role="front-desk", created_at=NOW, due_at=NOW)


def test_the_first_name_stays():
    done = acknowledge(TASK, by="ada", now=NOW + timedelta(minutes=1))

    assert (done.acknowledged_by, done.acknowledged_at) == ("ada", NOW + timedelta(minutes=1))
    with pytest.raises(AlreadyAcknowledged):
        acknowledge(done, by="petra", now=NOW + timedelta(minutes=2))
