"""What a backup holds: a manifest, the clinic's settings and its database, in this order, in one sealed archive.

It is written and read as a stream: nothing of it lies in the clear anywhere on the way.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, BinaryIO, cast

from server.store.archive import PIECE, BackupBroken, Sealer, Unsealer
from server.store.sealing import MasterKey

DATABASE, SETTINGS, MANIFEST = "bedside.db", "config.toml", "manifest.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """`made_at` is when the copy was begun, `counted` what people count, `sha256` the database's."""

    made_at: str
    counted: dict[str, int]
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """All but the database. `settings` is None when there is no settings file among it."""

    manifest: Manifest
    settings: bytes | None


def write(sealed: BinaryIO, key: MasterKey, *, contents: Contents, database: Path) -> None:
    """Everything into `sealed`, which is cut short when this raises."""
    sealer = Sealer(sealed, key, made_at=contents.manifest.made_at)
    with tarfile.open(fileobj=cast("IO[bytes]", sealer), mode="w|") as bundle:
        manifest = json.dumps(asdict(contents.manifest)).encode()
        for name, data in ((MANIFEST, manifest), (SETTINGS, contents.settings)):
            if data is not None:
                _add(bundle, name, io.BytesIO(data), len(data))
        with database.open("rb") as file:
            _add(bundle, DATABASE, file, database.stat().st_size)
    sealer.close()


def _add(bundle: tarfile.TarFile, name: str, file: BinaryIO, size: int) -> None:
    part = tarfile.TarInfo(name)
    part.size, part.mode = size, 0o600
    bundle.addfile(part, file)


def peek(sealed: BinaryIO, key: MasterKey) -> Contents:
    """What stands before the database; whether the rest is whole shows only when all is read. Raises as read."""
    return _read(sealed, key, database=None)


def read(sealed: BinaryIO, key: MasterKey, *, database: BinaryIO) -> Contents:
    """All of it; the database goes into `database`, to be thrown away when this raises.

    Raises NotABackup, OtherKey, BackupBroken.
    """
    return _read(sealed, key, database=database)


def _read(sealed: BinaryIO, key: MasterKey, *, database: BinaryIO | None) -> Contents:
    unsealer = Unsealer(sealed, key)
    small: dict[str, bytes] = {}
    digest = ""
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", unsealer), mode="r|") as bundle:
            for name, file in _files(bundle):
                if name != DATABASE:
                    small[name] = file.read(PIECE)
                elif database is None:
                    break
                else:
                    digest = _copied(file, database)
        contents = Contents(manifest=Manifest(**json.loads(small[MANIFEST])), settings=small.get(SETTINGS))
    except (tarfile.TarError, ValueError, KeyError, TypeError) as unreadable:
        raise BackupBroken from unreadable
    if database is not None:
        # The archive's end is not the file's: only the seal's last piece says that nothing was cut off.
        while unsealer.read(PIECE):
            pass
        if digest != contents.manifest.sha256:
            raise BackupBroken
    return contents


def _files(bundle: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    """Plain files only, each to be read before the next: whatever else an archive can hold leads somewhere else."""
    for part in bundle:
        if part.isreg() and (file := bundle.extractfile(part)) is not None:
            yield part.name, file


def _copied(file: IO[bytes], target: BinaryIO) -> str:
    """The SHA-256 of what was copied."""
    found = sha256()
    while data := file.read(PIECE):
        found.update(data)
        target.write(data)
    return found.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
