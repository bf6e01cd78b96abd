"""Pure: addresses as Python's sockets write them, and as the kernel does (`sockaddr_in`, `sockaddr_in6`)."""

import struct
from collections.abc import Callable
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Any

from webrtc.relay.legs import Address

MOST = 4096  # forged sources must not fill the memory: beyond this all are forgotten, and read again as they come
_IPV4, _IPV6 = struct.Struct("=2s2s4s8x"), struct.Struct("=2s2sI16sI")
SIZES = {AF_INET: _IPV4.size, AF_INET6: _IPV6.size}


class Remembered(dict[Any, Any]):
    """A function's answers; a dict, because looking one up is what is done for every packet."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Any) -> Any:
        if len(self) >= MOST:
            self.clear()
        value = self[key] = self._function(key)
        return value


class Addresses:
    """`read[raw]` is the tuple for the kernel's bytes, `written[address]` the other way round."""

    def __init__(self, family: int) -> None:
        six = family == AF_INET6
        self.read: dict[bytes, Address] = Remembered(read_ipv6 if six else read_ipv4)
        self.written: dict[Address, bytes] = Remembered(write_ipv6 if six else write_ipv4)


def read_ipv4(raw: bytes) -> Address:
    _, port, host = _IPV4.unpack(raw)
    return inet_ntop(AF_INET, host), int.from_bytes(port, "big")


def write_ipv4(address: Address) -> bytes:
    host, port = address
    return _IPV4.pack(_family(AF_INET), port.to_bytes(2, "big"), inet_pton(AF_INET, host))


def read_ipv6(raw: bytes) -> Address:
    _, port, flow, host, scope = _IPV6.unpack(raw)
    return inet_ntop(AF_INET6, host), int.from_bytes(port, "big"), flow, scope


def write_ipv6(address: Address) -> bytes:
    host, port, flow, scope = address
    return _IPV6.pack(_family(AF_INET6), port.to_bytes(2, "big"), flow, inet_pton(AF_INET6, host), scope)


def _family(number: int) -> bytes:
    return struct.pack("=H", number)
