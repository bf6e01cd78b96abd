"""`python demo_by_turn.py URL python -m server demo …`: that demo, with a TURN server instead of the relay."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from server.__main__ import main
from server.config import Config, Turn
from server.demo import run

shipped = run.demo_config


def by_turn(*args: Any, **named: Any) -> Config:
    config = shipped(*args, **named)
    turn = Turn(urls=(sys.argv[1],), credential_minutes=10)
    return replace(config, media=replace(config.media, relay="turn"), turn=turn)


if __name__ == "__main__":
    run.demo_config = by_turn
    sys.exit(main(sys.argv[5:]))
