"""Which SQLite runs underneath, and whether write-ahead logging is safe on it.

SQLite 3.7.0 to 3.51.2 can corrupt a database when two connections write and checkpoint at the same moment
(the WAL-reset race; mended in 3.51.3, and in 3.44.6 and 3.50.7). Where the `pysqlite3` wheel exists it brings a
mended SQLite, and it takes the place of the standard module before anything opens a database.
"""

import importlib
import sys
from importlib.util import find_spec

MENDED_BRANCHES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


def use_best_build() -> None:
    """Let everyone who imports `sqlite3` from here on get the wheel's build, when there is one."""
    if find_spec("pysqlite3") is None:
        return
    best = importlib.import_module("pysqlite3")
    sys.modules["sqlite3"] = best
    sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether several connections may share a write-ahead log on this SQLite."""
    branch, patch = version[:2], version[2]
    if branch in MENDED_BRANCHES:
        return patch >= MENDED_BRANCHES[branch]
    return branch > (3, 51)
