"""The kept inputs, tests/seeds/<target>/: honest shapes as our own code and browsers make them, and every input that
ever found a fault. `#` begins a line that says what it is.

`.hex` holds bytes, the others text; `.sdp` and `.http` are read with the line ends browsers write.
"""

from pathlib import Path

CRLF = {".sdp", ".http"}
FOLDER = Path(__file__).resolve().parents[1] / "seeds"


def seeds(target: str) -> dict[str, bytes]:
    return {path.name: _read(path) for path in sorted((FOLDER / target).iterdir())}


def _read(path: Path) -> bytes:
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith("#")]
    if path.suffix == ".hex":
        return bytes.fromhex("".join(lines))
    return ("\r\n" if path.suffix in CRLF else "\n").join(lines).encode()
