"""Making something whole before it gets its name: in a folder of this user's own beside it, which never stays behind.

A folder that a killed run left is told from one in use by a lock, and is removed by the next run.
"""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BACKUP, RESTORE, INIT = ".backup-", ".restore-", ".init-"
NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@contextmanager
def folder(parent: Path, kind: str) -> Iterator[Path]:
    """An empty folder in `parent`, gone when the block is left. `kind` is BACKUP, RESTORE or INIT. Raises OSError."""
    sweep(parent)
    path, lock = _locked(parent, kind)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _locked(parent: Path, kind: str) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=kind, dir=parent))
        with suppress(FileNotFoundError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            # Shared, because network file systems refuse the other kind for a folder; whoever sweeps wants that one.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_SH)
            if path.exists():
                return path, lock
            # Swept in the moment before it was locked.
            os.close(lock)


def sweep(*parents: Path) -> None:
    """Removes what killed runs left in these folders."""
    for parent in parents:
        for path in left_behind(parent, BACKUP, RESTORE, INIT):
            shutil.rmtree(path, ignore_errors=True)


def left_behind(parent: Path, *kinds: str) -> Iterator[Path]:
    """The folders in `parent` that nobody is using any more; each is locked as long as it is being looked at."""
    for kind in kinds:
        for path in parent.glob(f"{kind}*"):
            # What cannot be opened or locked is somebody else's, or in use.
            with suppress(OSError):
                lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield path
                finally:
                    os.close(lock)


def put(made: Path, target: Path) -> None:
    """Gives a file its name for good. Raises FileExistsError when something has that name, and OSError."""
    sync(made)
    try:
        # Unlike a rename, never over what came there meanwhile.
        os.link(made, target)
    except OSError as problem:
        if problem.errno not in NO_HARD_LINKS or os.path.lexists(target):
            raise OSError(problem.errno, problem.strerror, str(target)) from problem
        made.rename(target)
    sync(target.parent)


def put_all(made: Path, target: Path, names: Iterable[str]) -> None:
    """Moves these files and folders from one folder into another, all or none of them. Raises OSError."""
    for path in made.rglob("*"):
        sync(path)
    ours = {name: (made / name).stat().st_ino for name in names}
    try:
        for name in ours:
            if os.path.lexists(target / name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target / name))
            (made / name).rename(target / name)
    except BaseException:
        for name, number in ours.items():
            take_back(target / name, number)
        raise
    sync(target)


def take_back(path: Path, number: int) -> None:
    """Removes what was put there, known by its number (inode): what somebody else put there stays."""
    with suppress(FileNotFoundError):
        if path.lstat().st_ino != number:
            return
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def sync(path: Path) -> None:
    """Until the disk has it: a file's contents, a folder's names. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as problem:
        # Some file systems have no such thing for a folder.
        if problem.errno != errno.EINVAL or not path.is_dir():
            raise
    finally:
        os.close(handle)


def reason(problem: OSError) -> str:
    """A sentence's end for the operator."""
    where = f"{problem.filename}: " if problem.filename else ""
    return f"{where}{problem.strerror or problem}"
