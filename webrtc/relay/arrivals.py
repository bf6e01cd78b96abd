"""To which of this machine's addresses a datagram came, so that what answers it leaves from there.

A socket open on all addresses sends from whichever the kernel finds nearest to the receiver. On a machine in two
networks, or with a second address on one, that need not be the one the browser has sent to, and a browser takes nothing
from anywhere else (RFC 8445 section 7.2.5.2.1). What the kernel would do anyway stays an address like any other and
costs nothing; only where it would do something else our address is kept with theirs, and named with each datagram.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

from webrtc.relay.legs import Address

# Linux: <linux/in6.h>; Python's socket module lacks the first and names the others.
IPV6_RECVPKTINFO, IPV6_PKTINFO, IP_PKTINFO = 49, 50, 8
_IN6_PKTINFO = Struct("=16sI")  # our address, interface
_IN_PKTINFO = Struct("=I4s4s")  # interface, our address, where the header said
ANYWHERE = 0

Note = tuple[
    int, int, bytes
]  # level, kind, what it says: as `socket.recvmsg` gives it and `sendmsg` takes it
Notes = Sequence[Note]


class Via(tuple[object, ...]):
    """An address that is to be answered from `local`. Equal to the same address without."""

    local: bytes

    @classmethod
    def of(cls, address: Address, local: bytes) -> "Via":
        made = cls(address)
        made.local = local
        return made


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of one UDP socket's family. `space` is the room that a note takes."""

    family: int

    @property
    def space(self) -> int:
        return socket.CMSG_SPACE(_IN6_PKTINFO.size if self._is_six else _IN_PKTINFO.size)

    @property
    def _is_six(self) -> bool:
        return self.family == socket.AF_INET6

    def note(self, udp: socket.socket) -> None:
        """From now on each datagram comes with a note of where it came to."""
        if self._is_six:
            udp.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        else:
            udp.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)

    def answering(self, source: Address, notes: Notes) -> Address:
        """Where to send what answers a datagram from `source` with these notes."""
        local = self._read(notes)
        if not local or local == self._nearest(source):
            return source
        return Via.of(source, local)

    def leaving(self, address: Via) -> Notes:
        """What to send along so that it leaves from there."""
        if self._is_six:
            return [(socket.IPPROTO_IPV6, IPV6_PKTINFO, _IN6_PKTINFO.pack(address.local, ANYWHERE))]
        return [(socket.IPPROTO_IP, IP_PKTINFO, _IN_PKTINFO.pack(ANYWHERE, address.local, b""))]

    def _read(self, notes: Notes) -> bytes:
        for level, kind, data in notes:
            if (level, kind) == (socket.IPPROTO_IPV6, IPV6_PKTINFO):
                return bytes(_IN6_PKTINFO.unpack(data)[0])
            if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
                return bytes(_IN_PKTINFO.unpack(data)[1])
        return b""

    def _nearest(self, address: Address) -> bytes:
        """What the kernel would send from: it is asked by a socket that sends nothing."""
        try:
            with socket.socket(self.family, socket.SOCK_DGRAM) as asking:
                asking.connect(address)
                return socket.inet_pton(self.family, asking.getsockname()[0])
        except OSError:  # no way there, or no more sockets: a check is answered all the same
            return b""
