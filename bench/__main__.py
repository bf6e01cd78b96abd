"""`make bench` runs every benchmark here one after the other, `make bench NAME=x` one of them.

A benchmark is a module of this folder that ends by printing one JSON line: what it measured (`name`), our figure and
its peer's (`ours`, `peer`, `peer_name`, `unit`), their `ratio`, and over how many `runs`; or why it was `skipped`.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FACTS = {"name", "ratio", "ours", "peer", "peer_name", "unit", "runs"}


def main(names: list[str]) -> int:
    known = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    for name in names:
        if name not in known:
            print(f"There is no benchmark {name}. There are: {', '.join(known)}.", file=sys.stderr)
            return 2
    failed = [name for name in names or known if not run(name)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(name: str) -> bool:
    """Everything but the closing line goes to stderr, so that stdout can be read by a program."""
    print(f"== {name}", file=sys.stderr, flush=True)
    last = ""
    with subprocess.Popen(
        [sys.executable, "-m", f"bench.{name}"], cwd=HERE.parent, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if last:
                print(last, file=sys.stderr, flush=True)
            last = line.rstrip("\n")
    if process.returncode or not is_result(last):
        print(last, file=sys.stderr)
        return False
    print(last, flush=True)
    return True


def is_result(line: str) -> bool:
    try:
        facts = json.loads(line)
    except ValueError:
        return False
    return isinstance(facts, dict) and (facts.keys() >= FACTS or facts.keys() == {"name", "skipped"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
