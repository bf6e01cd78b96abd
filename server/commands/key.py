"""`python -m server key FILE`: a new master key, in a file only its owner can read."""

import argparse
import sys
from pathlib import Path

from server.store.sealing import create_master_key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where the key goes; an existing file is never overwritten")


def run(args: argparse.Namespace) -> int:
    try:
        create_master_key(args.file)
    except OSError as problem:
        print(f"bedside: {args.file}: {problem.strerror}", file=sys.stderr)
        return 1
    print(
        f"Made {args.file}. Without it no record can be opened: keep a copy off this machine.",
        file=sys.stderr,
    )
    return 0
