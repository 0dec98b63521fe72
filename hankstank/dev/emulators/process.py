"""Third-party servers as child processes on loopback that are ready when used and end with their parent."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
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


def free_port(preferred: int | None = None) -> int:
    """Return a free port on loopback: `preferred`, or any. Raises EmulatorFailed."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ignore connections in TIME_WAIT
        try:
            probe.bind(("127.0.0.1", preferred or 0))
        except OSError as error:
            raise EmulatorFailed(
                f"port {preferred} is not available: {error.strerror}; choose another"
            ) from None
        return int(probe.getsockname()[1])


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
def run_server(
    command: Sequence[str | Path],
    is_ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[int]:
    """Run a server until the block or this process ends; yield the process id of its parent watch.

    Output goes to `log`. Raises EmulatorFailed, with the end of the output, if it ends before it is ready.
    """
    with log.open("a+b") if log else tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            [sys.executable, "-S", _PARENT_WATCH, *map(str, command)],
            stdin=subprocess.PIPE,  # closed when this process dies, which stops the server
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # Ctrl-C must reach this process only, which stops the server in order
        )
        try:
            _wait_until_ready(child, is_ready, lambda: _log_tail(output), str(command[0]))
            yield child.pid
        finally:
            _stop_process(child)


def _wait_until_ready(
    child: "subprocess.Popen[bytes]", is_ready: Callable[[], bool], log_tail: Callable[[], str], name: str
) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not is_ready():
        if child.poll() is not None:
            message = f"{name} ended with code {child.returncode} before it answered"
            raise EmulatorFailed(f"{message}; its last output: {log_tail()}")
        if time.monotonic() > deadline:
            raise EmulatorFailed(f"{name} did not answer within {_START_TIMEOUT:.0f} s: {log_tail()}")
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
