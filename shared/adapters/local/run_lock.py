"""Allows one run at a time on a folder, by a file lock that ends with its process and names it."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.errors import StoreUnavailable
from shared.storage import disk_errors

NAME = "run.lock"


class FolderInUse(StoreUnavailable):
    """Another run holds the folder."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def run_lock(folder: Path, clock: Callable[[], datetime] = _utc_now) -> Iterator[None]:
    """Hold `folder`, made if need be, for this run; the file remains afterwards, the lock does not.

    The kernel drops the lock with the process, however it ends: a file left by a dead run is no obstacle.

    Raises:
        FolderInUse: another run holds it; the message names its process and when it began.
        StoreUnavailable: the lock file cannot be written.
    """
    path = folder / NAME
    with _translated_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire_lock(handle, path)
        with _translated_errors(folder):
            os.ftruncate(handle, 0)
            os.write(handle, json.dumps({"pid": os.getpid(), "since": clock().isoformat()}).encode())
        yield
    finally:
        os.close(handle)


def lock_holder(folder: Path) -> dict[str, Any] | None:
    """Return the process that holds the folder, as `pid` and `since`; None if none does."""
    path = folder / NAME
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(path)
    finally:
        os.close(handle)
    return None


@contextmanager
def _translated_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"cannot hold {folder} for a run: {error}: {disk_errors.advice_for(error)} and try again"
        raise StoreUnavailable(message) from None


def _acquire_lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FolderInUse(_holder_message(path)) from None


def find_holder(folder: Path) -> int | None:
    """Return the process of the run that holds a folder; None if none does, whatever the file says."""
    try:
        handle = os.open(folder / NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _read_holder(folder / NAME).get("pid")
        return pid if isinstance(pid, int) else None
    finally:
        os.close(handle)
    return None


def _holder_message(path: Path) -> str:
    holder = _read_holder(path)
    pid, since = holder.get("pid", "unknown"), holder.get("since", "an unknown time")
    return (
        f"{path.parent} is in use by the run of process {pid} since {since}: one run at a time on a folder. "
        f"Wait for it, stop it (kill {pid}; the next run continues from there), or choose another folder"
    )


def _read_holder(path: Path) -> dict[str, Any]:
    try:
        holder = json.loads(path.read_text())
    except (OSError, ValueError):  # its holder is writing it
        return {}
    return holder if isinstance(holder, dict) else {}
