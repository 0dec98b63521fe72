"""Sums of the last 7, 14, 30 and 60 days over two seasons of player-games, against the same in pandas."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl

from services.features.mlb import running_totals
from services.features.mlb.running_totals import WINDOWS, CounterLayout
from tests.bench.figures import Figure, compared, side_by_side

COUNTS = ("games", "at_bats", "hits", "doubles", "triples", "home_runs", "walks", "strikeouts", "pitches")
_BATTERS = CounterLayout("batter_id", COUNTS)
_SEASON_DAYS = 183
_SHARE_PLAYED = 0.5


def run(players: int = 710, repetitions: int = 5) -> Iterator[Figure]:
    """Yield milliseconds and the ratio; both must give equal rows."""
    games = player_games(players)
    rows = games.to_pandas()
    assert_equal(in_polars(games), in_pandas(rows))
    candidates = {
        "polars, as the features room does": lambda: in_polars(games),
        "pandas": lambda: in_pandas(rows),
    }
    how = f"{games.height:,} player-games of two seasons, nine counts over four windows, running sums of season and career; median of {repetitions} interleaved; equal rows asserted"
    yield from compared("windows", side_by_side(candidates, repetitions), how)


def player_games(players: int) -> pl.DataFrame:
    """Return two seasons of some players, each on about half of the days: counts of batters."""
    dice = np.random.default_rng(7)
    days = [date(year, 4, 1) + timedelta(days=n) for year in (2015, 2016) for n in range(_SEASON_DAYS)]
    who, when = np.nonzero(dice.random((players, len(days))) < _SHARE_PLAYED)
    counts = {name: dice.integers(0, 6, len(who)) for name in COUNTS}
    return pl.DataFrame({"as_of": pl.Series(days)[when], "batter_id": who, **counts})


def in_polars(games: pl.DataFrame) -> pl.DataFrame:
    """Return the running sums of one season after the other, and the windows of them."""
    stored, shown = _BATTERS.empty_sums, []
    for _, season in games.group_by(pl.col("as_of").dt.year(), maintain_order=True):
        found = running_totals.accumulate(_BATTERS, stored, season, season["as_of"].unique().sort().to_list())
        stored = found.after
        sums = [found.sums_over(days).rename(lambda name, days=days: f"{name}_{days}") for days in WINDOWS]
        shown.append(pl.concat([found.today.select("as_of", "batter_id"), *sums], how="horizontal"))
    return pl.concat(shown)


def in_pandas(games: pd.DataFrame) -> pd.DataFrame:
    """Return what `in_polars` does, as one writes it in pandas."""
    daily = games.assign(as_of=pd.to_datetime(games["as_of"])).set_index("as_of").sort_index()
    of_each = daily.groupby("batter_id")
    windows = [
        of_each[list(COUNTS)].rolling(f"{days}D", closed="left", min_periods=0).sum().fillna(0)
        for days in WINDOWS
    ]
    named = [sums.add_suffix(f"_{days}") for sums, days in zip(windows, WINDOWS, strict=True)]
    career = of_each[list(COUNTS)].cumsum()
    season = daily.groupby(["batter_id", daily.index.year])[list(COUNTS)].cumsum()
    assert len(career) == len(season) == len(daily)
    return pd.concat(named, axis="columns")


def assert_equal(ours: pl.DataFrame, theirs: pd.DataFrame) -> None:
    """Raise AssertionError where the rows are not the same numbers."""
    known = ours.sort("batter_id", "as_of").drop("as_of", "batter_id")
    np.testing.assert_allclose(known.to_numpy(), theirs[known.columns].to_numpy(), rtol=1e-9)
