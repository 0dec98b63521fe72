"""Everything the evaluation says of one target: scores, rivals, calibration, seasons and months."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from evaluation import measures
from evaluation.walk_forward import Forecasts, WalkForwardResult
from services.trainer.dataset import Sample
from shared.modeling.distribution import Floats
from shared.modeling.target import Target

STRIKEOUT_LINES = (3.5, 4.5, 5.5, 6.5, 7.5, 8.5)
MIN_ROWS = 30  # rows below which a month or a season is not summed up


def target_report(
    judged: WalkForwardResult,
    variants: Mapping[str, tuple[Sample, Forecasts]],
    rivals: Mapping[str, Forecasts],
) -> dict[str, Any]:
    """Return the report of a target: ours on each variant of line-ups, and its rivals on the same rows.

    Args:
        judged: ours and naive's forecasts with posted line-ups.
        variants: rows and forecasts of the same models with other line-ups, by name.
        rivals: other forecasts of `judged`'s rows, by name; NaN means where a rival has none.
    """
    target, rows = judged.target, judged.rows
    happened = measures.observed_counts(rows, target.max_count)
    ours = measures.row_scores(judged.ours, happened)
    everybody = {"naive": judged.naive, **rivals}
    return {
        "rows": len(rows),
        "games": len(np.unique(rows.games)),
        "family": target.family,
        "absolute_error_is_scored_at": "mean" if target.family == "bernoulli" else "median",
        "forms": {str(season): form for season, form in judged.forms.items()},
        "variants": {
            "confirmed line-ups": _summarise_variant(target, judged.ours, rows),
            **{
                name: _summarise_variant(target, forecasts, sample)
                | _lineup_difference(judged, sample, forecasts)
                for name, (sample, forecasts) in variants.items()
            },
        },
        "rivals": {
            name: compare_with_benchmark(target, ours, rival, rows, happened)
            for name, rival in everybody.items()
        },
        "by_season": _scores_by_period(rows, ours, pl.col("game_date").dt.year()),
        "by_month": _scores_by_period(rows, ours, pl.col("game_date").dt.month()),
    }


def compare_with_benchmark(
    target: Target, ours: Mapping[str, Floats], benchmark: Forecasts, rows: Sample, happened: np.ndarray
) -> dict[str, Any]:
    """Return a rival's scores on the rows it forecast, and ours minus its, paired."""
    known = np.isfinite(benchmark.means)
    if not known.any():
        return {"rows": 0}
    games = rows.games[known]
    theirs = measures.row_scores(benchmark.select_rows(known), happened[known])
    paired = ("log_loss", "any_log_loss", "rps", "absolute", "absolute_median")
    answer: dict[str, Any] = {
        "rows": int(known.sum()),
        **measures.summarise_scores(theirs, games),
        "ours": measures.summarise_scores({name: values[known] for name, values in ours.items()}, games),
        "ours_minus_theirs": {
            name: measures.paired_difference(ours[name][known], theirs[name], games) for name in paired
        },
    }
    if target.name == "pitcher_strikeouts":
        answer["by_line"] = measures.scores_by_line(
            benchmark.select_rows(known), happened[known], STRIKEOUT_LINES
        )
    return answer


def _lineup_difference(judged: WalkForwardResult, rows: Sample, forecasts: Forecasts) -> dict[str, Any]:
    """Return the log loss of other line-ups minus that of posted ones, where all rows are there in both."""
    if len(rows) != len(judged.rows) or not np.array_equal(rows.games, judged.rows.games):
        return {}
    most = judged.target.max_count
    other, posted = (
        measures.row_scores(made, measures.observed_counts(of, most))["log_loss"]
        for made, of in ((forecasts, rows), (judged.ours, judged.rows))
    )
    return {"minus_confirmed": measures.paired_difference(other, posted, rows.games)}


def _summarise_variant(target: Target, forecasts: Forecasts, rows: Sample) -> dict[str, Any]:
    happened = measures.observed_counts(rows, target.max_count)
    scores = measures.row_scores(forecasts, happened)
    chance, any_ = 1 - forecasts.chances[:, 0], happened > 0
    answer: dict[str, Any] = {
        "rows": len(rows),
        **measures.summarise_scores(scores, rows.games),
        "calibration": measures.calibration_line(chance, any_),
        "reliability": measures.reliability_groups(chance, any_),
        "mean_forecast": float(forecasts.means.mean()),
        "mean_happened": float(happened.mean()),
        "by_season": _scores_by_period(rows, scores, pl.col("game_date").dt.year()),
    }
    if target.family == "bernoulli":
        return answer | {"accuracy": float(((chance > 0.5) == any_).mean())}
    answer["pit"] = measures.pit_uniformity(measures.randomised_pit(forecasts, happened))
    answer["coverage_80"] = measures.interval_coverage(forecasts, happened)
    if target.name == "pitcher_strikeouts":
        answer["by_line"] = measures.scores_by_line(forecasts, happened, STRIKEOUT_LINES)
    return answer


def _scores_by_period(
    rows: Sample, scores: Mapping[str, Floats], part: pl.Expr
) -> dict[str, dict[str, float]]:
    parts = rows.frame.select(part).to_series().to_numpy()
    return {
        str(one): {"rows": int((parts == one).sum())}
        | measures.summarise_scores(
            {name: values[parts == one] for name, values in scores.items()}, rows.games[parts == one]
        )
        for one in np.unique(parts)
        if (parts == one).sum() >= MIN_ROWS
    }
