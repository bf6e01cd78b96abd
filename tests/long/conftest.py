from pathlib import Path

import pytest

from tests.media.relays import line, relay, rooms

__all__ = ["line", "relay", "rooms"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.long)
