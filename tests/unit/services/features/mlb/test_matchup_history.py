"""What batters had done against the starters they face."""

from datetime import date, timedelta

import polars as pl

from services.features.mlb.matchup_history import batter_starter_pairs, matchup_history
from services.features.mlb.player_counts import TURN_COUNTS
from shared.storage import tables

DAY = date(2026, 7, 1)
_NONE = dict.fromkeys(TURN_COUNTS, 0)


def met(day, batter=1, pitcher=9, **counts):
    return {"day": day, "batter_id": batter, "pitcher_id": pitcher} | _NONE | counts


def history(*meetings, games=(500,)):
    requested = pl.DataFrame([{"as_of": DAY, "game_pk": pk, "batter_id": 1, "pitcher_id": 9} for pk in games])
    return matchup_history(requested, pl.DataFrame(meetings))


def test_season_and_career_between_the_two():
    seasons = (
        met(DAY - timedelta(days=400), at_bats=3, plate_appearances=3),
        met(DAY - timedelta(days=4), plate_appearances=4, at_bats=4, hits=1),
    )
    row = history(*seasons).row(0, named=True)
    assert (row["plate_appearances_season"], row["plate_appearances_career"]) == (4, 7)
    assert row["batting_average_season"] == 0.25


def test_last_season_is_no_season_to_date():
    row = history(met(DAY - timedelta(days=400), plate_appearances=3)).row(0, named=True)
    assert (row["plate_appearances_season"], row["plate_appearances_career"]) == (0, 3)


def test_day_of_the_game_is_not_seen():
    assert history(met(DAY, plate_appearances=3)).is_empty()


def test_both_games_of_a_day_see_the_same():
    found = history(met(DAY - timedelta(days=1), plate_appearances=2), games=(500, 501))
    assert found["plate_appearances_career"].to_list() == [2, 2]


def test_others_do_not_count():
    assert history(met(DAY - timedelta(days=1), pitcher=8, plate_appearances=3)).is_empty()


def test_nine_face_the_other_clubs_starter():
    games = pl.DataFrame({"game_pk": [500], "game_date": [DAY]})
    lineups = pl.DataFrame(
        {
            "game_pk": [500] * 4,
            "team_id": [10, 10, 20, 20],
            "player_id": [1, 8, 2, 9],
            "batting_slot": [1, None, 1, None],
            "is_starting_pitcher": [False, True, False, True],
        }
    )
    assert batter_starter_pairs(games, lineups).select("batter_id", "pitcher_id").rows() == [(1, 9), (2, 8)]


def test_every_column_of_the_table_is_computed():
    found = history(met(DAY - timedelta(days=1), plate_appearances=2))
    assert found.columns == [f.name for f in tables.get_table("matchup_history").fields]
