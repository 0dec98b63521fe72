"""Fits a model: the voices of a pool on the rows of each line-up variant, joined into one.

Rows come in date and key order, all that is drawn has a fixed seed and all runs on one thread, so the same
rows give the same bytes everywhere. On a busy machine one thread is also the faster: two wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.fitting.boosting import NO_TREES, bin_rows, fit_booster, join_boosters
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.linear import fit_line, formula_margin, mean_line, read_columns, start_of
from services.trainer.recipes import Recipe, recipe_of
from services.trainer.scores import LossTable, score_rows
from shared.modeling.distribution import Floats
from shared.modeling.lineup_variants import CONFIRMED
from shared.modeling.manifest import (
    CountShape,
    Margin,
    ModelManifest,
    ModelPart,
    ModelSpecification,
    Voice,
    features_hash,
)
from shared.modeling.model import Model, artifact_with_current_names
from shared.modeling.registry import sha256_hex
from shared.modeling.target import Target

if TYPE_CHECKING:
    import xgboost

SHAPE_DAYS = 1095  # of the newest rows: how counts spread moves with the years
Variants = Mapping[str, Sample]


@dataclass(frozen=True)
class FittedModel:
    """A recipe made on rows: bytes, how many trees, and what it takes to forecast with them."""

    recipe: Recipe
    specification: ModelSpecification
    artifact: bytes
    rounds: int

    def predict_means(self, rows: Sample, variant: str = CONFIRMED) -> Floats:
        """Forecast the rows as the API would."""
        return self._model.predict_mean(rows.frame, variant)

    @cached_property
    def _model(self) -> Model:
        return Model.from_artifact(self.artifact, self.specification)

    def shape(self, variant: str = CONFIRMED) -> CountShape:
        """Return what the tilted family tilts on rows of a variant."""
        return self.specification.part(variant).count_shape

    def score_forecasts(self, target: Target, rows: Sample, variant: str = CONFIRMED) -> LossTable:
        """Score the forecasts of the rows."""
        return score_rows(target, self.predict_means(rows, variant), rows, self.shape(variant))


@dataclass(frozen=True)
class FittedPool:
    """The voices of a recipe, fitted on rows of one variant: their lines, and the trees of those with any.

    Without voices it is the bare formula.
    """

    target: Target
    voices: tuple[Voice, ...]
    features: tuple[str, ...]
    lines: Mapping[str, Margin]
    boosters: Mapping[str, xgboost.Booster] = field(default_factory=dict)

    def margins(self, rows: Sample, data: xgboost.QuantileDMatrix | None = None) -> dict[str, Floats]:
        """Return what each voice says of the rows, on the scale of the link.

        `data` are the same rows in the bins that the trees were grown on, where they are at hand.
        """
        columns = read_columns(self.target, rows, self.voices)
        starts = {name: start_of(columns, line) for name, line in self.lines.items()}
        if self.boosters:
            binned = bin_rows(self.features, rows) if data is None else data
            for name, booster in self.boosters.items():
                binned.set_base_margin(starts[name])
                margins = booster.predict(binned, output_margin=True)
                starts[name] = margins.astype(np.float64)
        return starts

    @property
    def line(self) -> Margin:
        """Return the mean of the voices' lines."""
        return mean_line(list(self.lines.values())) if self.lines else self.target.margin


def means_of(target: Target, margins: Mapping[str, Floats]) -> Floats:
    """Return the pool's means: of what voices say, on the scale of the link, with equal weights."""
    margin = sum(margins.values()) / len(margins)
    return np.asarray(1 / (1 + np.exp(-margin)) if target.margin.link == "logit" else np.exp(margin))


def fit_pool(
    recipe: Recipe, target: Target, rows: Sample
) -> tuple[FittedPool, xgboost.QuantileDMatrix | None]:
    """Return the recipe's voices fitted on rows, and these rows in the bins of their trees, if any."""
    columns = read_columns(target, rows, recipe.voices)
    lines = {voice.name: fit_line(target, rows, voice, columns) for voice in recipe.voices}
    grown = [(voice.name, voice.trees) for voice in recipe.voices if voice.trees]
    data = bin_rows(recipe.features, rows) if grown else None
    boosters = {
        name: fit_booster(trees, target, recipe.features, data, start_of(columns, lines[name]))
        for name, trees in grown
        if data is not None
    }
    return FittedPool(target, recipe.voices, recipe.features, lines, boosters), data


