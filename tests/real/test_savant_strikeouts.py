"""Savant's days of spring 2024: strikeouts by start are those on record, and the formula beats simple rates."""

import pytest

from evaluation.savant_plays import find_starters, read_plays
from evaluation.savant_season import read_savant_starts
from evaluation.savant_strikeouts import check_strikeouts
from evaluation.strikeout_report import OURS, VECTOR, StrikeoutReport, compare_forecasters, weeks_of
from tests.data import DATA, needs_data

pytestmark = [pytest.mark.real, needs_data("mlb", "savant"), needs_data("mlb", "strikeout_props")]

# Strikeouts on an automatic strike (the pitch clock), which no pitch of Savant's ended, by game and pitcher
AUTOMATIC = {
    (746332, 663903): "Alex Kirilloff",
    (746086, 666200): "Miguel Sanó",
    (745352, 656756): "Tom Murphy",
    (745028, 592351): "Dylan Moore",
    (746068, 666129): "Cristian Pache",
    (744934, 605135): "Ben Rortvedt",
    (746225, 663776): "Oswaldo Cabrera",
}


@pytest.fixture(scope="module")
def check():
    return check_strikeouts(DATA)


def test_strikeouts_by_start_agree_with_the_record(check):
    assert (check.starts, check.agreeing) == (1718, 1711)
    assert (check.only_counted, check.only_recorded) == (0, 0)


def test_each_other_start_lacks_one_strikeout_on_an_automatic_strike(check):
    assert check.unexplained == ()
    found = {(start.game_pk, start.pitcher_id): start for start in check.differing}
    assert found.keys() == AUTOMATIC.keys()
    for key, batter in AUTOMATIC.items():
        assert found[key].reason == f"no pitch ended it: {batter} strikes out on automatic strike."
        assert found[key].recorded == found[key].counted + 1


def test_every_game_has_two_starters():
    starters = find_starters(read_plays(DATA))
    assert starters.height == 2 * starters["game_pk"].n_unique()


@pytest.fixture(scope="module")
def report() -> StrikeoutReport:
    season, starts = read_savant_starts(DATA)
    return compare_forecasters(starts, season, weeks_of(season))


def test_every_start_is_compared_once_enough_are_known(report):
    assert (report.starts, report.left_out) == (1252, {"fewer than 400 starts known before": 466})
    assert all(one.fitted_through < one.first for one in report.periods)


def test_forecasts_are_better_the_more_they_know(report, tell):
    scores = {one.name: one for one in report.forecasters}
    for one in report.forecasters:
        tell(f"{one.name:<24} log loss {one.log_loss.value:.4f}, MAE {one.mae.value:.3f}")
    tell(report.verdict.text)
    simple = ("constant", "bottom-up", "own K% x batters faced", "log5 with platoon")
    losses = [scores[name].log_loss.value for name in (*simple, OURS)]
    assert losses == sorted(losses, reverse=True)
    for name in simple[:3]:
        assert scores[name].log_loss.difference > 2 * scores[name].log_loss.se
    assert abs(scores[VECTOR].log_loss.difference) < 0.03
