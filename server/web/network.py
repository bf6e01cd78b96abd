"""This machine's own addresses on its networks, asked of the kernel: nothing is sent, and no name is looked up.

IPv4 only: it is what a phone in the same network is certain to have.
"""

import fcntl
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

# Linux: <linux/sockios.h>, <linux/if.h>.
SIOCGIFFLAGS, SIOCGIFADDR = 0x8913, 0x8915
UP, POINT_TO_POINT, RUNNING = 0x1, 0x10, 0x40
NAME_BYTES, REQUEST_BYTES = 15, 256
ROUTES = Path("/proc/net/route")
EVERYWHERE = "00000000"


class NoNetworkAddress(Exception):
    """There is no address a phone could reach, or the one that was named will not do. The message says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interface:
    """One network card, or what stands for one, with its first address."""

    name: str
    address: str
    # The way to everything else leads through it: the network this machine lives in.
    has_default_route: bool = False
    # A tunnel: its other end is one machine, and no network with phones in it.
    point_to_point: bool = False


def own_addresses() -> tuple[str, ...]:
    """This machine's addresses beside loopback, the likeliest of its own network first."""
    return likeliest_first(interfaces())


def likeliest_first(found: Iterable[Interface]) -> tuple[str, ...]:
    """Loopback is none; tunnels and made-up addresses (169.254) come last, bridges for containers in between."""

    def unlikely(each: Interface) -> tuple[bool, bool, bool]:
        return (
            IPv4Address(each.address).is_link_local,
            each.point_to_point,
            not each.has_default_route,
        )

    usable = [each for each in found if not IPv4Address(each.address).is_loopback]
    # Sorting keeps the kernel's order among equals: cards before the bridges made later.
    return tuple(each.address for each in sorted(usable, key=unlikely))


def address_for_phones(named: str, here: tuple[str, ...]) -> str:
    """The address to listen on: the one that was `named`, else the likeliest `here`. Raises NoNetworkAddress.

    Only a named one may be public: nobody should open a trial to the whole world by accident.
    """
    if named:
        return _own(named)
    local = [each for each in here if not IPv4Address(each).is_global]
    if not local:
        raise NoNetworkAddress(
            "this machine has no address on a local network, so no phone could reach it; connect it to the phone's "
            "Wi-Fi, or name an address of its own: --phone ADDRESS"
        )
    return local[0]


def _own(named: str) -> str:
    try:
        address = IPv4Address(named)
    except AddressValueError as problem:
        raise NoNetworkAddress(f"--phone {named}: this is no IPv4 address") from problem
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        raise NoNetworkAddress(f"--phone {named}: no phone could reach this address")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((named, 0))
        except OSError as problem:
            raise NoNetworkAddress(f"--phone {named}: this machine does not have this address") from problem
    return named


def interfaces() -> list[Interface]:
    """Those that are up, with an IPv4 address, in the kernel's order."""
    ways_out = default_routes(ROUTES.read_text() if ROUTES.exists() else "")
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            try:
                flags = struct.unpack_from("16xH", _ask(asking, SIOCGIFFLAGS, name))[0]
                address = socket.inet_ntoa(_ask(asking, SIOCGIFADDR, name)[20:24])
            except OSError:
                continue  # no IPv4 address, or gone meanwhile
            if flags & UP and flags & RUNNING:
                found.append(
                    Interface(
                        name=name,
                        address=address,
                        has_default_route=name in ways_out,
                        point_to_point=bool(flags & POINT_TO_POINT),
                    )
                )
    return found


def _ask(asking: socket.socket, what: int, name: str) -> bytes:
    return fcntl.ioctl(asking.fileno(), what, struct.pack(f"{REQUEST_BYTES}s", name.encode()[:NAME_BYTES]))


def default_routes(table: str) -> frozenset[str]:
    """The interfaces named by the default routes in the text of /proc/net/route."""
    rows = (line.split() for line in table.splitlines()[1:])
    return frozenset(row[0] for row in rows if len(row) > 7 and row[1] == row[7] == EVERYWHERE)
