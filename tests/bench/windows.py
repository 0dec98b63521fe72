"""Sums of the last 7, 14, 30 and 60 days over two seasons of player-games, against the same in pandas."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl

from services.features.rolling import WINDOWS, team_windows
from tests.bench.figures import Figure, compared, side_by_side

_COUNTS = (
    "runs_for",
    "runs_against",
    "hits",
    "walks",
    "hit_by_pitch",
    "plate_appearances",
    "total_bases",
    "at_bats",
)
_SEASON_DAYS = 183
_SHARE_PLAYED = 0.5


def run(players: int = 710, repetitions: int = 5) -> Iterator[Figure]:
    """Yield milliseconds and the ratio; both must give equal rows."""
    games = player_games(players)
    days, rows = games["day"].unique().sort().to_list(), games.to_pandas()
    assert_equal(team_windows(games, days), in_pandas(rows))
    candidates = {
        "polars, as the features room does": lambda: team_windows(games, days),
        "pandas": lambda: in_pandas(rows),
    }
    how = f"{games.height:,} player-games of two seasons, four windows, median of {repetitions} interleaved; equal rows asserted"
    yield from compared("windows", side_by_side(candidates, repetitions), how)


def player_games(players: int) -> pl.DataFrame:
    """Return two seasons of some players, each in about half of the games, in the shape of club games."""
    dice = np.random.default_rng(7)
    days = [date(year, 4, 1) + timedelta(days=n) for year in (2015, 2016) for n in range(_SEASON_DAYS)]
    played = dice.random((players, len(days))) < _SHARE_PLAYED
    who, when = np.nonzero(played)
    counts = {name: dice.integers(0, 6, len(who)) for name in _COUNTS}
    return pl.DataFrame({"day": pl.Series(days)[when], "team_id": who, **counts})


def in_pandas(games: pd.DataFrame) -> pd.DataFrame:
    """Return what `team_windows` does, as one writes it in pandas."""
    games = games.assign(
        day=pd.to_datetime(games["day"]), games=1, wins=games["runs_for"] > games["runs_against"]
    )
    daily = games.groupby(["team_id", "day"]).sum().reset_index("team_id")
    shown = {}
    for days in WINDOWS:
        sums = daily.groupby("team_id").rolling(f"{days}D", closed="left", min_periods=0).sum()
        on_base = sums["hits"] + sums["walks"] + sums["hit_by_pitch"]
        slugging = _ratio(sums["total_bases"], sums["at_bats"])
        shown[f"games_{days}"] = sums["games"].fillna(0)
        shown[f"wins_{days}"] = sums["wins"].fillna(0)
        shown[f"runs_for_{days}"] = _ratio(sums["runs_for"], sums["games"])
        shown[f"runs_against_{days}"] = _ratio(sums["runs_against"], sums["games"])
        shown[f"on_base_plus_slugging_{days}"] = _ratio(on_base, sums["plate_appearances"]) + slugging
    return pd.DataFrame(shown)


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole.where(whole > 0)).fillna(0.0)


def assert_equal(ours: pl.DataFrame, theirs: pd.DataFrame) -> None:
    """Raise AssertionError where the rows are not the same numbers."""
    known = ours.sort("team_id", "as_of").drop("as_of", "team_id")
    np.testing.assert_allclose(known.to_numpy(), theirs[known.columns].to_numpy(), rtol=1e-9)
