"""Two machines on one cable, played by two network namespaces: needs root and iproute2, and skips without."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Machine:
    """`inside` goes in front of a command that is to run on it."""

    namespace: str
    address: str

    @property
    def inside(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.namespace)

    def program(self, path: Path, program: str) -> Path:
        """A program at `path` that runs `program` on this machine, for who cannot be given more than a path."""
        path.write_text(f'#!/bin/sh\nexec {" ".join(self.inside)} {program} "$@"\n')
        path.chmod(0o700)
        return path


@contextmanager
def two_machines() -> Iterator[tuple[Machine, Machine]]:
    """The clinic's and the phone's; no other machine hears them, and they reach no other."""
    # Named by this process: several runs may be on their way.
    own = os.getpid()
    machines = Machine(f"bedside-{own}-clinic", "10.77.0.1"), Machine(f"bedside-{own}-phone", "10.77.0.2")
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    try:
        _lay_cable(machines, ends=(f"bs{own}c", f"bs{own}p"))
        yield machines
    finally:
        for each in machines:
            # The cable goes with its ends.
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", each.namespace)


def _lay_cable(machines: tuple[Machine, Machine], *, ends: tuple[str, str]) -> None:
    try:
        _ip("netns", "add", machines[0].namespace)
    except subprocess.CalledProcessError as refused:
        pytest.skip(f"this system makes no network namespaces: {refused.stderr}")
    _ip("netns", "add", machines[1].namespace)
    _ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
    for machine, end in zip(machines, ends, strict=True):
        _ip("link", "set", end, "netns", machine.namespace)
        _ip("-n", machine.namespace, "address", "add", f"{machine.address}/24", "dev", end)
        for device in ("lo", end):
            _ip("-n", machine.namespace, "link", "set", device, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
