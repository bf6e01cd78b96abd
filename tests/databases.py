"""The same empty or filled database for every test, on SQLite and on PostgreSQL, as cheaply as each can be had.

A *state* is what a database holds at a test's beginning: "empty", "settled" (the cast), and whatever `keep` named.
SQLite copies a file. PostgreSQL keeps every state's rows in a schema of that name beside the tables and puts them back,
which takes a millisecond or two; a new database takes a hundred.
"""

import asyncio
import shutil
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from server.store.migrations import migrate
from server.store.tables import metadata
from tests.postgres import OWNER, Postgres, running

TABLES = [table.name for table in metadata.sorted_tables]


class Databases(Protocol):
    """`live` is the one database that all tests use, one after the other; `made` is what was made of it for all, by
    name: who is in a state, and how it is reached."""

    kind: str
    live: str
    made: dict[str, Any]

    def begin(self, state: str) -> str:
        """Puts `live` into this state; its address."""

    def keep(self, state: str) -> None:
        """Names what `live` holds; nobody may be connected to it."""

    def another(self, state: str, name: str) -> str:
        """A database beside it in this state; its address."""

    def blank(self, name: str) -> str:
        """A database without a table; its address."""

    def bytes_of(self, url: str) -> bytes:
        """What is on the disk."""


IN_A_FILE = "sqlite+aiosqlite:///"


def url_of(path: Path) -> str:
    return f"{IN_A_FILE}{path}"


def files_of(url: str) -> tuple[Path, ...]:
    """All that a database at this address may be written in; none where it does not lie in files."""
    if not url.startswith(IN_A_FILE):
        return ()
    return tuple(Path(url.removeprefix(IN_A_FILE) + end) for end in ("", "-wal", "-journal"))


class SqliteDatabases:
    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.made: dict[str, Any] = {}
        self._folder = folder
        (folder / "live").mkdir()
        self._path = folder / "live" / "bedside.db"
        self.live = url_of(self._path)
        migrate(url_of(folder / "empty.db"))

    def begin(self, state: str) -> str:
        for old in self._path.parent.glob(f"{self._path.name}*"):
            old.unlink()
        shutil.copy(self._folder / f"{state}.db", self._path)
        return self.live

    def keep(self, state: str) -> None:
        shutil.copy(self._path, self._folder / f"{state}.db")

    def another(self, state: str, name: str) -> str:
        url = self.blank(name)
        shutil.copy(self._folder / f"{state}.db", self._folder / name / "bedside.db")
        return url

    def blank(self, name: str) -> str:
        shutil.rmtree(self._folder / name, ignore_errors=True)
        (self._folder / name).mkdir()
        return url_of(self._folder / name / "bedside.db")

    def bytes_of(self, url: str) -> bytes:
        path = Path(url.removeprefix(IN_A_FILE))
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


class PostgresDatabases:
    kind = "postgresql"

    def __init__(self, server: Postgres) -> None:
        self.made: dict[str, Any] = {}
        self.server = server
        self.live = server.url("live")
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._resetting: asyncpg.Connection | None = None
        self.sql("CREATE DATABASE live")
        migrate(self.live)
        self.keep("empty")

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def sql(self, *statements: str, database: str = "postgres") -> None:
        self._wait(self._sql(statements, database))

    async def _sql(self, statements: tuple[str, ...], database: str) -> None:
        connection = await asyncpg.connect(host=str(self.server.folder), user=OWNER, database=database)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    def begin(self, state: str) -> str:
        self._wait(self._reset(state))
        return self.live

    async def _reset(self, state: str) -> None:
        if self._resetting is None or self._resetting.is_closed():
            self._resetting = await asyncpg.connect(
                host=str(self.server.folder),
                user=OWNER,
                database="live",
                # Neither guards nor references are asked.
                server_settings={"session_replication_role": "replica", "lock_timeout": "20s"},
            )
        await self._resetting.execute(f"SELECT {state}.put_back()")

    def keep(self, state: str) -> None:
        copies = [f"CREATE TABLE {state}.{name} AS SELECT * FROM public.{name}" for name in TABLES]
        back = [
            f"DELETE FROM public.{name}; INSERT INTO public.{name} SELECT * FROM {state}.{name};"
            for name in TABLES
        ]
        function = f"CREATE FUNCTION {state}.put_back() RETURNS void LANGUAGE plpgsql AS"
        self.sql(
            f"CREATE SCHEMA {state}",
            *copies,
            f"{function} $$ BEGIN {' '.join(back)} END $$",
            database="live",
        )
        self._wait(self._stop_resetting())
        self._copy("live", f"as_{state}")

    async def _stop_resetting(self) -> None:
        if self._resetting is not None:
            await self._resetting.close()

    def another(self, state: str, name: str) -> str:
        self._copy(f"as_{state}", name)
        return self.server.url(name)

    def blank(self, name: str) -> str:
        self._copy("template0", name)
        return self.server.url(name)

    def _copy(self, template: str, name: str) -> None:
        self.sql(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY",
        )

    def bytes_of(self, url: str) -> bytes:
        self.sql("CHECKPOINT")
        assert url == self.live
        return b"".join(each.read_bytes() for each in self.server.data.glob("base/*/*"))

    def close(self) -> None:
        self._wait(self._stop_resetting())
        self._loop.call_soon_threadsafe(self._loop.stop)


@contextmanager
def databases_of(kind: str, folder: Path) -> Iterator[Databases]:
    if kind == SqliteDatabases.kind:
        yield SqliteDatabases(folder)
        return
    with running() as server:
        found = PostgresDatabases(server)
        yield found
        found.close()
