"""Logs are lines that Cloud Logging understands: severity, message, trace, labels and fields."""

import io
import json
import logging

import pytest

from shared.adapters.gcp.cloud_logging import (
    JsonLineFormatter,
    configure_json_logging,
    delivery_context,
    extract_trace_id,
)
from shared.adapters.gcp.notifier import LogNotifier
from shared.messaging.envelope import MessageMetadata
from shared.notifications.targets import parse_targets

TRACE = "0af7651916cd43dd8448eb211c80319c"
MARK = MessageMetadata(
    "data.collected", "run-1", "7", "projects/p/subscriptions/data.collected--validator", 2
)
log = logging.getLogger("services.validator.step")


@pytest.fixture
def lines():
    """Give a reader of the lines that were logged since the start of the test."""
    level = logging.root.level
    stream = io.StringIO()
    configure_json_logging("validator", "baseball", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers[:] = [
        one for one in logging.root.handlers if not isinstance(one.formatter, JsonLineFormatter)
    ]
    logging.root.setLevel(level)


def test_a_line_says_how_bad_and_where(lines):
    log.warning("%d of %d", 2, 3)
    (line,) = lines()
    assert (line["severity"], line["message"], line["logger"]) == (
        "WARNING",
        "2 of 3",
        "services.validator.step",
    )
    assert line["logging.googleapis.com/labels"] == {"service": "validator"}


def test_a_delivery_labels_its_lines(lines):
    with delivery_context(MARK, {"X-Cloud-Trace-Context": f"{TRACE}/123;o=1"}):
        log.info("inside")
    log.info("outside")
    inside, outside = lines()
    assert inside["logging.googleapis.com/labels"] == {
        "service": "validator",
        "run_id": "run-1",
        "topic": "data.collected",
        "subscription": "data.collected--validator",
    }
    assert inside["logging.googleapis.com/trace"] == f"projects/baseball/traces/{TRACE}"
    assert "logging.googleapis.com/trace" not in outside
    assert outside["logging.googleapis.com/labels"] == {"service": "validator"}


def test_a_delivery_that_says_nothing_labels_nothing(lines):
    with delivery_context(MessageMetadata(), {}):
        log.info("inside")
    assert lines()[0]["logging.googleapis.com/labels"] == {"service": "validator"}


def test_fields_stand_beside_the_message(lines):
    log.info("delivery", extra={"fields": {"status": 200, "outcome": "done", "seconds": 0.25}})
    (line,) = lines()
    assert (line["message"], line["status"], line["outcome"], line["seconds"]) == (
        "delivery",
        200,
        "done",
        0.25,
    )


def test_fields_cannot_change_what_a_line_is(lines):
    log.error("told", extra={"fields": {"severity": "INFO", "message": "untold"}})
    assert (lines()[0]["severity"], lines()[0]["message"]) == ("ERROR", "told")


def test_an_error_carries_its_stack_in_the_message(lines):
    try:
        int("no pitches")
    except ValueError:
        log.exception("bug")
    (line,) = lines()
    assert line["message"].startswith("bug\nTraceback (most recent call last):")
    assert line["message"].endswith("invalid literal for int() with base 10: 'no pitches'")


def test_a_line_is_one_line_whatever_is_in_it():
    told = {"msg": "a\nb\u2028\ud800", "fields": {"object": object(), "bytes": b"\xff"}}
    line = JsonLineFormatter("validator", "baseball").format(logging.makeLogRecord(told))
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["message"] == "a\nb\u2028\ud800"


def test_what_is_not_worth_telling_is_not_told(lines):
    log.debug("detail")
    assert lines() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Cloud-Trace-Context": TRACE},
        {"x-cloud-trace-context": f"{TRACE.upper()}/1;o=0"},
        {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        {"X-Cloud-Trace-Context": "garbage", "Traceparent": f"00-{TRACE}-b7ad6b7169203331-00"},
    ],
)
def test_a_trace_is_read_from_either_header(headers):
    assert extract_trace_id(headers) == TRACE


@pytest.mark.parametrize("value", ["", "garbage", TRACE[:-1], f"{TRACE}\n", f"00-{TRACE}"])
@pytest.mark.parametrize("header", ["X-Cloud-Trace-Context", "traceparent"])
def test_what_is_no_trace_is_none(header, value):
    assert extract_trace_id({header: value}) == ""


def test_an_alert_is_one_line_with_its_title(lines):
    LogNotifier().send_alert("critical", "delivery became a dead letter", {"reason": "no such table"})
    (line,) = lines()
    assert (line["severity"], line["message"], line["alert"]) == (
        "CRITICAL",
        "alert",
        "delivery became a dead letter",
    )
    assert line["detail"] == {"reason": "no such table"}


def test_a_target_that_fails_is_a_line_without_its_secrets(lines):
    (target,) = parse_targets("slack://TAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc")
    LogNotifier().record_failure(target, "error=401")
    (line,) = lines()
    assert (line["severity"], line["message"], line["alert"]) == (
        "WARNING",
        "alert",
        "notifications are not sent",
    )
    assert line["detail"] == {"target": "1 (slack://***)", "reason": "error=401"}


def test_the_project_of_traces_is_the_deployments(monkeypatch, lines):
    monkeypatch.setenv("HANKSTANK_PROJECT", "league")
    configure_json_logging("loader")
    (handler,) = logging.root.handlers
    with delivery_context(MARK, {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}):
        line = handler.format(logging.makeLogRecord({"msg": "x"}))
    assert f"projects/league/traces/{TRACE}" in line
    assert isinstance(handler.formatter, JsonLineFormatter)
