"""The kernel's bytes of an address and Python's tuple are the same address; what is remembered of them is bounded."""

import socket

import pytest

from webrtc.relay.sockaddr import MOST, Addresses


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.0.2.7", 40000)),
        (socket.AF_INET6, ("::ffff:192.0.2.7", 80, 0, 0)),
        (socket.AF_INET6, ("2001:db8::7", 65535, 0, 0)),
        (socket.AF_INET6, ("fe80::7", 1, 0, 2)),
    ],
)
def test_an_address_is_the_same_after_both_ways(family, address):
    addresses = Addresses(family)
    raw = addresses.written[address]
    assert len(raw) == {socket.AF_INET: 16, socket.AF_INET6: 28}[family]
    assert addresses.read[raw] == address
    assert int.from_bytes(raw[2:4], "big") == address[1]


def test_forged_sources_are_not_remembered_without_end():
    addresses = Addresses(socket.AF_INET)
    for number in range(2 * MOST):
        raw = addresses.written["198.51.100.1", number]
        assert addresses.read[raw] == ("198.51.100.1", number)
    assert len(addresses.read) <= MOST
    assert len(addresses.written) <= MOST
