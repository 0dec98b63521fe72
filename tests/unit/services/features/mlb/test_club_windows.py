"""Windows of clubs, worked out by hand."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.features.mlb.club_windows import team_windows
from services.features.mlb.running_totals import WINDOWS
from shared.storage import tables

DAY = date(2026, 5, 31)
US, THEM, OTHERS = 1, 2, 3
VENUES = pl.DataFrame(
    {"venue_id": [10, 20, 30], "latitude": [42.35, 40.83, None], "longitude": [-71.1, -73.93, None]}
)
_TOTALS = {
    "hits": 8,
    "walks": 3,
    "hit_by_pitch": 1,
    "plate_appearances": 40,
    "total_bases": 12,
    "at_bats": 36,
}
_PEN = {"day": pl.Date, "team_id": pl.Int64, "bullpen_pitches": pl.Int64, "bullpen_outs": pl.Int64}
_RATINGS = {"as_of": pl.Date, "team_id": pl.Int64, "season": pl.Int64, "elo": pl.Float64}


def game(days_ago, runs=5, allowed=3, at_home=True, club=US, opponent=THEM, number=1, venue=None):
    """Return both clubs' rows of a game."""
    facts = {
        "day": DAY - timedelta(days=days_ago),
        "game_pk": 1000 - 10 * days_ago + number,
        "game_number": number,
        "venue_id": venue or 10 * (club if at_home else opponent),
    } | _TOTALS
    return [
        facts | {"team_id": club, "opponent_id": opponent, "is_home": at_home, "runs_for": runs, "runs_against": allowed},
        facts | {"team_id": opponent, "opponent_id": club, "is_home": not at_home, "runs_for": allowed, "runs_against": runs},
    ]  # fmt: skip


def windows(*games, ratings=(), pen=(), days=(DAY,)):
    return team_windows(
        pl.DataFrame([row for both in games for row in both]),
        pl.DataFrame(ratings, _RATINGS, orient="row"),
        pl.DataFrame(pen, _PEN, orient="row"),
        VENUES,
        list(days),
    )


def ours(*games, **known):
    return windows(*games, game(0), **known).row(by_predicate=pl.col("team_id") == US, named=True)


def test_leaves_out_the_day_itself():
    assert ours()["games_60"] == 0


def test_states_only_the_days_asked_for():
    assert windows(game(2), game(1), game(0))["as_of"].unique().to_list() == [DAY]


def test_no_row_for_a_club_that_rests():
    assert windows(game(1, club=OTHERS), game(0))["team_id"].to_list() == [US, THEM]


def test_both_games_of_a_doubleheader_end_before_it():
    row = windows(game(1), game(0), game(0, number=2)).filter(team_id=US)
    assert row["games_season"].to_list() == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("games", 2),
        ("wins", 1),
        ("runs_for", 3.5),
        ("runs_against", 3),
        ("on_base_plus_slugging", 12 / 40 + 12 / 36),
        ("opponent_elo", 20),
    ],
)
def test_form(name, value):
    rated = [(DAY - timedelta(days=60), THEM, 2026, 30.0), (DAY - timedelta(days=2), THEM, 2026, 10.0)]
    row = ours(game(1), game(2, runs=2), ratings=rated)
    assert row[f"{name}_7"] == pytest.approx(value, abs=5e-5)


def test_rating_of_the_season_before_fades():
    assert ours(game(1), ratings=[(date(2025, 9, 30), THEM, 2025, 30.0)])["opponent_elo_7"] == 20


def test_home_and_away():
    row = ours(game(1), game(2, at_home=False, runs=1), game(3, at_home=False, runs=2))
    assert (row["runs_for_home_season"], row["runs_for_away_season"]) == (5, 1.5)


def test_runs_are_judged_by_what_opponents_allow():
    row = ours(game(3, runs=6, allowed=2), game(2, runs=4, allowed=4))
    allowed = (6 + 10 * 4) / 11  # THEM before the second game, the league's mean being 4
    assert row["offence_adjusted_season"] == pytest.approx(4 / allowed, abs=1e-3)


def test_season_opener_judges_nobody():
    assert ours(game(1))["offence_adjusted_season"] is None


@pytest.mark.parametrize(
    ("results", "streak", "wins"), [("", 0, 0), ("W", 1, 1), ("WLL", -2, 1), ("LWWWWWWWWWWW", 11, 10)]
)
def test_momentum(results, streak, wins):
    games = [game(n, runs=5 if won == "W" else 1) for n, won in enumerate(reversed(results), 1)]
    row = ours(*games)
    assert (row["streak"], row["last_ten_wins"]) == (streak, wins)


def test_rest_and_travel():
    row = ours(game(3, at_home=False))
    assert row["days_since_last_game"] == 3
    assert row["kilometres_travelled"] == pytest.approx(290, abs=1)  # New York to Boston


def test_park_of_unknown_place_gives_no_distance():
    assert ours(game(1, venue=30))["kilometres_travelled"] is None


def test_season_against_the_opponent():
    row = ours(game(3), game(2, runs=0), game(1, opponent=OTHERS))
    assert (row["games_against_opponent_season"], row["wins_against_opponent_season"]) == (2, 1)


def test_pen_of_the_last_days():
    pen = [(DAY - timedelta(days=n), US, 10**n, 1) for n in range(5)]
    row = ours(game(5), pen=pen)
    assert (row["bullpen_pitches_1"], row["bullpen_pitches_3"], row["bullpen_outs_3"]) == (10, 1110, 3)


def test_every_column_of_the_table_is_computed():
    assert set(ours(game(1))) == {f.name for f in tables.get_table("team_rolling_features").fields}


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 120), st.integers(0, 15), st.integers(0, 15)), max_size=40))
def test_windows_equal_the_recount(results):
    row = ours(*(game(day, runs, allowed, number=n) for n, (day, runs, allowed) in enumerate(results)))
    naive = [sum(runs > allowed for day, runs, allowed in results if day <= window) for window in WINDOWS]
    assert [row[f"wins_{window}"] for window in WINDOWS] == naive
