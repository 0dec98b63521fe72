"""XGBoost's part of a model: trees on the margin of the line, and trees that count for less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from services.trainer.dataset import Sample
from services.trainer.fitting.linear import fit_line, fit_weight, start_of
from services.trainer.folds import judged_days
from services.trainer.recipes import Recipe, recipe_hyperparameters
from shared.modeling.manifest import Margin
from shared.modeling.model import load_booster, matrix_of
from shared.modeling.target import Target

if TYPE_CHECKING:
    import xgboost

# Imported where it works: xgboost takes a second to load, which only forecasters pay.
# ruff: noqa: PLC0415

SEED = 20260326
MAX_BIN = 64
RENEWAL_ROUNDS = 3  # trees an incremental build adds


def fit_booster(
    recipe: Recipe, target: Target, line: Margin, rows: Sample, deployed: bytes | None = None
) -> xgboost.Booster:
    """Return the recipe's trees on the line's margin, or a deployed model with a few more trees."""
    import xgboost

    data = xgboost.DMatrix(**dmatrix_arguments(recipe.features, line, rows))
    base = load_booster(deployed, target.name) if deployed else None
    rounds = RENEWAL_ROUNDS if deployed else recipe.tree_count
    return xgboost.train(booster_settings(recipe, target), data, rounds, xgb_model=base)


def tree_weight(recipe: Recipe, target: Target, rows: Sample) -> float:
    """Return the weight of a blend's trees, learnt on the newest fifth of the days from the days before.

    Without enough days it is what few rows say: nearly a half.
    """
    import xgboost

    judged = judged_days(rows)
    past, newest = judged.split_rows(rows) if judged else (rows, rows)
    line = fit_line(target, past, target.terms)
    booster = fit_booster(recipe, target, line, past)
    start = start_of(newest, line)
    data = xgboost.DMatrix(**dmatrix_arguments(recipe.features, line, newest))
    return fit_weight(target, newest, start, booster.predict(data, output_margin=True) - start)


def scale_booster(booster: xgboost.Booster, weight: float, known: int = 0) -> xgboost.Booster:
    """Return the booster with what its trees say, but for the first `known`, multiplied by `weight`.

    A mean of line and line with trees on the scale of the link is the line with trees that say less: so an
    ensemble is served as one ordinary model.
    """
    model: dict[str, Any] = msgspec.json.decode(bytes(booster.save_raw("json")))
    for tree in model["learner"]["gradient_booster"]["model"]["trees"][known:]:
        leaves = [place for place, child in enumerate(tree["left_children"]) if child == -1]
        for leaf in leaves:  # XGBoost keeps a leaf's value among the conditions of splits
            tree["split_conditions"][leaf] *= weight
            tree["base_weights"][leaf] *= weight
    return load_booster(msgspec.json.encode(model), "blend")


def dmatrix_arguments(features: tuple[str, ...], line: Margin, rows: Sample) -> dict[str, Any]:
    """Return what one of XGBoost's matrices is made of: rows, labels, weights and where boosting starts."""
    return {
        "data": matrix_of(rows.frame, features),
        "label": rows.label,
        "weight": rows.weight,
        "base_margin": start_of(rows, line),
        "feature_names": list(features),
        "nthread": 1,
    }


def booster_settings(recipe: Recipe, target: Target) -> dict[str, Any]:
    """Return XGBoost's settings of a recipe."""
    trees = {name: value for name, value in recipe_hyperparameters(recipe).items() if name != "rounds"}
    rising = tuple(int(name in target.monotone_increasing) for name in recipe.features)
    return {
        "objective": target.objective,
        "tree_method": "hist",
        "max_bin": MAX_BIN,
        "seed": SEED,
        "nthread": 1,
        "monotone_constraints": rising,
        **trees,
    }
