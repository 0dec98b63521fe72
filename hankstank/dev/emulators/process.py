"""Third-party servers as child processes on loopback that are ready when used and end with their parent."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx

from shared.errors import UserError

_PARENT_WATCH = str(Path(__file__).with_name("parent_watch.py"))
_START_TIMEOUT, _POLL_INTERVAL = 60.0, 0.05  # seconds


class EmulatorAbsent(UserError):
    """An emulator is not installed; the message says how to install it."""


class EmulatorFailed(UserError):
    """An emulator ended, or did not answer in time."""


@dataclass(frozen=True)
class EmulatorCommand:
    """How an emulator is started on loopback: `health` is a path that answers 2xx once it is ready."""

    command: Sequence[str]
    address: str
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)


def free_port() -> int:
    """Return a free port on loopback."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Return different free ports on loopback."""
    with ExitStack() as stack:  # bound at the same time, so that they differ
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def answers(url: str) -> bool:
    """Return whether a server on loopback answers at `url` with a 2xx status."""
    try:
        return httpx.get(url, trust_env=False).is_success  # never through a proxy
    except httpx.RequestError:
        return False


@contextmanager
def run_emulator(emulator: EmulatorCommand) -> Iterator[str]:
    """Run an emulator until the block or this process ends; yield its address.

    Raises EmulatorFailed, with the end of its output, if it ends before it is ready.
    """
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-S", _PARENT_WATCH, *emulator.command],
            stdin=subprocess.PIPE,  # closed when this process dies, which stops the emulator
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **emulator.environment},
            start_new_session=True,  # Ctrl-C must reach this process only, which stops the emulator in order
        )
        try:
            _wait_until_ready(child, emulator, output)
            yield emulator.address
        finally:
            _stop_process(child)


def _wait_until_ready(child: "subprocess.Popen[bytes]", emulator: EmulatorCommand, output: IO[bytes]) -> None:
    name, deadline = emulator.command[0], time.monotonic() + _START_TIMEOUT
    while not answers(emulator.address + emulator.health):
        if child.poll() is not None:
            message = f"{name} ended with code {child.returncode} before it answered"
            raise EmulatorFailed(f"{message}; its last output: {_log_tail(output)}")
        if time.monotonic() > deadline:
            raise EmulatorFailed(f"{name} did not answer within {_START_TIMEOUT:.0f} s: {_log_tail(output)}")
        time.sleep(_POLL_INTERVAL)


def _log_tail(output: IO[bytes]) -> str:
    output.seek(max(0, output.seek(0, os.SEEK_END) - 2000))
    return output.read().decode(errors="replace").strip()


def _stop_process(child: "subprocess.Popen[bytes]") -> None:
    """Stop the parent watch, which stops its child; after a timeout kill the whole group."""
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # only the session that was started above
        child.wait()
