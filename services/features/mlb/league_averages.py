"""The league as it was when a day began: the constant of FIP, and how far a rate is from the others'."""

from collections.abc import Mapping

import polars as pl

from services.features.mlb import rates
from services.features.mlb.running_totals import CAREER, SEASON, RunningTotals

_ENOUGH = 30  # players that make a league
_ENOUGH_OUTS = 3000  # some sixty games; before that the constant is that of all seasons known
_MILLIONTHS = 1_000_000  # whole numbers add up to the same in whatever order


def player_days(lines: RunningTotals) -> pl.DataFrame:
    """Return as_of and key of everybody known, for each day on which anybody played."""
    who = lines.all_rows.select(lines.layout.key).unique(maintain_order=True)
    return lines.today.select("as_of").unique(maintain_order=True).join(who, how="cross")


def fip_constants(lines: RunningTotals) -> pl.Series:
    """Return, for each row of `lines.today`, what brings the league's FIP to its earned run average."""
    season, career = (_league_totals(lines, span) for span in (SEASON, CAREER))
    constant = rates.EARNED_RUN_AVERAGE - rates.FIELDING_INDEPENDENT
    daily = season.select(
        "as_of",
        pl.when(pl.col("outs") >= _ENOUGH_OUTS)
        .then(constant)
        .otherwise(career.select(constant).to_series())
        .alias(rates.CONSTANT),
    )
    return lines.today.join(daily, on="as_of", how="left", maintain_order="left")[rates.CONSTANT]


def z_scores(lines: RunningTotals, compared: Mapping[str, pl.Expr], among: int) -> pl.DataFrame:
    """Return, for each row of `lines.today`, <name>_z_season: standard deviations above the league's mean.

    The league are those with `among` plate appearances this season before the day; null for others, and
    while there are few of them.
    """
    known = {
        name: pl.when(pl.col("plate_appearances") >= among).then(rate) for name, rate in compared.items()
    }
    league = (
        _rates_in_millionths(lines, player_days(lines), known)
        .group_by("as_of")
        .agg(_mean_and_deviation(compared))
    )
    own = _rates_in_millionths(lines, lines.today, known).join(
        league, on="as_of", how="left", maintain_order="left"
    )
    return own.select(
        pl.when(pl.col("players") >= _ENOUGH)
        .then(rates.round_for_table(_z_score(name)))
        .alias(f"{name}_z_season")
        for name in compared
    )


def _league_totals(lines: RunningTotals, span: str) -> pl.DataFrame:
    who = player_days(lines)
    summed = pl.concat([who.select("as_of"), lines.sums_over(span, who)], how="horizontal")
    return summed.group_by("as_of").sum().sort("as_of")


def _rates_in_millionths(
    lines: RunningTotals, player_days: pl.DataFrame, compared: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    """Return as_of and rates in millionths."""
    counts = lines.sums_over(SEASON, player_days.select("as_of", lines.layout.key))
    found = counts.select(
        (rate * _MILLIONTHS).round().cast(pl.Int64).alias(name) for name, rate in compared.items()
    )
    return pl.concat([player_days.select("as_of"), found], how="horizontal")


def _mean_and_deviation(names: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    squares = [pl.col(name).pow(2).sum().alias(f"{name}_squared") for name in names]
    players = pl.col(next(iter(names))).count().alias("players")
    return [players, *(pl.col(name).sum().alias(f"{name}_sum") for name in names), *squares]


def _z_score(name: str) -> pl.Expr:
    players = pl.col("players")
    mean = pl.col(f"{name}_sum") / players
    spread = (pl.col(f"{name}_squared") / players - mean.pow(2)).sqrt()
    return rates.ratio_or_null(pl.col(name) - mean, spread)
