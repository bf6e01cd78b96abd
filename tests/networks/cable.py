"""A cable between two network namespaces, with a process in it that does to every packet what it is told to.

Its ends are two TUN devices, so whatever the machines say to each other goes through: UDP and TCP alike, and neither
browser nor server knows anything of it. The process ends with whoever holds its standard input, and the devices with
it.
"""

import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from tests.networks.impairment import PERFECT, Impairment, Line

PROJECT = Path(__file__).parents[2]
TUN = "/dev/net/tun"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
MOST_BYTES = 65_536
SEED = 7
READY, DONE = b"ready\n", b"so be it\n"


class Cable:
    """`names` are the devices of its two ends, in the namespace of whoever makes it, to be moved to their places."""

    def __init__(self, names: tuple[str, str]) -> None:
        ends = [_tun(name) for name in names]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.networks.cable", *map(str, ends)],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=ends,
            )
        finally:
            for end in ends:
                os.close(end)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == READY

    def becomes(self, impairment: Impairment = PERFECT) -> None:
        """Both ways, from now on; what is under way arrives as it would have."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(impairment)).encode() + b"\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == DONE

    def cut(self) -> None:
        self._process.communicate(timeout=10)  # closes its standard input


def _tun(name: str) -> int:
    file = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError:
        os.close(file)
        raise
    return file


def main(one: int, other: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever holds the other end ends it
    lines = {one: (other, Line(seed=SEED)), other: (one, Line(seed=SEED + 1))}
    orders = sys.stdin.fileno()
    _say(READY)
    while True:
        dues = [line.next_due for _, line in lines.values() if line.next_due is not None]
        wait = max(0.0, min(dues) - monotonic()) if dues else None
        ready, _, _ = select.select([orders, *lines], [], [], wait)
        now = monotonic()
        for file in ready:
            if file == orders:
                if not (order := sys.stdin.readline()):
                    return
                for _, line in lines.values():
                    line.impairment = Impairment(**json.loads(order))
                _say(DONE)
            else:
                _take(file, lines[file][1], now)
        for out, line in lines.values():
            for packet in line.due(monotonic()):
                _give(out, packet)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def _take(file: int, line: Line, now: float) -> None:
    while True:
        try:
            packet = os.read(file, MOST_BYTES)
        except OSError:  # no more there, or the device is not up
            return
        line.put(packet, now)


def _give(file: int, packet: bytes) -> None:
    try:
        os.write(file, packet)
    except OSError:
        return  # the other end is down or gone: as with any cable, nobody is told


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
