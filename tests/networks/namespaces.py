"""Machines and networks of our own, made of network namespaces: need root, iproute2, nftables.

Everything is made for one test and taken away after it; nothing of this machine's own network is changed but one route.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.networks.cable import TUN, Cable
from tests.networks.leftovers import own_number, take_away_leftovers

NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Machine:
    """`inside` goes in front of a command that is to run on it."""

    namespace: str
    address: str = ""

    @property
    def inside(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.namespace)

    def program(self, path: Path, program: str) -> Path:
        """A program at `path` that runs `program` on this machine, for who cannot be given more than a path."""
        path.write_text(f'#!/bin/sh\nexec {" ".join(self.inside)} {program} "$@"\n')
        path.chmod(0o700)
        return path

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Every process on it stands still, as on a laptop whose lid is shut."""
        listed = subprocess.run(
            ["ip", "netns", "pids", self.namespace], check=True, capture_output=True, text=True
        )
        processes = [int(each) for each in listed.stdout.split()]
        assert processes
        for each in processes:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in processes:
                os.kill(each, signal.SIGCONT)

    def moves(self, address: str) -> "Machine":
        """Into another network: the old address is gone, then the new one is there."""
        _run("ip", "-n", self.namespace, "address", "flush", "dev", "eth0")
        _run("ip", "-n", self.namespace, "address", "add", f"{address}/24", "dev", "eth0")
        return Machine(self.namespace, address)


@dataclass(frozen=True, slots=True)
class Pair:
    clinic: Machine
    phone: Machine
    cable: Cable


