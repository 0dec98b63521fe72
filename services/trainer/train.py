"""Fitting a model: the formula's line, trees on its margin, and the renewal of a standing model.

Rows come in date and key order, nothing is drawn at random and all runs on one thread, so the same rows
give the same bytes everywhere. On a busy machine one thread is also the faster: two wait for each other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from services.trainer.frames import Sample
from services.trainer.scores import Losses, losses
from services.trainer.targets import Form, Target, Trees
from shared.distribution import Floats, tilted
from shared.model import Model, base_margin, linked, load_booster, matrix_of
from shared.model_manifest import Margin, ModelManifest, Specification, features_hash
from shared.registry import sha256

if TYPE_CHECKING:
    import xgboost

SEED = 20260326
RENEWAL_ROUNDS = 3  # trees an incremental build adds

# How firmly the line is held to the formula as it stands: standard deviations of the normal priors.
_INTERCEPT_SPREAD, _SLOPE_SPREAD, _TERM_SPREAD = 0.2, 0.3, 0.1
_NEWTON_STEPS = 12
_SHAPE_STEPS, _SHAPE_GROUPS = 8, 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is made, whatever the rows: form, features in order, and the trees of a boosted form."""

    form: Form
    features: tuple[str, ...]
    trees: Trees | None = None

    @property
    def rounds(self) -> int:
        """Return how many trees."""
        return self.trees.rounds if self.trees else 0


@dataclass(frozen=True, slots=True)
class Fitted:
    """A recipe made on rows: bytes, how many trees, and what it takes to forecast with them."""

    recipe: Recipe
    specification: Specification
    artifact: bytes
    rounds: int

    def means(self, rows: Sample) -> Floats:
        """Forecast the rows as the API would."""
        return Model.load(self.artifact, self.specification).predict_mean(rows.frame)

    def losses(self, target: Target, rows: Sample) -> Losses:
        """Score the forecasts of the rows."""
        return losses(target, self.means(rows), rows, self.specification.shape)


def recipe(target: Target, form: Form) -> Recipe:
    """Return the target's recipe of a form."""
    return Recipe(form, target.features, target.trees if form == "boosted_formula" else None)


def recipe_of(manifest: ModelManifest) -> Recipe:
    """Return the recipe a standing model was made by."""
    settings: dict[str, Any] = {name: manifest.hyperparameters.get(name) for name in _TREE_SETTINGS}
    trees = Trees(**settings) if manifest.hyperparameters else None
    form: Any = manifest.form
    return Recipe(form, manifest.features, trees)


def fit(recipe: Recipe, target: Target, rows: Sample) -> Fitted:
    """Make the recipe on the rows."""
    if recipe.form == "formula":
        return _fitted(recipe, target, target.margin, rows, None)
    line = fit_line(target, rows, () if recipe.form == "fitted_formula" else target.terms)
    return _fitted(recipe, target, line, rows, None)


def renew(standing: bytes, made: ModelManifest, target: Target, rows: Sample) -> Fitted:
    """Carry a standing model on to newer rows: a few more trees, or the line fitted anew where it has none.

    Trees are added, not refreshed in place: refreshed leaves would break the rule that rising features
    can only raise the forecast.
    """
    known = recipe_of(made)
    if known.trees is None:
        return fit(known, target, rows)
    return _fitted(known, target, made.margin, rows, standing)


def fit_line(target: Target, rows: Sample, terms: tuple[str, ...] = ()) -> Margin:
    """Return the formula's margin with intercept, slope and the terms' weights, by penalised likelihood.

    Newton's method on the target's likelihood (Bernoulli or Poisson) with normal priors around
    intercept 0, slope 1 and weights 0, so that few rows leave the formula as it is.
    """
    x = linked(_columns(rows, (target.margin.column,))[:, 0], target.margin)
    design = np.column_stack([np.ones_like(x), x, np.nan_to_num(_columns(rows, terms))])
    prior = np.array([0.0, 1.0] + [0.0] * len(terms))
    spread = np.array([_INTERCEPT_SPREAD, _SLOPE_SPREAD] + [_TERM_SPREAD] * len(terms))
    precision = np.diag(spread**-2)
    line = prior.copy()
    for _ in range(_NEWTON_STEPS):
        mean, variance = _response(target, design @ line)
        slope = design.T @ (rows.weight * (rows.label - mean)) - precision @ (line - prior)
        curvature = design.T @ (design * (rows.weight * variance)[:, None]) + precision
        line = line + np.linalg.solve(curvature, slope)
    intercept, fitted_slope, *weights = map(float, line)
    known = target.margin
    return Margin(
        known.column,
        known.link,
        known.is_linked,
        intercept,
        fitted_slope,
        tuple(zip(terms, weights, strict=True)),
    )


