"""Alerts on Google Cloud: a structured log line for an alert policy, and a message to every target."""

import logging
from collections.abc import Mapping
from typing import Any, Literal

from shared.notifications.outbox import NOT_SENT, Message, Outbox, alert_message
from shared.notifications.targets import Target

log = logging.getLogger(__name__)

_LEVELS = {"warning": logging.WARNING, "critical": logging.CRITICAL}


class LogNotifier:
    """The Notifier port: message "alert", fields `alert` (the title) and `detail`, and severity."""

    def __init__(self, outbox: Outbox | None = None) -> None:
        self._outbox = outbox or Outbox()

    def send_alert(
        self, severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]
    ) -> None:
        """Log the alert and queue it for every target."""
        log.log(_LEVELS[severity], "alert", extra={"fields": {"alert": title, "detail": dict(detail)}})
        self._outbox.put(alert_message(severity, title, detail))

    def record_failure(self, target: Target, reason: str) -> None:
        """Log, for an alert policy, that a target does not get its messages; it is not sent."""
        detail = {"target": f"{target.number} ({target.masked})", "reason": reason}
        log.warning("alert", extra={"fields": {"alert": NOT_SENT, "detail": detail}})

    def send_message(self, title: str, text: str, html: str | None = None) -> None:
        """Log the title and queue the message for every target."""
        log.info("message", extra={"fields": {"title": title}})
        self._outbox.put(Message(title, text, html))

    def wait_until_sent(self, seconds: float) -> bool:
        """Wait until nothing is left to send; return whether that is so after `seconds`."""
        return self._outbox.wait_until_sent(seconds)
