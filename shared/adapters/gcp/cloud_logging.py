"""Logging for Cloud Logging: one JSON line for each record, with severity, trace and labels."""

import json
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Any

from shared.messaging.envelope import MessageMetadata

_PREFIX = "logging.googleapis.com"
_TRACES = {
    "x-cloud-trace-context": re.compile(r"([0-9a-f]{32})(?:/.*)?", re.IGNORECASE),
    "traceparent": re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"),
}
_SEVERITIES = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}

_labels: ContextVar[Mapping[str, str]] = ContextVar("labels", default={})  # noqa: B039 - never changed
_trace: ContextVar[str] = ContextVar("trace", default="")


def configure_json_logging(service: str, project: str | None = None, stream: IO[str] | None = None) -> None:
    """Write all log records of this process, from INFO on, as JSON lines to standard output.

    `service` is a label of every line; `project` (default: HANKSTANK_PROJECT) is where traces are kept.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    named = os.environ.get("HANKSTANK_PROJECT", "") if project is None else project
    handler.setFormatter(JsonLineFormatter(service, named))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.INFO)


@contextmanager
def delivery_context(mark: MessageMetadata, headers: Mapping[str, Any]) -> Iterator[None]:
    """Label log lines inside the context with the delivery's run, topic, subscription and trace."""
    values = {
        "run_id": mark.run_id,
        "topic": mark.topic,
        "subscription": mark.subscription.rpartition("/")[2],
    }
    labels = _labels.set({name: value for name, value in values.items() if value})
    trace = _trace.set(extract_trace_id(headers))
    try:
        yield
    finally:
        _trace.reset(trace)
        _labels.reset(labels)


def extract_trace_id(headers: Mapping[str, Any]) -> str:
    """Return the trace id (32 hexadecimal digits) that a request carries, or nothing."""
    lower_headers = {name.lower(): str(value) for name, value in headers.items()}
    found = (shape.fullmatch(lower_headers.get(header, "")) for header, shape in _TRACES.items())
    return next((match[1].lower() for match in found if match), "")


class JsonLineFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra={"fields": {…}}` become fields of its own.

    A stack trace is part of the message, where Error Reporting looks for it.
    """

    def __init__(self, service: str, project: str) -> None:
        super().__init__()
        self._service, self._project = service, project

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        entry = {
            **getattr(record, "fields", {}),
            "severity": record.levelname if record.levelname in _SEVERITIES else "DEFAULT",
            "message": self._format_message(record),
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            f"{_PREFIX}/labels": {"service": self._service, **_labels.get()},
        }
        if _trace.get():
            entry[f"{_PREFIX}/trace"] = f"projects/{self._project}/traces/{_trace.get()}"
        return json.dumps(entry, default=str)

    def _format_message(self, record: logging.LogRecord) -> str:
        stack = [self.formatException(record.exc_info)] if record.exc_info else []
        return "\n".join((record.getMessage(), *stack))
