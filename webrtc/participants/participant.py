"""A participant written in Python: speaks PROTOCOL.md over a given pair of send and receive, as a page would.

Its media goes to the relay on loopback and nowhere else; where TURN servers carry the calls, to those. aiortc cannot
restart ICE: where a page would, this one comes back as a new page (`run` returns "rejoin").
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Literal

from webrtc import protocol
from webrtc.participants.either import either
from webrtc.participants.peer import Media, Peer
from webrtc.participants.wires import Wire
from webrtc.protocol import ClientMessage, Describe, Described, ProtocolError, SessionDescription, Snapshot
from webrtc.transport_messages import Ice, IceServer, Way

log = logging.getLogger(__name__)

PING_SECONDS = 5.0
Why = Literal["left", "finished", "replaced", "going-away", "rejoin", "closed"]


class Participant:
    """`await run()` until the end of it; `close` may be called at any time and is called by `run`."""

    def __init__(self, wire: Wire, media: Media, *, page: str | None = None) -> None:
        self.page = page or secrets.token_urlsafe(16)
        self.snapshot: Snapshot | None = None
        self.peers: dict[str, Peer] = {}
        self._turn: tuple[IceServer, ...] = ()
        self._wire = wire
        self._media = media

    async def run(self) -> Why:
        seen = self.snapshot.seq if self.snapshot is not None else 0
        why: Why = "closed"
        try:
            await self._say(protocol.Hello(page=self.page, seen=seen))
            async with either(self._listen(), self._keep_alive()) as (listening, _):
                why = listening.result() if listening.done() else "closed"
        except ProtocolError as error:
            log.warning("a participant was shut out: %s", error.code)
        finally:
            # A server that goes away leaves the calls running, and so does this side of them.
            if why != "going-away":
                await self.close()
        return why

    async def admit(self, seat: str) -> None:
        await self._say(protocol.Admit(seat=seat))

    async def leave(self) -> None:
        await self._say(protocol.Leave())

    async def until(self, true: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Wait until something about this participant is so; TimeoutError when it does not come."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 -- anything may be asked for, most of it has no event
                await asyncio.sleep(0.02)

    def connected(self, seat: str) -> bool:
        return seat in self.peers and self.peers[seat].pc.connectionState == "connected"

    async def close(self) -> None:
        peers, self.peers = list(self.peers.values()), {}
        for peer in peers:
            await peer.close()

    async def _listen(self) -> Why:
        while (text := await self._wire.receive()) is not None:
            why = await self._take(protocol.parse_server(text))
            if why is not None:
                return why
        return "closed"

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            await self._say(protocol.Ping())

    async def _say(self, message: ClientMessage) -> None:
        await self._wire.send(protocol.dump(message))

    async def _take(self, message: protocol.ServerMessage) -> Why | None:
        match message:
            case Ice():
                # Where the relay carries the calls it is at hand, and no server is needed between.
                self._turn = message.servers if message.policy == "relay" else ()
            case Snapshot():
                self.snapshot = message
                await self._follow(message)
            case Described():
                return await self._described(message)
            case protocol.RestartIce():
                self.page = secrets.token_urlsafe(16)
                return "rejoin"
            case protocol.Replaced():
                return "replaced"
            case protocol.Finished():
                return "finished"
            case protocol.GoingAway():
                return "going-away"
            case protocol.Error():
                log.warning("the room refused a participant's message: %s", message.code)
        return None

    async def _follow(self, snapshot: Snapshot) -> None:
        listed = {view.connection for view in snapshot.peers}
        for seat, peer in list(self.peers.items()):
            if peer.view.connection not in listed:
                del self.peers[seat]
                await peer.close()
        for view in snapshot.peers:
            if view.seat not in self.peers:
                peer = self.peers[view.seat] = Peer(
                    view,
                    self._media,
                    on_forged=self._refuse,
                    on_connected=self._tell_way,
                    turn=self._turn,
                )
                if view.start:
                    await self._describe(peer, await peer.offer())
        admitted = {each.seat for each in snapshot.seats if each.admitted}
        for seat, peer in self.peers.items():
            if {seat, snapshot.you} <= admitted:
                peer.show()

    async def _described(self, message: Described) -> Why | None:
        peer = self.peers.get(message.from_)
        if peer is None or peer.view.connection != message.connection:
            return None
        ufrag = _ufrag(message.description.sdp)
        if peer.remote_ufrag not in (None, ufrag) and message.description.type == "offer":
            self.page = secrets.token_urlsafe(16)
            return "rejoin"
        peer.remote_ufrag = ufrag
        try:
            if message.description.type == "offer":
                await self._describe(peer, await peer.answer(message.description))
            else:
                await peer.accept(message.description)
        except ProtocolError:
            raise
        except Exception:  # aiortc's parser raises nearly anything; a strange description must not end us
            log.warning("a description could not be used", exc_info=True)
        return None

    async def _refuse(self, peer: Peer) -> None:
        """The other end of this connection is not who it says it is: everybody is told."""
        await self._say(protocol.Words(connection=peer.view.connection, verdict="forged"))

    async def _tell_way(self, peer: Peer) -> None:
        if peer.way is not None:
            await self._say(Way(connection=peer.view.connection, way=peer.way))

    async def _describe(self, peer: Peer, description: SessionDescription) -> None:
        await self._say(Describe(to=peer.view.seat, connection=peer.view.connection, description=description))


def _ufrag(sdp: str) -> str | None:
    lines = (
        line.removeprefix("a=ice-ufrag:") for line in sdp.split("\r\n") if line.startswith("a=ice-ufrag:")
    )
    return next(lines, None)
