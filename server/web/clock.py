"""The only reader of the time. Everything else is handed `now`."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The system's time, shifted by `offset` in the demo and in tests only."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Seconds that only ever rise, for leases and timeouts."""
        return time.monotonic()
