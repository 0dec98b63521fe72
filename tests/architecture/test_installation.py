"""Installing: every command that installs a lock gets the locked releases, however new the index's are."""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from hankstank import bundles
from hankstank.lock import with_bare_pins
from shared.rooms import rooms
from tests.dockerfile import ROOT, parsed
from tests.package_index import pins, published, rehashed

ENVIRONMENTS = (".venv", ".venv-emulators")
DOCKERFILE = parsed()
SERVICES = [room.name for room in rooms().values() if room.runs_as == "service"]
FUNCTIONS = [room.name for room in bundles.functions()]
LOCKS = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))
# How Google's Python buildpack calls pip for a function; nothing can be added.
BUILDPACK = (
    "install --requirement {} --upgrade --upgrade-strategy only-if-needed --force-reinstall --no-compile"
)
BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/hankstank-0.1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("hankstank-0.1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: hankstank\\nVersion: 0.1.0\\n")
        wheel.writestr("hankstank-0.1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("hankstank-0.1.0.dist-info/RECORD", "")
    return "hankstank-0.1.0-py3-none-any.whl"
"""


@dataclass(frozen=True)
class Index:
    """A clone of what installs, its locks rehashed, and the environment in which pip knows the small index only."""

    clone: Path
    environment: Mapping[str, str]

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.clone, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("index")
    clone, wheels = folder / "clone", folder / "simple"
    hashes: dict[str, str] = {}
    for environment in ENVIRONMENTS:
        (packages,) = (ROOT / environment).glob("lib/python*/site-packages")
        hashes |= published(packages, wheels)
    (clone / "requirements").mkdir(parents=True)
    for lock in LOCKS:
        text = (ROOT / f"requirements/{lock}.txt").read_text()
        (clone / f"requirements/{lock}.txt").write_text(rehashed(text, hashes))
    shutil.copy(ROOT / "Makefile", clone)
    (clone / "backend.py").write_text(BACKEND)
    project = (ROOT / "pyproject.toml").read_text()
    (clone / "pyproject.toml").write_text(
        re.sub(
            r"(?s)\[build-system\].*?\n\n",
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n',
            project,
        )
    )
    return Index(
        clone,
        {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_INDEX_URL": wheels.as_uri(),
            "PYTHON": sys.executable,
        },
    )


def installed(environment: Path) -> dict[str, str]:
    (packages,) = environment.glob("lib/python*/site-packages")
    return {
        canonicalize_name(one.metadata["Name"]): one.version for one in distributions(path=[str(packages)])
    }


def locked(name: str) -> dict[str, str]:
    return pins([(ROOT / f"requirements/{name}.txt").read_text()])


@pytest.mark.parametrize(
    ("target", "environment", "lock"),
    [("install", ".venv", "dev"), ("emulators", ".venv-emulators", "emulators")],
)
def test_make_installs_what_is_locked(index: Index, target: str, environment: str, lock: str) -> None:
    made = index.run("make", target)
    assert made.returncode == 0, made.stderr
    assert locked(lock).items() <= installed(index.clone / environment).items()


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Return an empty environment with this Python's own pip, the oldest that a user of it may have."""
    venv.create(tmp_path / "room", symlinks=True, with_pip=True)
    return tmp_path / "room"


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_holds_what_is_locked(index: Index, service: str, room: Path, tmp_path: Path) -> None:
    (command,) = (text for text in DOCKERFILE.texts("RUN") if "pip" in text)
    lock = index.clone / f"requirements/{service}.txt"
    command = command.replace("/opt/room", str(tmp_path / "image")).replace(
        "/tmp/requirements.txt", str(lock)
    )
    built = index.run("sh", "-c", command.replace("python -m", f"{room}/bin/python -m"))
    assert built.returncode == 0, built.stderr
    assert installed(tmp_path / "image") == locked(service)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_what_is_locked(index: Index, function: str, room: Path) -> None:
    """The buildpack's pip resolves: that nothing but the pins fits is up to the bundle's own lines."""
    lock = index.clone / f"requirements/{function}.txt"
    built = index.run(room / "bin/python", "-m", "pip", *BUILDPACK.format(lock).split())
    assert built.returncode == 0, built.stderr
    assert locked(function).items() <= installed(room).items()


def test_a_pin_with_extras_follows_the_same_pin_without() -> None:
    locked = "a==1 \\\n    --hash=sha256:1\nb[x]==2 ; python_version < '3' \\\n    --hash=sha256:2\nc==3 \\\n    --hash=sha256:3\n"
    bare = "b==2 ; python_version < '3' \\\n    --hash=sha256:2\n"
    assert with_bare_pins(locked) == locked.replace("b[x]", f"{bare}b[x]")
