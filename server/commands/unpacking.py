"""From a backup to a database that can be opened: whole, checked, of this version's schema, and with everything ended
that a restore ends. It happens in a folder of its own: what comes out only has to be given its name."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from server.commands.account import OPERATOR
from server.commands.refused import Refused
from server.services import restored, trail
from server.services.restored import Aftermath
from server.services.trail import Condition
from server.store import bundle, copies
from server.store.bundle import Contents
from server.store.database import Database
from server.store.migrations import knows, migrate
from server.store.sealing import MasterKey
from server.web.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """`trail` is the audit trail's condition as it was in the backup."""

    trail: Condition
    aftermath: Aftermath


def unpack(file: Path, key: MasterKey, folder: Path, *, url: str, broken_trail: bool) -> Unpacked:
    """Leaves the database in `folder`, and nothing beside it. `url` says with which driver and options it is opened.

    Raises Refused, OSError; archive.NotABackup, OtherKey, BackupBroken; store.unusable.Unusable.
    """
    database = folder / bundle.DATABASE
    with file.open("rb") as sealed, database.open("xb") as plain:
        contents = bundle.read(sealed, key, database=plain)
    try:
        found = copies.look_over(database)
        if not knows(found.revision):
            raise Refused(
                f"this backup was made by a newer version of Bedside (its schema is {found.revision}). Install that "
                "version, or a newer one, and try again"
            )
        address = copies.address_of(database, like=url)
        migrate(address)
        unpacked = asyncio.run(_settled(address, key, contents, broken_trail=broken_trail))
        copies.make_single(database)
        copies.look_over(database)
    except copies.CopyBroken as problem:
        raise Refused(
            f"the database in {file} is damaged ({problem}), so nothing was restored; try an earlier backup"
        ) from problem
    return unpacked


async def _settled(url: str, key: MasterKey, contents: Contents, *, broken_trail: bool) -> Unpacked:
    """Raises Refused."""
    database = await Database.open(url, key)
    try:
        async with database.read() as tx:
            condition = await trail.condition(tx, whole=True)
        if condition.broken_at is not None and not broken_trail:
            raise Refused(
                f"the audit trail in this backup does not follow from entry {condition.broken_at} on: somebody changed "
                "it before the backup was made. Nothing was restored. An earlier backup may be whole; to restore this "
                "one all the same, add --broken-trail"
            )
        async with database.write() as tx:
            aftermath = await restored.settle(
                tx, made_at=contents.manifest.made_at, by=OPERATOR, now=Clock().now()
            )
    finally:
        await database.close()
    return Unpacked(trail=condition, aftermath=aftermath)
