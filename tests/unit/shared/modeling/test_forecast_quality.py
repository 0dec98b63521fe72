"""When served forecasts are worse than a guess: by hand, on planted streaks, and on simulated noise."""

from datetime import UTC, date, datetime, timedelta
from math import log, sqrt

import numpy as np
import pytest

from shared.modeling.forecast_quality import (
    CONFIDENCE,
    FORTNIGHT,
    QUALITY_OBJECT,
    describe_worse,
    load_quality,
    measure_quality,
    save_quality,
)
from shared.modeling.forecast_record import measure_gain, summarize_recent_days
from shared.storage.day_results import DayTotals, TargetTotals
from tests.fakes import InMemoryObjectStore

FIRST = date(2026, 6, 1)
NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
COIN = log(2)  # of one game, while nothing is known of who wins at home


def day(number, gain, games=10, target="home_win", first=FIRST):
    """Return a day whose games are even, so that a guess stays a coin flip, with our gain on it by game."""
    even = (games // 2, games // 2)
    sums = TargetTotals(
        forecasts=games, decided=games, hits=games // 2, absolute_error=games / 2,
        log_loss=games * (COIN - gain), scored=even, happened=even,
    )  # fmt: skip
    return DayTotals(
        game_date=first + timedelta(days=number), games_over=games, games_not_over=0, targets={target: sums}
    )


def follow(gains, first=FIRST, before=None):
    """Measure each day after the day before; return the quality of each."""
    days, found = [], []
    for number, gain in enumerate(gains):
        days += [] if gain is None else [day(number, gain, first=first)]
        before = measure_quality(days, before, first + timedelta(days=number), NOW)
        found.append(before)
    return found


def worse_days(found):
    return [number for number, one in enumerate(found, 1) if one.worse]


def test_gain_and_its_error_are_those_worked_out_by_hand():
    # Gains 0.30 of 10, -0.10 of 5 and 0.10 of 5 games: mean 0.30 / 20 = 0.015; what each day differs from its
    # games' share of it: 0.15, -0.175, 0.025; squares 0.0225 + 0.030625 + 0.000625 = 0.05375.
    mean, error = measure_gain([(10, 0.30), (5, -0.10), (5, 0.10)])
    assert mean == pytest.approx(0.015)
    assert error == pytest.approx(sqrt(0.05375) / 20)


def test_one_day_has_a_gain_and_no_error():
    assert measure_gain([(4, 0.2)]) == (0.05, None)
    assert measure_gain([]) == (None, None)


def test_newest_days_with_forecasts_count_across_a_break():
    days = [day(number, 0.01 * number) for number in (0, 1, 2, 9)]
    (one,) = summarize_recent_days(days, FIRST + timedelta(days=20), 3).values()
    assert (one.first, one.last) == (FIRST + timedelta(days=1), FIRST + timedelta(days=9))
    assert (one.compared, one.compared_days, one.gain) == (30, 3, pytest.approx(0.04))


def test_days_of_the_season_before_do_not_count():
    spring = date(2026, 1, 3)
    days = [day(number, 0.1, first=spring - timedelta(days=5)) for number in range(7)]
    (one,) = summarize_recent_days(days, spring, 14).values()
    assert (one.first, one.compared_days) == (date(2026, 1, 1), 3)


def test_losing_streak_is_worse_from_the_fourteenth_day_on():
    found = follow([-0.05, -0.03] * 10)
    assert worse_days(found) == list(range(14, 21))
    assert found[-1].worse["home_win"].worse_since == FIRST + timedelta(days=13)


def test_thirteen_days_are_never_worse():
    assert worse_days(follow([-0.5, -0.4] * 6 + [-0.5])) == []
    assert worse_days(follow([-0.5] * 13 + [None] * 10)) == []


def test_worse_ends_when_the_gain_is_above_zero():
    # From day 21 on the gain is 0.06: after n such days the fortnight's is (0.06 n - 0.04 (14 - n)) / 14, which
    # is 0.0 - above at n = 6.
    assert worse_days(follow([-0.05, -0.03] * 10 + [0.06] * 20)) == list(range(14, 26))


def test_highest_gain_is_the_gain_and_its_error():
    (one,) = follow([-0.05, -0.03] * 7)[-1].targets.values()
    # Each day is 0.1 from its share: the error is sqrt(14 * 0.1²) / 140.
    assert one.highest_gain == pytest.approx(-0.04 + 1.645 * sqrt(14 * 0.1**2) / 140)
    assert one.week.compared_days == 7


def test_target_that_is_not_forecast_this_season_stays_worse():
    (*_, last) = follow([-0.05, -0.03] * 7)
    spring = measure_quality([], last, date(2027, 1, 2), NOW)
    assert spring.worse == last.worse


def test_noise_around_zero_seldom_says_worse():
    # Student's t with 13 degrees of freedom lies below -1.645 sqrt(13 / 14) in 6.8 % of fortnights.
    random = np.random.default_rng(17)
    games = random.integers(8, 16, size=(4000, FORTNIGHT))
    gains = random.normal(0, 0.07 * np.sqrt(games))  # of a day, in nats: 0.07 a game
    rings = 0
    for numbers, sums in zip(games.tolist(), gains.tolist(), strict=True):
        mean, error = measure_gain(list(zip(numbers, sums, strict=True)))
        rings += mean + CONFIDENCE * error < 0
    assert 0.05 < rings / 4000 < 0.08


def test_worse_forecasts_are_named_with_games_gain_and_error():
    (*_, last) = follow([-0.05, -0.03] * 7)
    (words,) = describe_worse(last, {"home_win": "Home win"})
    assert words == (
        "forecasts worse than a guess since 2026-06-14: Home win, gain -0.0400 ± 0.0027 over 140 forecasts, "
        "14 days from 2026-06-01 to 2026-06-14"
    )


def test_quality_is_stored_and_one_that_cannot_be_read_is_none():
    objects = InMemoryObjectStore()
    assert load_quality(objects) is None
    (*_, last) = follow([-0.05, -0.03] * 7)
    save_quality(objects, last)
    assert load_quality(objects) == last
    objects.overwrite(QUALITY_OBJECT, b"{torn")
    assert load_quality(objects) is None
