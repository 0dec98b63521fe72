"""Processes that outlive their starter, known by id and time of birth: a recycled id is nobody we know."""

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

_GRACE = 10.0  # seconds between asking to end and ending
_POLL_INTERVAL = 0.05
_ENDED_STATES = "ZX"  # what the system calls a process that has ended


class Process(msgspec.Struct, frozen=True):
    """A process that leads a session of its own, and when it was born in the system's own words."""

    pid: int
    start_time: str


def start(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """Start a command from the repository's root in a session of its own; what it says is added to `log`."""
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
    # While its parent lives, a child that nobody waits for stays as a zombie.
    threading.Thread(target=child.wait, name=f"reaper of {child.pid}", daemon=True).start()
    return Process(child.pid, _read_start_time(child.pid) or "")


def is_running(process: Process) -> bool:
    """Return whether the process is there and is the one that was started."""
    return bool(process.start_time) and _read_start_time(process.pid) == process.start_time


def stop_all(processes: Iterable[Process], grace: float = _GRACE) -> None:
    """Ask processes and their children to end, and make them after `grace` seconds; leave others alone."""
    ours = [process for process in processes if _is_ours(process)]
    for process in ours:
        _signal_group(process, signal.SIGTERM)
    wait_until(lambda: not any(map(is_running, ours)), grace)
    for process in ours:
        _signal_group(process, signal.SIGKILL)  # whatever is left of the session
    wait_until(lambda: not any(map(is_running, ours)), grace)


def kill(process: Process) -> None:
    """End a process and what it started without a warning, as a crash would."""
    if _is_ours(process):
        _signal_group(process, signal.SIGKILL)
        wait_until(lambda: not is_running(process), _GRACE)


def wait_until(condition: Callable[[], bool], timeout: float) -> bool:
    """Return True as soon as something has happened, or False after `patience` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_INTERVAL)
    return True


def _is_ours(process: Process) -> bool:
    """Return whether the session may be signalled: ours leads it, or did until it ended.

    The system gives no new process an id that a session still goes by.
    """
    return bool(process.start_time) and _read_start_time(process.pid) in (process.start_time, None)


def _signal_group(process: Process, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)


def _read_start_time(pid: int) -> str | None:
    """Return when a process was born, None when it has ended."""
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
