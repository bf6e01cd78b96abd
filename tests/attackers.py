"""People who sit where they should not. Only here: the product has no way to do any of this."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from aiortc import MediaStreamTrack
from playwright.async_api import WebSocketRoute

from server.web.network import own_addresses
from webrtc import sdp
from webrtc.participants.echo import EchoMedia
from webrtc.participants.peer import Peer
from webrtc.protocol import PeerView, SessionDescription
from webrtc.relay_process import RelayProcess
from webrtc.safety_words import Exchange, commitment

# Where a page reaches this machine; a browser may leave loopback out of its own addresses.
HERE = ("127.0.0.1", *own_addresses()[:1])


class Liar(Exchange):
    """Commits to one nonce and reveals another, as somebody must who wants to choose the words."""

    def begin(self) -> str | None:
        return f"commit {commitment(bytes(32)).hex()}"


@dataclass
class PassedOn:
    """One end's pictures and sounds, shown to the other."""

    shown: EchoMedia
    seen: EchoMedia

    def outgoing(self, kind: str, seat: str) -> MediaStreamTrack:
        return self.shown.outgoing(kind, seat)

    async def incoming(self, track: MediaStreamTrack, seat: str) -> None:
        await self.seen.incoming(track, seat)


class SignallingTap:
    """Every message of one page passes here, in order: `await context.route_web_socket(address, tap.route)`."""

    async def route(self, page: WebSocketRoute) -> None:
        self._page, self._server = page, page.connect_to_server()
        self._passing: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        page.on_message(lambda text: self._passing.put_nowait(("page", json.loads(text))))
        self._server.on_message(lambda text: self._passing.put_nowait(("server", json.loads(text))))
        self._running = asyncio.ensure_future(self._run())

    async def close(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def take(self, said_by: str, message: dict[str, Any]) -> dict[str, Any] | None:
        """What is passed on instead; None for nothing."""
        return message

    def tell_page(self, message: dict[str, Any]) -> None:
        self._page.send(json.dumps(message))

    def tell_server(self, message: dict[str, Any]) -> None:
        self._server.send(json.dumps(message))

    async def _run(self) -> None:
        while True:
            said_by, message = await self._passing.get()
            passed = await self.take(said_by, message)
            if passed is not None:
                (self.tell_server if said_by == "page" else self.tell_page)(passed)


class WithoutData(SignallingTap):
    """Takes the data channel out of every answer, so that nobody can compare anything."""

    async def take(self, said_by: str, message: dict[str, Any]) -> dict[str, Any] | None:
        description = message.get("description", {})
        if description.get("type") == "answer":
            description["sdp"] = without_data(description["sdp"])
        return message


def without_data(text: str) -> str:
    """The same answer, with the data section refused; after an ICE restart it is so already."""
    if "m=application 0" in text:
        return text
    head, found, tail = text.partition("m=application 9")
    assert found
    mid = next(line.removeprefix("a=mid:") for line in tail.splitlines() if line.startswith("a=mid:"))
    lines = [
        line.removesuffix(f" {mid}") if line.startswith("a=group:BUNDLE") else line
        for line in head.split("\r\n")
    ]
    return "\r\n".join(lines) + "m=application 0" + tail


class Interceptor(SignallingTap):
    """The man in the middle: ends DTLS towards the page with a certificate of its own, and begins it again, with
    another one, towards the real room. Pictures and sounds pass, so that nobody notices.

    `lies` makes it cheat at the safety words, as somebody would who wanted them to be equal.
    """

    def __init__(self, relay: RelayProcess, *, lies: bool = False) -> None:
        self._relay, self._lies = relay, lies
        self.near: Peer | None = None
        self.far: Peer | None = None
        self._connection = ""

    async def take(self, said_by: str, message: dict[str, Any]) -> dict[str, Any] | None:
        if message["type"] == "snapshot":
            await self._meet(message)
        if message["type"] != "description":
            return message
        description = SessionDescription(**message["description"])
        if said_by == "page":
            await self._from_page(description)
        else:
            await self._from_server(description)
        return None

    async def close(self) -> None:
        await super().close()
        for end in (self.near, self.far):
            if end is not None:
                await end.close()

    async def _meet(self, snapshot: dict[str, Any]) -> None:
        for view in snapshot["peers"]:
            if view["connection"] != self._connection:
                await self._get_between(PeerView(**view))
        admitted = [seat["admitted"] for seat in snapshot["seats"]]
        if len(admitted) == 2 and all(admitted) and self.near is not None and self.far is not None:
            self.near.show()
            self.far.show()

    async def _get_between(self, view: PeerView) -> None:
        self._connection, self._seat = view.connection, view.seat
        here, there = EchoMedia(0.0), EchoMedia(0.0)
        towards_page = PeerView(
            seat=view.seat,
            connection=view.connection,
            polite=not view.polite,
            start=not view.start,
            verified=False,
        )
        self.near = Peer(towards_page, PassedOn(shown=there, seen=here))
        self.far = Peer(view, PassedOn(shown=here, seen=there))
        if self._lies:
            self.near._exchange = Liar(commits=towards_page.polite, nonce=bytes([1]) * 32)
        name = f"between/{view.connection}"
        self._pair = await self._relay.client.open(pair=name, room="between")
        await self._relay.client.gate(pair=name, passing=True)
        # The page that starts sends its offer by itself.
        if view.start:
            self._say_there(await self.far.offer())

    async def _from_page(self, description: SessionDescription) -> None:
        assert self.near is not None
        seen = self._through("b", description)
        if description.type == "offer":
            self._say_here(await self.near.answer(seen))
        else:
            await self.near.accept(seen)

    async def _from_server(self, description: SessionDescription) -> None:
        assert self.far is not None
        assert self.near is not None
        if description.type == "offer":
            self._say_there(await self.far.answer(description))
            self._say_here(await self.near.offer())
        else:
            await self.far.accept(description)

    def _say_here(self, description: SessionDescription) -> None:
        seen = self._through("a", description)
        body = {"type": seen.type, "sdp": seen.sdp}
        message = {"type": "description", "connection": self._connection, "description": body}
        self.tell_page({**message, "from": self._seat})

    def _say_there(self, description: SessionDescription) -> None:
        body = {"type": description.type, "sdp": description.sdp}
        message = {"type": "description", "connection": self._connection, "description": body}
        self.tell_server({**message, "to": self._seat})

    def _through(self, leg: str, description: SessionDescription) -> SessionDescription:
        """A description as its reader on this leg of the interceptor's own relay sees it."""
        credentials = self._pair.legs[leg]
        candidates = tuple(sdp.Candidate(address=each, port=self._relay.client.port) for each in HERE)
        transport = sdp.Transport(ufrag=credentials.ufrag, pwd=credentials.pwd, candidates=candidates)
        return SessionDescription(
            type=description.type, sdp=sdp.with_transport(sdp.check(description.sdp), transport)
        )
