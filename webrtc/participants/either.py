"""Two things at once, until one of them is over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any


@contextlib.asynccontextmanager
async def either(
    first: Coroutine[Any, Any, Any], second: Coroutine[Any, Any, Any]
) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Run both until one ends; the other is cancelled, and what went wrong in either is raised."""
    tasks = [asyncio.ensure_future(each) for each in (first, second)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
