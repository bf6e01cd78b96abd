"""The relay's half of the control socket (CONTROL.md): JSON lines, one thread, blocking in `select`.

The thread never touches the table: it posts each request to the loop and sends what comes back.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import selectors
import socket
import threading
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from webrtc.relay.loop import Loop
from webrtc.relay.operations import Message, perform
from webrtc.relay.table import Table

LONGEST_LINE = 64 * 1024
MOST_UNREAD = 4 * 1024 * 1024  # a controller that does not read is let go, not remembered for
MOST_CONNECTIONS = 8
LONGEST_ID = 100
MOST_IDLE_SECONDS = 15.0  # as the loop's DOOR_SECONDS


def _program() -> str:
    """The relay's own code, as one short word: nobody has to remember to raise a number."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for source in [*sorted(here.glob("*.py")), here.parent / "stun.py"]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


# Read as the process starts, before another version's files may take the place of these.
VERSION = _program()


class AlreadyRunning(Exception):
    """Another relay holds this control socket."""


class LineTooLong(Exception):
    """No request is so long; where the next one begins is not worth looking for."""


class Connection:
    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        self.unread = bytearray()
        self.unsent = bytearray()
        # The loop has a request of this connection. The next one waits, so that a flood of them, each with a large
        # answer, costs neither the memory nor the time of those who are in a call.
        self.asking = False
        self.wanted = selectors.EVENT_READ

    def put(self, message: Message) -> None:
        self.unsent += json.dumps(message, separators=(",", ":")).encode() + b"\n"

    def next_line(self) -> bytes | None:
        """The next whole line, when it may be looked at. Raises LineTooLong."""
        end = self.unread.find(b"\n")
        if (len(self.unread) if end < 0 else end) > LONGEST_LINE:
            raise LineTooLong
        if end < 0 or self.asking:
            return None
        line = bytes(self.unread[:end])
        del self.unread[: end + 1]
        return line


