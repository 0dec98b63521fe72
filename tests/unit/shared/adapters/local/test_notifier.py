"""Alerts on one machine."""

import logging
from datetime import UTC, date, datetime

import pytest

from shared.adapters.local.notifier import LocalNotifier


@pytest.fixture
def notifier(tmp_path):
    return LocalNotifier(tmp_path / "home", clock=lambda: datetime(2026, 4, 2, tzinfo=UTC))


def test_appends_a_line_for_each_alert(notifier):
    notifier.send_alert("warning", "graded C", {"run_id": "run-1"})
    notifier.send_alert("critical", "delivery became a dead letter", {"dates": (date(2026, 4, 1),)})
    assert [(row["severity"], row["title"]) for row in notifier.list_alerts()] == [
        ("warning", "graded C"),
        ("critical", "delivery became a dead letter"),
    ]


def test_says_when_and_what(notifier):
    notifier.send_alert("critical", "delivery became a dead letter", {"dates": (date(2026, 4, 1),)})
    (row,) = notifier.list_alerts()
    assert (row["at"], row["detail"]) == ("2026-04-02T00:00:00+00:00", {"dates": ["2026-04-01"]})


def test_logs_by_severity(notifier, caplog):
    notifier.send_alert("critical", "delivery became a dead letter", {"room": "loader", "attempt": 2})
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.CRITICAL, "alert: delivery became a dead letter (room: loader; attempt: 2)")
    ]


def test_never_raises(tmp_path, caplog):
    (tmp_path / "home").write_text("a file where a folder should be")
    LocalNotifier(tmp_path / "home", clock=lambda: datetime(2026, 4, 2, tzinfo=UTC)).send_alert(
        "warning", "graded C", {}
    )
    assert "could not append" in caplog.text


def test_knows_no_alerts_at_first(notifier):
    assert notifier.list_alerts() == []


def test_leaves_out_a_line_cut_short(notifier, tmp_path):
    notifier.send_alert("warning", "graded C", {})
    with (tmp_path / "home" / "alerts.jsonl").open("a") as file:
        file.write('{"at": "2026')
    assert len(notifier.list_alerts()) == 1
