"""Checks output paths of commands: never inside stores, and never over a device, pipe or folder."""

from pathlib import Path

from shared.adapters.local.damage import QUEUE, WAREHOUSE
from shared.errors import UserError
from shared.storage.disk_errors import make_folder

_MARKS = (WAREHOUSE, QUEUE)  # either file marks a folder as stores


def output_file(path: Path, *, force: bool) -> Path:
    """Return the absolute path of a file to write, links followed; raises UserError if not allowed."""
    target = path.resolve()
    _refuse_stores(path, target)
    if target.exists() and not target.is_file():
        raise UserError(
            f"{path}: expected a file or a new name, it is a device or a pipe: "
            "in a pipe `hankstank query` prints CSV"
        )
    if target.exists() and not force:
        raise UserError(f"{path}: the file exists: --force replaces it, --out names another")
    return target


def make_output_folder(folder: Path) -> None:
    """Make the folder that `--out` names; raises UserError inside stores, StoreUnavailable."""
    _refuse_stores(folder, folder.resolve())
    make_folder(folder, "--out")


def _refuse_stores(path: Path, target: Path) -> None:
    home = next((folder for folder in (target, *target.parents) if _is_home(folder)), None)
    if home is not None:
        raise UserError(
            f"{path}: expected a path outside of stores, {home} holds stores: choose another with --out"
        )


def _is_home(folder: Path) -> bool:
    return any((folder / mark).is_file() for mark in _MARKS)
