"""Installing: every command that installs a lock gets the locked releases, however new the index's are."""

import json
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
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hankstank.dev import install, installation
from hankstank.dev.release import function_bundles
from hankstank.dev.release.lock import with_bare_pins
from shared.runtime.services import load_services
from tests.dockerfile import ROOT, parsed
from tests.package_index import pins, published, rehashed

DOCKERFILE = parsed()
LOCKS = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))
OWN = "Python's own"  # the pip that is there without asking an index
IS_THOROUGH = "HANKSTANK_INSTALL" in os.environ  # minutes, and asks the package index for pips
FETCHED = ["23.0", "23.2.1", "24.0", "newest"] if IS_THOROUGH else []
SERVICES = [room.name for room in load_services().values() if room.runs_as == "service"][
    : None if IS_THOROUGH else 1
]
FUNCTIONS = [room.name for room in function_bundles.list_functions()][: None if IS_THOROUGH else 1]
# How Google's Python buildpack calls pip for a function; nothing can be added.
BUILDPACK = (
    "install --requirement {} --upgrade --upgrade-strategy only-if-needed --force-reinstall --no-compile"
)
PROJECT = re.compile(r"\[build-system\].*?\n\n", re.DOTALL)
BACKEND = """
from zipfile import ZipFile

NAME = "hankstank-0.1.0"


def build_editable(folder, config_settings=None, metadata_directory=None):
    with ZipFile(f"{folder}/{NAME}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{NAME}.dist-info/METADATA", "Metadata-Version: 2.1\\nName: hankstank\\nVersion: 0.1.0\\n")
        wheel.writestr(f"{NAME}.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{NAME}.dist-info/RECORD", "")
    return f"{NAME}-py3-none-any.whl"
"""
HERE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n'


@dataclass(frozen=True)
class Clone:
    """What installs this project, its locks rehashed for a small index, and the environment that knows no other."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *command: str | Path, succeeds: bool = True) -> str:
        """Run a command and return what it wrote."""
        child = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (child.returncode == 0) is succeeds, child.stdout
        return child.stdout

    def make(self, target: str, path: str = os.defpath) -> str:
        """Run make, with programs of `path` only, and return what it wrote."""
        return self.run("env", f"PATH={path}", "make", target)

    def lock(self, name: str) -> Path:
        return self.folder / "requirements" / f"{name}.txt"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """Return the address of the small index and the hash of each of its locked releases."""
    wheels = tmp_path_factory.mktemp("index")
    hashes: dict[str, str] = {}
    for environment in sorted(set(installation.ENVIRONMENTS.values())):
        (packages,) = (ROOT / environment).glob("lib/python*/site-packages")
        hashes |= published(packages, wheels)
    return wheels.as_uri(), hashes


@pytest.fixture
def clone(index: tuple[str, dict[str, str]], tmp_path: Path) -> Clone:
    """Return a new clone, nothing installed."""
    address, hashes = index
    clone = Clone(
        tmp_path / "clone",
        {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHON": sys.executable,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_INDEX_URL": address,
            "UV_NO_CONFIG": "1",
            "UV_NO_CACHE": "1",
            "UV_DEFAULT_INDEX": address,
        },
    )
    for name in (
        "Makefile",
        "hankstank/__init__.py",
        "hankstank/dev/__init__.py",
        "hankstank/dev/install.py",
        "hankstank/dev/installation.py",
    ):
        (clone.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone.folder / name)
    (clone.folder / "requirements").mkdir()
    for lock in LOCKS:
        clone.lock(lock).write_text(rehashed((ROOT / f"requirements/{lock}.txt").read_text(), hashes))
    (clone.folder / "backend.py").write_text(BACKEND)
    (clone.folder / "pyproject.toml").write_text(PROJECT.sub(HERE, (ROOT / "pyproject.toml").read_text()))
    return clone


@pytest.fixture
def small(clone: Clone) -> Clone:
    """Return the clone with locks of a package or two, for what does not depend on how many there are."""
    dev = clone.lock("dev").read_text()
    msgspec, iniconfig = (re.findall(rf"(?ms)^{name}==.*?(?=^\S)", dev) for name in ("msgspec", "iniconfig"))
    clone.lock("local").write_text(msgspec[0])
    clone.lock("dev").write_text(msgspec[0] + iniconfig[0])
    return clone


@pytest.fixture(params=[OWN, *FETCHED])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return an environment that holds one version of pip and nothing else."""
    folder, version = tmp_path / "room", str(request.param)
    if version == "23.0" and sys.version_info >= (3, 12):
        pytest.skip("pip 23.0 does not run on this Python")
    venv.create(folder, symlinks=True, with_pip=True)
    if version != OWN:
        wanted = "pip" if version == "newest" else f"pip=={version}"
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "-q", "-U", wanted], check=True)
    return folder


