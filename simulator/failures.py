"""A log of errors in the simulator itself, so that a run against it can report them and stop."""

import logging
from collections import deque
from pathlib import PurePath
from threading import Lock
from traceback import extract_tb
from typing import Any

log = logging.getLogger(__name__)

_MAX_ENTRIES = 20


class FailureLog:
    """The simulator's latest errors, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: deque[dict[str, str]] = deque(maxlen=_MAX_ENTRIES)

    def record_failure(self, path: str, error: Exception) -> str:
        """Record an error raised for a request path and return its cause as text."""
        last = extract_tb(error.__traceback__)[-1]
        cause = f"{type(error).__name__}: {error} ({PurePath(last.filename).name}, line {last.lineno})"
        log.debug("simulator failed at %s", path, exc_info=error)
        with self._lock:
            self._entries.append({"path": path, "cause": cause})
        return cause

    def list_failures(self) -> list[dict[str, Any]]:
        """Return the entries as dicts of `path` and `cause`."""
        with self._lock:
            return list(self._entries)
