"""Packs the rooms that run as Cloud Functions, each as a zip that starts under functions-framework."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import typer

from shared.rooms import Room, rooms

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("shared/adapters/local/",)  # stores of one machine, whose libraries no room installs
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can tell: the same files make the same bytes
READABLE = 0o644 << 16
BY_UNIX = 3


def functions() -> list[Room]:
    """Return the rooms that run as functions."""
    return [room for room in rooms().values() if room.runs_as == "function"]


def contents(room: Room) -> dict[str, bytes]:
    """Return what a room's bundle holds, by name: its code, what all rooms share, its packages, its entry."""
    files = {path.relative_to(ROOT).as_posix(): path for path in _code(room)}
    return {
        **{name: path.read_bytes() for name, path in files.items() if not name.startswith(LEFT_OUT)},
        "requirements.txt": (ROOT / f"requirements/{room.name}.txt").read_bytes(),
        "main.py": f"from services.{room.name}.main import {room.target}\n".encode(),
    }


def write(room: Room, out: Path) -> Path:
    """Write `<out>/<room>.zip` and return its path: the same bytes for the same files, on every machine.

    Members are stored, not deflated, because zlib's output differs from version to version.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{room.name}.zip"
    with ZipFile(path, "w", ZIP_STORED) as bundle:
        for name, data in sorted(contents(room).items()):
            member = ZipInfo(name, EPOCH)
            member.external_attr, member.create_system = READABLE, BY_UNIX
            bundle.writestr(member, data)
    return path


def main(out: Annotated[Path, typer.Option(help="Folder to write the bundles to.")] = Path("dist")) -> None:
    """Write the bundle of every function and show its checksum, in sha256sum's form."""
    for room in functions():
        path = write(room, out)
        sys.stdout.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}\n")


def _code(room: Room) -> Iterator[Path]:
    yield ROOT / "services/__init__.py"
    for folder in (ROOT / "services" / room.name, ROOT / "shared"):
        yield from (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


if __name__ == "__main__":
    typer.run(main)
