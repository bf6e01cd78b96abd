"""Kept inputs, and a few hundred made from them by a fixed number: refused by a name or taken, and within bounds.

The same for longer, and from another number each time, is in tests/long/test_fuzzing.py.
"""

import pytest

from tests.fuzzing import pure
from tests.fuzzing.budget import FIXED


@pytest.mark.parametrize(("target", "count"), [("stun", 3000), ("sdp", 300), ("framing", 500)])
def test_no_bytes_raise_anything_but_a_refusal_or_pass_what_may_not(target: str, count: int) -> None:
    pure.try_all(target, count=count, seed=FIXED)
