"""The UDP socket: one datagram at a time while they are few, up to 32 in one system call while they are many.

Python's own sockets take one datagram a call and turn every address into text and back, which costs more than the
system calls do. So when datagrams queue up, the C library's recvmmsg and sendmmsg are called through ctypes, on arrays
that are made once: a datagram is received into a slot and sent on from the same slot, and Python sees of it its first
byte, its size and where it came from. For a lonely datagram that way would be the dearer one: so every 64th look is for
all that are there, and only as long as they are a few it goes on so.
"""

import errno
import socket
from array import array
from collections import Counter
from collections.abc import Callable
from ctypes import (
    CDLL,
    Structure,
    addressof,
    byref,
    c_char,
    c_int,
    c_size_t,
    c_uint,
    c_void_p,
    get_errno,
    sizeof,
)
from struct import Struct
from time import monotonic

from webrtc.relay.arrivals import Arrivals, Notes, Via
from webrtc.relay.legs import Address
from webrtc.relay.sockaddr import SIZES, Addresses

BATCH = 32
SLOT = 2048  # more than the table lets pass, so that a longer datagram is seen to be too long
NOW_OR_NEVER = int(socket.MSG_DONTWAIT)
WAIT_FOR_ONE = 0x10000  # MSG_WAITFORONE: wait for the first, then take what else is there
NOTHING_HERE = (errno.EAGAIN, errno.EINTR)
LOOKS = 64
FEW = 4

Route = Callable[[int, int, Address], Address | None]


class _Piece(Structure):
    """struct iovec"""

    _fields_ = (("start", c_void_p), ("size", c_size_t))


class _Message(Structure):
    """struct msghdr"""

    _fields_ = (
        ("address", c_void_p),
        ("address_size", c_uint),
        ("pieces", c_void_p),
        ("piece_count", c_size_t),
        ("control", c_void_p),
        ("control_size", c_size_t),
        ("flags", c_int),
    )


class _Header(Structure):
    """struct mmsghdr"""

    _fields_ = (("message", _Message), ("received", c_uint))


HEADER_WORDS, RECEIVED = sizeof(_Header) // 4, _Header.received.offset // 4
NOTED = _Message.control_size.offset // sizeof(c_size_t)
_NOTE_HEADER = Struct("LII")  # struct cmsghdr: size with this, level, kind
_libc = CDLL(None, use_errno=True)


