"""Calibration as a gate: forecasts of rows that were not fitted must be neither too bold nor too timid."""

import numpy as np

from services.trainer.dataset import Integers, Sample
from shared.modeling.distribution import Floats
from shared.modeling.manifest import Calibration
from shared.modeling.target import Target

SLOPES = (0.85, 1.15)
MOST_INTERCEPT = 0.05
_CERTAIN = 2.0  # standard errors beyond the bounds: few games prove no miscalibration
_NEWTON_STEPS = 12
_LEAST_MEAN = 1e-6
_WIDE = 10.0  # standard deviation of a prior around 0 and 1: a few games may have no likeliest slope
_LARGEST = 30.0  # on the link's scale


def calibrate(target: Target, means: Floats, rows: Sample) -> Calibration:
    """Return intercept and slope of a regression of what happened on the forecasts, on the link's scale.

    Logistic for a chance, Poisson for a count (Cox 1958). The intercept is that at the mean forecast: by how
    much forecasts are too low on the whole. Standard errors are clustered by game (Liang and Zeger 1986).
    """
    is_chance = target.margin.link == "logit"
    known = np.clip(means, _LEAST_MEAN, 1 - _LEAST_MEAN if is_chance else None)
    scale = np.log(known / (1 - known)) if is_chance else np.log(known)
    middle = float(np.average(scale, weights=rows.weight))
    design = np.column_stack([np.ones_like(scale), scale - middle])
    right = np.array([0.0, 1.0])
    line, curvature, precision = right, np.eye(2), np.eye(2) / _WIDE**2
    residual = np.zeros_like(scale)
    for _ in range(_NEWTON_STEPS):
        margin = np.clip(middle + design @ line, -_LARGEST, _LARGEST)
        fitted = 1 / (1 + np.exp(-margin)) if is_chance else np.exp(margin)
        variance = fitted * (1 - fitted) if is_chance else fitted
        residual = rows.weight * (rows.label - fitted)
        curvature = design.T @ (design * (rows.weight * variance)[:, None]) + precision
        slope = design.T @ residual - precision @ (line - right)
        line = line + np.linalg.solve(curvature, slope)
    errors = _clustered_errors(design * residual[:, None], curvature, rows.games)
    return Calibration(
        float(line[0]), float(errors[0]), float(line[1]), float(errors[1]), len(np.unique(rows.games))
    )


def calibration_fault(found: Calibration) -> str:
    """Say what is beyond the bounds by more than two standard errors; "" where nothing is."""
    low, high = SLOPES
    beyond = max(low - found.slope, found.slope - high)
    if beyond > _CERTAIN * found.slope_se:
        slope = f"{found.slope:.2f} ± {found.slope_se:.2f}"
        return f"calibration slope {slope} over {found.games} games, expected {low:g} to {high:g}"
    if abs(found.intercept) - MOST_INTERCEPT > _CERTAIN * found.intercept_se:
        intercept = f"{found.intercept:+.3f} ± {found.intercept_se:.3f}"
        return (
            f"calibration intercept {intercept} over {found.games} games, expected at most {MOST_INTERCEPT:g}"
        )
    return ""


def _clustered_errors(scores: Floats, curvature: Floats, games: Integers) -> Floats:
    _, places = np.unique(games, return_inverse=True)
    sums = np.column_stack([np.bincount(places, weights=column) for column in scores.T])
    inverse = np.linalg.inv(curvature)
    return np.asarray(np.sqrt(np.diag(inverse @ (sums.T @ sums) @ inverse)))
