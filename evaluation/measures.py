"""How good forecasts of counts and wins were: proper scores, calibration and coverage."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.walk_forward import Forecasts
from services.trainer.dataset import Integers, Sample
from services.trainer.selection.scores import clustered_error
from shared.modeling.distribution import Floats

MIN_PROBABILITY = 1e-12
BINS = 10
COVERAGE = 0.8
SEED = 20130331  # of the randomised PIT
_NEWTON_STEPS = 12


def row_scores(forecasts: Forecasts, happened: Integers) -> dict[str, Floats]:
    """Return the scores of each row: lower is better.

    log_loss and rps are of the whole distribution, brier and any_log_loss of "at least one"; absolute is the
    error of the mean, absolute_median of the median, squared of the mean.
    """
    chances, row = forecasts.chances, np.arange(len(happened))
    below = np.cumsum(chances, axis=1)
    any_ = np.clip(1 - chances[:, 0], MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    median = (below < 0.5).sum(axis=1)
    steps = np.arange(chances.shape[1]) >= happened[:, None]
    return {
        "log_loss": -np.log(np.maximum(chances[row, happened], MIN_PROBABILITY)),
        "any_log_loss": -np.log(np.where(happened > 0, any_, 1 - any_)),
        "brier": (any_ - (happened > 0)) ** 2,
        "rps": ((below - steps) ** 2).sum(axis=1),
        "absolute": np.abs(forecasts.means - happened),
        "absolute_median": np.abs(median - happened),
        "squared": (forecasts.means - happened) ** 2,
    }


def summarise_scores(scores: Mapping[str, Floats], games: Integers) -> dict[str, float]:
    """Return the mean scores, the log losses with their standard error clustered by game."""
    means = {name: float(values.mean()) for name, values in scores.items() if name != "squared"}
    errors = {f"{name}_se": clustered_error(scores[name], games) for name in ("log_loss", "any_log_loss")}
    return means | errors | {"rmse": float(np.sqrt(scores["squared"].mean()))}


def paired_difference(ours: Floats, theirs: Floats, games: Integers) -> dict[str, float]:
    """Return ours minus theirs of one score, paired by row, its error clustered by game: below 0 we win."""
    return {
        "mean": float((ours - theirs).mean()),
        "se": clustered_error(ours - theirs, games),
        "rows": len(ours),
        "games": len(np.unique(games)),
    }


def calibration_line(chance: Floats, happened: NDArray[np.bool_]) -> dict[str, float]:
    """Return slope and intercept of a logistic regression of what happened on the log-odds promised."""
    odds = np.log(np.clip(chance, 1e-6, 1 - 1e-6) / (1 - np.clip(chance, 1e-6, 1 - 1e-6)))
    design = np.column_stack([np.ones_like(odds), odds])
    line = np.array([0.0, 1.0])
    curvature = np.eye(2)
    for _ in range(_NEWTON_STEPS):
        fitted = 1 / (1 + np.exp(-design @ line))
        curvature = design.T @ (design * (fitted * (1 - fitted))[:, None]) + 1e-9 * np.eye(2)
        line = line + np.linalg.solve(curvature, design.T @ (happened - fitted))
    error = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return {"intercept": float(line[0]), "slope": float(line[1]), "slope_se": float(error[1])}


def reliability_groups(chance: Floats, happened: NDArray[np.bool_]) -> list[dict[str, float]]:
    """Return ten groups of rows by what was promised: mean promise, share that happened, its error, rows."""
    groups = np.array_split(np.argsort(chance, kind="stable"), BINS)
    return [
        {
            "promised": float(chance[group].mean()),
            "happened": float(happened[group].mean()),
            "se": float(np.sqrt(happened[group].mean() * (1 - happened[group].mean()) / len(group))),
            "rows": len(group),
        }
        for group in groups
        if len(group)
    ]


def randomised_pit(forecasts: Forecasts, happened: Integers) -> Floats:
    """Return the randomised probability integral transform: uniform if the distributions are true."""
    below = np.cumsum(forecasts.chances, axis=1)
    row = np.arange(len(happened))
    before = np.where(happened > 0, below[row, np.maximum(happened - 1, 0)], 0.0)
    uniforms = np.random.default_rng(SEED).random(len(happened))
    return np.asarray(before + uniforms * forecasts.chances[row, happened])


def pit_uniformity(pit: Floats) -> dict[str, Any]:
    """Return how uniform a transform is: share between .1 and .9, the distance of Kolmogorov and Smirnov."""
    ordered, n = np.sort(pit), len(pit)
    ranks = np.arange(n)
    distance = np.maximum(np.abs(ordered - ranks / n), np.abs(ordered - (ranks + 1) / n)).max()
    counts, _ = np.histogram(pit, bins=20, range=(0, 1))
    return {
        "between_10_and_90": float(((pit > 0.1) & (pit < 0.9)).mean()),
        "ks_distance": float(distance),
        "histogram": (counts * 20 / n).round(4).tolist(),
    }


def interval_coverage(forecasts: Forecasts, happened: Integers) -> dict[str, float]:
    """Return how often the central 80 % intervals held what happened, and how much they promised to hold."""
    below = np.cumsum(forecasts.chances, axis=1)
    tail = (1 - COVERAGE) / 2
    low = (below <= tail).sum(axis=1)
    high = (below < 1 - tail - 1e-12).sum(axis=1)
    row = np.arange(len(happened))
    promised = below[row, high] - np.where(low > 0, below[row, np.maximum(low - 1, 0)], 0.0)
    is_covered = (happened >= low) & (happened <= high)
    return {
        "held": float(is_covered.mean()),
        "promised": float(promised.mean()),
        "width": float((high - low).mean()),
    }


def observed_counts(rows: Sample, most: int) -> Integers:
    """Return what happened, the last count standing for itself and more."""
    return rows.clipped_counts(most)


def scores_by_line(
    forecasts: Forecasts, happened: Integers, lines: tuple[float, ...]
) -> dict[str, dict[str, float]]:
    """Return, for betting lines, the Brier score of going over, the share that did and the mean promise."""
    found = {}
    for line in lines:
        over = forecasts.chances[:, int(line) + 1 :].sum(axis=1)
        went_over = happened > line
        found[f"{line:g}"] = {
            "brier": float(((over - went_over) ** 2).mean()),
            "promised": float(over.mean()),
            "happened": float(went_over.mean()),
        }
    return found
