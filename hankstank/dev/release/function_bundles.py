"""Packs the rooms that run as Cloud Functions, each as a zip that starts under functions-framework."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Annotated
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import typer

from hankstank.cli.errors import handles_errors
from shared.adapters.local.output_files import make_output_folder
from shared.runtime.services import ServiceSpec, load_services
from shared.storage.files import write_atomically

ROOT = Path(__file__).parents[3]
VARIABLES_FILE = "bundles.auto.tfvars.json"
EXCLUDED_PREFIXES = ("shared/adapters/local/",)  # stores of one machine, whose libraries no room installs
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can tell: the same files make the same bytes
ZIP_FILE_MODE = 0o644 << 16
ZIP_CREATOR_UNIX = 3
_BUNDLE = re.compile(r"[a-z_]+-[0-9a-f]{64}\.zip")


def list_functions() -> list[ServiceSpec]:
    """Return the rooms that run as functions."""
    return [room for room in load_services().values() if room.runs_as == "function"]


def bundle_contents(room: ServiceSpec) -> dict[str, bytes]:
    """Return what a room's bundle holds, by name: its code, what all rooms share, its packages, its entry."""
    files = {path.relative_to(ROOT).as_posix(): path for path in _code_files(room)}
    return {
        **{name: path.read_bytes() for name, path in files.items() if not name.startswith(EXCLUDED_PREFIXES)},
        "requirements.txt": (ROOT / f"requirements/{room.name}.txt").read_bytes(),
        "main.py": f"from services.{room.name}.main import {room.target}\n".encode(),
    }


def pack_bundle(room: ServiceSpec) -> bytes:
    """Return a room's bundle as zip: the same bytes for the same files, on every machine.

    Members are stored, not deflated, because zlib's output differs from version to version.
    """
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as bundle:
        for name, data in sorted(bundle_contents(room).items()):
            member = ZipInfo(name, ZIP_EPOCH)
            member.external_attr, member.create_system = ZIP_FILE_MODE, ZIP_CREATOR_UNIX
            bundle.writestr(member, data)
    return buffer.getvalue()


def write_bundles(out: Path) -> dict[str, str]:
    """Write `<room>-<sha256>.zip` for every function, and Terraform's variable that names them; return it."""
    make_output_folder(out)
    for earlier in out.iterdir():
        if _BUNDLE.fullmatch(earlier.name):
            earlier.unlink()
    digests = {}
    for room in list_functions():
        data = pack_bundle(room)
        digests[room.name] = hashlib.sha256(data).hexdigest()
        write_atomically(out / f"{room.name}-{digests[room.name]}.zip", data)
    write_atomically(out / VARIABLES_FILE, (json.dumps({"bundles": digests}, indent=2) + "\n").encode())
    return digests


@handles_errors
def main(
    out: Annotated[Path, typer.Option(help="Folder; earlier bundles in it are replaced.")] = Path("dist"),
) -> None:
    """Write the bundle of every function, and show what each is called."""
    for room, sha in write_bundles(out).items():
        sys.stdout.write(f"{out}/{room}-{sha}.zip\n")


def _code_files(room: ServiceSpec) -> Iterator[Path]:
    yield ROOT / "services/__init__.py"
    for folder in (ROOT / "services" / room.name, ROOT / "shared"):
        yield from (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


if __name__ == "__main__":
    typer.run(main)
