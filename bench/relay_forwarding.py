"""Packets a second one core forwards: our relay beside a plain C loop of recvfrom and sendto.

Both get the same datagrams from the same C program, one after the other, several times over. What counts is
packets per second of CPU time that the forwarding process used, so a busy machine does not change the figure much.
Without gcc the loop beside ours is the same two calls in Python.
"""

import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from aioice import stun

from webrtc.relay_client import LegCredentials, RelayClient, RelayGone

RUNS = 9
SECONDS = 1.0
SIZE = 1000

SOURCE = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BURST = 32, MOST = 2048 };

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return to;
}

/* The limit without batching: two system calls a packet and nothing else. */
static int forward(int destination) {
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = loopback(0), from, to = loopback(destination);
    socklen_t size = sizeof here;
    char data[MOST];
    int buffer = 4 << 20;
    setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(udp, (struct sockaddr *)&here, sizeof here) || getsockname(udp, (struct sockaddr *)&here, &size))
        return 1;
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (;;) {
        size = sizeof from;
        ssize_t length = recvfrom(udp, data, sizeof data, 0, (struct sockaddr *)&from, &size);
        if (length > 0)
            sendto(udp, data, length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
    }
}

/* Keep a window of datagrams in flight from one socket to the other; print how many arrived. */
static int drive(int out, int in, int port, double seconds, int length) {
    static char data[MOST], landing[BURST][MOST];
    struct sockaddr_in to = loopback(port);
    struct iovec leaving = {data, length}, arriving[BURST];
    struct mmsghdr sends[BURST], receives[BURST];
    struct timeval patience = {.tv_usec = 20000};
    struct timespec start, now;
    long arrived = 0, flying = 0;
    memset(sends, 0, sizeof sends);
    memset(receives, 0, sizeof receives);
    data[0] = (char)128;
    for (int i = 0; i < BURST; i++) {
        sends[i].msg_hdr = (struct msghdr){
            .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &leaving, .msg_iovlen = 1};
        arriving[i] = (struct iovec){landing[i], MOST};
        receives[i].msg_hdr = (struct msghdr){.msg_iov = &arriving[i], .msg_iovlen = 1};
    }
    setsockopt(in, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        while (flying < 4 * BURST) {
            int sent = sendmmsg(out, sends, BURST, 0);
            if (sent <= 0)
                return 1;
            flying += sent;
        }
        int count = recvmmsg(in, receives, BURST, MSG_WAITFORONE, NULL);
        arrived += count > 0 ? count : 0;
        flying = count > 0 ? flying - count : 0;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - start.tv_sec + (now.tv_nsec - start.tv_nsec) / 1e9 < seconds);
    printf("%ld\n", arrived);
    return 0;
}

int main(int count, char **words) {
    if (count == 3)
        return forward(atoi(words[2]));
    return drive(atoi(words[2]), atoi(words[3]), atoi(words[4]), atof(words[5]), atoi(words[6]));
}
"""

PLAIN_FORWARD = """
import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
to = ("127.0.0.1", int(sys.argv[2]))
print(udp.getsockname()[1], flush=True)
while True:
    data, source = udp.recvfrom(2048)
    udp.sendto(data, to)
"""

PLAIN_DRIVE = """
import socket, sys, time
out, come = (socket.socket(fileno=int(word)) for word in sys.argv[2:4])
come.settimeout(0.02)
to, seconds = ("127.0.0.1", int(sys.argv[4])), float(sys.argv[5])
data, arrived, flying, start = bytes([128]) * int(sys.argv[6]), 0, 0, time.monotonic()
while time.monotonic() - start < seconds:
    while flying < 64:
        out.sendto(data, to)
        flying += 1
    try:
        come.recv(2048)
        arrived += 1
        flying -= 1
    except TimeoutError:
        flying = 0
