"""The web server's half of the relay's control socket (webrtc/relay/CONTROL.md)."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger(__name__)

REPLY_SECONDS = 5.0
LINE_LIMIT = 4 * 1024 * 1024  # `list` with every pair the relay may hold stays far below this


class RelayRefused(Exception):
    """The relay said no; `code` is one of the codes in CONTROL.md."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RelayBusy(RelayRefused):
    """Another controller is connected."""

    def __init__(self) -> None:
        super().__init__("busy")


class RelayGone(Exception):
    """The relay does not answer: it ended, was killed, or hangs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LegCredentials:
    ufrag: str
    pwd: str
    latched: bool = False
    kind: str | None = None  # udp or tcp while it is latched


@dataclass(frozen=True, kw_only=True, slots=True)
class PairInfo:
    pair: str
    room: str
    passing: bool
    legs: dict[str, LegCredentials]


EventName = Literal["latched", "moved", "silent", "heard", "closed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RelayEvent:
    """`leg` is there except for `closed`; `seconds` for `silent`; `reason` for `closed`; `kind` for the others."""

    event: EventName
    pair: str
    leg: str | None = None
    seconds: float | None = None
    reason: str | None = None
    kind: str | None = None


class RelayClient:
    """One connection as the relay's controller. Made by `connect`, ended by `close` or by the relay."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0
        # The owner is this object: close() cancels and awaits it.
        self._listening = asyncio.create_task(self._listen())  # noqa: TID251 -- owned by this object
        self.closed = asyncio.Event()
        self.on_event: Callable[[RelayEvent], None] | None = None
        self.port = 0
        self.pid = 0
        self.version = ""

    @classmethod
    async def connect(cls, path: Path) -> "RelayClient":
        """Raise RelayGone when nothing answers there, RelayBusy when somebody else is in control."""
        try:
            reader, writer = await asyncio.open_unix_connection(path, limit=LINE_LIMIT)
        except OSError as error:
            raise RelayGone(str(error)) from error
        client = cls(reader, writer)
        try:
            hello = await client._ask("hello")
        except BaseException:
            await client.close()
            raise
        client.port, client.pid, client.version = hello["port"], hello["pid"], hello["version"]
        if not hello["controller_free"]:
            await client.close()
            raise RelayBusy
        return client

    async def open(self, *, pair: str, room: str) -> PairInfo:
        """A new pair, gated; its credentials are the relay's."""
        reply = await self._ask("open", pair=pair, room=room)
        return PairInfo(pair=pair, room=room, passing=False, legs=_legs(reply["legs"]))

    async def gate(self, *, pair: str, passing: bool) -> None:
        await self._ask("gate", pair=pair, passing=passing)

    async def replace_leg(self, *, pair: str, leg: str) -> LegCredentials:
        """Fresh credentials for one leg; the old ones go on until the fresh ones latch."""
        reply = await self._ask("replace_leg", pair=pair, leg=leg)
        return LegCredentials(ufrag=reply["ufrag"], pwd=reply["pwd"])

    async def close_pair(self, pair: str) -> None:
        await self._ask("close", pair=pair)

    async def list(self) -> list[PairInfo]:
        reply = await self._ask("list")
        return [
            PairInfo(pair=row["pair"], room=row["room"], passing=row["passing"], legs=_legs(row["legs"]))
            for row in reply["pairs"]
        ]

    async def stats(self) -> dict[str, Any]:
        reply = await self._ask("stats")
        return {name: value for name, value in reply.items() if name not in ("id", "ok")}

    async def stop_relay(self) -> None:
        """End the relay process itself, and every call in it."""
        await self._ask("stop")

    async def close(self) -> None:
        """Let go of the relay; it keeps running."""
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _ask(self, op: str, **facts: Any) -> dict[str, Any]:
        if self.closed.is_set():
            raise RelayGone("the connection is closed")
        self._last_id += 1
        number = self._last_id
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(json.dumps({"id": number, "op": op, **facts}).encode() + b"\n")
            reply = await asyncio.wait_for(answer, REPLY_SECONDS)
        except (OSError, TimeoutError) as error:
            raise RelayGone(f"no answer to {op}") from error
        finally:
            self._waiting.pop(number, None)
        if not reply["ok"]:
            raise RelayBusy if reply["error"] == "busy" else RelayRefused(reply["error"])
        return reply

    async def _listen(self) -> None:
        try:
            while line := await self._reader.readline():
                self._take(json.loads(line))
        except (OSError, ValueError):
            log.warning("the relay's control connection broke", exc_info=True)
        finally:
            self.closed.set()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(RelayGone("the relay went away"))

    def _take(self, message: dict[str, Any]) -> None:
        if "event" not in message:
            answer = self._waiting.get(message["id"])
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif self.on_event is not None:
            try:
                self.on_event(RelayEvent(**message))
            except Exception:  # a listener's mistake must not cost the connection every call depends on
                log.exception("an event of the relay was not handled")


def _legs(rows: dict[str, dict[str, Any]]) -> dict[str, LegCredentials]:
    return {name: LegCredentials(**row) for name, row in rows.items()}
