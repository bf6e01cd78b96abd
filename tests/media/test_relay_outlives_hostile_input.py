"""Kept inputs and some made from them, at the real process: its answers are those of CONTROL.md, its memory stays, and
the call goes on. For longer in tests/long/test_fuzzing.py.
"""

from tests.fuzzing.budget import FIXED
from tests.fuzzing.relay import Line, misuse_control, misuse_tcp


async def test_whatever_controllers_and_strangers_say_the_call_goes_on(line: Line) -> None:
    await misuse_control(line, count=20, seed=FIXED)
    await misuse_tcp(line, count=20, seed=FIXED)
