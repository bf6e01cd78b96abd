"""Pure: what waits for a TCP connection that does not keep up. Bounded, and the picture gives way first.

The relay cannot open a packet, but RTP's first twelve bytes are in clear: they tell media from its feedback
(RFC 5761) and which packets are one frame of a picture (same SSRC, same timestamp).
"""

from collections import Counter, deque

from webrtc.relay.framing import framed
from webrtc.relay.legs import SORTS, SRTP

VIDEO_BYTES = 64 * 1024  # under half a second of what our pages send; older video is worth nothing
OTHER_BYTES = 16 * 1024  # checks, handshakes, feedback and seconds of sound
OVERHEAD = 64  # what Python needs beside the bytes, so that many tiny packets are no way around the bound
LARGEST_SOUND = 500  # Opus at its best with everything said twice (RED) stays below
MOST_PICTURES = 8


class Outgoing:
    __slots__ = ("_begun", "_dropped", "_other", "_other_bytes", "_pictures", "_video", "_video_bytes")

    def __init__(self, dropped: Counter[str]) -> None:
        self._begun = b""  # the rest of a frame whose beginning is on its way: it has to be finished
        self._other: deque[bytes] = deque()
        self._video: deque[bytes] = deque()
        self._other_bytes = self._video_bytes = 0
        # SSRC of a picture → the timestamp of the frame that is being dropped, if one is.
        self._pictures: dict[bytes, bytes] = {}
        self._dropped = dropped

    def __bool__(self) -> bool:
        return bool(self._begun or self._other or self._video)

    @property
    def kept(self) -> int:
        """What is kept here, with what Python needs for it."""
        return len(self._begun) + self._other_bytes + self._video_bytes

    def put(self, packet: bytes) -> None:
        """Keep this packet for later, or drop and count it."""
        if self._is_video(packet):
            self._put_video(packet)
        elif self._other_bytes + _cost(packet) > OTHER_BYTES:
            self._dropped["tcp-slow"] += 1
        else:
            self._other.append(packet)
            self._other_bytes += _cost(packet)

    def begin(self, rest: bytes) -> None:
        """The connection took a frame's beginning only."""
        self._begun = rest

    def next(self) -> bytes:
        """The bytes to send now, or none; they are no longer kept here."""
        if self._begun:
            rest, self._begun = self._begun, b""
            return rest
        if self._other:
            packet = self._other.popleft()
            self._other_bytes -= _cost(packet)
        elif self._video:
            packet = self._video.popleft()
            self._video_bytes -= _cost(packet)
        else:
            return b""
        return framed(packet)

    def _is_video(self, packet: bytes) -> bool:
        if len(packet) < 12 or SORTS[packet[0]] != SRTP or 192 <= packet[1] < 224:
            return False
        if packet[8:12] in self._pictures:
            return True
        if len(packet) <= LARGEST_SOUND:
            return False
        if len(self._pictures) >= MOST_PICTURES:
            self._pictures.clear()
        self._pictures[packet[8:12]] = b""
        return True

    def _put_video(self, packet: bytes) -> None:
        stamp, picture = packet[4:8], packet[8:12]
        if self._pictures[picture] == stamp:
            self._dropped["tcp-slow-video"] += 1
        elif self._video_bytes + _cost(packet) > VIDEO_BYTES:
            self._drop_frame(packet[4:12])
            self._pictures[picture] = stamp
            self._dropped["tcp-slow-video"] += 1
        else:
            self._video.append(packet)
            self._video_bytes += _cost(packet)

    def _drop_frame(self, frame: bytes) -> None:
        """Nobody can show half a frame: what is kept of it already is only in the way."""
        kept = deque(packet for packet in self._video if packet[4:12] != frame)
        self._dropped["tcp-slow-video"] += len(self._video) - len(kept)
        self._video, self._video_bytes = kept, sum(map(_cost, kept))


def _cost(packet: bytes) -> int:
    return len(packet) + OVERHEAD
