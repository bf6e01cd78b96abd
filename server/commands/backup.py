"""`python -m server backup FILE`: everything but the master key in one sealed file, while the clinic is open."""

import argparse
import json
import os
import sys
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path

from server.config import Config, ConfigError, master_key_file, read_config
from server.store import archive, copies
from server.store.sealing import MasterKey, read_master_key
from server.web.clock import Clock

PRIVATE = 0o077
# What a backup holds, by these names.
DATABASE, SETTINGS, MANIFEST = "bedside.db", "config.toml", "manifest.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where it goes; an existing file is never overwritten")
    parser.add_argument("--config", type=Path, default=Path("config.toml"), help="the settings")


def run(args: argparse.Namespace) -> int:
    key = read_master_key(master_key_file(args.config))
    config = read_config(args.config)
    source = database_file(config)
    target: Path = args.file
    if not source.exists():
        raise ConfigError(f"there is no database at {source} to back up")
    if target.exists():
        raise ConfigError(f"{target} exists already and is not overwritten")
    os.umask(PRIVATE)
    counted = make(source, args.config, target, key)
    said = ", ".join(f"{number} {name}" for name, number in counted.items())
    print(f"{target} holds {said}. It opens with the master key {key.kid} and nothing else.", file=sys.stderr)
    return 0


def make(source: Path, settings: Path, target: Path, key: MasterKey) -> dict[str, int]:
    """The backup's counts. `target` is there whole or not at all."""
    with tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=".backup-") as folder:
        copied = Path(folder) / DATABASE
        copies.copy(source, copied)
        counted = copies.look_over(copied)
        if copies.key_id(copied) != key.kid:
            raise ConfigError("the master key in use is not the one this database was made with")
        made_at = Clock().now().isoformat(timespec="seconds")
        manifest = {"made_at": made_at, "counted": counted, "sha256": digest(copied)}
        (Path(folder) / MANIFEST).write_text(json.dumps(manifest))
        whole, sealed = Path(folder) / "whole.tar", Path(folder) / "sealed"
        with tarfile.open(whole, "w") as bundle:
            bundle.add(Path(folder) / MANIFEST, MANIFEST)
            bundle.add(settings, SETTINGS)
            bundle.add(copied, DATABASE)
        with whole.open("rb") as plain, sealed.open("xb") as out:
            archive.seal(plain, out, key, made_at=made_at)
            out.flush()
            os.fsync(out.fileno())
        sealed.rename(target)
    return counted


def database_file(config: Config) -> Path:
    return Path(config.database_url.removeprefix("sqlite+aiosqlite:///"))


def digest(path: Path) -> str:
    with path.open("rb") as file:
        found = sha256()
        while part := file.read(archive.PIECE):
            found.update(part)
    return found.hexdigest()
