"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

from server.web.clock import Clock

# A Monday: 09:00 in Denver, 11:00 in New York.
MONDAY_MORNING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


class StoppedClock(Clock):
    def __init__(self, at: datetime = MONDAY_MORNING) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        """`clock.advance(minutes=5)`."""
        self.at += timedelta(**by)
