"""Creates the virtual environment of a lock file; needs only Python.

`hankstank.dev.install` runs it after checking the Python version.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = {"local": ".venv", "dev": ".venv", "emulators": ".venv-emulators"}
INCLUDED_LOCKS = {"dev": ("local",)}  # locks that are part of another lock
WITH_PROJECT = {"local", "dev"}  # locks whose environment has this project, editable


class InstallationError(Exception):
    """The installation failed; the message says what to do."""


def install_lock(lock: str) -> None:
    """Install a lock into its environment; do nothing if it is up to date.

    The environment is created again unless `lock` only adds to it, so no package of an earlier lock stays.
    Raises InstallationError.
    """
    if _is_installed(lock):
        return
    environment, uv = ROOT / ENVIRONMENTS[lock], shutil.which("uv")
    if _stamp_path(lock).exists() or not any(_is_installed(part) for part in INCLUDED_LOCKS.get(lock, ())):
        _create_environment(environment, uv)
    _stamp_path(lock).touch()  # empty until the end: an interrupted installation is detected
    if not (
        (uv and _run_commands(install_commands(lock, environment, uv), "uv"))
        or _run_commands(install_commands(lock, environment), "pip")
    ):
        raise InstallationError(f"{environment.name} is not complete, the reason is above; try again")
    for name in (lock, *INCLUDED_LOCKS.get(lock, ())):
        _stamp_path(name).write_text(_lock_fingerprint(name))


def install_commands(lock: str, environment: Path, uv: str | None = None) -> list[list[str]]:
    """Return the commands that install a lock with `uv`, or without it with the environment's pip.

    They run in the project's folder. A lock is complete, so nothing is resolved and every hash is checked.
    """
    python = str(environment / "bin/python")
    installer = [uv, "pip"] if uv else [python, "-m", "pip", "--disable-pip-version-check"]
    target = ["--python", python] if uv else []
    install = [*installer, "install", *target, "--quiet", "--no-deps"]
    locked = [*install, "--require-hashes", "--requirement", f"requirements/{lock}.txt"]
    project = [[*install, "--no-build-isolation", "--editable", "."]] if lock in WITH_PROJECT else []
    return [locked, *project, [*installer, "check", *target]]


def _run_commands(commands: list[list[str]], installer: str) -> bool:
    sys.stdout.write(f"Installing {commands[0][-1]} with {installer}\n")
    sys.stdout.flush()
    return all(subprocess.run(command, cwd=ROOT, check=False).returncode == 0 for command in commands)


def _create_environment(environment: Path, uv: str | None) -> None:
    """Create an empty environment. Raises InstallationError if Python lacks a module for it."""
    has_pip = find_spec("ensurepip") is not None  # a package of its own on Debian and Ubuntu
    if not (has_pip or uv):
        raise InstallationError(
            f"expected {sys.executable} to have the module ensurepip, which makes environments: "
            f"on Debian and Ubuntu `sudo apt install python3.{sys.version_info[1]}-venv` installs it"
        )
    try:
        venv.create(environment, clear=True, symlinks=True, with_pip=has_pip)
    except (OSError, subprocess.CalledProcessError) as error:
        raise InstallationError(f"cannot create {environment}: {error}") from error


def _is_installed(lock: str) -> bool:
    python, stamp = ROOT / ENVIRONMENTS[lock] / "bin/python", _stamp_path(lock)
    return python.exists() and stamp.exists() and stamp.read_text() == _lock_fingerprint(lock)


def _stamp_path(lock: str) -> Path:
    return ROOT / ENVIRONMENTS[lock] / f".installed-{lock}"


def _lock_fingerprint(lock: str) -> str:
    """Return a hash of what an environment depends on: lock, project, folder and Python version."""
    locked = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return hashlib.sha256(
        repr((locked, _project_metadata(), str(ROOT), sys.version_info[:2])).encode()
    ).hexdigest()


def _project_metadata() -> str:
    """Return `pyproject.toml` without the settings of tools."""
    return (ROOT / "pyproject.toml").read_text().partition("\n[tool.")[0]


def main() -> None:
    """Install the lock that the command line names."""
    try:
        install_lock(sys.argv[1])
    except InstallationError as error:
        sys.exit(str(error))
