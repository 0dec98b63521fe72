"""Atomic file writes and file locks, safe against planted symbolic links."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def replace_atomically(target: Path) -> Iterator[Path]:
    """Yield the path of a new file that replaces `target` once it is written to disk.

    The file is written in a folder of its own beside `target`, which nobody else may enter. A `target` that
    is a symbolic link to a file is replaced itself.

    Raises:
        FileExistsError: `target` is a folder, a device, a pipe or the like, or a link to one.
        OSError: the file cannot be written.
    """
    if target.exists() and not target.is_file():
        raise FileExistsError(errno.EEXIST, "expected a plain file or none", str(target))
    with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        fresh = Path(folder) / target.name
        yield fresh
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(target)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold a lock file, made if need be, against every other process and thread; wait for it.

    The kernel drops the lock with its process; the file stays. A symbolic link is not followed.
    Raises OSError.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_atomically(target: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file whole, making its folder where it is missing; `mode` is before the umask.

    Raises OSError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with replace_atomically(target) as fresh:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
