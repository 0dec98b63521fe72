"""Measures of forecast quality: proper scores, calibration and coverage of counts and wins."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.walk_forward import Forecasts
from services.trainer.api import Integers, Sample, clustered_error
from shared.modeling.distribution import Floats

MIN_PROBABILITY = 1e-12
BINS = 10
COVERAGE = 0.8
SEED = 20130331  # of the randomised PIT
_NEWTON_STEPS = 12


def row_scores(forecasts: Forecasts, observed: Integers) -> dict[str, Floats]:
    """Return the scores of each row by name; lower is better.

    log_loss and rps (ranked probability score) judge the whole distribution, brier and any_log_loss the
    probability of at least one. absolute and squared are errors of the mean, absolute_median of the median.
    """
    chances, row = forecasts.chances, np.arange(len(observed))
    below = np.cumsum(chances, axis=1)
    any_ = np.clip(1 - chances[:, 0], MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    median = (below < 0.5).sum(axis=1)
    steps = np.arange(chances.shape[1]) >= observed[:, None]
    return {
        "log_loss": -np.log(np.maximum(chances[row, observed], MIN_PROBABILITY)),
        "any_log_loss": -np.log(np.where(observed > 0, any_, 1 - any_)),
        "brier": (any_ - (observed > 0)) ** 2,
        "rps": ((below - steps) ** 2).sum(axis=1),
        "absolute": np.abs(forecasts.means - observed),
        "absolute_median": np.abs(median - observed),
        "squared": (forecasts.means - observed) ** 2,
    }


def summarise_scores(scores: Mapping[str, Floats], games: Integers) -> dict[str, float]:
    """Return mean scores, with standard errors clustered by game for the log losses."""
    means = {name: float(values.mean()) for name, values in scores.items() if name != "squared"}
    errors = {f"{name}_se": clustered_error(scores[name], games) for name in ("log_loss", "any_log_loss")}
    return means | errors | {"rmse": float(np.sqrt(scores["squared"].mean()))}


def paired_difference(ours: Floats, theirs: Floats, games: Integers) -> dict[str, float]:
    """Return the mean of `ours` minus `theirs`, paired by row, with its standard error clustered by game.

    Below 0 `ours` is better.
    """
    return {
        "mean": float((ours - theirs).mean()),
        "se": clustered_error(ours - theirs, games),
        "rows": len(ours),
        "games": len(np.unique(games)),
    }


def calibration_line(chance: Floats, observed: NDArray[np.bool_]) -> dict[str, float]:
    """Return intercept and slope of a logistic regression of outcomes on the forecast log-odds.

    A calibrated forecast has intercept 0 and slope 1 (Cox 1958).
    """
    odds = np.log(np.clip(chance, 1e-6, 1 - 1e-6) / (1 - np.clip(chance, 1e-6, 1 - 1e-6)))
    design = np.column_stack([np.ones_like(odds), odds])
    line = np.array([0.0, 1.0])
    curvature = np.eye(2)
    for _ in range(_NEWTON_STEPS):
        fitted = 1 / (1 + np.exp(-design @ line))
        curvature = design.T @ (design * (fitted * (1 - fitted))[:, None]) + 1e-9 * np.eye(2)
        line = line + np.linalg.solve(curvature, design.T @ (observed - fitted))
    error = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return {"intercept": float(line[0]), "slope": float(line[1]), "slope_se": float(error[1])}


def reliability_groups(chance: Floats, observed: NDArray[np.bool_]) -> list[dict[str, float]]:
    """Return ten equal groups by forecast: mean forecast, observed share, standard error and rows."""
    groups = np.array_split(np.argsort(chance, kind="stable"), BINS)
    return [
        {
            "promised": float(chance[group].mean()),
            "happened": float(observed[group].mean()),
            "se": float(np.sqrt(observed[group].mean() * (1 - observed[group].mean()) / len(group))),
            "rows": len(group),
        }
        for group in groups
        if len(group)
    ]


def randomised_pit(forecasts: Forecasts, observed: Integers) -> Floats:
    """Return the randomised probability integral transform, uniform if forecasts are calibrated.

    See Czado, Gneiting and Held (2009), "Predictive model assessment for count data".
    """
    below = np.cumsum(forecasts.chances, axis=1)
    row = np.arange(len(observed))
    before = np.where(observed > 0, below[row, np.maximum(observed - 1, 0)], 0.0)
    uniforms = np.random.default_rng(SEED).random(len(observed))
    return np.asarray(before + uniforms * forecasts.chances[row, observed])


def pit_uniformity(pit: Floats) -> dict[str, Any]:
    """Return how uniform a transform is: share in .1 to .9, Kolmogorov-Smirnov distance, histogram."""
    in_order, n = np.sort(pit), len(pit)
    ranks = np.arange(n)
    distance = np.maximum(np.abs(in_order - ranks / n), np.abs(in_order - (ranks + 1) / n)).max()
    counts, _ = np.histogram(pit, bins=20, range=(0, 1))
    return {
        "between_10_and_90": float(((pit > 0.1) & (pit < 0.9)).mean()),
        "ks_distance": float(distance),
        "histogram": (counts * 20 / n).round(4).tolist(),
    }


def interval_coverage(forecasts: Forecasts, observed: Integers) -> dict[str, float]:
    """Return the observed and the nominal coverage of central 80 % intervals, and their mean width."""
    below = np.cumsum(forecasts.chances, axis=1)
    tail = (1 - COVERAGE) / 2
    low = (below <= tail).sum(axis=1)
    high = (below < 1 - tail - 1e-12).sum(axis=1)
    row = np.arange(len(observed))
    promised = below[row, high] - np.where(low > 0, below[row, np.maximum(low - 1, 0)], 0.0)
    is_covered = (observed >= low) & (observed <= high)
    return {
        "held": float(is_covered.mean()),
        "promised": float(promised.mean()),
        "width": float((high - low).mean()),
    }


def observed_counts(rows: Sample, most: int) -> Integers:
    """Return the observed counts, clipped at `most`: the last count means "or more"."""
    return rows.clipped_counts(most)


def scores_by_line(
    forecasts: Forecasts, observed: Integers, lines: tuple[float, ...], games: Integers
) -> dict[str, dict[str, float]]:
    """Return for each betting line how "over" was forecast.

    The Brier score, the mean chance that was promised, the share that happened, and their difference with
    its standard error clustered by game: above 0, counts go over more often than promised.
    """
    scores = {}
    for line in lines:
        over = forecasts.chances[:, int(line) + 1 :].sum(axis=1)
        went_over = observed > line
        scores[f"{line:g}"] = {
            "brier": float(((over - went_over) ** 2).mean()),
            "promised": float(over.mean()),
            "happened": float(went_over.mean()),
            "difference": float((went_over - over).mean()),
            "difference_se": clustered_error(went_over - over, games),
        }
    return scores
