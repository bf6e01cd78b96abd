"""Which of this machine's own addresses a phone can reach; found without a packet, decided by values alone."""

import socket

import pytest

from server.web.network import (
    Interface,
    NoNetworkAddress,
    address_for_phones,
    default_routes,
    interfaces,
    likeliest_first,
)

LOOPBACK = Interface(name="lo", address="127.0.0.1")
WIFI = Interface(name="wlan0", address="192.168.1.20", has_default_route=True)
CABLE = Interface(name="eth0", address="10.0.0.5")
CONTAINERS = Interface(name="docker0", address="172.17.0.1")
TUNNEL = Interface(name="tun0", address="10.8.0.6", has_default_route=True, point_to_point=True)
MADE_UP = Interface(name="eth1", address="169.254.7.7")
PUBLIC = Interface(name="eth2", address="8.8.8.8", has_default_route=True)

# As Linux writes it: addresses as hexadecimal numbers, the last byte first.
TABLE = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
tun0\t00000000\t00000000\t0001\t0\t0\t50\t00000080\t0\t0\t0
wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], ()),
        ([LOOPBACK], ()),
        ([LOOPBACK, CONTAINERS, CABLE, WIFI], ("192.168.1.20", "172.17.0.1", "10.0.0.5")),
        ([LOOPBACK, TUNNEL, WIFI], ("192.168.1.20", "10.8.0.6")),
        ([TUNNEL, CONTAINERS], ("172.17.0.1", "10.8.0.6")),
        ([MADE_UP, TUNNEL], ("10.8.0.6", "169.254.7.7")),
        ([CABLE, CONTAINERS], ("10.0.0.5", "172.17.0.1")),
    ],
)
def test_the_network_this_machine_lives_in_comes_first(found, expected) -> None:
    assert likeliest_first(found) == expected


def test_the_way_out_is_read_from_the_kernels_table() -> None:
    """Half of everything, as some tunnels route it, is not the way out."""
    assert default_routes(TABLE) == {"wlan0"}
    assert default_routes("") == frozenset()


def test_the_likeliest_local_address_is_taken() -> None:
    assert address_for_phones("", likeliest_first([LOOPBACK, CONTAINERS, WIFI])) == "192.168.1.20"


def test_a_public_address_is_never_taken_by_itself() -> None:
    assert address_for_phones("", likeliest_first([PUBLIC, CONTAINERS])) == "172.17.0.1"
    with pytest.raises(NoNetworkAddress, match="no address on a local network"):
        address_for_phones("", likeliest_first([PUBLIC]))


def test_a_machine_in_no_network_says_so() -> None:
    with pytest.raises(NoNetworkAddress, match=r"connect it to the phone's Wi-Fi.*--phone ADDRESS"):
        address_for_phones("", ())


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("127.0.0.1", "no phone could reach"),
        ("127.0.0.2", "no phone could reach"),
        ("0.0.0.0", "no phone could reach"),
        ("224.0.0.1", "no phone could reach"),
        ("localhost", "no IPv4 address"),
        ("fe80::1", "no IPv4 address"),
        ("192.168.1", "no IPv4 address"),
        ("203.0.113.77", "does not have this address"),
    ],
)
def test_a_named_address_must_be_one_of_ours_that_a_phone_can_reach(named, why) -> None:
    with pytest.raises(NoNetworkAddress, match=why) as refused:
        address_for_phones(named, ("192.168.1.20",))
    assert named in str(refused.value)


def test_what_the_kernel_says_can_be_listened_on() -> None:
    found = interfaces()
    assert Interface(name="lo", address="127.0.0.1") in found
    for each in found:
        with socket.create_server((each.address, 0)):
            pass