def fit_shape(target: Target, means: Floats, rows: Sample) -> tuple[float, ...]:
    """Return the shape that, tilted to `means`, makes every count as frequent as it was; () if not tilted.

    Iterative proportional fitting, on the means of some two hundred groups of rows.
    """
    if target.family != "tilted":
        return ()
    order = np.array_split(np.argsort(means, kind="stable"), min(_SHAPE_GROUPS, len(means)))
    grouped = np.array([means[part].mean() for part in order])
    share = np.array([rows.weight[part].sum() for part in order]) / rows.weight.sum()
    counts = np.minimum(rows.label, target.max_count).astype(np.int64)
    happened = np.bincount(counts, weights=rows.weight, minlength=target.max_count + 1) + 0.01
    happened = happened / happened.sum()
    shape = happened
    for _ in range(_SHAPE_STEPS):
        forecast = share @ tilted(grouped, tuple(shape), target.max_count)
        shape = shape * happened / np.maximum(forecast, 1e-12)
        shape = shape / shape.sum()
    return tuple(map(float, shape))


def naive_means(past: Sample, rows: Sample) -> Floats:
    """Forecast `rows` naively: the naive product, scaled to the label's mean on the days before."""
    scale = (past.weight @ past.label) / max(float(past.weight @ past.naive), 1e-9)
    return np.asarray(scale * rows.naive)


def naive_losses(target: Target, past: Sample, rows: Sample) -> Losses:
    """Score the naive forecast of `rows`, with the shape that suits it on the days before."""
    shape = fit_shape(target, naive_means(past, past), past)
    return losses(target, naive_means(past, rows), rows, shape)


def hyperparameters(recipe: Recipe) -> dict[str, float | int | str]:
    """Return the settings of the trees, empty without."""
    return asdict(recipe.trees) if recipe.trees else {}


_TREE_SETTINGS = ("rounds", "max_depth", "eta", "min_child_weight", "reg_lambda")


def _fitted(recipe: Recipe, target: Target, line: Margin, rows: Sample, standing: bytes | None) -> Fitted:
    booster = _boosted(recipe, target, line, rows, standing)
    artifact = bytes(booster.save_raw("ubj"))
    specification = _specification(target, line, recipe.features, artifact)
    means = Model(booster, specification).predict_mean(rows.frame)
    shaped = structs.replace(specification, shape=fit_shape(target, means, rows))
    return Fitted(recipe, shaped, artifact, booster.num_boosted_rounds())


def _boosted(
    recipe: Recipe, target: Target, line: Margin, rows: Sample, standing: bytes | None
) -> xgboost.Booster:
    import xgboost  # noqa: PLC0415 - a second of loading that only forecasters pay

    start = base_margin(_columns(rows, line.columns), line)
    data = xgboost.DMatrix(
        matrix_of(rows.frame, recipe.features),
        label=rows.label,
        weight=rows.weight,
        base_margin=start,
        feature_names=list(recipe.features),
        nthread=1,
    )
    base = load_booster(standing, target.name) if standing else None
    rounds = RENEWAL_ROUNDS if standing else recipe.rounds
    return xgboost.train(_settings(recipe, target), data, rounds, xgb_model=base)


def _settings(recipe: Recipe, target: Target) -> dict[str, Any]:
    trees = {name: value for name, value in hyperparameters(recipe).items() if name != "rounds"}
    rising = tuple(int(name in target.rising) for name in recipe.features)
    return {
        "objective": target.objective,
        "tree_method": "hist",
        "max_bin": 64,
        "seed": SEED,
        "nthread": 1,
        "monotone_constraints": rising,
        **trees,
    }


def _specification(target: Target, line: Margin, features: tuple[str, ...], artifact: bytes) -> Specification:
    return Specification(
        target=target.name,
        version="candidate",
        family=target.family,
        max_count=target.max_count,
        margin=line,
        trials=target.trials,
        features=features,
        features_sha256=features_hash(features),
        artifact_sha256=sha256(artifact),
    )


def _columns(rows: Sample, names: tuple[str, ...]) -> Floats:
    return matrix_of(rows.frame, names)


def _response(target: Target, margin: Floats) -> tuple[Floats, Floats]:
    if target.objective == "binary:logistic":
        mean = 1 / (1 + np.exp(-margin))
        return mean, mean * (1 - mean)
    mean = np.exp(margin)
    return mean, mean
