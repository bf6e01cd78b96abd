"""A socket and a thread of its own for either leg, while there is one call.

A live call is some hundred datagrams a second, and most of them wake the relay: what costs is how much of Python is
touched on waking up, and the largest part of that is an address turned into text and back. A socket that is bound
beside the open one (SO_REUSEPORT) and connected to a leg is given that leg's datagrams by the kernel, and what is sent
through it needs no address either. The lane itself passes on only what the table would: everything else goes the loop's
way, so that a lane that no longer fits where its leg is costs more, but nothing goes astray. With two calls the threads
wake each other more often than the loop is woken, and the loop is the cheaper way again.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from time import monotonic

from webrtc.relay.datagrams import NOW_OR_NEVER, SLOT
from webrtc.relay.legs import Address, Way
from webrtc.relay.table import Table

# A socket that is bound and not yet connected is given a share of everybody's datagrams: within microseconds, but
# they may be read much later.
SETTLED_SECONDS = 1.0

OTHER_PORTS = (9, 1)  # "discard" and "tcpmux": no browser sends from them

Call = tuple[Way, Way]
PassOn = Callable[[bytes, Address], None]


class Lane:
    """What comes along `way` goes on by the socket `out` until the lane ends. `pass_on` takes what is not so simple."""

    def __init__(
        self, way: Way, *, come: socket.socket, out: socket.socket, table: Table, pass_on: PassOn
    ) -> None:
        self._way, self._come, self._out, self._table, self._pass_on = way, come, out, table, pass_on
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        """What has come until now still goes on."""
        self._ending = True
        self._come.shutdown(socket.SHUT_RD)  # wakes who waits; what is there can still be received
        self._thread.join()

    def _run(self) -> None:
        if self._settle():
            self._flow()

    def _settle(self) -> bool:
        """Look where each comes from, until there is nothing left that might be somebody else's."""
        settled_at = monotonic() + SETTLED_SECONDS
        while True:
            try:
                data, source = self._come.recvfrom(SLOT, NOW_OR_NEVER if monotonic() >= settled_at else 0)
            except BlockingIOError:
                return True
            except OSError:
                continue
            if source is None:
                return False
            self._pass_on(data, source)

    def _flow(self) -> None:
        receive, send, pass_on, table = self._come.recv, self._out.send, self._pass_on, self._table
        leg, source, to = self._way
        longest = table.limits.datagram
        while True:
            try:
                data = receive(SLOT)
            except OSError:
                continue  # a connected socket is told that what was sent did not arrive: nobody asked
            size = len(data)
            # As `Table.route`, to which a call would cost a lonely datagram 6 % more.
            if (
                size
                and leg.passes[data[0]]
                and size <= longest
                and (total := leg.bytes + size) <= leg.ceiling
                and leg.peer.address == to
                and leg.address == source
            ):
                leg.bytes = total
                leg.packets += 1
                leg.heard_at = table.now
                try:
                    send(data, NOW_OR_NEVER)
                except OSError as error:
                    table.dropped[f"socket-{error.errno}"] += 1
            elif self._ending and not size:
                return
            else:
                pass_on(data, source)


class Lanes:
    """A lane each way for one call at a time. `pass_on` is called from both."""

    def __init__(self, udp: socket.socket, *, table: Table, pass_on: PassOn) -> None:
        self._udp, self._table, self._pass_on = udp, table, pass_on
        self._call: Call | None = None
        self._lanes: list[Lane] = []
        self._sockets: list[socket.socket] = []
        # Only now: while the port was asked for, it had to be nobody else's.
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)

    def follow(self, call: Call | None) -> None:
        """Have lanes for this call and for no other."""
        # A lane that has died would swallow what its leg sends.
        if call != self._call or not all(lane.is_alive for lane in self._lanes):
            self.close()
            if call is not None:
                self._start(call)

    def close(self) -> None:
        for lane in self._lanes:
            lane.end()
        if self._call is not None:
            for each, way in zip(self._sockets, self._call, strict=True):
                self._leave(each, way.source)
        for each in self._sockets:
            each.close()
        self._call, self._lanes, self._sockets = None, [], []

    def _leave(self, udp: socket.socket, source: Address) -> None:
        """Nobody reads or sends here any more, but until it is closed the kernel would give it what the leg sends.

        So it is connected to where nothing comes from, and then what has come meanwhile goes on.
        """
        host, port, *rest = source
        with contextlib.suppress(OSError):
            udp.connect((host, OTHER_PORTS[port == OTHER_PORTS[0]], *rest))
            while data := udp.recv(SLOT, NOW_OR_NEVER):
                self._pass_on(data, source)

    def _start(self, call: Call) -> None:
        try:
            self._sockets += (self._connected(way.source) for way in call)
        except OSError as error:
            self._table.dropped[f"socket-{error.errno}"] += 1
            self.close()
            return
        self._call = call
        self._lanes = [
            Lane(way, come=come, out=out, table=self._table, pass_on=self._pass_on)
            for way, come, out in zip(call, self._sockets, reversed(self._sockets), strict=True)
        ]
        for lane in self._lanes:
            lane.start()

    def _connected(self, address: Address) -> socket.socket:
        udp = socket.socket(self._udp.family, socket.SOCK_DGRAM)
        try:
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if udp.family == socket.AF_INET6:
                only = self._udp.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
                udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
            udp.bind(self._udp.getsockname())
            udp.connect(address)
        except OSError:
            udp.close()
            raise
        return udp
