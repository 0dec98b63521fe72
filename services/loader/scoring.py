"""Scores forecasts of finished games: log loss and squared error."""

import polars as pl

# The least probability that is scored: a forecast that excludes what happens costs 20.7 nats, not infinity.
MIN_PROBABILITY = 1e-9


def score_rows(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return rows of `tables/grades.json` for the outcomes that are not void.

    log_loss is minus the natural logarithm of the probability given to `actual`; the last count of a
    distribution includes all above it, the first all below it. squared_error is
    (mean - actual)²: Brier's score for home_win. Both after Gneiting and Raftery (2007), strictly proper
    scoring rules.
    """
    settled = outcomes.filter(pl.col("actual").is_not_null())
    distribution = pl.col("distribution").str.json_decode(pl.List(pl.Float64))
    most = distribution.list.len().cast(pl.Int64) - 1
    p_actual = distribution.list.get(pl.col("actual").clip(0, most))
    return settled.with_columns(
        log_loss=-p_actual.clip(MIN_PROBABILITY, 1.0).log(),
        squared_error=(pl.col("mean") - pl.col("actual")).pow(2),
    ).drop("distribution")
