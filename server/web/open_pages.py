"""Sessions that hold a request open: a call, a live board. Looking at one is activity, though nothing is sent."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class OpenPages:
    """How many requests each staff session holds open now."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def hold(self, session_id: str | None) -> Iterator[None]:
        if session_id is None:
            yield
            return
        self._open[session_id] += 1
        try:
            yield
        finally:
            self._open[session_id] -= 1
            if not self._open[session_id]:
                del self._open[session_id]

    def sessions(self) -> list[str]:
        return list(self._open)
