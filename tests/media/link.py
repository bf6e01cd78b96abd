"""A lossy link under a participant in Python: it loses the same share in every run."""

from random import Random
from typing import Any

from webrtc.participants.peer import Peer


def lose(peer: Peer, *, up: float = 0.0, down: float = 0.0) -> None:
    """This share of the media packets sent, and of those received, is gone. Call once connected."""
    transport: Any = peer.pc.getTransceivers()[0].sender.transport
    transport._send_rtp = _thinned(transport._send_rtp, up)
    transport._handle_rtp_data = _thinned(transport._handle_rtp_data, down)


def _thinned(passes: Any, share: float) -> Any:
    # By chance and not every n-th, which could fall on the sound each time; of a seed, so that every run is the same.
    chance = Random(7)

    async def pass_on(data: bytes, **more: Any) -> None:
        # RFC 5761: payload types 64 to 95 are RTCP, whose reports must arrive for anything to be measured.
        is_report = 64 <= data[1] & 0x7F <= 95
        if is_report or chance.random() >= share:
            await passes(data, **more)

    return pass_on
