"""Boring, explicit constructors."""

from dataclasses import replace
from pathlib import Path

from server.config import Config, read_config

PROJECT = Path(__file__).parents[1]


def house_config(*, port: int, data: Path) -> Config:
    """The shipped configuration on a free port and in a folder of the test's own."""
    shipped = read_config(PROJECT / "config.toml")
    return replace(
        shipped,
        server=replace(shipped.server, port=port, data=data),
        media=replace(shipped.media, port=0),
    )
