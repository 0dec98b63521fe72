"""What batters and pitchers had done over 7, 14, 30 and 60 days, the season and the career before a day."""

from collections.abc import Iterator, Mapping

import polars as pl

from services.features.mlb import league_averages, rates
from services.features.mlb.player_counts import HOME, LEFT, TURN_COUNTS
from services.features.mlb.running_totals import CAREER, SEASON, WINDOWS, RunningTotals, Span

SPANS: tuple[Span, ...] = (*WINDOWS, SEASON, CAREER)
SPLIT_SPANS: tuple[Span, ...] = (WINDOWS[-1], SEASON, CAREER)
STATCAST_SPANS: tuple[Span, ...] = (30, 60, SEASON)
_COMPARED = {"woba": rates.WOBA, "strikeout_rate": rates.STRIKEOUT_RATE, "walk_rate": rates.WALK_RATE}
Rates = Mapping[str, pl.Expr]


def batter_windows(lines: RunningTotals) -> pl.DataFrame:
    """Return a row of batter_rolling_features for each batter and day they came to bat."""
    return _window_rows(
        lines, rates.BATTING, rates.SEEN, league_averages.z_scores(lines, _COMPARED, among=100)
    )


def pitcher_windows(lines: RunningTotals) -> pl.DataFrame:
    """Return a row of pitcher_rolling_features for each pitcher and day they pitched."""
    z_scores = league_averages.z_scores(lines, _COMPARED | {"fip": rates.FIELDING_INDEPENDENT}, among=50)
    return _window_rows(lines, rates.PITCHING, rates.THROWN, z_scores, league_averages.fip_constants(lines))


def _window_rows(
    lines: RunningTotals, shown: Rates, statcast: Rates, z_scores: pl.DataFrame, *known: pl.Series
) -> pl.DataFrame:
    sums = {span: lines.sums_over(span).with_columns(*known) for span in SPANS}
    parts = [
        lines.today.select("as_of", lines.layout.key),
        *(_rename_columns(sums[span], shown, f"_{span}") for span in SPANS),
        *(
            _rename_columns(split, rates.SPLIT, f"{part}_{span}")
            for span in SPLIT_SPANS
            for part, split in _split_sums(sums[span])
        ),
        *(_rename_columns(sums[span], statcast, f"_{span}") for span in STATCAST_SPANS),
        z_scores,
        sums[CAREER].select(postseason_games_career="postseason_games"),
    ]
    return pl.concat(parts, how="horizontal")


def _rename_columns(sums: pl.DataFrame, chosen: Rates, suffix: str) -> pl.DataFrame:
    return sums.select(rates.round_for_table(rate).alias(f"{name}{suffix}") for name, rate in chosen.items())


def _split_sums(sums: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the counts at home and away, against the left and the right."""
    for part, rest in ((HOME, "_away"), (LEFT, "_vs_right")):
        yield part, sums.select(pl.col(f"{name}{part}").alias(name) for name in TURN_COUNTS)
        yield rest, sums.select(pl.col(name) - pl.col(f"{name}{part}") for name in TURN_COUNTS)