def installed(environment: Path) -> dict[str, str]:
    (packages,) = environment.glob("lib/python*/site-packages")
    return {
        canonicalize_name(one.metadata["Name"]): one.version for one in distributions(path=[str(packages)])
    }


def locked(name: str) -> dict[str, str]:
    return pins([(ROOT / f"requirements/{name}.txt").read_text()])


@pytest.mark.parametrize("lock", list(installation.ENVIRONMENTS))
def test_every_pip_installs_what_is_locked(clone: Clone, lock: str, room: Path) -> None:
    for command in installation.install_commands(lock, room):
        clone.run(*command)
    assert locked(lock).items() <= installed(room).items()


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_what_is_locked(clone: Clone, service: str, room: Path, tmp_path: Path) -> None:
    (command,) = (text for text in DOCKERFILE.texts("RUN") if "pip" in text)
    names = {
        "/opt/service": str(tmp_path / "image"),
        "/tmp/requirements.txt": str(clone.lock(service)),
        "python -m": f"{room}/bin/python -m",
    }
    for name, here in names.items():
        command = command.replace(name, here)
    clone.run("sh", "-c", command)
    assert installed(tmp_path / "image") == locked(service)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_holds_what_is_locked(clone: Clone, function: str, room: Path) -> None:
    """The buildpack's pip resolves: that nothing but the pins fits is up to the bundle's own lines."""
    clone.run(room / "bin/python", "-m", "pip", *BUILDPACK.format(clone.lock(function)).split())
    assert locked(function).items() <= installed(room).items()


def test_make_run_needs_no_package_of_the_tests(clone: Clone) -> None:
    clone.make("local")
    packages = installed(clone.folder / ".venv")
    assert packages.keys() - {"pip"} == {*locked("local"), "hankstank"}
    assert not packages.keys() & {"pytest", "google-cloud-bigquery"}


def test_what_is_installed_stays_and_is_added_to(small: Clone) -> None:
    small.make("local")
    (kept := small.folder / ".venv/kept").touch()
    assert "dev" in small.make("install")
    assert small.make("local") == small.make("install") == ""
    assert installed(small.folder / ".venv").keys() >= {"hankstank", "msgspec", "iniconfig"}
    assert kept.exists()


@pytest.mark.parametrize("asked", ["local", "dev"])
def test_a_changed_lock_makes_the_environment_anew(small: Clone, asked: str) -> None:
    small.make(asked)
    (left := small.folder / ".venv/left").touch()
    small.lock(asked).write_text(small.lock(asked).read_text() + "# changed\n")
    assert "Installing" in small.make(asked)
    assert not left.exists()


def test_an_interrupted_installation_is_begun_again(small: Clone) -> None:
    whole = small.lock("local").read_text()
    small.lock("local").write_text(f"{whole}nosuchpackage==1 --hash=sha256:{'0' * 64}\n")
    assert "try again" in small.run("make", "local", succeeds=False)
    small.lock("local").write_text(whole)
    assert "Installing" in small.make("local")
    assert "msgspec" in installed(small.folder / ".venv")


