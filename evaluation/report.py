"""The evaluation's report on one target: scores, benchmarks, calibration, seasons and months."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import polars as pl

from evaluation import measures
from evaluation.walk_forward import Forecasts, WalkForwardResult
from services.trainer.api import (
    Integers,
    LossTable,
    Sample,
    build_evaluation,
    calibrate,
    calibration_fault,
    plausibility_warnings,
)
from shared.modeling.distribution import Floats
from shared.modeling.target import Target

LINES: Mapping[str, tuple[float, ...]] = {
    "pitcher_strikeouts": (3.5, 4.5, 5.5, 6.5, 7.5, 8.5),
    "pitcher_outs": (15.5, 17.5),
    "home_score": (3.5, 4.5),
    "away_score": (3.5, 4.5),
}
BATTER_LINES = (0.5, 1.5)
MIN_ROWS = 30  # fewer rows of a month or season are not summarised


def target_report(
    result: WalkForwardResult,
    variants: Mapping[str, tuple[Sample, Forecasts]],
    benchmarks: Mapping[str, Forecasts],
) -> dict[str, Any]:
    """Return a target's report: our forecasts with each variant of line-ups, and benchmarks on the same rows.

    Args:
        result: our and the naive forecasts with confirmed line-ups.
        variants: rows and forecasts of the same models with other line-ups, by name.
        benchmarks: other forecasts of the rows of `result`, by name; means are NaN where there is none.
    """
    target, rows = result.target, result.rows
    observed = measures.observed_counts(rows, target.max_count)
    ours = measures.row_scores(result.ours, observed)
    compared = {"naive": result.naive, **benchmarks}
    return {
        "rows": len(rows),
        "games": len(np.unique(rows.games)),
        "family": target.family,
        "absolute_error_is_scored_at": "mean" if target.family == "bernoulli" else "median",
        "pool": [voice.name for voice in target.pool],
        "bound": target.bound,
        "too_good_to_be_true": _leak_warnings(result, ours, observed),
        "variants": {
            "confirmed line-ups": _summarise_variant(target, result.ours, rows),
            **{
                name: _summarise_variant(target, forecasts, sample)
                | _lineup_difference(result, sample, forecasts)
                for name, (sample, forecasts) in variants.items()
            },
        },
        "rivals": {
            name: compare_with_benchmark(target, ours, forecasts, rows, observed)
            for name, forecasts in compared.items()
        },
        "by_season": _scores_by_period(rows, ours, pl.col("game_date").dt.year()),
        "by_month": _scores_by_period(rows, ours, pl.col("game_date").dt.month()),
    }


def compare_with_benchmark(
    target: Target, ours: Mapping[str, Floats], benchmark: Forecasts, rows: Sample, observed: np.ndarray
) -> dict[str, Any]:
    """Return a benchmark's scores on the rows it forecast, ours on them, and the paired differences."""
    covered = np.isfinite(benchmark.means)
    if not covered.any():
        return {"rows": 0}
    games = rows.games[covered]
    theirs = measures.row_scores(benchmark.select_rows(covered), observed[covered])
    paired = ("log_loss", "any_log_loss", "rps", "absolute", "absolute_median")
    summary: dict[str, Any] = {
        "rows": int(covered.sum()),
        **measures.summarise_scores(theirs, games),
        "ours": measures.summarise_scores({name: values[covered] for name, values in ours.items()}, games),
        "ours_minus_theirs": {
            name: measures.paired_difference(ours[name][covered], theirs[name], games) for name in paired
        },
    }
    if lines := lines_of(target):
        summary["by_line"] = measures.scores_by_line(
            benchmark.select_rows(covered), observed[covered], lines, games
        )
    return summary


def lines_of(target: Target) -> tuple[float, ...]:
    """Return the lines at which the calibration of a target's counts is checked; none for a win."""
    return BATTER_LINES if target.rows == "batter" else LINES.get(target.name, ())


def calibration_gate(target: Target, forecasts: Forecasts, rows: Sample) -> dict[str, Any]:
    """Return intercept and slope of what happened on the forecasts, and whether the trainer would pass them.

    `fault` says what is beyond the bounds by more than two standard errors.
    """
    found = calibrate(target, forecasts.means, rows)
    fault = calibration_fault(found)
    return msgspec.structs.asdict(found) | {"passes": not fault, "fault": fault}


def _leak_warnings(result: WalkForwardResult, ours: Mapping[str, Floats], observed: Integers) -> list[str]:
    """Return the trainer's alarm for a log loss that no honest forecast can reach."""
    naive = measures.row_scores(result.naive, observed)
    summary = build_evaluation(_loss_table(ours), _loss_table(naive), result.rows, len(result.models))
    return plausibility_warnings(result.target, summary)


def _loss_table(scores: Mapping[str, Floats]) -> LossTable:
    return LossTable(
        log_loss=scores["log_loss"],
        brier=scores["brier"],
        absolute=scores["absolute"],
        squared=scores["squared"],
        ranked=scores["rps"],
    )


def _lineup_difference(result: WalkForwardResult, rows: Sample, forecasts: Forecasts) -> dict[str, Any]:
    """Return the log loss with other line-ups minus that with confirmed ones, if both have the same rows."""
    if len(rows) != len(result.rows) or not np.array_equal(rows.games, result.rows.games):
        return {}
    most = result.target.max_count
    other, confirmed = (
        measures.row_scores(made, measures.observed_counts(sample, most))["log_loss"]
        for made, sample in ((forecasts, rows), (result.ours, result.rows))
    )
    return {"minus_confirmed": measures.paired_difference(other, confirmed, rows.games)}


def _summarise_variant(target: Target, forecasts: Forecasts, rows: Sample) -> dict[str, Any]:
    observed = measures.observed_counts(rows, target.max_count)
    scores = measures.row_scores(forecasts, observed)
    chance, any_ = 1 - forecasts.chances[:, 0], observed > 0
    summary: dict[str, Any] = {
        "rows": len(rows),
        **measures.summarise_scores(scores, rows.games),
        "calibration": measures.calibration_line(chance, any_),
        "reliability": measures.reliability_groups(chance, any_),
        "mean_forecast": float(forecasts.means.mean()),
        "mean_happened": float(observed.mean()),
        "gate": calibration_gate(target, forecasts, rows),
        "by_season": _scores_by_period(rows, scores, pl.col("game_date").dt.year()),
    }
    if target.family == "bernoulli":
        return summary | {"accuracy": float(((chance > 0.5) == any_).mean())}
    summary["pit"] = measures.pit_uniformity(measures.randomised_pit(forecasts, observed))
    summary["coverage_80"] = measures.interval_coverage(forecasts, observed)
    summary["by_line"] = measures.scores_by_line(forecasts, observed, lines_of(target), rows.games)
    return summary


def _scores_by_period(
    rows: Sample, scores: Mapping[str, Floats], period: pl.Expr
) -> dict[str, dict[str, float]]:
    periods = rows.frame.select(period).to_series().to_numpy()
    return {
        str(value): {"rows": int((periods == value).sum())}
        | measures.summarise_scores(
            {name: values[periods == value] for name, values in scores.items()}, rows.games[periods == value]
        )
        for value in np.unique(periods)
        if (periods == value).sum() >= MIN_ROWS
    }
