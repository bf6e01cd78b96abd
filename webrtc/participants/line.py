"""A polite queue: at most so many at once; the others wait their turn and are told their place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

Tell = Callable[[int], Awaitable[None]]


class Line:
    def __init__(self, most: int) -> None:
        self._most = most
        self._inside = 0
        self._queue: list[tuple[Tell, asyncio.Event]] = []

    @contextlib.asynccontextmanager
    async def turn(self, tell: Tell) -> AsyncIterator[None]:
        """`tell` is given the place, from 1, at first and whenever it changes; inside it is one's turn."""
        if self._inside >= self._most:
            await self._wait(tell)
        else:
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._next()
            await self._tell_places()

    async def _wait(self, tell: Tell) -> None:
        place = (tell, asyncio.Event())
        self._queue.append(place)
        try:
            await self._tell_places()
            await place[1].wait()
        except BaseException:
            if place in self._queue:
                self._queue.remove(place)
            else:  # called up and gone in the same moment: the next one may come
                self._inside -= 1
                self._next()
            raise

    def _next(self) -> None:
        if self._queue and self._inside < self._most:
            # Taken here and not by the one who wakes up, or two could take the same place.
            self._inside += 1
            self._queue.pop(0)[1].set()

    async def _tell_places(self) -> None:
        for number, (tell, _) in enumerate(list(self._queue), start=1):
            await tell(number)
