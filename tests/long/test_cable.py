"""The cable between two machines does to real packets what it is told to: what other tests say rests on it."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.networks.impairment import Impairment
from tests.networks.namespaces import Machine, Pair, skip_unless_possible, two_machines

# Datagrams come back as they are sent; TCP sends back all that it gets.
ECHO = """
import socket, threading
udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.create_server(("", 7))
udp.bind(("", 7))
def stream():
    while True:
        one, _ = tcp.accept()
        while got := one.recv(65536): one.sendall(got)
threading.Thread(target=stream, daemon=True).start()
print("ready", flush=True)
while True:
    udp.sendto(*udp.recvfrom(2048))
"""
# Says how many datagrams came back, and after how many milliseconds the soonest and the latest.
DATAGRAMS = """
import select, socket, sys, time
udp, sent, came = socket.socket(type=socket.SOCK_DGRAM), {}, []
udp.connect((sys.argv[1], 7))
def take(seconds):
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([udp], [], [], left)[0]:
            came.append(time.monotonic() - sent[udp.recv(2048)[:4]])
for number in range(int(sys.argv[2])):
    name = number.to_bytes(4, "big")
    sent[name] = time.monotonic()
    udp.send(name.ljust(1000))
    take(float(sys.argv[3]))
take(1)
print(len(came), round(1000 * min(came)), round(1000 * max(came)))
"""
STREAM = """
import socket, sys
with socket.create_connection((sys.argv[1], 7)) as tcp:
    sent, got = bytes(range(256)) * 400, b""
    tcp.sendall(sent)
    while len(got) < len(sent): got += tcp.recv(65536)
    print(got == sent)
"""


@pytest.fixture
def pair() -> Iterator[Pair]:
    skip_unless_possible()
    with two_machines() as made:
        words = [*made.clinic.inside, "python3", "-c", ECHO]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as echo:
            try:
                assert echo.stdout is not None and echo.stdout.readline() == b"ready\n"
                yield made
            finally:
                echo.kill()


def asks(machine: Machine, script: str, *more: str) -> str:
    words = [*machine.inside, "python3", "-c", script, "10.77.0.1", *more]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def datagrams(pair: Pair, count: int = 500, *, every: float = 0.004) -> tuple[int, int, int]:
    came, soonest, latest = map(int, asks(pair.phone, DATAGRAMS, str(count), str(every)).split())
    return came, soonest, latest


def test_loss_and_delay_hold_both_ways_and_end_when_told(pair: Pair) -> None:
    assert datagrams(pair)[0] == 500
    pair.cable.becomes(Impairment(loss=0.1, delay=0.05))
    came, soonest, _ = datagrams(pair)
    assert 500 * 0.9 * 0.9 - 60 < came < 500 * 0.9 * 0.9 + 60
    assert soonest >= 100
    assert asks(pair.phone, STREAM) == "True", "TCP repeats what is lost"
    pair.cable.becomes()
    assert datagrams(pair)[0] == 500


def test_the_queue_before_a_limited_line_is_bounded(pair: Pair) -> None:
    """Of 200 that come at once only as many get through as the queue holds, and the last of them 0.4 s later."""
    pair.cable.becomes(Impairment(bits_per_second=500_000, queue_bytes=25_000))
    came, _, latest = datagrams(pair, 200, every=0)
    assert 24 <= came <= 80
    assert latest >= 350
