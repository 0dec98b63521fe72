"""What went wrong in a stand-in itself, kept so that whoever plays its days can say it and stop."""

import logging
from collections import deque
from pathlib import PurePath
from threading import Lock
from traceback import extract_tb
from typing import Any

log = logging.getLogger(__name__)

_MAX_ENTRIES = 20


class FailureLog:
    """The latest failures of a stand-in, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: deque[dict[str, str]] = deque(maxlen=_MAX_ENTRIES)

    def record_failure(self, path: str, error: Exception) -> str:
        """Keep what failed at a path and return the cause."""
        last = extract_tb(error.__traceback__)[-1]
        cause = f"{type(error).__name__}: {error} ({PurePath(last.filename).name}, line {last.lineno})"
        log.debug("stand-in failed at %s", path, exc_info=error)
        with self._lock:
            self._entries.append({"path": path, "cause": cause})
        return cause

    def list_failures(self) -> list[dict[str, Any]]:
        """Return them as `path` and `cause`."""
        with self._lock:
            return list(self._entries)
