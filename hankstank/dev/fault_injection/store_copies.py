"""The homes that runs live in: copies of the undisturbed week's, and what dead processes leave in them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is for one user alone
_COPY_PREFIX = "hankstank-chaos-"
_MIN_FREE_BYTES = (
    2**30
)  # bytes that must be free there: a home takes 25 MB, and twice that when its process dies


@contextmanager
def temporary_copy(home: Path) -> Iterator[Path]:
    """Lend a copy of a home, in memory where the system has a place there: nothing is to outlast the run."""
    with tempfile.TemporaryDirectory(prefix=f"{_COPY_PREFIX}{os.getpid()}-", dir=_copies_folder()) as folder:
        yield shutil.copytree(home, Path(folder) / "home")


def remove_stale_copies() -> None:
    """Remove the copies of processes that were killed."""
    for path in _copies_folder().glob(f"{_COPY_PREFIX}*"):
        process = path.name.removeprefix(_COPY_PREFIX).partition("-")[0]
        if process.isdigit() and _is_gone(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _copies_folder() -> Path:
    is_roomy = os.access(_SHARED_MEMORY, os.W_OK) and shutil.disk_usage(_SHARED_MEMORY).free > _MIN_FREE_BYTES
    return _SHARED_MEMORY if is_roomy else Path(tempfile.gettempdir())


def list_leftover_files(home: Path) -> list[str]:
    """Return files that a process which died while it wrote has left, and nobody removed."""
    return [f"left behind: {path.name}" for path in sorted((home / "objects" / ".tmp").glob("*"))]
