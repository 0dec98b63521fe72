"""Alerts on Google Cloud: one structured log line each, for a log-based metric and its alert policy."""

import logging
from collections.abc import Mapping
from typing import Any, Literal

log = logging.getLogger(__name__)

_LEVELS = {"warning": logging.WARNING, "critical": logging.CRITICAL}


class LogNotifier:
    """The Notifier port: message "alert", fields `alert` (the title) and `detail`, and severity."""

    def send_alert(
        self, severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]
    ) -> None:
        """Log the alert."""
        log.log(_LEVELS[severity], "alert", extra={"fields": {"alert": title, "detail": dict(detail)}})