print(arrived)
"""


def tools(folder: Path) -> tuple[str, list[str], list[str]]:
    """What the peer is called, and the commands that forward and that drive."""
    if shutil.which("gcc"):
        program, source = folder / "loop", folder / "loop.c"
        source.write_text(SOURCE)
        subprocess.run(["gcc", "-O2", "-o", program, source], check=True, timeout=30)
        return "plain C loop of recvfrom and sendto", [str(program), "forward"], [str(program), "drive"]
    python = [sys.executable, "-c"]
    return (
        "plain Python loop of recvfrom and sendto",
        [*python, PLAIN_FORWARD, "f"],
        [*python, PLAIN_DRIVE, "d"],
    )


def cpu_seconds(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def drive(command: list[str], *, sockets: tuple[socket.socket, socket.socket], port: int, pid: int) -> float:
    out, come = (udp.fileno() for udp in sockets)
    numbers = [str(value) for value in (out, come, port, SECONDS, SIZE)]
    before = cpu_seconds(pid)
    done = subprocess.run(
        [*command, *numbers], pass_fds=(out, come), capture_output=True, check=True, timeout=SECONDS + 10
    )
    return int(done.stdout) / (cpu_seconds(pid) - before)


@contextmanager
def two_sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as other:
        for udp in (one, other):
            udp.bind(("127.0.0.1", 0))
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        yield one, other


def check_in(udp: socket.socket, leg: LegCredentials, port: int) -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes = {"USERNAME": f"{leg.ufrag}:bench", "ICE-CONTROLLING": 1}
    request.add_message_integrity(leg.pwd.encode())
    udp.settimeout(5)
    udp.sendto(bytes(request), ("127.0.0.1", port))
    udp.recv(2048)
    udp.setblocking(True)


def ours(folder: Path, command: list[str]) -> float:
    path = folder / "relay.sock"
    start = [sys.executable, "-m", "webrtc.relay", "--socket", str(path), "--bits-per-second", "100000000000"]
    relay = subprocess.Popen(start, cwd=PROJECT, stderr=subprocess.DEVNULL)
    try:
        return asyncio.run(through_the_relay(path, command, relay.pid))
    finally:
        relay.terminate()
        relay.wait(timeout=5)


async def through_the_relay(path: Path, command: list[str], pid: int) -> float:
    client = await connected(path)
    pair = await client.open(pair="bench", room="bench")
    await client.gate(pair="bench", passing=True)
    with two_sockets() as (one, other):
        check_in(one, pair.legs["a"], client.port)
        check_in(other, pair.legs["b"], client.port)
        rate = drive(command, sockets=(one, other), port=client.port, pid=pid)
    await client.close()
    return rate


async def connected(path: Path) -> RelayClient:
    for _ in range(500):
        try:
            return await RelayClient.connect(path)
        except RelayGone:
            await asyncio.sleep(0.02)
    raise RelayGone("the relay did not start within 10 seconds")


def theirs(forward: list[str], command: list[str]) -> float:
    with two_sockets() as (one, other):
        start = [*forward, str(other.getsockname()[1])]
        loop = subprocess.Popen(start, stdout=subprocess.PIPE)
        try:
            assert loop.stdout is not None
            port = int(loop.stdout.readline())
            return drive(command, sockets=(one, other), port=port, pid=loop.pid)
        finally:
            loop.kill()
            loop.communicate()


def main() -> None:
    our_rates, their_rates = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        peer_name, forward, command = tools(folder)
        for _ in range(RUNS):
            our_rates.append(ours(folder, command))
            their_rates.append(theirs(forward, command))
            print(f"ours {our_rates[-1]:,.0f}   peer {their_rates[-1]:,.0f}   packets per CPU second")
    our, their = statistics.median(our_rates), statistics.median(their_rates)
    # Each pair of runs shares its seconds, so what else the machine was doing cancels out.
    ratio = statistics.median(one / other for one, other in zip(our_rates, their_rates, strict=True))
    result = {
        "name": "relay_forwarding",
        "ratio": round(ratio, 3),
        "ours": round(our),
        "peer": round(their),
        "peer_name": peer_name,
        "unit": f"packets of {SIZE} bytes per second of one core",
        "runs": RUNS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
