"""Servers as child processes that print their address as one JSON line and end with their parent."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from shared.errors import UserError

ROOT = Path(__file__).parents[2]


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables while the block runs."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


class ServerDied(UserError):
    """A child ended before it printed its address."""


@contextmanager
def run_server(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `python -m <arguments>` and yield the address it prints; stop it on exit."""
    server = start_server(arguments, environment)
    try:
        yield server.url
    finally:
        server.stop()


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server in a child process."""

    url: str
    _child: "subprocess.Popen[str]"

    @property
    def is_running(self) -> bool:
        """Return whether its process is alive."""
        return self._child.poll() is None

    def stop(self) -> None:
        """End its process and wait for it."""
        _stop_child(self._child)


def start_server(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> ServerProcess:
    """Run `python -m <arguments>`, which prints its address; raises ServerDied if it ends before."""
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdin=subprocess.PIPE,  # closed when this process dies, which stops the child
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        start_new_session=True,  # Ctrl-C must reach this process only, which stops the child in order
        text=True,
    )
    try:
        return ServerProcess(_read_address(child, arguments), child)
    except BaseException:
        _stop_child(child)
        raise


def _read_address(child: "subprocess.Popen[str]", arguments: Sequence[str]) -> str:
    assert child.stdout is not None  # noqa: S101 - a pipe, by construction
    line = child.stdout.readline()
    if not line:
        raise ServerDied(
            f"{' '.join(arguments)}: ended with code {child.wait()} before it printed its address"
        )
    return str(json.loads(line)["url"])


def _stop_child(child: "subprocess.Popen[str]") -> None:
    if child.stdin:
        child.stdin.close()
    child.terminate()
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    finally:
        with suppress(ProcessLookupError, PermissionError):  # workers of one that was killed hold its port
            os.killpg(child.pid, signal.SIGKILL)
        if child.stdout:
            child.stdout.close()
