"""The hot loop: receive, look up, send. One thread owns the table; the controller's posts to it, and those of `lanes`
take a lock for whatever is more than a look at where a leg is.

A blocking socket and two system calls a datagram, or for many at once (`datagrams`). The receive timeout lives in
the kernel (SO_RCVTIMEO), because Python's own `settimeout` would add a `poll`. Only while somebody is connected over
TCP does a selector look after all sockets: it would cost every lonely datagram two more system calls.
"""

import contextlib
import errno
import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from itertools import islice
from time import monotonic, process_time, sleep
from typing import Any

from webrtc.relay import tcp
from webrtc.relay.arrivals import Arrivals, Notes
from webrtc.relay.datagrams import NOW_OR_NEVER, Datagrams
from webrtc.relay.lanes import Lanes
from webrtc.relay.legs import Address, TcpAddress
from webrtc.relay.table import Table

TICK_SECONDS = 1.0  # each costs as much as ten packets; the table does nothing by the clock that is finer
# Threads that have work at once wait for each other, the longer the more there is.
BUSY = 0.25  # of a core
DOOR_SECONDS = 15
ACCEPTED_SECONDS = 0.1
SOCKET_BUFFER = 4 * 1024 * 1024
WAKE = b"\xff"  # no protocol of RFC 7983 starts so
NONE: Notes = ()
WITHOUT_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)
TRIES = 20


