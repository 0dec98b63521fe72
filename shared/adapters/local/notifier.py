"""Alerts on one machine: a line in the log, a line in `alerts.jsonl`, and a message to every target."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from shared.notifications.outbox import NOT_SENT, Message, Outbox, alert_message
from shared.notifications.targets import Target

log = logging.getLogger(__name__)

NAME = "alerts.jsonl"
_LEVELS = {"warning": logging.WARNING, "critical": logging.CRITICAL}


class LocalNotifier:
    """Appends alerts to `<folder>/alerts.jsonl`: at, severity, title, detail; closing one is another line.

    The outbox sends alerts and messages further.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime], outbox: Outbox | None = None) -> None:
        self._path = folder / NAME
        self._clock = clock
        self._outbox = outbox or Outbox()

    def send_alert(
        self, severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]
    ) -> None:
        """Log the alert, append it and queue it for every target."""
        self._record_alert(severity, title, detail)
        self._outbox.put(alert_message(severity, title, detail))

    def record_failure(self, target: Target, reason: str) -> None:
        """Record, once while it is open, an alert that a target does not get its messages; it is not sent."""
        opened = (row["detail"] for row in self.list_alerts() if row["closed_at"] is None)
        detail = {"target": f"{target.number} ({target.masked})", "reason": reason}
        if not any(one.get("target") == detail["target"] for one in opened):
            self._record_alert("warning", NOT_SENT, detail)

    def _record_alert(
        self, severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]
    ) -> None:
        """Log the alert and append it; a file that cannot be written is logged, never raised."""
        details = "; ".join(f"{name}: {value}" for name, value in detail.items())
        log.log(_LEVELS[severity], "alert: %s (%s)", title, details)
        row = {"at": self._clock().isoformat(), "severity": severity, "title": title, "detail": dict(detail)}
        try:
            self._append_row(row)
        except OSError as error:
            log.error("could not append to %s: %s", self._path, error)  # noqa: TRY400 - the alert matters

    def send_message(self, title: str, text: str, html: str | None = None) -> None:
        """Log the title and queue the message for every target."""
        log.info("message: %s", title)
        self._outbox.put(Message(title, text, html))

    def wait_until_sent(self, seconds: float) -> bool:
        """Wait until nothing is left to send; return whether that is so after `seconds`."""
        return self._outbox.wait_until_sent(seconds)

    def list_alerts(self) -> list[dict[str, Any]]:
        """Return every alert so far, oldest first, with its `number` and `closed_at` (None: it is open).

        A line cut short by a crash is left out.
        """
        rows: list[dict[str, Any]] = []
        for line in self._read_lines():
            if "closes" not in line:
                rows.append(line | {"number": len(rows) + 1, "closed_at": None})
                continue
            for number in line["closes"]:
                rows[number - 1]["closed_at"] = rows[number - 1]["closed_at"] or line["at"]
        return rows

    def close_alerts(self, numbers: Iterable[int]) -> None:
        """Close these alerts; raises OSError when the file cannot be written."""
        self._append_row({"at": self._clock().isoformat(), "closes": sorted(numbers)})

    def _read_lines(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def _append_row(self, row: Mapping[str, Any]) -> None:
        line = json.dumps(row, default=str, ensure_ascii=False) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)
