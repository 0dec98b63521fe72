"""Fitting a voice's line by penalised likelihood, and the line of a whole pool."""

from collections.abc import Mapping, Sequence
from math import fsum

import numpy as np

from services.trainer.dataset import Sample
from shared.modeling.distribution import Floats
from shared.modeling.manifest import Margin, Voice
from shared.modeling.model import base_margin, link_scale, matrix_of
from shared.modeling.target import RUN_MARGIN_LABELS, Target

# How firmly a line is held to the unfitted formula: standard deviations of the normal priors.
_INTERCEPT_SPREAD, _SLOPE_SPREAD = 0.2, 0.3
_NEWTON_STEPS = 6  # from the prior on: the likelihood is concave and nearly quadratic
_MIN_DEVIATION = 1e-9  # a column that never differs says nothing
Columns = Mapping[str, Floats]  # [rows] each, by name


def read_columns(target: Target, rows: Sample, voices: Sequence[Voice]) -> Columns:
    """Return what voices' lines read of the rows, each column once; missing values are NaN."""
    terms = (name for voice in voices for name in voice.terms)
    margins = RUN_MARGIN_LABELS if any(voice.learns == "run_margin" for voice in voices) else ()
    names = tuple(dict.fromkeys((target.margin.column, *terms, *margins)))
    return dict(zip(names, np.ascontiguousarray(matrix_of(rows.frame, names).T), strict=True))


def fit_line(target: Target, rows: Sample, voice: Voice, columns: Columns | None = None) -> Margin:
    """Return the line of a voice: intercept, slope of the formula and weights of the terms.

    Newton's method on the target's likelihood (Bernoulli or Poisson) with normal priors around intercept 0,
    slope 1 and weights 0, so that few rows leave the formula as it is. The terms are in standard deviations
    over `rows`; a missing value is their mean. `columns` are those of `read_columns`, where they are at hand.
    """
    known_columns = read_columns(target, rows, [voice]) if columns is None else columns
    formula = link_scale(known_columns[target.margin.column], target.margin)
    terms = _stack_columns(known_columns, voice.terms, len(rows))
    centers, deviations = _column_scales(terms)
    standard = np.nan_to_num((terms - centers) / deviations)
    if voice.learns == "run_margin":
        damped = _damped_run_margin(known_columns)
        intercept, slope, *weights = _fit_run_margin(target, rows, formula, standard, damped, voice.spread)
    else:
        intercept, slope, *weights = _fit_label(target, rows, formula, standard, voice)
    known = target.margin
    return Margin(
        known.column,
        known.link,
        known.is_linked,
        float(intercept),
        float(slope),
        tuple(
            (name, float(weight / deviation))
            for name, weight, deviation in zip(voice.terms, weights, deviations, strict=True)
        ),
        tuple(map(float, centers)),
    )


def mean_line(lines: Sequence[Margin]) -> Margin:
    """Return the mean of lines on the same formula and rows: of a pool, on the scale of the link."""
    first, share = lines[0], 1 / len(lines)
    weights: dict[str, float] = {}
    centers: dict[str, float] = {}
    for line in lines:
        for (name, weight), center in zip(line.terms, line.centers, strict=True):
            weights[name] = weights.get(name, 0.0) + share * weight
            centers[name] = center
    return Margin(
        first.column,
        first.link,
        first.is_linked,
        share * fsum(line.intercept for line in lines),
        share * fsum(line.slope for line in lines),
        tuple(weights.items()),
        tuple(centers.values()),
    )


def formula_margin(target: Target, rows: Sample) -> Floats:
    """Return the unfitted formula of each row on the scale of the link."""
    return link_scale(matrix_of(rows.frame, (target.margin.column,))[:, 0], target.margin)


def start_of(columns: Columns, line: Margin) -> Floats:
    """Return the line's margin of each row, from the columns that `read_columns` returned."""
    formula = columns[line.column]
    return base_margin(_stack_columns(columns, line.column_names, len(formula)), line)


