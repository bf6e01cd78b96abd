"""A database looked at from outside, without making or changing anything in it."""

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url, select

from server.store.database import Database
from server.store.engines import engines, is_postgresql
from server.store.keyring import Keyring
from server.store.reaching import reaching
from server.store.sealing import MasterKey
from server.store.tables.keys import clinic_keys


async def revision_of(url: str, key: MasterKey) -> str:
    """Its schema's revision, once the master key is known to be the right one; "" where no tables are yet.

    Raises Unusable.
    """
    if not _is_there(url):
        return ""
    _, reader = engines(url)
    database = Database(writer=reader, reader=reader, keyring=Keyring(key))
    try:
        with reaching(url):
            async with reader.connect() as connection:
                revision = await connection.run_sync(
                    lambda sync: MigrationContext.configure(sync).get_current_revision()
                )
        if revision is not None:
            async with database.read() as tx:
                # Asked first: whoever finds no key makes one.
                if await tx.one(select(clinic_keys.c.id)) is not None:
                    await database.keyring.load_clinic_key(tx)
        return revision or ""
    finally:
        await database.close()


def _is_there(url: str) -> bool:
    """A file that is not there would be made by opening it."""
    return is_postgresql(url) or Path(make_url(url).database or "").exists()
