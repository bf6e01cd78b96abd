"""How much is tried, and from which number it follows. The number is printed; FUZZ_SEED=… tries the same again."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

FIXED = 4
LONG = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(1_000_000))


def dice(seed: int, target: str) -> Random:
    return Random(f"{seed} {target}")


@contextmanager
def trying(target: str, data: bytes) -> Iterator[None]:
    """An input that finds a fault is written down, to be kept."""
    try:
        yield
    except BaseException as fault:
        found = Path(tempfile.mkdtemp(prefix=f"bedside-fuzz-{target}-")) / "found.hex"
        found.write_text(data.hex() + "\n")
        fault.add_note(
            f"The input is in {found}: keep it in tests/seeds/{target}/ and say in it what it found."
        )
        raise
