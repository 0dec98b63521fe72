"""Rolling windows use earlier days and nothing of the day itself."""

import polars as pl
import pytest

from evaluation.training_windows import FAMILIES, with_histories
from shared.sports.mlb.targets import TARGETS

BY_NAME = {target.name: target for target in TARGETS}
DAYS = pl.Series(["2014-05-01", "2014-05-01", "2014-05-09", "2014-06-09"]).str.to_date()


def starts(**changes):
    rows = {"game_pk": [1, 2, 3, 4], "game_date": DAYS, "known_date": DAYS, "player_id": 7, "opponent_id": 9}
    rows |= {"strikeouts": [6, 8, 2, 5], "expected_strikeouts": 5.0}
    return with_histories(BY_NAME["pitcher_strikeouts"], pl.DataFrame(rows | changes))


def test_windows_end_the_day_before():
    known = starts()
    assert known["beyond_7_days"].to_list() == [0, 0, 0, 0]
    assert known["beyond_14_days"].to_list() == pytest.approx([0, 0, 4 / 12, 0])
    assert known["beyond_60_days"].to_list() == pytest.approx([0, 0, 4 / 12, 1 / 13])


def test_a_result_known_late_is_ignored():
    late = pl.Series([DAYS[3], *DAYS[1:]])
    assert starts(known_date=late)["beyond_14_days"].to_list() == pytest.approx([0, 0, 3 / 11, 0])


def test_opponents_are_counted_separately():
    known = starts(opponent_id=[9, 9, 8, 9])
    assert known["times_met"].to_list() == [0, 0, 0, 2]


def test_absences_are_counted_in_days():
    assert starts()["days_away"].to_list() == [60, 0, 8, 31]


def test_clubs_have_windows_of_their_own():
    games = {"game_pk": [1, 2], "game_date": DAYS[1:3], "known_date": DAYS[1:3]}
    games |= {"home_team_id": [1, 2], "away_team_id": [2, 3], "home_score": [6, 1], "away_score": [2, 1]}
    known = with_histories(BY_NAME["home_win"], pl.DataFrame(games))
    assert set(FAMILIES["game"]["rolling windows"]) <= set(known.columns)
    assert known["home_beyond_14_days"].to_list() == pytest.approx([0, -4 / 11])
    assert known["away_beyond_14_days"].to_list() == [0, 0]
