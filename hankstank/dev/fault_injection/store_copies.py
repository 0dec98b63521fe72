"""Copies of the baseline's stores for runs, and files that crashed processes leave in them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - TemporaryDirectory makes private folders
_COPY_PREFIX = "hankstank-faults-"
_MIN_FREE_BYTES = 2**30  # a home takes 25 MB, and twice that during a crash


@contextmanager
def temporary_copy(home: Path) -> Iterator[Path]:
    """Yield a copy of a home that is deleted afterwards, in memory if the system has the space."""
    with tempfile.TemporaryDirectory(prefix=f"{_COPY_PREFIX}{os.getpid()}-", dir=_copies_folder()) as folder:
        yield shutil.copytree(home, Path(folder) / "home")


def remove_stale_copies() -> None:
    """Remove the copies of processes that were killed."""
    for path in _copies_folder().glob(f"{_COPY_PREFIX}*"):
        process = path.name.removeprefix(_COPY_PREFIX).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def _copies_folder() -> Path:
    has_space = (
        os.access(_SHARED_MEMORY, os.W_OK) and shutil.disk_usage(_SHARED_MEMORY).free > _MIN_FREE_BYTES
    )
    return _SHARED_MEMORY if has_space else Path(tempfile.gettempdir())


def list_leftover_files(home: Path) -> list[str]:
    """Return partial files of crashed processes that were not removed."""
    return [f"left behind: {path.name}" for path in sorted((home / "objects" / ".tmp").glob("*"))]
