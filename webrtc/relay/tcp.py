"""The relay's TCP half: connections come, bring frames, are sent frames, and go.

Runs in the loop's thread and never blocks. What a connection may do is the table's business (`connections`); here
is only what a stream makes necessary: frames in pieces, sends that are taken in part, closing.
"""

import contextlib
import errno
import selectors
import socket
import struct
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from webrtc.relay.framing import Frames, FrameTooLong, framed
from webrtc.relay.legs import Address, TcpAddress
from webrtc.relay.outgoing import Outgoing
from webrtc.relay.table import Table

CHUNK = 16 * 1024
BACKLOG = 128
ACCEPTED_AT_ONCE = 32
# The kernel would buffer seconds of video for a slow connection; so much unsent is enough to keep it busy.
UNSENT = 16 * 1024
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

Serve = Callable[[int], object]


def listen(udp: socket.socket) -> socket.socket:
    """A listener where this UDP socket is, on the same port number. Raises OSError when that is taken."""
    listener = socket.socket(udp.family, socket.SOCK_STREAM)
    try:
        if udp.family == socket.AF_INET6:
            only = udp.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        # A relay that takes over from a killed one must not wait for the last one's connections to be forgotten.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(udp.getsockname()[:2])
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


class Connection:
    __slots__ = ("address", "frames", "outgoing", "stream")

    def __init__(self, stream: socket.socket, address: TcpAddress, outgoing: Outgoing) -> None:
        self.stream = stream
        self.address = address
        self.frames = Frames()
        self.outgoing = outgoing


class Streams:
    """While nobody is `connected` the loop needs no selector and does without."""

    def __init__(
        self, *, listener: socket.socket, table: Table, forward: Callable[[bytes, Address], None]
    ) -> None:
        self._listener = listener
        self._table = table
        self._forward = forward
        self._numbers = count(1)
        self.connected: dict[TcpAddress, Connection] = {}
        self._selector = selectors.DefaultSelector()
        self._accepting = False
        self.resume()

    def watch(self, udp: socket.socket, drain: Serve) -> None:
        """Let `wait` look after the loop's own socket too."""
        self._selector.register(udp, READ, drain)

    def wait(self, seconds: float) -> list[tuple[selectors.SelectorKey, int]]:
        """What can be done now without blocking: each key's `data` is whom to call with the mask."""
        return self._selector.select(seconds)

    def accept(self, mask: int = READ) -> None:
        """Take in who is at the door."""
        try:
            for _ in range(ACCEPTED_AT_ONCE):
                self._take(*self._listener.accept())
        except BlockingIOError:
            pass
        except OSError as error:
            # Out of file descriptors, say: the listener stays readable, and would keep the loop spinning.
            self._note(error)
            self._pause()

    def resume(self) -> None:
        if not self._accepting:
            self._selector.register(self._listener, READ, self.accept)
            self._accepting = True

    def send(self, packet: bytes, destination: TcpAddress) -> None:
        connection = self.connected.get(destination)
        if connection is None:
            return
        if connection.outgoing:
            connection.outgoing.put(packet)
            return
        frame = framed(packet)
        sent = self._push(connection, frame)
        if sent == len(frame) or sent < 0:
            return
        if sent:
            connection.outgoing.begin(frame[sent:])
        else:
            connection.outgoing.put(packet)
        self._selector.modify(connection.stream, READ | WRITE, partial(self._serve, connection))

    def hang_up(self, address: TcpAddress) -> None:
        """Close the connection and tell the table."""
        connection = self.connected.pop(address, None)
        if connection is not None:
            self._selector.unregister(connection.stream)
            connection.stream.close()
        self._table.disconnect(address)

    def close(self) -> None:
        for address in list(self.connected):
            self.hang_up(address)
        self._selector.close()
        self._listener.close()

    def _take(self, stream: socket.socket, source: tuple[Any, ...]) -> None:
        address = TcpAddress(source[0], source[1], next(self._numbers))
        stream.setblocking(False)
        with contextlib.suppress(OSError):  # already gone: reading will say so
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
            # Closed means forgotten: what a slow or dead peer has not taken must not live on in the kernel.
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection = Connection(stream, address, Outgoing(self._table.dropped))
        self.connected[address] = connection
        self._selector.register(stream, READ, partial(self._serve, connection))
        self._table.connect(address)

    def _serve(self, connection: Connection, mask: int) -> None:
        if connection.address not in self.connected:
            return  # closed while others were served
        if mask & WRITE:
            self._flush(connection)
        if mask & READ and connection.address in self.connected:
            self._read(connection)

    def _read(self, connection: Connection) -> None:
        try:
            chunk = connection.stream.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self.hang_up(connection.address)
            return
        try:
            packets = connection.frames.feed(chunk)
        except FrameTooLong:
            self._table.connections.hang_up(connection.address, "tcp-bad-frame")
            return
        hangups = self._table.connections.hangups
        for packet in packets:
            destination = self._table.receive(packet, connection.address)
            if destination is not None:
                self._forward(packet, destination)
            if hangups and connection.address in hangups:
                break

    def _flush(self, connection: Connection) -> None:
        outgoing = connection.outgoing
        while frame := outgoing.next():
            sent = self._push(connection, frame)
            if sent < 0:
                return
            if sent < len(frame):
                outgoing.begin(frame[sent:])
                return
        self._selector.modify(connection.stream, READ, partial(self._serve, connection))

    def _push(self, connection: Connection, frame: bytes) -> int:
        """How many bytes the connection took; -1 when it has broken, and is gone."""
        try:
            return connection.stream.send(frame)
        except BlockingIOError:
            return 0
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.ECONNRESET):
                self._note(error)
            self.hang_up(connection.address)
            return -1

    def _pause(self) -> None:
        if self._accepting:
            self._selector.unregister(self._listener)
            self._accepting = False

    def _note(self, error: OSError) -> None:
        self._table.dropped[f"tcp-{error.errno}"] += 1
