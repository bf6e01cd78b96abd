"""Logs for the operator: what happened where, never who or what about.

Addresses are logged as patterns by the middleware. An exception's message often quotes what it choked on, so only
its class and the lines of code it passed are written.
"""

import logging
import sys
import traceback
from copy import copy
from types import TracebackType

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class Discreet(logging.Formatter):
    """Tracebacks without messages and without values of variables."""

    def format(self, record: logging.LogRecord) -> str:
        # Another formatter may have left its own, talkative text.
        record = copy(record)
        record.exc_text = None
        return super().format(record)

    def formatException(  # noqa: N802 -- logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        problem = ei[1]
        lines: list[str] = []
        seen: set[int] = set()
        while problem is not None and id(problem) not in seen:
            seen.add(id(problem))
            frames = traceback.extract_tb(problem.__traceback__)
            where = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            lines = [*where, f"{type(problem).__module__}.{type(problem).__qualname__}", *lines]
            problem = problem.__cause__ or problem.__context__
        return "\n".join(lines)


def set_up_logging(level: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    # Says every address it was asked for, and every statement with its values.
    for noisy in ("aiohttp.access", "sqlalchemy.engine", "aiosqlite", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
