"""Processes that outlive the command that starts them, identified by process id and start time."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from hankstank.local.subprocesses import ROOT

_GRACE = 10.0  # seconds between SIGTERM and SIGKILL
_POLL_INTERVAL = 0.05
_ENDED_STATES = "ZX"  # states of an ended process


class Process(msgspec.Struct, frozen=True):
    """A process that leads its own session; `start_time` as the system prints it tells recycled ids apart."""

    pid: int
    start_time: str


def start(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """Start a command from the repository's root in its own session; its output is appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as log_file:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
            cwd=ROOT,
            start_new_session=True,
        )
    # An ended child stays as a zombie until its parent waits for it.
    threading.Thread(target=child.wait, name=f"reaper of {child.pid}", daemon=True).start()
    return Process(child.pid, _read_start_time(child.pid) or "")


def is_running(process: Process) -> bool:
    """Return whether the process is alive and is the one that was started."""
    return bool(process.start_time) and _read_start_time(process.pid) == process.start_time


def stop_all(processes: Iterable[Process], grace: float = _GRACE) -> None:
    """Send SIGTERM to processes and their children, and SIGKILL after `grace` seconds."""
    ours = [process for process in processes if _is_ours(process)]
    for process in ours:
        _signal_group(process, signal.SIGTERM)
    wait_until(lambda: not any(map(is_running, ours)), grace)
    for process in ours:
        _signal_group(process, signal.SIGKILL)  # also what is left of an ended leader's session
    wait_until(lambda: not any(map(is_running, ours)), grace)


def wait_until(condition: Callable[[], bool], timeout: float) -> bool:
    """Return True as soon as `condition` holds, or False after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_INTERVAL)
    return True


def _is_ours(process: Process) -> bool:
    """Return whether the session is ours: our process leads it, or did until it ended.

    The system does not reuse an id while a session has it.
    """
    return bool(process.start_time) and _read_start_time(process.pid) in (process.start_time, None)


def _signal_group(process: Process, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)


def _read_start_time(pid: int) -> str | None:
    """Return the start time of a process; None if it has ended."""
    state, _, start_time = (_read_proc if sys.platform == "linux" else _read_ps)(pid).partition(" ")
    return start_time if start_time and state[:1] not in _ENDED_STATES else None


def _read_proc(pid: int) -> str:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{fields[0]} {fields[19]}"  # state and start time, fields 3 and 22 of proc(5)


def _read_ps(pid: int) -> str:
    completed = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join(completed.stdout.split())
