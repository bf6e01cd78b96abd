"""What a killed run left behind of its networks is taken away; what a living one made is not."""

import os
import subprocess

from tests.networks import leftovers
from tests.networks.leftovers import NUMBERS, left_behind, numbers_of_the_living, own_number
from tests.networks.namespaces import skip_unless_possible


def namespaces() -> str:
    return subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout


def somebodys(number: int) -> list[str]:
    """A name of each form."""
    of_routers = [f"bedside-r{number}n4", f"bedside-mira{number}n4", f"bo{number}n4"]
    of_cables = [
        f"bedside-{number}m2-clinic",
        f"bedside-{number}m2-phone",
        f"bs{number}m2c",
        f"bs{number}m2p",
    ]
    return [*of_routers, *of_cables, f"bedside-probe{number}n0"]


def test_every_name_of_a_dead_process_is_known_and_none_of_a_living_one():
    assert left_behind([*somebodys(41), *somebodys(42)], living={41}) == somebodys(42)


def test_what_is_not_ours_stays():
    others = ["lo", "eth0", "ifb1", "bond42", "veth42n4", "bedside", "my-bedside-r42n4", "bo42"]
    assert left_behind(others, living=set()) == []


def test_a_process_that_lives_is_known_by_as_much_of_its_number_as_names_carry():
    assert {own_number(), os.getppid() % NUMBERS} <= numbers_of_the_living()


def test_a_namespace_left_behind_is_gone_and_one_of_ours_still_there():
    skip_unless_possible()
    dead = next(number for number in range(NUMBERS - 1, 0, -1) if number not in numbers_of_the_living())
    left, ours = f"bedside-r{dead}n1", f"bedside-r{own_number()}n0"
    try:
        for name in (left, ours):
            subprocess.run(["ip", "netns", "add", name], check=True)
        leftovers.take_away_leftovers.__wrapped__()
        assert left not in namespaces() and ours in namespaces()
    finally:
        for name in (left, ours):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
