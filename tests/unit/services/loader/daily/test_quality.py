"""The watch on served forecasts: it alerts when they become worse than a guess and when that ends."""

import logging
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from services.loader.daily.quality import watch_quality
from shared.storage.day_results import totals_object_name
from tests.unit.shared.modeling.test_forecast_quality import FIRST, day

TEN = datetime(2026, 6, 2, 10, tzinfo=UTC)


@pytest.fixture
def close(ports):
    """Store a day's sums for each gain and watch it the next morning, from day `start` on."""

    def close(gains, start=0):
        for number, gain in enumerate(gains, start):
            one = day(number, gain)
            ports.objects.overwrite(totals_object_name(one.game_date), msgspec.json.encode(one))
            watch_quality(ports, one.game_date, TEN + timedelta(days=number))
        return [title for _, title, _ in ports.notifier.alerts]

    return close


def test_losing_streak_alerts_once_and_its_end_once(ports, close):
    assert close([-0.05, -0.03] * 10) == ["forecasts worse than a guess: home_win"]
    severity, _, detail = ports.notifier.alerts[0]
    assert severity == "warning"
    assert detail == {
        "log loss": "0.7331, guessing 0.6931",
        "gain": "gain -0.0400 ± 0.0027 over 140 forecasts, 14 days from 2026-06-01 to 2026-06-14",
    }
    assert close([0.06] * 20, start=20) == [
        "forecasts worse than a guess: home_win",
        "forecasts no longer worse than a guess: home_win",
    ]
    assert ports.notifier.alerts[1][2]["worse since"] == "2026-06-14"


def test_thirteen_days_do_not_alert(close):
    assert close([-0.5, -0.4] * 6 + [-0.5]) == []


def test_same_day_watched_again_alerts_no_more(ports, close):
    close([-0.05, -0.03] * 7)
    watch_quality(ports, FIRST + timedelta(days=13), TEN)
    assert len(ports.notifier.alerts) == 1


def test_numbers_are_logged_for_the_metrics(close, caplog):
    with caplog.at_level(logging.INFO):
        close([0.05, 0.03] * 7)
    details = [line.fields["details"] for line in caplog.records if line.message == "forecast quality"][-1]
    win = details["home_win"]
    assert win["week"]["compared_log_loss"] == pytest.approx(0.6931 - (4 * 0.03 + 3 * 0.05) / 7, abs=1e-4)
    assert win["week"]["guess_log_loss"] == pytest.approx(0.6931, abs=1e-4)
    assert (win["fortnight"]["gain"], win["worse_since"]) == (pytest.approx(0.04), None)
    assert win["highest_gain"] > 0.04


def test_nothing_scored_is_no_alert(ports):
    assert watch_quality(ports, date(2026, 3, 1), TEN).targets == {}
    assert ports.notifier.alerts == []
