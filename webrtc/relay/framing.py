"""Pure: RFC 4571 frames, which carry ICE, DTLS and media over TCP (RFC 6544): two bytes of length, one packet.

A length of zero is the null packet: valid on the wire, and nothing to anybody.
"""

HEADER = 2
LONGEST = 1500  # what the table lets pass; a longer frame is no browser's


class FrameTooLong(Exception):
    """The stream announces a packet that nobody may send; where the next one begins is not known any more."""


def framed(packet: bytes) -> bytes:
    """One packet as it goes into the stream. Raises FrameTooLong."""
    if len(packet) > LONGEST:
        raise FrameTooLong(len(packet))
    return len(packet).to_bytes(HEADER, "big") + packet


class Frames:
    """One direction of a stream, taken apart; never keeps more than one unfinished frame."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    @property
    def kept(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._rest)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The packets that are complete now, in order.

        Raises FrameTooLong; the stream is worth nothing from there on and what else was in the chunk is lost.
        """
        stream = self._rest + chunk if self._rest else chunk
        packets, start, end = [], 0, len(stream)
        while end - start >= HEADER:
            size = stream[start] << 8 | stream[start + 1]
            if size > LONGEST:
                self._rest = b""
                raise FrameTooLong(size)
            if end - start < HEADER + size:
                break
            start += HEADER + size
            packets.append(stream[start - size : start])
        self._rest = stream[start:]
        return packets
