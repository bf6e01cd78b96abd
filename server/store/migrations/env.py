"""How Alembic reaches the database: SQLite through a blocking driver; PostgreSQL with the writer's own engine, so that
of two that start at once the second waits for the first."""

import asyncio

from alembic import context
from sqlalchemy import Connection, create_engine, event

from server.store import sqlite_build
from server.store.engines import engines, is_postgresql
from server.store.reaching import reaching
from server.store.tables import metadata


def run() -> None:
    url = context.config.attributes["url"]
    if is_postgresql(url):
        asyncio.run(_on_postgresql(url))
    else:
        _on_sqlite(url)


async def _on_postgresql(url: str) -> None:
    writer, _ = engines(url)
    try:
        with reaching(url):
            async with writer.begin() as connection:
                await connection.run_sync(_run_on)
    finally:
        await writer.dispose()


def _on_sqlite(url: str) -> None:
    sqlite_build.use_best_build()
    engine = create_engine(url.replace("sqlite+aiosqlite:", "sqlite:", 1))
    # The driver would commit before each DDL statement; a migration is whole or not at all.
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            _run_on(connection)
    finally:
        # Also after a refusal: a connection left to the garbage keeps its log beside the database.
        engine.dispose()


def _run_on(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