@contextmanager
def two_machines() -> Iterator[Pair]:
    """The clinic's and the phone's, with a cable between them; no other machine hears them, and they reach no other."""
    take_away_leftovers()
    own = f"{own_number()}m{next(NUMBERS)}"  # several runs may be on their way
    machines = (
        Machine(f"bedside-{own}-clinic", "10.77.0.1"),
        Machine(f"bedside-{own}-phone", "10.77.0.2"),
    )
    ends = (f"bs{own}c", f"bs{own}p")
    cable = Cable(ends)
    try:
        for machine, end in zip(machines, ends, strict=True):
            _run("ip", "netns", "add", machine.namespace)
            _run("ip", "link", "set", end, "netns", machine.namespace)
            # By what a tunnel is called browsers leave it out.
            _run("ip", "-n", machine.namespace, "link", "set", end, "name", "eth0")
            _run("ip", "-n", machine.namespace, "address", "add", f"{machine.address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                _run("ip", "-n", machine.namespace, "link", "set", device, "up")
        yield Pair(*machines, cable)
    finally:
        cable.cut()
        for machine in machines:
            subprocess.run(["ip", "netns", "delete", machine.namespace], check=False, capture_output=True)


class Network:
    """People's own networks, each person behind one router, which can be told to block UDP.

        this machine (the relay) ── router ── mira
                                       └───── reyes

    `address` is where people in it reach this machine.
    """

    def __init__(self, people: tuple[str, ...]) -> None:
        number = next(NUMBERS)
        self._tag = f"{own_number()}n{number}"
        self._net = f"10.{200 + (os.getpid() + number) % 50}"
        self._router, self._outside = f"bedside-r{self._tag}", f"bo{self._tag}"
        self._people = {name: number for number, name in enumerate(people, start=1)}
        self.address = f"{self._net}.0.1"

    def build(self) -> "Network":
        take_away_leftovers()
        outside, router = self._outside, self._router
        _run("ip", "netns", "add", router)
        _run("ip", "link", "add", outside, "type", "veth", "peer", "name", "out", "netns", router)
        _run("ip", "address", "add", f"{self.address}/30", "dev", outside)
        _run("ip", "link", "set", outside, "up")
        self._inside(router, "address", "add", f"{self._net}.0.2/30", "dev", "out")
        self._inside(router, "link", "set", "out", "up")
        self._inside(router, "route", "add", "default", "via", self.address)
        _run("ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for name, number in self._people.items():
            self._settle(name, f"{self._net}.{number}")
            _run("ip", "route", "add", f"{self._net}.{number}.0/24", "via", f"{self._net}.0.2")
        self._filter(
            "add table inet door", "add chain inet door way { type filter hook forward priority 0; }"
        )
        return self

    def _settle(self, name: str, net: str) -> None:
        home = self._home(name)
        _run("ip", "netns", "add", home)
        _run(
            "ip",
            "-n",
            home,
            "link",
            "add",
            "eth0",
            "type",
            "veth",
            "peer",
            "name",
            name,
            "netns",
            self._router,
        )
        self._inside(self._router, "address", "add", f"{net}.1/24", "dev", name)
        self._inside(self._router, "link", "set", name, "up")
        self._inside(home, "address", "add", f"{net}.2/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            self._inside(home, "link", "set", link, "up")
        self._inside(home, "route", "add", "default", "via", f"{net}.1")

    def block_udp(self, name: str) -> None:
        """Dropped without a word, both ways, as firewalls do it."""
        for way in ("iifname", "oifname"):
            self._filter(f"add rule inet door way {way} {name} meta l4proto udp counter drop")

    def block_all_but(self, name: str, port: int) -> None:
        """What the strictest firewalls do: nothing passes but TCP with one port outside."""
        for way, end in (("iifname", "dport"), ("oifname", "sport")):
            self._filter(f"add rule inet door way {way} {name} tcp {end} {port} accept")
            self._filter(f"add rule inet door way {way} {name} counter drop")

    def slow_down(self, name: str, rate: str) -> None:
        """What comes to this person comes at most at this rate, as `tc` writes it; skips where the system cannot."""
        words = ["qdisc", "add", "dev", name, "root", "tbf", "rate", rate, "burst", "8kb", "latency", "100ms"]
        done = subprocess.run(["tc", "-n", self._router, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"may not slow links down here: {done.stderr.strip()}")

    def let_all_pass(self) -> None:
        self._filter("flush chain inet door way")

    def chromium(self, name: str, folder: Path) -> str:
        """A program that is Chromium in this person's network."""
        return str(Machine(self._home(name)).program(folder / f"chromium-of-{name}", "/usr/bin/chromium"))

    def take_down(self) -> None:
        # First and by name: what goes with its namespace goes some time later.
        subprocess.run(["ip", "link", "delete", self._outside], check=False, capture_output=True)
        for name in (*map(self._home, self._people), self._router):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def _home(self, name: str) -> str:
        return f"bedside-{name}{self._tag}"

    def _inside(self, namespace: str, *words: str) -> None:
        _run("ip", "-n", namespace, *words)

    def _filter(self, *commands: str) -> None:
        _run("ip", "netns", "exec", self._router, "nft", "; ".join(commands))


def skip_unless_possible() -> None:
    """With the reason, so that nobody takes a skipped test for a passed one."""
    if reason := why_not():
        pytest.skip(reason)


def why_not() -> str:
    """What keeps this system from making such networks; nothing where it can."""
    for tool, package in (("ip", "iproute2"), ("nft", "nftables"), ("chromium", "chromium")):
        if shutil.which(tool) is None:
            return f"needs the program {tool} (Debian: {package})"
    if not os.access(TUN, os.W_OK):
        return f"may not open {TUN} here"
    probe = f"bedside-probe{own_number()}n0"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"may not make network namespaces here: {made.stderr.strip()}"
    try:
        filters = ["ip", "netns", "exec", probe, "nft", "add table inet door"]
        tried = subprocess.run(filters, capture_output=True, text=True, check=False)
    finally:
        subprocess.run(["ip", "netns", "delete", probe], check=True)
    return f"may not filter packets here: {tried.stderr.strip()}" if tried.returncode else ""


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
