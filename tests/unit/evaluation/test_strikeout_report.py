"""Forecasters of strikeouts are compared on the same starts, by fits on what was known before."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from evaluation.strikeout_report import (
    FORECASTERS,
    MIN_STARTS_BEFORE,
    OURS,
    TARGET,
    VECTOR,
    ForecasterScores,
    NothingToCompare,
    PairedScore,
    compare_forecasters,
    decide,
    judge_period,
    months_of,
    read_starts,
    score_forecasters,
    weeks_of,
)
from evaluation.walk_forward import Forecasts
from services.trainer.dataset import build_sample
from tests.unit.evaluation.strikeout_starts import made_up_starts

MARCH, APRIL, MAY = date(2024, 3, 1), date(2024, 4, 1), date(2024, 5, 1)
MONTH_OF_APRIL = (APRIL, MAY - timedelta(days=1))


@pytest.fixture(scope="module")
def starts():
    return made_up_starts(MARCH, 75)  # 31 days of March, 30 of April, 14 of May


def by_name(report):
    return {one.name: one for one in report.forecasters}


def test_differences_are_paired_and_their_errors_clustered_by_game():
    """Two games of two rows: every number below was computed by hand."""
    ours = Forecasts(np.array([1.0, 1.0, 1.0, 1.0]), np.full((4, 2), 0.5))
    other_chances = np.array([[0.8, 0.2], [0.2, 0.8], [0.6, 0.4], [0.4, 0.6]])
    other = Forecasts(np.array([0.0, 1.0, 1.0, 2.0]), other_chances)
    observed, games = np.array([0, 1, 1, 0]), np.array([1, 1, 2, 2])
    scores = {one.name: one for one in score_forecasters({OURS: ours, "other": other}, observed, games)}
    assert scores[OURS].log_loss == PairedScore(pytest.approx(0.693147, abs=1e-6), 0.0, 0.0)
    log_loss = scores["other"].log_loss  # ln .8 twice, ln .4 twice
    assert log_loss.value == pytest.approx(0.569717, abs=1e-6)
    assert log_loss.difference == pytest.approx(-0.123430, abs=1e-6)
    assert log_loss.se == pytest.approx(0.245065, abs=1e-6)  # sqrt(2) ln 2 / 4
    rps = scores["other"].rps  # .04 twice, .36 twice, less .25
    assert (rps.value, rps.difference, rps.se) == pytest.approx((0.20, -0.05, 0.32 * 2**0.5 / 4))
    mae = scores["other"].mae  # 0, 0, 0, 2 less 1, 0, 0, 1
    assert (mae.value, mae.difference, mae.se) == pytest.approx((0.5, 0.0, 2**0.5 / 4))
    rmse = scores["other"].rmse  # 1 less sqrt(.5)
    assert (rmse.value, rmse.difference) == pytest.approx((1.0, 1 - 0.5**0.5))
    assert rmse.se == pytest.approx(0.353553, abs=1e-6)  # of 0, 0, 0, 4 over 2 less 1, 0, 0, 1 over sqrt(2)


@pytest.mark.parametrize(("difference", "is_adopted"), [(-0.0201, True), (-0.02, False), (0.05, False)])
def test_the_vector_is_adopted_only_if_better_by_more_than_two_errors(difference, is_adopted):
    same = PairedScore(1.0, 0.0, 0.0)
    scores = ForecasterScores(VECTOR, PairedScore(2.0, difference, 0.01), same, same, same)
    verdict = decide(scores, 2024)
    assert verdict.is_adopted is is_adopted
    assert verdict.smallest_visible == pytest.approx(0.0284)
    assert f"{'is' if is_adopted else 'is not'} adopted" in verdict.text
    assert "0.0284 would have been seen in four of five" in verdict.text


def test_a_season_that_settings_were_chosen_on_does_not_adopt_the_vector():
    same = PairedScore(1.0, 0.0, 0.0)
    verdict = decide(ForecasterScores(VECTOR, PairedScore(2.0, -0.05, 0.01), same, same, same), 2016)
    assert (verdict.is_better, verdict.is_adopted) == (True, False)
    assert "settings were chosen on 2016" in verdict.text


def test_rows_of_a_judged_month_and_later_do_not_move_its_forecasts(starts):
    def april(frame):
        rows = build_sample(frame, TARGET, frame.columns)
        judged = rows.rows_between(*((day - date(1970, 1, 1)).days for day in MONTH_OF_APRIL))
        return judge_period(rows, judged, MONTH_OF_APRIL).forecasts

    def with_label(since, until):
        changed = pl.col("game_date").is_between(since, until)
        return starts.with_columns(strikeouts=pl.when(changed).then(9).otherwise("strikeouts"))

    known = april(starts)
    later = april(with_label(APRIL, date(2024, 12, 31)))
    earlier = april(with_label(date(2024, 3, 20), date(2024, 3, 31)))
    for name in FORECASTERS:
        assert np.array_equal(known[name].chances, later[name].chances), name
        assert not np.array_equal(known[name].chances, earlier[name].chances), name


def test_a_result_that_became_known_in_the_month_is_not_fitted_on(starts):
    resumed = pl.col("game_date") == date(2024, 3, 31)
    late = starts.with_columns(known_date=pl.when(resumed).then(pl.lit(APRIL)).otherwise("known_date"))
    fitted = [
        compare_forecasters(frame, 2024, [MONTH_OF_APRIL]).periods[0].fitted_on for frame in (starts, late)
    ]
    assert fitted == [31 * 30, 30 * 30]


def test_a_month_is_judged_only_after_enough_starts(starts):
    report = compare_forecasters(starts, 2024, months_of(2024))
    assert [(one.first, one.judged) for one in report.periods] == [(APRIL, 900), (MAY, 420)]
    assert report.left_out == {f"fewer than {MIN_STARTS_BEFORE} starts known before": 930}
    assert (report.starts, report.games) == (1320, 660)


def test_an_earlier_season_lets_the_first_month_be_judged(starts):
    earlier = made_up_starts(date(2023, 9, 1), 30).with_columns(pl.col("game_pk", "player_id") + 100_000)
    report = compare_forecasters(pl.concat([earlier, starts]), 2024, months_of(2024))
    assert [(one.first, one.fitted_on) for one in report.periods[:2]] == [(MARCH, 900), (APRIL, 1830)]
    assert report.left_out == {}


def test_starts_without_a_line_up_or_a_vector_are_counted_apart(starts):
    april = pl.col("game_date") == APRIL
    first, second = pl.col("game_pk") % 15 == 0, pl.col("game_pk") % 15 == 1
    partial = starts.with_columns(
        bottom_up_strikeouts=pl.when(~(april & first)).then("bottom_up_strikeouts"),
        has_vector=~(april & second),
        game_type=pl.when(pl.col("game_date") == date(2024, 4, 2)).then(pl.lit("S")).otherwise("game_type"),
    )
    report = compare_forecasters(partial, 2024, [MONTH_OF_APRIL])
    assert report.starts == 900 - 2 - 2 - 30  # a day of spring games is no part of the season
    assert report.left_out["no whole line-up"] == 2
    assert report.left_out["no row of strikeouts_v1"] == 2


def test_without_a_start_to_compare_the_reason_is_named(starts):
    with pytest.raises(NothingToCompare, match="930 with fewer than 400 starts known before"):
        compare_forecasters(starts.filter(pl.col("game_date") < APRIL), 2024, [(MARCH, date(2024, 3, 31))])
    with pytest.raises(NothingToCompare, match="no start of 2023 can be compared: none is stored"):
        compare_forecasters(starts, 2023, months_of(2023))


def test_a_vector_that_knows_more_is_adopted():
    starts = made_up_starts(MARCH, 75, driven_by="called_or_swinging_strike_rate_30")
    report = compare_forecasters(starts, 2024, months_of(2024))
    assert report.verdict.is_adopted
    assert by_name(report)[VECTOR].log_loss.difference < 0


def test_a_vector_of_noise_is_not_adopted_and_the_formula_beats_the_constant(starts):
    report = compare_forecasters(starts, 2024, months_of(2024))
    assert not report.verdict.is_adopted
    assert by_name(report)["constant"].log_loss.difference > 0
    assert by_name(report)[OURS].log_loss.difference == 0


def test_missing_values_of_the_vector_are_no_obstacle(starts):
    unknown = starts.with_columns(fastball_velocity_30_minus_season=pl.lit(None, pl.Float64))
    assert compare_forecasters(unknown, 2024, [MONTH_OF_APRIL]).starts == 900


@pytest.mark.parametrize("periods", [months_of(2024), weeks_of(2024)], ids=["months", "weeks"])
def test_periods_cover_the_year_without_gaps(periods):
    days = [first + timedelta(days=n) for first, last in periods for n in range((last - first).days + 1)]
    assert days == [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]


class EmptyWarehouse:
    """Answers every query with nothing, as the read-only warehouse does without tables."""

    def query_rows(self, _sql, **_parameters):
        return pl.DataFrame()


def test_stores_without_tables_have_nothing_to_compare():
    with pytest.raises(NothingToCompare, match="none is stored"):
        read_starts(EmptyWarehouse(), 2016)