class Control:
    """A thread of its own, which ends the loop when nobody has been in control for too long."""

    def __init__(self, *, path: Path, loop: Loop, orphan_seconds: float) -> None:
        self._path = path
        self._loop = loop
        self._orphan_seconds = orphan_seconds
        self._lock = _take_lock(path)
        self._listener = _listen(path)
        self._bell, self._bell_rope = socket.socketpair()
        for stream in (self._listener, self._bell, self._bell_rope):
            stream.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._connections: dict[socket.socket, Connection] = {}
        self._controller: Connection | None = None
        self._alone_since = monotonic()
        # From the loop's thread: messages and who they are for (None: whoever is in control).
        self._from_loop: deque[tuple[Connection | None, Message]] = deque()
        self._refused: Counter[str] = Counter()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        loop.listen(self._tell_events)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            while not (self._ending or self._is_orphan()):
                for key, mask in self._selector.select(
                    timeout=min(MOST_IDLE_SECONDS, self._orphan_seconds / 4)
                ):
                    self._serve(key.fileobj, mask)
                self._deliver()
        finally:
            self._loop.stop()

    def close(self) -> None:
        """After the loop has ended and let go of the port; the lock is the last to go."""
        self._path.unlink(missing_ok=True)
        self._ending = True
        self._ring()
        self._thread.join(timeout=2.0)
        for stream in [*self._connections, self._listener, self._bell, self._bell_rope]:
            stream.close()
        os.close(self._lock)

    # The loop's thread --------------------------------------------------------------------------------

    def _tell_events(self, events: list[Message]) -> None:
        self._from_loop.extend((None, event) for event in events)
        self._ring()

    def _carry_out(self, asker: Connection, request: Message) -> Callable[[Table], None]:
        def command(table: Table) -> None:
            reply = {"id": request["id"], **perform(table, request)}
            if "error" in reply:
                self._refused[reply["error"]] += 1
            elif request["op"] == "stats":
                reply["control"] = dict(self._refused)
            self._from_loop.append((asker, reply))
            self._ring()

        return command

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is ringing already
            self._bell_rope.send(b"!")

    # This thread --------------------------------------------------------------------------------------

    def _is_orphan(self) -> bool:
        return self._controller is None and monotonic() - self._alone_since >= self._orphan_seconds

    def _serve(self, stream: Any, mask: int) -> None:
        if stream is self._listener:
            self._accept()
        elif stream is self._bell:
            with contextlib.suppress(BlockingIOError):
                self._bell.recv(4096)
        elif (connection := self._connections.get(stream)) is not None:
            if mask & selectors.EVENT_READ:
                self._read(connection)
            if mask & selectors.EVENT_WRITE and stream in self._connections:
                self._write(connection)

    def _accept(self) -> None:
        try:
            stream, _ = self._listener.accept()
        except OSError:
            return
        if len(self._connections) >= MOST_CONNECTIONS:
            self._refused["crowd"] += 1
            stream.close()
            return
        stream.setblocking(False)
        self._connections[stream] = Connection(stream)
        self._selector.register(stream, selectors.EVENT_READ)

    def _read(self, connection: Connection) -> None:
        try:
            chunk = connection.stream.recv(LONGEST_LINE)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._let_go(connection)
            return
        connection.unread += chunk
        self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Take what the connection has said, as far as it is its turn."""
        try:
            while (line := connection.next_line()) is not None:
                self._take(connection, line)
        except LineTooLong:
            self._refused["long-line"] += 1
            self._let_go(connection)
            return
        self._write(connection)

    def _take(self, connection: Connection, line: bytes) -> None:
        try:
            request = json.loads(line)
            number, op = _number(request["id"]), request["op"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self._refuse(connection, {"id": None, "ok": False, "error": "bad-request"})
            return
        if op == "hello":
            connection.put({"id": number, "ok": True, **self._hello(connection)})
        elif connection is not self._controller:
            self._refuse(connection, {"id": number, "ok": False, "error": "busy"})
        elif op == "stop":
            connection.put({"id": number, "ok": True})
            self._write(connection)
            self._loop.stop()
        else:
            connection.asking = True
            self._loop.post(self._carry_out(connection, request))

    def _refuse(self, connection: Connection, reply: Message) -> None:
        self._refused[reply["error"]] += 1
        connection.put(reply)

    def _hello(self, connection: Connection) -> Message:
        free = self._controller is None or self._controller is connection
        if free:
            self._controller = connection
        return {"port": self._loop.port, "pid": os.getpid(), "version": VERSION, "controller_free": free}

    def _deliver(self) -> None:
        waiting = set()
        while self._from_loop:
            asker, message = self._from_loop.popleft()
            connection = asker or self._controller
            # The one who asked may have gone while the loop worked.
            if connection is not None and connection.stream in self._connections:
                connection.put(message)
                if asker is not None:
                    connection.asking = False
                waiting.add(connection)
        for connection in waiting:
            self._go_on(connection)

    def _write(self, connection: Connection) -> None:
        try:
            if connection.unsent:
                sent = connection.stream.send(connection.unsent)
                del connection.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._let_go(connection)
            return
        if len(connection.unsent) > MOST_UNREAD:
            self._refused["unread"] += 1
            self._let_go(connection)
            return
        self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        # What has not been looked at is enough to remember: whoever says more waits in their own process.
        full = b"\n" in connection.unread
        wanted = (0 if full else selectors.EVENT_READ) | (selectors.EVENT_WRITE if connection.unsent else 0)
        if wanted == connection.wanted or connection.stream not in self._connections:
            return
        if not connection.wanted:
            self._selector.register(connection.stream, wanted)
        elif not wanted:
            self._selector.unregister(connection.stream)
        else:
            self._selector.modify(connection.stream, wanted)
        connection.wanted = wanted

    def _let_go(self, connection: Connection) -> None:
        if self._connections.pop(connection.stream, None) is None:
            return
        if connection.wanted:
            self._selector.unregister(connection.stream)
        connection.stream.close()
        if connection is self._controller:
            self._controller = None
            self._alone_since = monotonic()


def _number(value: object) -> int | str | None:
    """An id as it may come back: what nests could be read and yet be too deep to be written."""
    if value is not None and not isinstance(value, int | str):
        raise TypeError
    if isinstance(value, str) and len(value) > LONGEST_ID:
        raise ValueError
    return value


def is_held(path: Path) -> bool:
    """Whether a relay process has this control socket, answering or not."""
    try:
        os.close(_take_lock(path))
    except AlreadyRunning:
        return True
    return False


def _take_lock(path: Path) -> int:
    """Held as long as the process lives, so that a socket file left by a killed relay is known to be stale."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise AlreadyRunning(str(path)) from error
    return lock


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(MOST_CONNECTIONS)
    return listener
