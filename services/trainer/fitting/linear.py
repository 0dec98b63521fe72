"""Fitting the formula's line, and the one weight of a blend, by penalised likelihood."""

import numpy as np

from services.trainer.dataset import Sample
from shared.modeling.distribution import Floats
from shared.modeling.manifest import Margin
from shared.modeling.model import base_margin, link_scale, matrix_of
from shared.modeling.target import Target

# How firmly the line is held to the unfitted formula: standard deviations of the normal priors.
_INTERCEPT_SPREAD, _SLOPE_SPREAD, _TERM_SPREAD = 0.2, 0.3, 0.1
_EQUAL, _EQUAL_SPREAD = 0.5, 0.25  # a blend begins with the mean of its parts
_NEWTON_STEPS = 12


def fit_line(target: Target, rows: Sample, terms: tuple[str, ...] = ()) -> Margin:
    """Return the formula's margin with intercept, slope and the terms' weights, by penalised likelihood.

    Newton's method on the target's likelihood (Bernoulli or Poisson) with normal priors around
    intercept 0, slope 1 and weights 0, so that few rows leave the formula as it is.
    """
    x = link_scale(matrix_of(rows.frame, (target.margin.column,))[:, 0], target.margin)
    design = np.column_stack([np.ones_like(x), x, np.nan_to_num(matrix_of(rows.frame, terms))])
    prior = np.array([0.0, 1.0] + [0.0] * len(terms))
    spread = np.array([_INTERCEPT_SPREAD, _SLOPE_SPREAD] + [_TERM_SPREAD] * len(terms))
    intercept, slope, *weights = map(
        float, _fit_coefficients(target, rows, np.zeros_like(x), design, prior, spread)
    )
    known = target.margin
    named = tuple(zip(terms, weights, strict=True))
    return Margin(known.column, known.link, known.is_linked, intercept, slope, named)


def fit_weight(target: Target, rows: Sample, line: Floats, trees: Floats) -> float:
    """Return how much of the trees' margin, 0 to 1, is best added to the line's on rows that neither knows.

    Few rows leave it near a half: the mean of line and line with trees, on the scale of the link.
    """
    prior, spread = np.array([_EQUAL]), np.array([_EQUAL_SPREAD])
    (weight,) = _fit_coefficients(target, rows, line, trees[:, None], prior, spread)
    return float(np.clip(weight, 0.0, 1.0))


def start_of(rows: Sample, line: Margin) -> Floats:
    """Return the line's margin of each row."""
    return base_margin(matrix_of(rows.frame, line.column_names), line)


def _fit_coefficients(
    target: Target, rows: Sample, offset: Floats, design: Floats, prior: Floats, spread: Floats
) -> Floats:
    precision = np.diag(spread**-2)
    weights = prior.copy()
    for _ in range(_NEWTON_STEPS):
        mean, variance = _mean_and_variance(target, offset + design @ weights)
        slope = design.T @ (rows.weight * (rows.label - mean)) - precision @ (weights - prior)
        curvature = design.T @ (design * (rows.weight * variance)[:, None]) + precision
        weights = weights + np.linalg.solve(curvature, slope)
    return weights


def _mean_and_variance(target: Target, margin: Floats) -> tuple[Floats, Floats]:
    if target.objective == "binary:logistic":
        mean = 1 / (1 + np.exp(-margin))
        return mean, mean * (1 - mean)
    mean = np.exp(margin)
    return mean, mean
