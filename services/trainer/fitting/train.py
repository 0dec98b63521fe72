"""Fits a model: the formula's line, trees on its margin, and the renewal of a deployed model.

Rows come in date and key order, nothing is drawn at random and all runs on one thread, so the same rows
give the same bytes everywhere. On a busy machine one thread is also the faster: two wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from services.trainer.dataset import Sample
from services.trainer.fitting.boosting import fit_booster, scale_booster, tree_weight
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.linear import fit_line
from services.trainer.recipes import Recipe, recipe_of
from services.trainer.scores import LossTable, score_rows
from shared.modeling.distribution import Floats
from shared.modeling.manifest import Margin, ModelManifest, ModelSpecification, features_hash
from shared.modeling.model import Model
from shared.modeling.registry import sha256_hex
from shared.modeling.target import Target

if TYPE_CHECKING:
    import xgboost


@dataclass(frozen=True, slots=True)
class FittedModel:
    """A recipe made on rows: bytes, how many trees, and what it takes to forecast with them.

    `tree_weight` is what a blend's trees count for; 1 in any other form.
    """

    recipe: Recipe
    specification: ModelSpecification
    artifact: bytes
    rounds: int
    tree_weight: float = 1.0

    def predict_means(self, rows: Sample) -> Floats:
        """Forecast the rows as the API would."""
        return Model.from_artifact(self.artifact, self.specification).predict_mean(rows.frame)

    def score_forecasts(self, target: Target, rows: Sample) -> LossTable:
        """Score the forecasts of the rows."""
        return score_rows(target, self.predict_means(rows), rows, self.specification.count_shape)


def fit_recipe(recipe: Recipe, target: Target, rows: Sample) -> FittedModel:
    """Make the recipe on the rows."""
    line = _fit_margin(recipe, target, rows)
    booster = fit_booster(recipe, target, line, rows)
    if recipe.form != "blended":
        return _assemble_model(recipe, target, line, rows, booster)
    weight = tree_weight(recipe, target, rows)
    return _assemble_model(recipe, target, line, rows, scale_booster(booster, weight), weight)


def renew_model(deployed: bytes, made: ModelManifest, target: Target, rows: Sample) -> FittedModel:
    """Continue a deployed model on newer rows: a few more trees, or the line fitted again if it has none.

    Trees are added, not refreshed in place: refreshed leaves would break the rule that rising features
    can only raise the forecast. A blend's new trees count for as much as its old ones.
    """
    known = recipe_of(made, target)
    if known.trees is None:
        return fit_recipe(known, target, rows)
    booster = fit_booster(known, target, made.margin, rows, deployed)
    if made.tree_weight != 1.0:
        booster = scale_booster(booster, made.tree_weight, known=made.rounds)
    return _assemble_model(known, target, made.margin, rows, booster, made.tree_weight)


def _fit_margin(recipe: Recipe, target: Target, rows: Sample) -> Margin:
    if recipe.form == "formula":
        return target.margin
    return fit_line(target, rows, () if recipe.form == "fitted_formula" else target.terms)


def _assemble_model(
    recipe: Recipe,
    target: Target,
    line: Margin,
    rows: Sample,
    booster: xgboost.Booster,
    weight: float = 1.0,
) -> FittedModel:
    artifact = bytes(booster.save_raw("ubj"))
    specification = _build_specification(target, line, recipe.features, artifact)
    means = Model(booster, specification).predict_mean(rows.frame)
    shape = fit_shape(target, means, rows)
    shaped = structs.replace(specification, shape=shape.chances, width_slope=shape.width_slope)
    return FittedModel(recipe, shaped, artifact, booster.num_boosted_rounds(), weight)


def _build_specification(
    target: Target, line: Margin, features: tuple[str, ...], artifact: bytes
) -> ModelSpecification:
    return ModelSpecification(
        target=target.name,
        version="candidate",
        family=target.family,
        max_count=target.max_count,
        margin=line,
        trials=target.trials,
        features=features,
        features_sha256=features_hash(features),
        artifact_sha256=sha256_hex(artifact),
    )
