"""One other seat, as a participant written in Python is connected to it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)

from webrtc import safety_words
from webrtc.participants import estimates, loopback
from webrtc.protocol import PeerView, SessionDescription
from webrtc.transport_messages import IceServer

loopback.install()
estimates.install()

OTHER_FINGERPRINTS = ("a=fingerprint:sha-384", "a=fingerprint:sha-512")


class Media(Protocol):
    """What this participant shows, and what becomes of what it is shown."""

    def outgoing(self, kind: str, seat: str) -> MediaStreamTrack | None: ...
    def incoming(self, track: MediaStreamTrack, seat: str) -> Coroutine[Any, Any, None]: ...


class Peer:
    """One other seat: an RTCPeerConnection and the tasks that watch its tracks.

    With `turn`, it reaches the other one through these servers only; without, it speaks to the relay on loopback.
    `words` are known once both ends have exchanged them; `on_forged` is called when the other end cheats at that.
    `way` is how it goes (PROTOCOL.md); None on the direct one to the relay, which sees that for itself.
    """

    def __init__(
        self,
        view: PeerView,
        media: Media,
        *,
        on_forged: Callable[["Peer"], Awaitable[None]] | None = None,
        on_connected: Callable[["Peer"], Coroutine[Any, Any, None]] | None = None,
        turn: Sequence[IceServer] = (),
    ) -> None:
        self.view = view
        self.words: tuple[int, ...] | None = None
        self.remote_ufrag: str | None = None
        self.pc = RTCPeerConnection(_configuration(turn))
        self.way = _way(turn[0].urls[0]) if turn else None
        self._media = media
        self._on_forged = on_forged
        self._on_connected = on_connected
        self._exchange = safety_words.Exchange(
            commits=view.polite, nonce=secrets.token_bytes(safety_words.NONCE_BYTES)
        )
        self._sending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._senders = {kind: self.pc.addTransceiver(kind).sender for kind in ("audio", "video")}
        self.channel = self.pc.createDataChannel("safety-words", negotiated=True, id=0)
        self.pc.on("track", self._on_track)
        self.pc.on("connectionstatechange", self._on_state)
        self.channel.on("open", lambda: self._say(self._exchange.begin()))
        self.channel.on("message", self._on_message)

    async def offer(self) -> SessionDescription:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self._local()

    async def answer(self, offer: SessionDescription) -> SessionDescription:
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=offer.sdp, type="offer"))
        for transceiver in self.pc.getTransceivers():
            transceiver.direction = "sendrecv"
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return self._local()

    async def accept(self, answer: SessionDescription) -> None:
        # An answer may come twice after a reconnect.
        if self.pc.signalingState == "have-local-offer":
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp=answer.sdp, type="answer"))

    def show(self) -> None:
        """Put the tracks on the senders that have been there, empty, from the beginning."""
        if not self._sending:
            self._sending = True
            for kind, sender in self._senders.items():
                sender.replaceTrack(self._media.outgoing(kind, self.view.seat))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pc.close()

    def _local(self) -> SessionDescription:
        made = self.pc.localDescription
        # aiortc names its certificate three times; a browser that tells no more than the description wants one name.
        lines = (line for line in made.sdp.split("\r\n") if not line.startswith(OTHER_FINGERPRINTS))
        return SessionDescription(type=made.type, sdp="\r\n".join(lines))

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._watch(self._media.incoming(track, self.view.seat))

    def _on_state(self) -> None:
        if self.pc.connectionState == "connected" and self._on_connected is not None:
            self._watch(self._on_connected(self))

    def _on_message(self, message: object) -> None:
        try:
            self._say(self._exchange.hear(message))
        except safety_words.WrongReveal:
            self._watch(self._stop())
        except safety_words.Garbled:
            self.channel.close()
        if self._exchange.nonces is not None and self.words is None:
            committed, answered = self._exchange.nonces
            self.words = safety_words.words(
                fingerprints=self._fingerprints(), committed=committed, answered=answered
            )

    def _fingerprints(self) -> tuple[bytes, bytes]:
        """aiortc has compared the remote certificate with every fingerprint of the description before DTLS was up."""
        return tuple(  # type: ignore[return-value]
            safety_words.fingerprint_in(description.sdp)
            for description in (self.pc.localDescription, self.pc.remoteDescription)
        )

    def _say(self, message: str | None) -> None:
        if message is not None and self.channel.readyState == "open":
            self.channel.send(message)

    async def _stop(self) -> None:
        await self.pc.close()
        if self._on_forged is not None:
            await self._on_forged(self)

    def _watch(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))  # noqa: TID251 -- close() cancels and awaits it


def _configuration(turn: Sequence[IceServer]) -> RTCConfiguration:
    """aiortc takes the first URL of the first server. Never None: its own default is a server outside."""
    servers = [
        RTCIceServer(urls=list(each.urls), username=each.username, credential=each.credential)
        for each in turn
    ]
    policy = RTCIceTransportPolicy.RELAY if servers else RTCIceTransportPolicy.ALL
    return RTCConfiguration(
        iceServers=servers, iceTransportPolicy=policy, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE
    )


def _way(url: str) -> str:
    return "turn-tls" if url.startswith("turns:") else "turn-tcp" if url.endswith("=tcp") else "turn-udp"
