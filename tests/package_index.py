"""A package index in a folder, of small wheels that need of each other what the real ones need.

Beside every locked release it holds a newer one, as the public index will some day.
"""

import hashlib
import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PIN = re.compile(r"^(?P<name>[\w.-]+)(?P<extras>\[[^]]+\])?==(?P<version>[^\s;]+).*?(?=^\S|\Z)", re.M | re.S)
HASHES = re.compile(r"(?: \\\n\s+--hash=sha256:\w+)+")


def published(packages: Path, index: Path) -> dict[str, str]:
    """Write wheels for what is installed in the folder `packages`; return the hash of each `name==version`."""
    hashes = {}
    for installed in distributions(path=[str(packages)]):
        for version in (installed.version, _newer(installed.version)):
            name = canonicalize_name(installed.metadata["Name"])
            hashes[f"{name}=={version}"] = _write_wheel(index, name, version, installed)
    for folder in index.iterdir():
        links = [f'<a href="{wheel.name}">{wheel.name}</a>' for wheel in sorted(folder.glob("*.whl"))]
        (folder / "index.html").write_text("<br>".join(links))
    return hashes


def rehashed(lock: str, hashes: dict[str, str]) -> str:
    """Return a lock with the hashes of the small wheels; what is not installed on this platform stays as it is."""

    def of_small_wheel(pin: re.Match[str]) -> str:
        sha256 = hashes.get(f"{pin['name']}=={pin['version']}")
        return HASHES.sub(f" \\\\\n    --hash=sha256:{sha256}", pin[0]) if sha256 else pin[0]

    return PIN.sub(of_small_wheel, lock)


def pins(locks: Iterable[str]) -> dict[str, str]:
    """Return the locked version of each package that this platform installs."""
    lines = (line.rstrip("\\ ") for lock in locks for line in lock.splitlines() if "==" in line)
    wanted = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate()]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in wanted}


def _newer(version: str) -> str:
    """Return a release so little newer that whatever allows `version` allows it too, an exact pin apart."""
    return f"{Version(version).base_version}.post999"


def _write_wheel(index: Path, name: str, version: str, like: Distribution) -> str:
    stem = f"{name.replace('-', '_')}-{version}"
    wheel = index / name / f"{stem}-py3-none-any.whl"
    wheel.parent.mkdir(parents=True, exist_ok=True)
    extras = [f"Provides-Extra: {extra}\n" for extra in like.metadata.get_all("Provides-Extra") or []]
    needs = [f"Requires-Dist: {need}\n" for need in like.requires or []]
    with ZipFile(wheel, "w") as archive:
        result = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{stem}.dist-info/METADATA", result + "".join(extras + needs))
        archive.writestr(
            f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()
