"""`python -m server backup FILE`: everything but the master key in one sealed file, while the clinic is open."""

import argparse
import os
import sys
from pathlib import Path

from server.commands import staging
from server.commands.refused import Refused
from server.config import Config, ConfigError, master_key_file, read_config
from server.store import archive, bundle, carrying, copies
from server.store.bundle import Contents, Manifest
from server.store.engines import is_postgresql
from server.store.sealing import MasterKey, read_master_key
from server.web.clock import Clock

PRIVATE = 0o077


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where it goes; an existing file is never overwritten")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="the settings")


def run(args: argparse.Namespace) -> int:
    os.umask(PRIVATE)
    key = read_master_key(master_key_file(args.config))
    config = read_config(args.config)
    target: Path = args.file
    if is_postgresql(config.database_url):
        # On this machine there may be nothing of the clinic yet.
        records_folder(config).mkdir(parents=True, exist_ok=True)
    elif not database_file(config).exists():
        raise Refused(f"there is no database at {database_file(config)} to back up")
    if not target.parent.is_dir():
        raise Refused(f"there is no folder {target.parent.resolve()} to put the backup into")
    if os.path.lexists(target):
        raise Refused(f"{target} exists already and is not overwritten")
    try:
        manifest = make(config, args.config, target, key)
    except OSError as problem:
        raise Refused(f"no backup was made: {staging.reason(problem)}") from problem
    said = counted(manifest)
    print(f"{target} holds {said}. It opens with the master key {key.kid} and nothing else.", file=sys.stderr)
    return 0


def make(config: Config, settings: Path, target: Path, key: MasterKey) -> Manifest:
    """`target` is there whole, and read back once, or not at all. Raises Refused, OSError.

    The copy in the clear stays in the folder where the records may be in the clear (see records_folder); beside
    `target`, which may be a stick or a share, there is never anything but the sealed file.
    """
    beside = target.parent.resolve()
    with (
        staging.folder(records_folder(config), staging.BACKUP) as ours,
        staging.folder(beside, staging.BACKUP) as theirs,
    ):
        made_at = Clock().now().isoformat(timespec="seconds")
        copied, sealed = ours / bundle.DATABASE, theirs / target.name
        found = _copied(config, copied, key)
        manifest = Manifest(made_at=made_at, counted=found.counted, sha256=bundle.digest_of(copied))
        with sealed.open("xb") as out:
            contents = Contents(manifest=manifest, settings=settings.read_bytes())
            bundle.write(out, key, contents=contents, database=copied)
        staging.sync(sealed)
        _read_back(sealed, key)
        staging.put(sealed, beside / target.name)
    return manifest


def _copied(config: Config, target: Path, key: MasterKey) -> copies.Found:
    """Whatever the database, what comes out is a file of SQLite's: a backup goes back into either. Raises Refused."""
    try:
        if is_postgresql(config.database_url):
            carrying.take_out(config.database_url, target)
            copies.make_single(target)
        else:
            copies.copy(database_file(config), target)
        found = copies.look_over(target)
    except carrying.OtherSchema as problem:
        raise Refused(
            "no backup was made: the database is not of this version's schema; start the server with this version "
            "once, which brings it there"
        ) from problem
    except copies.CopyBroken as problem:
        raise Refused(
            f"no backup was made: the database {where(config)} cannot be copied whole ({problem}). If it is damaged, "
            "the last good backup is what you have: keep it"
        ) from problem
    if found.kid != key.kid:
        raise Refused(
            f"no backup was made: the master key in use is {key.kid}, and the database was made with "
            f"{found.kid or 'none yet'}"
        )
    return found


def _read_back(sealed: Path, key: MasterKey) -> None:
    """All of it, to nowhere: what was sealed is the copy that was looked over."""
    try:
        with sealed.open("rb") as file, Path(os.devnull).open("wb") as nowhere:
            # From the disk, not from memory.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            bundle.read(file, key, database=nowhere)
    except (archive.NotABackup, archive.OtherKey, archive.BackupBroken) as problem:
        raise Refused(
            "no backup was made: what was written could not be read back. The disk may be failing; try another"
        ) from problem


def records_folder(config: Config) -> Path:
    """The folder on this machine for what is on its way in the clear: where an SQLite database is anyway."""
    path = copies.file_of(config.database_url)
    return path.parent if path else config.server.data.resolve()


def where(config: Config) -> str:
    """The database, for people: without its password."""
    return str(copies.file_of(config.database_url) or config.database.url)


def database_file(config: Config) -> Path:
    """Raises ConfigError."""
    path = copies.file_of(config.database_url)
    if path is None:
        raise ConfigError("database.url names no file, so there is nothing to keep")
    return path


def counted(manifest: Manifest) -> str:
    return ", ".join(f"{number} {name}" for name, number in manifest.counted.items())
