"""How a participant's text frames travel: over anything with `send` and `receive`, or straight into a room."""

import asyncio
from typing import Protocol

from webrtc import protocol
from webrtc.connection import Connection
from webrtc.participants.either import either
from webrtc.participants.loopback import ADDRESS
from webrtc.room import Room


class Wire(Protocol):
    """Text frames there and back; `receive` gives None when there will be no more."""

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str | None: ...


class RoomWire:
    """A wire straight into a room of this process; joins at hello."""

    def __init__(self, room: Room, *, seat: str, role: str, name: str, admitted: bool) -> None:
        self._room = room
        self._seat, self._role, self._name, self._admitted = seat, role, name, admitted
        self._inbox: asyncio.Queue[str] = asyncio.Queue(maxsize=64)
        self._connection: Connection | None = None

    async def send(self, text: str) -> None:
        message = protocol.parse(text)
        if isinstance(message, protocol.Hello):
            self._connection = await self._join(message)
        elif self._connection is not None:
            await self._connection.receive(text)

    async def receive(self) -> str | None:
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        if self._connection is None:
            return None
        async with either(self._inbox.get(), self._connection.closed.wait()) as (text, _):
            if text.done():
                return str(text.result())
        return None if self._inbox.empty() else self._inbox.get_nowait()

    async def leave(self) -> None:
        """Give the seat up; nothing happens when somebody else has it by now."""
        if self._connection is not None:
            await self._connection.receive(protocol.dump(protocol.Leave()))

    async def _join(self, hello: protocol.Hello) -> Connection:
        return await self._room.join(
            seat=self._seat,
            role=self._role,
            name=self._name,
            admitted=self._admitted,
            page=hello.page,
            seen=hello.seen,
            send=self._inbox.put_nowait,
            addresses=(ADDRESS,),
        )