def fit_recipe(recipe: Recipe, target: Target, rows: Sample, variants: Variants | None = None) -> FittedModel:
    """Make the recipe on the rows of confirmed line-ups, and on those of other variants each by itself."""
    parts: list[tuple[str, ModelPart]] = []
    trees: list[xgboost.Booster] = []
    grown = 0
    for variant, own in {CONFIRMED: rows, **(variants or {})}.items():
        pool, data = fit_pool(recipe, target, own)
        before, grown = grown, grown + sum(one.num_boosted_rounds() for one in pool.boosters.values())
        trees += pool.boosters.values()
        parts.append((variant, _part(target, pool, own, data, (before, grown))))
    share = 1 / max(len(recipe.voices), 1)
    booster = join_boosters(trees, share) if trees else _empty_booster(recipe, target, rows)
    booster.feature_names = list(recipe.features)
    return _assemble_model(recipe, target, dict(parts), bytes(booster.save_raw("ubj")), grown)


def renew_model(
    deployed: bytes, made: ModelManifest, target: Target, rows: Sample, variants: Variants | None = None
) -> FittedModel:
    """Fit the lines and shapes of a deployed model again on newer rows; trees and widths stay.

    A day's games move a line a little and say nothing of trees and of how the width of counts bends with
    their mean, which the next full build fits again.
    """
    recipe, artifact = recipe_of(made, target), artifact_with_current_names(deployed, made)
    model = Model.from_artifact(deployed, made)
    parts = {}
    for variant, own in {CONFIRMED: rows, **(variants or {})}.items():
        known = made.part(variant)
        columns = read_columns(target, own, recipe.voices)
        lines = [fit_line(target, own, voice, columns) for voice in recipe.voices]
        line = mean_line(lines) if lines else target.margin
        renewed = ModelPart(margin=line, rounds=known.rounds)
        newest = own.newest_days(SHAPE_DAYS)
        means = model.predict_part(newest.frame, renewed)
        shape = fit_shape(target, means, newest, known.width_slope)
        parts[variant] = _with_shape(renewed, shape)
    return _assemble_model(recipe, target, parts, artifact, made.rounds)


def _part(
    target: Target,
    pool: FittedPool,
    rows: Sample,
    data: xgboost.QuantileDMatrix | None,
    rounds: tuple[int, int],
) -> ModelPart:
    part = ModelPart(margin=pool.line, rounds=rounds)
    if target.family != "tilted":
        return part
    margins = pool.margins(rows, data) or {"formula": formula_margin(target, rows)}
    newest = rows.is_newest(SHAPE_DAYS)
    return _with_shape(part, fit_shape(target, means_of(target, margins)[newest], rows.filter_rows(newest)))


def _with_shape(part: ModelPart, shape: CountShape) -> ModelPart:
    return ModelPart(
        margin=part.margin, rounds=part.rounds, shape=shape.chances, width_slope=shape.width_slope
    )


def _empty_booster(recipe: Recipe, target: Target, rows: Sample) -> xgboost.Booster:
    few = rows.filter_rows(np.arange(len(rows)) < 1)
    return fit_booster(NO_TREES, target, recipe.features, bin_rows(recipe.features, few), np.zeros(len(few)))


def _assemble_model(
    recipe: Recipe, target: Target, parts: Mapping[str, ModelPart], artifact: bytes, rounds: int
) -> FittedModel:
    others = {variant: part for variant, part in parts.items() if variant != CONFIRMED}
    own = parts[CONFIRMED]
    specification = ModelSpecification(
        target=target.name,
        version="candidate",
        family=target.family,
        max_count=target.max_count,
        margin=own.margin,
        trials=target.trials,
        shape=own.shape,
        width_slope=own.width_slope,
        features=recipe.features,
        features_sha256=features_hash(recipe.features),
        artifact_sha256=sha256_hex(artifact),
        own_rounds=own.rounds[1] if others else None,
        variants=others,
    )
    return FittedModel(recipe, specification, artifact, rounds)
