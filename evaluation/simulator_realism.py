"""Statistics of real or simulated seasons: rates, runs, pitching, spread and persistence of talent.

`simulator_realism.json` describes each statistic, with its value in the majors 2010–2016 and the bounds for a
simulated league of those years.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum
from pathlib import Path
from typing import Any

import polars as pl

from evaluation.seasons import RealSeason
from evaluation.simulator_realism_conditions import condition_statistics

MIN_PLATE_APPEARANCES = 300  # in a season, for a player's rates to be compared
TARGETS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
_INNING = 3  # outs
_HITS = ("single", "double", "triple", "home_run")
_WALKS = ("walk", "intent_walk", "hit_by_pitch")
_RATES = {
    "strikeout": ("strikeouts", "appearances"),
    "walk": ("walks", "appearances"),
    "home_run": ("homers", "contacts"),
    "hit_in_play": ("hits_in_play", "balls_in_play"),
    "extra_base": ("extra_bases", "hits_in_play"),
}
_RATE_COLUMNS = tuple(
    pl.col(above).truediv(pl.col(below)).alias(name) for name, (above, below) in _RATES.items()
)


def realism_statistics(
    seasons: Sequence[RealSeason], min_appearances: int = MIN_PLATE_APPEARANCES
) -> dict[str, float]:
    """Return the statistics of seasons (ascending); those of talent are means over seasons or pairs of them.

    Rates are strikeouts and walks (with hit batters) per plate appearance, home runs per contact, hits per
    ball in play, doubles and triples per hit in play. A spread is the standard deviation between clubs, or
    between players with `min_appearances` plate appearances. `*_lasts` is the correlation with the next
    season. For weather and umpires see `condition_statistics`.
    """
    return {
        **_rate_statistics(seasons),
        **_game_statistics(seasons),
        **_starter_statistics(seasons),
        **_club_statistics(seasons),
        **_player_statistics(seasons, min_appearances),
        **condition_statistics(seasons),
    }


def _rate_statistics(seasons: Sequence[RealSeason]) -> dict[str, float]:
    plays = pl.concat(season.plays for season in seasons)
    return _count_outcomes(plays, pl.lit(0).alias("all")).select(*_RATE_COLUMNS).row(0, named=True)


def _game_statistics(seasons: Sequence[RealSeason]) -> dict[str, float]:
    games = pl.concat(season.games for season in seasons)
    plays = pl.concat(season.plays for season in seasons).group_by("game_pk")
    thrown = plays.agg(pl.col("pitches").sum(), outs=(pl.col("outs_after") - pl.col("outs_before")).sum())
    runs = pl.concat([games["home_score"], games["away_score"]])
    margin = games["home_score"] - games["away_score"]
    sides = pl.concat(season.plays for season in seasons).group_by("game_pk", "fielding_team_id")
    return {
        "runs": _checked_number(runs.mean()),
        "runs_spread": _checked_number(runs.std()),
        "margin_spread": _checked_number(margin.std()),
        "home_margin": _checked_number(margin.mean()),
        "shutouts": _checked_number((runs == 0).mean()),
        "one_run_games": _checked_number((margin.abs() == 1).mean()),
        "extra_innings": _checked_number((thrown["outs"] > 54).mean()),
        "home_wins": _checked_number((margin > 0).mean()),
        "pitches": _checked_number(thrown["pitches"].mean()),
        "pitchers": _checked_number(sides.agg(pl.col("pitcher_id").n_unique())["pitcher_id"].mean()),
    }


def _starter_statistics(seasons: Sequence[RealSeason]) -> dict[str, float]:
    starters = pl.concat(season.lineups for season in seasons).filter("is_starting_pitcher")
    plays = pl.concat(season.plays for season in seasons)
    starts = (
        plays.join(starters.select("game_pk", pitcher_id="player_id"), on=["game_pk", "pitcher_id"])
        .sort("game_pk", "at_bat_index")
        .group_by("game_pk", "pitcher_id", maintain_order=True)
        .agg(
            (pl.col("outs_after") - pl.col("outs_before")).sum().alias("outs"),
            pl.col("pitches").sum(),
            pl.col("is_plate_appearance").sum().alias("batters"),
            (pl.col("outs_after").last() == _INNING).alias("ended_inning"),
        )
    )
    return {
        "starter_outs": _checked_number(starts["outs"].mean()),
        "starter_outs_spread": _checked_number(starts["outs"].std()),
        "starter_pitches": _checked_number(starts["pitches"].mean()),
        "starter_batters": _checked_number(starts["batters"].mean()),
        "starter_ends_inning": _checked_number(starts["ended_inning"].mean()),
        "starter_six_innings": _checked_number((starts["outs"] == 6 * _INNING).mean()),
        "starter_seven_innings": _checked_number((starts["outs"] == 7 * _INNING).mean()),
    }


def _club_statistics(seasons: Sequence[RealSeason]) -> dict[str, float]:
    tables = [_club_results(season) for season in seasons]
    statistics = {
        "club_wins_spread": _mean_number(table["wins"].std() for table in tables),
        "club_runs_spread": _mean_number(table["runs"].std() for table in tables),
    }
    pairs = [season.join(next_season, on="club") for season, next_season in pairwise(tables)]
    return statistics | ({"club_wins_last": _season_correlation(pairs, "wins")} if pairs else {})


def _club_results(season: RealSeason) -> pl.DataFrame:
    sides = (("home", "away"), ("away", "home"))
    results = pl.concat(
        season.games.select(
            club=f"{ours}_team_id", margin=pl.col(f"{ours}_score") - pl.col(f"{theirs}_score")
        )
        for ours, theirs in sides
    )
    return results.group_by("club").agg(wins=(pl.col("margin") > 0).mean(), runs=pl.col("margin").mean())


def _player_statistics(seasons: Sequence[RealSeason], min_appearances: int) -> dict[str, float]:
    statistics = {}
    for role in ("batter", "pitcher"):
        years = [
            _count_outcomes(season.plays, pl.col(f"{role}_id").alias("player"))
            .filter(pl.col("appearances") >= min_appearances)
            .select("player", *_RATE_COLUMNS)
            for season in seasons
        ]
        pairs = [season.join(next_season, on="player") for season, next_season in pairwise(years)]
        statistics[f"{role}s_with_enough"] = _mean_number(len(year) for year in years)
        for name in _RATES:
            statistics[f"{role}_{name}_spread"] = _mean_number(year[name].std() for year in years)
            statistics |= {f"{role}_{name}_lasts": _season_correlation(pairs, name)} if pairs else {}
    return statistics


def _count_outcomes(plays: pl.DataFrame, by: pl.Expr) -> pl.DataFrame:
    outcome = pl.col("outcome")
    counts = (
        plays.filter("is_plate_appearance")
        .group_by(by)
        .agg(
            appearances=pl.len(),
            strikeouts=(outcome == "strikeout").sum(),
            walks=outcome.is_in(_WALKS).sum(),
            homers=(outcome == "home_run").sum(),
            hits=outcome.is_in(_HITS).sum(),
            extra_bases=outcome.is_in(["double", "triple"]).sum(),
        )
    )
    contacts = pl.col("appearances").cast(pl.Int64) - pl.col("strikeouts") - pl.col("walks")
    return counts.with_columns(
        contacts=contacts,
        balls_in_play=contacts - pl.col("homers"),
        hits_in_play=pl.col("hits").cast(pl.Int64) - pl.col("homers"),
    )


def _season_correlation(pairs: Sequence[pl.DataFrame], name: str) -> float:
    return _checked_number(pl.concat(pairs).select(pl.corr(name, f"{name}_right")).item())


def _mean_number(values: Iterator[object]) -> float:
    numbers = [_checked_number(value) for value in values]
    return fsum(numbers) / len(numbers)


def _checked_number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise TypeError(f"expected a number, got {value!r}: the seasons may have too few games")
    return float(value)
