"""`python -m server restore FILE`: a backup back into an empty folder, looked over before anything is put in place."""

import argparse
import asyncio
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from server.commands.backup import DATABASE, MANIFEST, PRIVATE, SETTINGS, database_file, digest
from server.config import Config, ConfigError, master_key_file, read_config
from server.services import trail
from server.services.trail import Condition
from server.store import archive, copies
from server.store.database import Database
from server.store.migrations import migrate
from server.store.sealing import MasterKey, MasterKeyMissing, read_master_key

NO_BACKUP = "is no backup of ours"
BROKEN = "was cut short or changed since it was made, so nothing was restored; try another copy of it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config.toml"),
        help="the settings; made from the backup when missing",
    )


def run(args: argparse.Namespace) -> int:
    os.umask(PRIVATE)
    key = _key_for(args.file, args.config)
    with tempfile.TemporaryDirectory(dir=args.config.resolve().parent, prefix=".restore-") as folder:
        manifest = unpack(args.file, Path(folder), key)
        settings = args.config if args.config.exists() else Path(folder) / SETTINGS
        config = read_config(settings)
        target = database_file(config)
        if target.exists():
            raise ConfigError(f"{target} is there already; a backup is restored into an empty folder only")
        target.parent.mkdir(parents=True, exist_ok=True)
        (Path(folder) / DATABASE).rename(target)
        if settings != args.config:
            settings.rename(args.config)
    migrate(config.database_url)
    found = asyncio.run(_check(config, key))
    said = ", ".join(f"{number} {name}" for name, number in manifest["counted"].items())
    print(f"Restored what was there at {manifest['made_at']}: {said}.", file=sys.stderr)
    if found.broken_at is not None:
        print(f"The audit trail does not follow from entry {found.broken_at} on.", file=sys.stderr)
        return 1
    print(f"All {found.total} entries of the audit trail follow from one another.", file=sys.stderr)
    return 0


def _key_for(file: Path, config: Path) -> MasterKey:
    """The key the backup needs. Raises ConfigError with what to do when it is not there, or is another one."""
    try:
        with file.open("rb") as sealed:
            head = archive.read_head(sealed)
    except OSError as problem:
        raise ConfigError(f"{file} cannot be read: {problem.strerror}") from problem
    except archive.NotABackup as problem:
        raise ConfigError(f"{file} {NO_BACKUP}") from problem
    needed = (
        f"this backup was made with the master key {head.kid}. Put that key's file at "
        f"{config.resolve().parent / 'master.key'}, or name it in BEDSIDE_MASTER_KEY_FILE. Without it nobody can open "
        "the backup, and neither can we"
    )
    try:
        key = read_master_key(master_key_file(config))
    except (ConfigError, MasterKeyMissing) as missing:
        raise ConfigError(f"no master key was found: {needed}") from missing
    if key.kid != head.kid:
        raise ConfigError(f"the master key here is {key.kid}, another one: {needed}")
    return key


def unpack(file: Path, folder: Path, key: MasterKey) -> Any:
    """The backup's parts in `folder`, whole; its manifest. Raises ConfigError."""
    whole = folder / "whole.tar"
    try:
        with file.open("rb") as sealed, whole.open("xb") as plain:
            archive.unseal(sealed, plain, key)
        with tarfile.open(whole) as bundle:
            for name in (MANIFEST, SETTINGS, DATABASE):
                bundle.extract(name, folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        copies.look_over(folder / DATABASE)
    except (archive.BackupBroken, copies.CopyBroken, tarfile.TarError, KeyError, ValueError) as problem:
        raise ConfigError(f"{file} {BROKEN}") from problem
    if digest(folder / DATABASE) != manifest["sha256"]:
        raise ConfigError(f"{file} {BROKEN}")
    return manifest


async def _check(config: Config, key: MasterKey) -> Condition:
    database = await Database.open(config.database_url, key)
    try:
        async with database.read() as tx:
            return await trail.condition(tx, whole=True)
    finally:
        await database.close()
