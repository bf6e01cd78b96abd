"""What a run that was killed left behind of its networks: an address too many on this machine, for whoever measures or
calls on it next."""

import os
import re
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

# Names have room for so much of their process's number.
NUMBERS = 100_000
NAME = re.compile(r"(?:bedside-[a-z]*|b[os])(\d+)[mn]\d+(?:-clinic|-phone|[cp])?")


def own_number() -> int:
    """What the names of networks that this process makes carry."""
    return os.getpid() % NUMBERS


@cache
def take_away_leftovers() -> None:
    """Once for each run, before it makes its own. Nothing of a run that may still live is touched."""
    living = numbers_of_the_living()
    # First and by name: what goes with its namespace goes some time later.
    for device in left_behind(_names("ip", "-brief", "link"), living):
        subprocess.run(["ip", "link", "delete", device], check=False, capture_output=True)
    for namespace in left_behind(_names("ip", "netns", "list"), living):
        subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


def left_behind(names: Iterable[str], living: set[int]) -> list[str]:
    """Those of ours whose process is none of the living."""
    return [name for name in names if (ours := NAME.fullmatch(name)) and int(ours[1]) % NUMBERS not in living]


def numbers_of_the_living() -> set[int]:
    """Processes' numbers as names carry them. Two processes may have the same: then both are taken to live."""
    return {int(each.name) % NUMBERS for each in Path("/proc").iterdir() if each.name.isdigit()}


def _names(*command: str) -> list[str]:
    """The first word of each line; `name@peer` is how the system shows one end of a cable."""
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [re.split(r"[\s@]", line)[0] for line in said.splitlines()]
