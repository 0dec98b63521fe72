"""A room on its own: its locked packages and no others, in a folder from which this repository is unseen."""

import os
import socket
import subprocess
import time
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from urllib.error import HTTPError, URLError

from packaging.requirements import Requirement

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[1]


def locked(service: str) -> list[str]:
    """Return the names of the packages that `requirements/<service>.txt` installs on this platform."""
    lines = (ROOT / "requirements" / f"{service}.txt").read_text().splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if "==" in line]
    return [pin.name for pin in pins if pin.marker is None or pin.marker.evaluate()]


def room_python(service: str, folder: Path) -> Path:
    """Return the interpreter of a new environment that links a service's locked packages, and only those.

    They are linked file by file from the environment of the tests, whose lock resolves to the same versions:
    the editable install of this repository is no locked package and stays behind.
    """
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for name in locked(service):
        link(name, packages)
    return folder / "bin" / "python"


def installed_python(requirements: Path, folder: Path) -> Path:
    """Return the interpreter of a new environment into which its own pip installed the locked wheels, by hash."""
    venv.create(folder, symlinks=True, with_pip=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "--quiet"]
    wheels = ["--no-cache-dir", "--only-binary=:all:", "--require-hashes", "-r", str(requirements)]
    subprocess.run([*pip, "install", *wheels], check=True)
    subprocess.run([*pip, "check"], check=True)
    return python


def import_all(python: Path, folder: Path, packages: Sequence[str]) -> str:
    """Import every module of `packages` in `folder`, also those that load on the first push; return the errors."""
    script = (
        "import importlib, pkgutil, sys\n"
        "for package in sys.argv[1:]:\n"
        "    path = importlib.import_module(package).__path__\n"
        "    for module in pkgutil.walk_packages(path, package + '.'):\n"
        "        importlib.import_module(module.name)\n"
    )
    child = subprocess.run(
        [python, "-c", script, *packages], cwd=folder, env={}, capture_output=True, text=True, check=False
    )
    return child.stderr


def link(name: str, packages: Path) -> None:
    """Link an installed package's files into the folder `packages` of another environment."""
    package = distribution(name)
    for file in package.files or []:
        if ".." in file.parts or not (source := Path(str(package.locate_file(file)))).exists():
            continue
        target = packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.symlink_to(source)


@contextmanager
def serving(command: Sequence[str | Path], folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run `command` in `folder` with `settings` and $PORT alone as environment; yield its address.

    Raises AssertionError with what it printed when it ends or does not listen in time.
    """
    while True:
        port = str(_free_port())
        environment = {"PATH": os.defpath, "HOME": str(folder), **settings, "PORT": port}
        with (folder / "printed").open("w+") as printed:
            child = subprocess.Popen(command, cwd=folder, env=environment, stdout=printed, stderr=printed)
            try:
                if not _listens(int(port), child, folder / "printed"):
                    continue  # somebody took the port meanwhile
                yield f"http://127.0.0.1:{port}"
                return
            finally:
                child.terminate()
                child.wait(timeout=PATIENCE)


def get(url: str) -> tuple[int, str]:
    """Return the status and text of a GET, whatever the status."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def _listens(port: int, child: "subprocess.Popen[bytes]", printed: Path) -> bool:
    """Wait until the child answers; return False when it ended because its port was in use."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            assert "in use" in printed.read_text(), f"ended with {child.returncode}:\n{printed.read_text()}"
            return False
        try:
            get(f"http://127.0.0.1:{port}/healthz")
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return True
    raise AssertionError(f"not listening on {port} after {PATIENCE} s:\n{printed.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
