"""Alerts are shown until somebody has seen to them, and status is not in order while one is open."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.ops import status as ops_status
from shared.adapters.local.notifier import LocalNotifier
from tests.unit.hankstank import filled_stores


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Stores in order, and two alerts beside them."""
    filled_stores.stock(tmp_path)
    notifier = LocalNotifier(tmp_path, lambda: filled_stores.WORLD.now)
    notifier.send_alert(
        "warning", "batch loaded with issues", {"issues": "statcast_pitches: no pitch has a speed"}
    )
    notifier.send_alert("warning", "features drifted", {"features": "park"})
    return tmp_path


def ran(home: Path, *words: str) -> Any:
    result = CliRunner().invoke(app, ["alerts", *words, "--home", str(home), "--json"])
    assert result.exit_code in {0, 1}, result.output
    return json.loads(result.stdout)


def numbers(home: Path, *words: str) -> list[int]:
    return [one["number"] for one in ran(home, *words)]


def test_open_alerts_are_listed_newest_first(home: Path):
    assert numbers(home) == [2, 1]


def test_closed_alert_is_listed_only_when_asked_for(home: Path):
    assert numbers(home, "--close", "1") == [2]
    assert (numbers(home), numbers(home, "--all")) == ([2], [2, 1])


def test_all_open_alerts_are_closed_at_once(home: Path):
    assert numbers(home, "--close-all") == []
    assert numbers(home, "--close-all") == []


def test_number_of_no_open_alert_is_refused_with_the_open_ones(home: Path):
    ran(home, "--close", "1")
    message = ran(home, "--close", "1", "--close", "2", "--close", "7")["error"]["message"]
    assert message == "expected numbers of open alerts (2), got 1, 7"
    assert numbers(home) == [2]


def test_alert_after_a_closing_has_the_next_number(home: Path):
    ran(home, "--close-all")
    LocalNotifier(home, lambda: filled_stores.WORLD.now).send_alert(
        "critical", "delivery became a dead letter", {}
    )
    assert numbers(home) == [3]


def test_status_needs_attention_until_warnings_are_closed(home: Path):
    assert ops_status.read_status(home)["state"] == "needs attention"
    page = CliRunner().invoke(app, ["status", "--home", str(home)]).stdout
    assert "features drifted, and 1 more: `hankstank alerts`" in page
    ran(home, "--close-all")
    assert ops_status.read_status(home)["state"] == "healthy"


def test_critical_alert_is_a_trouble_with_its_time_and_number(home: Path):
    notifier = LocalNotifier(home, lambda: filled_stores.WORLD.now)
    notifier.send_alert("critical", "delivery became a dead letter", {"reason": "no such table"})
    notifier.send_alert("critical", "delivery became a dead letter", {"reason": "no such table"})
    status = ops_status.read_status(home)
    assert (status["state"], [one["what"] for one in status["problems"]]) == (
        "broken",
        ["alert: delivery became a dead letter (2 times)"],
    )
    ran(home, "--close-all")
    assert ops_status.read_status(home)["problems"] == []


def test_people_see_what_is_wrong(home: Path):
    page = CliRunner().invoke(app, ["alerts", "--home", str(home)]).stdout
    assert "statcast_pitches: no pitch has a speed" in " ".join(page.split())


def test_folder_without_stores_is_named(tmp_path: Path):
    result = CliRunner().invoke(app, ["alerts", "--home", str(tmp_path / "nothing")])
    assert (result.exit_code, "no stores here" in result.stderr) == (1, True)
