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
_GLANCE = 0.05
_GONE = "ZX"  # what the system calls a process that has ended


class Process(msgspec.Struct, frozen=True):
    """A process that leads a session of its own, and when it was born in the system's own words."""

    pid: int
    born: str


def start(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """Start a command from the repository's root in a session of its own; what it says is added to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
            cwd=ROOT,
            start_new_session=True,
        )
    # While its parent lives, a child that nobody waits for stays as a zombie.
    threading.Thread(target=child.wait, name=f"reaper of {child.pid}", daemon=True).start()
    return Process(child.pid, _alive(child.pid) or "")


def runs(process: Process) -> bool:
    """Return whether the process is there and is the one that was started."""
    return bool(process.born) and _alive(process.pid) == process.born


def end(processes: Iterable[Process], grace: float = _GRACE) -> None:
    """Ask processes and their children to end, and make them after `grace` seconds; leave others alone."""
    ours = [process for process in processes if _is_ours(process)]
    for process in ours:
        _signal(process, signal.SIGTERM)
    soon(lambda: not any(map(runs, ours)), grace)
    for process in ours:
        _signal(process, signal.SIGKILL)  # whatever is left of the session
    soon(lambda: not any(map(runs, ours)), grace)


def kill(process: Process) -> None:
    """End a process and what it started without a warning, as a crash would."""
    if _is_ours(process):
        _signal(process, signal.SIGKILL)
        soon(lambda: not runs(process), _GRACE)


def soon(happened: Callable[[], bool], patience: float) -> bool:
    """Return True as soon as something has happened, or False after `patience` seconds."""
    until = time.monotonic() + patience
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(_GLANCE)
    return True


def _is_ours(process: Process) -> bool:
    """Return whether the session may be signalled: ours leads it, or did until it ended.

    The system gives no new process an id that a session still goes by.
    """
    return bool(process.born) and _alive(process.pid) in (process.born, None)


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _alive(pid: int) -> str | None:
    """Return when a process was born, None when it has ended."""
    state, _, born = (_from_proc if sys.platform == "linux" else _from_ps)(pid).partition(" ")
    return born if born and state[:1] not in _GONE else None


def _from_proc(pid: int) -> str:
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{told[0]} {told[19]}"  # state and start time, fields 3 and 22 of proc(5)


def _from_ps(pid: int) -> str:
    asked = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - wherever the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join(asked.stdout.split())
