"""`python -m server restore FILE`: a backup back into an empty folder, put in place once all of it is right."""

import argparse
import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from server.commands import staging
from server.commands.backup import PRIVATE, database_file, records_folder, where
from server.commands.refused import Refused
from server.commands.restore_report import report
from server.commands.unpacking import Unpacked, unpack
from server.config import Config, ConfigError, config_from, master_key_file, read_config
from server.store import archive, bundle, carrying, copies
from server.store.bundle import Contents
from server.store.engines import is_postgresql
from server.store.reaching import RecordsOutOfReach
from server.store.sealing import MasterKey, MasterKeyMissing, read_master_key

A_FILE = "sqlite+aiosqlite:///"
# In the folder a restore works in: which backup's database it holds.
MARK = "sha256"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config.toml"),
        help="the settings; made from the backup when missing",
    )
    parser.add_argument(
        "--outside",
        action="store_true",
        help="also when the backup's settings keep the records outside the settings' own folder",
    )
    parser.add_argument(
        "--broken-trail", action="store_true", help="also when the audit trail in it does not follow"
    )


def run(args: argparse.Namespace) -> int:
    os.umask(PRIVATE)
    try:
        with _refusals(args.file):
            key = _key_for(args.file, args.config)
            with args.file.open("rb") as sealed:
                contents = bundle.peek(sealed, key)
            config = _settings(args.config, contents)
            _check_place(args, config)
            into = _into_server if is_postgresql(config.database_url) else restore
            unpacked = into(args, key, contents, config)
    except OSError as problem:
        raise Refused(f"nothing was restored: {staging.reason(problem)}") from problem
    except DBAPIError as problem:
        raise Refused(f"nothing was restored: {problem.orig}") from problem
    except RecordsOutOfReach as problem:
        raise Refused(f"nothing was restored: {problem}") from problem
    print(report(where(config), contents.manifest, unpacked), file=sys.stderr)
    return 0


def restore(args: argparse.Namespace, key: MasterKey, contents: Contents, config: Config) -> Unpacked | None:
    """The records, then the settings: no command opens the ones without the other.

    None when an earlier run was ended just between the two, and only the settings were missing.
    """
    target = database_file(config)
    settings = None if args.config.exists() else contents.settings
    if settings is not None and _was_cut_short(target, contents):
        _put_settings(args.config, settings)
        staging.sweep(target.parent, args.config.resolve().parent)
        return None
    _check_free(target)
    with _made(target.parent), staging.folder(target.parent, staging.RESTORE) as folder:
        (folder / MARK).write_text(contents.manifest.sha256)
        unpacked = unpack(args.file, key, folder, url=config.database_url, broken_trail=args.broken_trail)
        number = (folder / bundle.DATABASE).stat().st_ino
        try:
            staging.put(folder / bundle.DATABASE, target)
            if settings is not None:
                _put_settings(args.config, settings)
        except BaseException:
            if not args.config.exists():
                staging.take_back(target, number)
            raise
    return unpacked


def _into_server(args: argparse.Namespace, key: MasterKey, contents: Contents, config: Config) -> Unpacked:
    """The same into an empty database of PostgreSQL's: made right in a file here, then carried over in one transaction,
    which counts once the settings are in their place."""
    settings = None if args.config.exists() else contents.settings
    data = records_folder(config)
    try:
        carrying.check_empty(config.database_url)
        with _made(data), staging.folder(data, staging.RESTORE) as folder:
            unpacked = unpack(args.file, key, folder, url=A_FILE, broken_trail=args.broken_trail)
            carrying.bring_in(
                folder / bundle.DATABASE,
                config.database_url,
                last=lambda: _put_settings(args.config, settings) if settings is not None else None,
            )
    except carrying.NotEmpty as problem:
        raise Refused(
            f"{where(config)} is not empty (there is something in {problem.table}); a backup is restored into an empty "
            "database only. Make a new one and name it in database.url"
        ) from problem
    return unpacked


def _was_cut_short(target: Path, contents: Contents) -> bool:
    """Whether what is at `target` was put there by a restore of this backup that never came to its end."""
    for folder in staging.left_behind(target.parent, staging.RESTORE):
        with suppress(FileNotFoundError):
            same = (folder / bundle.DATABASE).samefile(target)
            if same and (folder / MARK).read_text() == contents.manifest.sha256:
                return True
    return False


def _put_settings(path: Path, settings: bytes) -> None:
    with staging.folder(path.resolve().parent, staging.RESTORE) as folder:
        made = folder / bundle.SETTINGS
        made.write_bytes(settings)
        staging.put(made, path)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Around what puts something into `folder`: made when missing, and gone again when nothing came into it."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
    for path in missing:
        staging.sync(path.parent)


@contextmanager
def _refusals(file: Path) -> Iterator[None]:
    """What is wrong with the backup, in words for the operator."""
    try:
        yield
    except archive.NotABackup as problem:
        raise Refused(f"{file} is no backup of ours") from problem
    except archive.BackupBroken as problem:
        raise Refused(
            f"{file} was cut short or changed since it was made, so nothing was restored; try another copy of it"
        ) from problem


def _key_for(file: Path, config: Path) -> MasterKey:
    """The key the backup needs. Raises Refused with what to do when it is not there, or is another one."""
    with file.open("rb") as sealed:
        head = archive.read_head(sealed)
    needed = (
        f"This backup was made with the master key {head.kid}. Put that key's file at "
        f"{config.resolve().parent / 'master.key'}, or name it in BEDSIDE_MASTER_KEY_FILE. Without it nobody can open "
        "the backup, and neither can we"
    )
    try:
        key = read_master_key(master_key_file(config))
    except (ConfigError, MasterKeyMissing) as missing:
        raise Refused(f"no master key was found: {missing} {needed}") from missing
    if key.kid != head.kid:
        raise Refused(f"the master key here is {key.kid}, another one. {needed}")
    return key


def _settings(path: Path, contents: Contents) -> Config:
    """Those at `path`, else the backup's. Raises ConfigError, Refused."""
    if path.exists():
        return read_config(path)
    if contents.settings is None:
        raise Refused(f"this backup holds no settings: put the clinic's at {path.resolve()} and try again")
    try:
        return config_from(tomllib.loads(contents.settings.decode()))
    except (ConfigError, ValueError) as problem:
        raise Refused(
            f"the settings in this backup do not fit this version ({problem}): put some that do at {path.resolve()} "
            "and try again"
        ) from problem


def _check_place(args: argparse.Namespace, config: Config) -> None:
    """Settings from a backup may name a place that means something else on this machine. Raises Refused."""
    here = args.config.resolve().parent
    if not here.is_dir():
        raise Refused(f"there is no folder {here} to restore into")
    file = copies.file_of(config.database_url)
    if args.config.exists() or args.outside or (file is not None and file.is_relative_to(here)):
        return
    raise Refused(
        f"the settings in this backup keep the records at {where(config)}, which is not in {here}. If that is where "
        "they belong on this machine, add --outside. Otherwise put settings with another place at "
        f"{args.config.resolve()} and try again"
    )


def _check_free(target: Path) -> None:
    """What SQLite kept beside a database that is gone would be played back into this one. Raises Refused."""
    for path in (target, *(target.with_name(target.name + suffix) for suffix in copies.BESIDE)):
        if os.path.lexists(path):
            raise Refused(
                f"{path} is there already; a backup is restored into an empty folder only. Move it away first, with "
                "everything else of that database"
            )