def fit_coefficients(
    target: Target, rows: Sample, design: Floats, prior: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """Return the likeliest coefficients of a design [rows, coefficients] under normal priors, and the
    curvature of the penalised log likelihood there, [coefficients, coefficients]."""
    precision = np.diag(spread**-2)
    weights, curvature = prior.copy(), precision
    for _ in range(_NEWTON_STEPS):
        mean, variance = _mean_and_variance(target, design @ weights)
        slope = design.T @ (rows.weight * (rows.label - mean)) - precision @ (weights - prior)
        curvature = design.T @ (design * (rows.weight * variance)[:, None]) + precision
        weights = weights + np.linalg.solve(curvature, slope)
    return weights, curvature


def _fit_label(target: Target, rows: Sample, formula: Floats, standard: Floats, voice: Voice) -> Floats:
    slope, held = (1.0, _SLOPE_SPREAD) if voice.follows_formula else (0.0, _MIN_DEVIATION)
    terms = standard.shape[1]
    weights, _ = fit_coefficients(
        target,
        rows,
        np.column_stack([np.ones_like(formula), formula, standard]),
        np.array([0.0, slope, *[0.0] * terms]),
        np.array([_INTERCEPT_SPREAD, held, *[voice.spread] * terms]),
    )
    return weights


def _stack_columns(columns: Columns, names: Sequence[str], rows: int) -> Floats:
    return np.column_stack([columns[name] for name in names]) if names else np.empty((rows, 0))


def _damped_run_margin(columns: Columns) -> Floats:
    """Return the margin of runs, by its logarithm: the tenth run says less than the first."""
    home, away = (columns[name] for name in RUN_MARGIN_LABELS)
    return np.asarray(np.sign(home - away) * np.log1p(np.abs(home - away)))


def _fit_run_margin(
    target: Target, rows: Sample, formula: Floats, standard: Floats, damped: Floats, spread: float
) -> Floats:
    """Return the line of the label that a ridge of the damped margin of runs gives.

    The margin says by how much a club won, so the same games teach more than who won. The ridge's line is
    carried to the log-odds by an intercept and a slope that are fitted to the label.
    """
    design = np.column_stack([np.ones_like(formula), formula, standard])
    alone, variance = _least_squares(design[:, :2], damped, rows.weight, np.zeros(2))
    per_logit = max(float(alone[1]), 0.1)
    penalty = np.array([0.0, 0.0, *[variance / (spread * per_logit) ** 2] * standard.shape[1]])
    ridge, _ = _least_squares(design, damped, rows.weight, penalty)
    implied = design @ ridge / per_logit
    (intercept, slope), _ = fit_coefficients(
        target,
        rows,
        np.column_stack([np.ones_like(implied), implied]),
        np.array([0.0, 1.0]),
        np.array([_INTERCEPT_SPREAD, _SLOPE_SPREAD]),
    )
    line = slope * ridge / per_logit
    return np.asarray(line + intercept * np.eye(1, len(line))[0])


def _least_squares(design: Floats, observed: Floats, weight: Floats, penalty: Floats) -> tuple[Floats, float]:
    """Return the penalised least squares fit, and the variance of what it leaves."""
    known = np.isfinite(observed)
    x, y, w = design[known], observed[known], weight[known]
    fitted = np.linalg.solve(x.T @ (x * w[:, None]) + np.diag(penalty + 1e-9), x.T @ (w * y))
    return np.asarray(fitted, np.float64), float(np.average((y - x @ fitted) ** 2, weights=w))


def _column_scales(columns: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each column's known values; 0 and infinity where it is empty."""
    known = np.isfinite(columns)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, columns, 0.0)
    center = filled.sum(axis=0) / count
    spread = np.sqrt(np.where(known, (filled - center) ** 2, 0.0).sum(axis=0) / count)
    return center, np.where(spread > _MIN_DEVIATION, spread, np.inf)


def _mean_and_variance(target: Target, margin: Floats) -> tuple[Floats, Floats]:
    if target.objective == "binary:logistic":
        mean = 1 / (1 + np.exp(-margin))
        return mean, mean * (1 - mean)
    mean = np.exp(margin)
    return mean, mean