class _Slots:
    """A header for each slot: its data, whole slots long, its address, and `note_size` bytes for what the kernel notes.
    Keeps alive what the kernel writes to."""

    def __init__(self, data: bytearray, address_size: int, note_size: int = 0) -> None:
        self._data = data
        self._pieces, headers = bytearray(BATCH * sizeof(_Piece)), bytearray(BATCH * sizeof(_Header))
        self.notes, self.note_size = bytearray(BATCH * note_size), note_size
        self.addresses = bytearray(BATCH * address_size)
        self.headers = (_Header * BATCH).from_buffer(headers)
        self.received = memoryview(headers).cast("I")[RECEIVED::HEADER_WORDS]
        self.noted = memoryview(headers).cast("L")[NOTED :: sizeof(_Header) // sizeof(c_size_t)]
        self.sizes = memoryview(self._pieces).cast("L")[1::2]
        each_piece = (_Piece * BATCH).from_buffer(self._pieces)
        for slot, header in enumerate(self.headers):
            each_piece[slot] = _Piece(_where(data, slot * SLOT), SLOT)
            piece = _where(self._pieces, slot * sizeof(_Piece))
            header.message = _Message(_where(self.addresses, slot * address_size), address_size, piece, 1)
            if note_size:
                header.message.control = _where(self.notes, slot * note_size)

    def notes_of(self, slot: int) -> Notes:
        """As `socket.recvmsg` gives them; the kernel is asked for one kind only, so there is one."""
        start = slot * self.note_size
        if self.noted[slot] < _NOTE_HEADER.size:
            return ()
        size, level, kind = _NOTE_HEADER.unpack_from(self.notes, start)
        return ((level, kind, bytes(self.notes[start + _NOTE_HEADER.size : start + size])),)


def _where(memory: bytearray, offset: int) -> int:
    return addressof(c_char.from_buffer(memory, offset))


class Datagrams:
    """`route` says where a datagram with this first byte, size and source goes on to. When that is None, `look` gets it
    whole, with what the kernel noted of its arrival; when it is no plain address of UDP, `send_elsewhere` does.
    """

    def __init__(
        self,
        udp: socket.socket,
        *,
        route: Route,
        look: Callable[[bytes, Address, Notes], None],
        send_elsewhere: Callable[[bytes, Address], None],
        dropped: Counter[str],
    ) -> None:
        self._udp, self._file = udp, udp.fileno()
        self._route, self._look, self._send_elsewhere = route, look, send_elsewhere
        self._dropped = dropped
        self._looks = 0
        self._addresses = Addresses(udp.family)
        self._size = size = SIZES[udp.family]
        data = bytearray(BATCH * SLOT)
        self._data = memoryview(data)
        self._arrivals = Arrivals(udp.family)
        self._arrivals.note(udp)
        space = self._note_size = self._arrivals.space
        self._arriving, self._leaving = _Slots(data, size, space), _Slots(data, size)
        self._room_for_notes = array("L", [space] * BATCH)
        self._destinations = memoryview(self._leaving.addresses)
        self._read_sources = [Struct(f"{size}s" * count).unpack_from for count in range(BATCH + 1)]
        self._from_slot = [byref(self._leaving.headers, slot * sizeof(_Header)) for slot in range(BATCH)]

    def pass_on(self, flags: int = 0, until: float = 0.0) -> None:
        """Wait for a datagram, unless `flags` is NOW_OR_NEVER, and send on what may pass, in order. Raises OSError.

        Until that time it goes on so, because between two lonely datagrams all that was read before has left the
        processor's caches; what did not simply pass is the end of it.
        """
        if self._looks >= LOOKS:
            if self._pass_on_all(flags) < FEW:
                self._looks = 0
            return
        receive, route, send = self._udp.recvmsg, self._route, self._udp.sendto
        space = self._note_size
        while self._looks < LOOKS:
            self._looks += 1
            try:
                data, notes, _, source = receive(SLOT, space, flags)
            except BlockingIOError:
                return
            destination = route(data[0], len(data), source) if data else None
            if destination.__class__ is not tuple:
                if destination is None:
                    self._look(data, source, notes)
                else:
                    self._send_elsewhere(data, destination)
                return
            try:
                send(data, NOW_OR_NEVER, destination)
            except OSError as error:
                self._dropped[f"socket-{error.errno}"] += 1
            if monotonic() >= until:
                return

    def send(self, data: bytes, destination: Address) -> None:
        """One datagram. A network that is down for a moment must not end every call: it is lost, and counted."""
        try:
            if isinstance(destination, Via):
                self._udp.sendmsg([data], self._arrivals.leaving(destination), NOW_OR_NEVER, destination)
            else:
                self._udp.sendto(data, NOW_OR_NEVER, destination)
        except OSError as error:
            self._dropped[f"socket-{error.errno}"] += 1

    def _pass_on_all(self, flags: int) -> int:
        """Returns how many there were."""
        self._arriving.noted[:] = self._room_for_notes  # the kernel has put there how much of it was used
        count: int = _libc.recvmmsg(self._file, self._arriving.headers, BATCH, flags | WAIT_FOR_ONE, None)
        if count < 0:
            if get_errno() in NOTHING_HERE:
                return 0
            raise OSError(get_errno(), "recvmmsg")
        sizes = self._arriving.received[:count].tolist()
        self._leaving.sizes[:count] = array("L", sizes)
        firsts = self._data[: count * SLOT : SLOT]
        sources = self._read_sources[count](self._arriving.addresses)
        route, read, written = self._route, self._addresses.read, self._addresses.written
        start, going = 0, []
        for slot, (first, size, raw) in enumerate(zip(firsts, sizes, sources, strict=True)):
            source = read[raw]
            destination = route(first, size, source)
            if destination.__class__ is tuple:
                going.append(written[destination])
                continue
            # Before anything else is done: what came earlier leaves earlier.
            self._send_from(start, going)
            start, going = slot + 1, []
            data = bytes(self._data[slot * SLOT : slot * SLOT + size])
            if destination is None:
                self._look(data, source, self._arriving.notes_of(slot))
            else:
                self._send_elsewhere(data, destination)
        self._send_from(start, going)
        return count

    def _send_from(self, slot: int, destinations: list[bytes]) -> None:
        end = slot + len(destinations)
        self._destinations[slot * self._size : end * self._size] = b"".join(destinations)
        while slot < end:
            sent = _libc.sendmmsg(self._file, self._from_slot[slot], end - slot, NOW_OR_NEVER)
            if sent < 0:
                self._dropped[f"socket-{get_errno()}"] += 1
                sent = 1
            slot += sent