@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")
def test_uv_installs_the_same(clone: Clone) -> None:
    uv = Path(str(shutil.which("uv"))).parent
    assert "with uv" in clone.make("install", f"{uv}:{os.defpath}")
    assert locked("dev").items() <= installed(clone.folder / ".venv").items()


def test_where_uv_fails_pip_installs(small: Clone) -> None:
    (broken := small.folder / "bin/uv").parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 2\n")
    broken.chmod(0o755)
    assert "with pip" in small.make("local", f"{broken.parent}:{os.defpath}")
    assert "msgspec" in installed(small.folder / ".venv")


def test_another_python_is_refused_in_a_sentence(clone: Clone) -> None:
    project = clone.folder / "pyproject.toml"
    project.write_text(
        re.sub(r"requires-python = .*", 'requires-python = ">=3.97,<3.99"', project.read_text())
    )
    reported = clone.run("make", "run", succeeds=False)
    assert "expected Python 3.97 to 3.98" in reported
    assert "make run PYTHON=python3.98" in reported


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8"])
def test_an_old_python_is_told_which_is_expected(version: str) -> None:
    homes = (Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python")
    old = next(homes, None) or shutil.which(f"python{version}")
    if old is None:
        pytest.skip(f"no Python {version} is here")
    words = [str(old), "-B", "-m", "hankstank.dev.install", "local"]
    child = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert child.returncode == 1
    assert child.stderr.count("\n") == 1
    assert f"is {version}: choose another" in child.stderr


def test_a_python_without_ensurepip_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(installation, "ENVIRONMENTS", {"local": str(tmp_path / "none")})
    monkeypatch.setattr(installation, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(installation.InstallationError, match=r"sudo apt install python3\.\d+-venv"):
        installation.install_lock("local")


def test_extras_that_are_asked_for_are_pinned_with_and_without_them() -> None:
    """What the oldest pips need, also where Python's own pip is a newer one."""
    for environment, lock in ((".venv", "dev"), (".venv-emulators", "emulators")):
        (packages,) = (ROOT / environment).glob("lib/python*/site-packages")
        names = {canonicalize_name(name) for name in locked(lock)}
        lines = (ROOT / f"requirements/{lock}.txt").read_text().splitlines()
        pinned = {line.split("==")[0] for line in lines if "==" in line}
        for one in distributions(path=[str(packages)]):
            for need in map(Requirement, one.requires or []):
                if canonicalize_name(one.metadata["Name"]) in names and need.extras and is_needed(need):
                    name = canonicalize_name(need.name)
                    assert {name, f"{name}[{','.join(sorted(need.extras))}]"} <= pinned, one.metadata["Name"]


def is_needed(need: Requirement) -> bool:
    """Return whether a package needs this whatever its own extras."""
    return need.marker is None or need.marker.evaluate({"extra": ""})


def test_all_locks_have_the_same_versions() -> None:
    dev = (ROOT / "requirements/dev.txt").read_text().splitlines()
    for name in {*LOCKS} - {"dev", "emulators"}:
        lines = (ROOT / f"requirements/{name}.txt").read_text().splitlines()
        pins = {line for line in lines if "==" in line}
        assert pins
        assert pins <= {*dev}


def test_a_pin_with_extras_follows_the_same_pin_without() -> None:
    one = "a==1 \\\n    --hash=sha256:1\n"
    bare = "b==2 ; python_version < '3' \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n"
    assert (
        with_bare_pins(f"{one}{bare.replace('b', 'b[x]', 1)}{one}")
        == f"{one}{bare}{bare.replace('b', 'b[x]', 1)}{one}"
    )


def test_every_supported_python_is_tested_and_the_oldest_is_checked() -> None:
    versions = [f"3.{minor}" for minor in install.supported_versions()]
    workflow = (ROOT / ".github/workflows/checks.yml").read_text()
    readme, settings = (ROOT / "README.md").read_text(), (ROOT / "pyproject.toml").read_text()
    assert f"python: {json.dumps(versions)}" in workflow
    assert f"Python {versions[0]} to {versions[-1]}" in readme
    assert f'python_version = "{versions[0]}"' in settings
