"""One other seat, as a participant written in Python is connected to it."""

import asyncio
from typing import Any, Protocol

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)

from webrtc.participants import loopback
from webrtc.protocol import PeerView, SessionDescription

loopback.install()


class Media(Protocol):
    """What this participant shows, and what becomes of what it is shown."""

    def outgoing(self, kind: str, seat: str) -> MediaStreamTrack | None: ...
    async def incoming(self, track: MediaStreamTrack, seat: str) -> None: ...


class Peer:
    """One other seat: an RTCPeerConnection and the tasks that watch its tracks."""

    def __init__(self, view: PeerView, media: Media) -> None:
        self.view = view
        self.remote_ufrag: str | None = None
        self.messages: list[str] = []
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._media = media
        self._sending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._senders = {kind: self.pc.addTransceiver(kind).sender for kind in ("audio", "video")}
        self.channel = self.pc.createDataChannel("control") if view.start else None
        self.pc.on("track", self._on_track)
        self.pc.on("datachannel", self._on_channel)
        if self.channel is not None:
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
        return SessionDescription(type=made.type, sdp=made.sdp)

    def _on_track(self, track: MediaStreamTrack) -> None:
        watch = asyncio.create_task(  # noqa: TID251 -- close() cancels and awaits it
            self._media.incoming(track, self.view.seat)
        )
        self._tasks.add(watch)

    def _on_channel(self, channel: Any) -> None:
        self.channel = channel
        channel.on("message", self._on_message)

    def _on_message(self, message: object) -> None:
        if isinstance(message, str) and len(self.messages) < 100:
            self.messages.append(message)
