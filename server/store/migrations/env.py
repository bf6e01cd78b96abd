"""How Alembic reaches the database: through a blocking driver, because migrations run before the server does."""

from alembic import context
from sqlalchemy import create_engine, event

from server.store import sqlite_build
from server.store.tables import metadata

BLOCKING_DRIVERS = {"sqlite+aiosqlite": "sqlite", "postgresql+asyncpg": "postgresql"}


def blocking(url: str) -> str:
    driver, rest = url.split("://", 1)
    return f"{BLOCKING_DRIVERS.get(driver, driver)}://{rest}"


def run() -> None:
    url = blocking(context.config.attributes["url"])
    if url.startswith("sqlite"):
        sqlite_build.use_best_build()
    engine = create_engine(url)
    if url.startswith("sqlite"):
        # The driver would commit before each DDL statement; a migration is whole or not at all.
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        # Also after a refusal: a connection left to the garbage keeps its log beside the database.
        engine.dispose()


run()
