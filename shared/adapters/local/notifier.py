"""Alerts on one machine: a line in the log and a line in `alerts.jsonl`."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

log = logging.getLogger(__name__)

NAME = "alerts.jsonl"
_LEVELS = {"warning": logging.WARNING, "critical": logging.CRITICAL}


class LocalNotifier:
    """Appends alerts to `<folder>/alerts.jsonl`: at, severity, title, detail."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._path = folder / NAME
        self._clock = clock

    def alert(self, severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]) -> None:
        """Log the alert and append it; a file that cannot be written is logged, never raised."""
        told = "; ".join(f"{name}: {value}" for name, value in detail.items())
        log.log(_LEVELS[severity], "alert: %s (%s)", title, told)
        row = {"at": self._clock().isoformat(), "severity": severity, "title": title, "detail": dict(detail)}
        line = json.dumps(row, default=str, ensure_ascii=False) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            log.error("could not append to %s: %s", self._path, error)  # noqa: TRY400 - the alert matters

    def alerts(self) -> list[dict[str, Any]]:
        """Return every alert so far, oldest first; a line cut short by a crash is left out."""
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]
