"""Packs the services that run as Cloud Functions, each as a zip for functions-framework."""

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

from hankstank.errors import handles_errors
from shared.adapters.local.output_files import make_output_folder
from shared.runtime.services import ServiceSpec, load_services
from shared.storage.files import write_atomically

ROOT = Path(__file__).parents[3]
VARIABLES_FILE = "bundles.auto.tfvars.json"
# Adapters for one machine: functions do not install their libraries.
EXCLUDED_PREFIXES = ("shared/adapters/local/",)
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # constant, so that the same files give the same bytes
ZIP_FILE_MODE = 0o644 << 16
ZIP_CREATOR_UNIX = 3
_BUNDLE = re.compile(r"[a-z_]+-[0-9a-f]{64}\.zip")


def list_functions() -> list[ServiceSpec]:
    """Return the services that run as functions."""
    return [service for service in load_services().values() if service.runs_as == "function"]


def bundle_contents(service: ServiceSpec) -> dict[str, bytes]:
    """Return the files of a bundle by name: the service's code, shared code, requirements and entry point."""
    files = {path.relative_to(ROOT).as_posix(): path for path in _code_files(service)}
    return {
        **{name: path.read_bytes() for name, path in files.items() if not name.startswith(EXCLUDED_PREFIXES)},
        "requirements.txt": (ROOT / f"requirements/{service.name}.txt").read_bytes(),
        "main.py": f"from services.{service.name}.main import {service.target}\n".encode(),
    }


def pack_bundle(service: ServiceSpec) -> bytes:
    """Return a service's bundle as zip: the same bytes for the same files, on every machine.

    Members are stored, not deflated, because zlib's output differs from version to version.
    """
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as bundle:
        for name, data in sorted(bundle_contents(service).items()):
            member = ZipInfo(name, ZIP_EPOCH)
            member.external_attr, member.create_system = ZIP_FILE_MODE, ZIP_CREATOR_UNIX
            bundle.writestr(member, data)
    return buffer.getvalue()


def write_bundles(out: Path) -> dict[str, str]:
    """Write `<service>-<sha256>.zip` for every function and Terraform's variable file; return the digests."""
    make_output_folder(out)
    for earlier in out.iterdir():
        if _BUNDLE.fullmatch(earlier.name):
            earlier.unlink()
    digests = {}
    for service in list_functions():
        data = pack_bundle(service)
        digests[service.name] = hashlib.sha256(data).hexdigest()
        write_atomically(out / f"{service.name}-{digests[service.name]}.zip", data)
    write_atomically(out / VARIABLES_FILE, (json.dumps({"bundles": digests}, indent=2) + "\n").encode())
    return digests


@handles_errors
def main(
    out: Annotated[Path, typer.Option(help="Folder; earlier bundles in it are replaced.")] = Path("dist"),
) -> None:
    """Write the bundle of every function and print its path."""
    for service, sha in write_bundles(out).items():
        sys.stdout.write(f"{out}/{service}-{sha}.zip\n")


def _code_files(service: ServiceSpec) -> Iterator[Path]:
    yield ROOT / "services/__init__.py"
    for folder in (ROOT / "services" / service.name, ROOT / "shared"):
        yield from (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


if __name__ == "__main__":
    typer.run(main)