def bind(*, address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A blocking UDP socket and a TCP listener on one port number; without an address IPv4 and IPv6 alike.

    Raises OSError when the port is taken. Port 0 takes any that is free for both.
    """
    for left in reversed(range(1 if port else TRIES)):
        udp = _udp(address, port)
        try:
            return udp, tcp.listen(udp)
        except OSError as error:
            udp.close()
            if error.errno != errno.EADDRINUSE or not left:
                raise
    raise AssertionError("the last try returns or raises")


def _udp(address: str, port: int) -> socket.socket:
    if address:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return _bound(family, address, port)
    try:
        return _bound(socket.AF_INET6, "::", port)
    except OSError as error:
        if error.errno not in WITHOUT_IPV6:
            raise
    return _bound(socket.AF_INET, "0.0.0.0", port)


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address == "::" else 1)
        udp.bind((address, port))
    except OSError:
        udp.close()
        raise
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        udp.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
    seconds, fraction = divmod(TICK_SECONDS, 1)
    udp.setsockopt(
        socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(fraction * 1e6))
    )
    return udp


class Loop:
    """Owns the sockets and the table; `run` is the process's main thread."""

    def __init__(self, *, udp: socket.socket, listener: socket.socket, table: Table) -> None:
        self._udp = udp
        self._table = table
        self._listener = listener
        self._datagrams = Datagrams(
            udp, route=table.route, look=self._look, send_elsewhere=self._send, dropped=table.dropped
        )
        self._lanes = Lanes(udp, table=table, pass_on=self._pass_on)
        self._arrivals, self._notes = Arrivals(udp.family), NONE
        table.answering = self._answering
        self._lock = threading.RLock()  # for what more than one thread may change
        self._streams = tcp.Streams(listener=listener, table=table, forward=self._send)
        self._streams.watch(udp, self._drain)
        self._commands: deque[Callable[[Table], None]] = deque()
        self._stopping = False
        self._followed_at, self._used = monotonic(), process_time()
        self._on_events: Callable[[list[dict[str, Any]]], None] = _nobody
        self.port: int = udp.getsockname()[1]
        self._waker = _connected_to(udp)
        self._waker_port = self._waker.getsockname()[1]

    def listen(self, on_events: Callable[[list[dict[str, Any]]], None]) -> None:
        """Called in the loop's thread with what happened in the table."""
        self._on_events = on_events

    def post(self, command: Callable[[Table], None]) -> None:
        """From any thread: run this in the loop's thread, between two packets."""
        self._commands.append(command)
        self._ring()

    def stop(self) -> None:
        self._stopping = True
        self._ring()

    def run(self) -> None:
        threading.Thread(target=self._watch_door, name="door", daemon=True).start()
        while not self._stopping:
            if self._streams.connected:
                self._lanes.close()
                self._run_with_tcp()
            else:
                self._run_with_udp_only()

    def close(self) -> None:
        self._lanes.close()
        self._streams.close()
        self._waker.close()
        self._udp.close()

    def _ring(self) -> None:
        # If the datagram finds the buffer full, packets are waiting, and the loop looks after each batch of them.
        with contextlib.suppress(OSError):
            self._waker.send(WAKE, NOW_OR_NEVER)

    def _watch_door(self) -> None:
        """In a thread of its own, asleep until somebody connects: a blocking receive would not notice."""
        door = select.poll()
        door.register(self._listener, select.POLLIN)
        while not self._stopping:
            if door.poll(DOOR_SECONDS * 1000):
                self._ring()
                sleep(ACCEPTED_SECONDS)  # accepted by now; whoever comes meanwhile is seen at the next tick

    def _run_with_udp_only(self) -> None:
        table, commands, pass_on = self._table, self._commands, self._datagrams.pass_on
        connected = self._streams.connected
        due = 0.0
        while not (self._stopping or connected):
            try:
                pass_on(until=due)
            except OSError as error:
                self._note(error)
            now = monotonic()
            if now >= due:
                due = now + TICK_SECONDS
                with self._lock:
                    table.tick(now)
                    self._streams.accept()
                self._follow(now)
            if commands or table.outbox or table.events:
                self._housekeep()

    def _run_with_tcp(self) -> None:
        due = 0.0
        while self._streams.connected and not self._stopping:
            ready = self._streams.wait(max(0.0, due - monotonic()))
            self._table.now = monotonic()
            for key, mask in ready:
                key.data(mask)
                self._housekeep()
            now = monotonic()
            if now >= due:
                due = now + TICK_SECONDS
                self._table.tick(now)
                self._streams.resume()
                self._housekeep()

    def _drain(self, mask: int) -> None:
        try:
            self._datagrams.pass_on(NOW_OR_NEVER)
        except OSError as error:
            self._note(error)

    def _look(self, data: bytes, source: Address, notes: Notes) -> None:
        """A datagram that does not simply pass."""
        # Anybody can send this byte: from anywhere else it is junk like any other, and counted.
        if data == WAKE and source[1] == self._waker_port:
            with self._lock:
                self._streams.accept()
            return
        with self._lock:
            self._table.now = (
                monotonic()
            )  # what it holds and refills counts from here, not from the last tick
            self._notes = notes
            destination = self._table.receive(data, source)
            if destination is not None:
                self._send(data, destination)
            if self._table.outbox:
                self._housekeep()

    def _pass_on(self, data: bytes, source: Address) -> None:
        """From a lane, in its thread."""
        destination = self._table.route(data[0], len(data), source) if data else None
        if destination is None:
            # A lane is for a leg that the kernel answers from the right address by itself.
            self._look(data, source, NONE)
        else:
            with self._lock:
                self._send(data, destination)

    def _answering(self, source: Address) -> Address:
        """Of the datagram that the table is looking at."""
        return source if isinstance(source, TcpAddress) else self._arrivals.answering(source, self._notes)

    def _follow(self, now: float) -> None:
        passed, used = now - self._followed_at, process_time() - self._used
        self._followed_at, self._used = now, self._used + used
        with self._lock:
            calls = list(islice(self._table.flowing(), 2))
        # Without the lock: who is on the way out of a lane may be waiting for it.
        self._lanes.follow(calls[0] if len(calls) == 1 and used < BUSY * passed else None)

    def _send(self, data: bytes, destination: Address) -> None:
        if isinstance(destination, TcpAddress):
            self._streams.send(data, destination)
        else:
            self._datagrams.send(data, destination)

    def _housekeep(self) -> None:
        with self._lock:
            self._carry_out()

    def _carry_out(self) -> None:
        table = self._table
        while self._commands:
            self._commands.popleft()(table)
        for data, destination in table.outbox:
            self._send(data, destination)
        table.outbox.clear()
        if table.connections.hangups:
            leaving = table.connections.hangups.copy()
            table.connections.hangups.clear()
            for address in leaving:
                self._streams.hang_up(address)
        if table.events:
            happened = table.events.copy()
            table.events.clear()
            self._on_events(happened)

    def _note(self, error: OSError) -> None:
        self._table.dropped[f"socket-{error.errno}"] += 1


def _nobody(events: list[dict[str, Any]]) -> None:
    pass


def _connected_to(udp: socket.socket) -> socket.socket:
    host, port = udp.getsockname()[:2]
    if host in ("::", "0.0.0.0"):
        host = "127.0.0.1"
    waker = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    waker.connect((host, port))
    return waker
