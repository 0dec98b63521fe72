"""Steers a running backfill from another process, and shows how far it is.

On one machine a backfill runs while its process holds the run lock of the folder.
On a project the process may run on another machine, where nobody can look: it counts as running while its
progress says so.
"""

import os
import socket
from pathlib import Path
from typing import Any

import msgspec

from services.collector import steering
from services.collector.backfill_job import Progress, load_progress
from services.collector.steering import Control, Order
from shared.adapters.local import run_lock
from shared.errors import UserError
from shared.ports import ObjectStore
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings

_LAST = {"features": "building features", "training": "training models"}  # phases that follow no order
_RUNNING = ("planning", "collecting", *_LAST)
_WAITING = {"run": "running", "pause": "paused", "stop": "stopping"}


def read_progress(home: Path, sport: str = "mlb") -> dict[str, Any]:
    """Return the progress of the running job, or of the last one, with its state in one word."""
    objects = _objects_of(home)
    progress, control = load_progress(objects, sport), steering.load_control(objects, sport)
    if progress is None:
        return {"state": "none"}
    return {"state": _state_of(home, progress, control), **msgspec.to_builtins(progress)}


def _state_of(home: Path, progress: Progress, control: Control | None) -> str:
    if progress.phase not in _RUNNING:
        return progress.phase
    if not _is_alive(home, progress):
        return "interrupted"
    return _LAST.get(progress.phase) or _WAITING[control.order if control else "run"]


def steer_backfill(
    home: Path,
    order: Order | None = None,
    workers: int | None = None,
    pace: float | None = None,
    sport: str = "mlb",
) -> dict[str, Any]:
    """Change the control object of the running job and return it; raises UserError if none runs."""
    objects = _objects_of(home)
    progress, control = load_progress(objects, sport), steering.load_control(objects, sport)
    is_running = progress is not None and progress.phase in _RUNNING and _is_alive(home, progress)
    where = Settings(home=home).project or home
    if progress is None or not is_running:
        raise UserError(f"{where}: no backfill is running here: start one with `hankstank backfill`")
    if control is None:
        name = steering.control_name(sport)
        raise UserError(f"{where}: {name} is missing or corrupt: end the backfill by Ctrl-C, run it again")
    if order in ("pause", "stop") and progress.phase in _LAST:
        now = _LAST[progress.phase]
        raise UserError(f"{where}: the backfill is {now} and then ends: Ctrl-C there ends it at once")
    changes: dict[str, Any] = {"order": order, "workers": workers, "pace": pace}
    changed = msgspec.structs.replace(
        control, **{name: value for name, value in changes.items() if value is not None}
    )
    steering.save_control(objects, sport, changed)
    return {"pid": progress.pid, **msgspec.to_builtins(changed)}


def _objects_of(home: Path) -> ObjectStore:
    settings = Settings(home=home)
    if not settings.project and not home.is_dir():
        raise UserError(f"{home}: no stores here: `hankstank backfill` makes them, --home names others")
    return create_object_store(settings)


def _is_alive(home: Path, progress: Progress) -> bool:
    if not Settings(home=home).project:  # another process may have the number of one that was killed
        return run_lock.find_holder(home) == progress.pid
    if progress.machine not in ("", socket.gethostname()):
        return True
    try:
        os.kill(progress.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
