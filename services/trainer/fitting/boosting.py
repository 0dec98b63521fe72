"""XGBoost's part of a model: each voice's trees on its line, and all of them as one booster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from services.trainer.dataset import Sample
from shared.modeling.distribution import Floats
from shared.modeling.manifest import TreeSettings
from shared.modeling.model import load_booster, matrix_of
from shared.modeling.target import Target

if TYPE_CHECKING:
    import xgboost

# Imported where it works: xgboost takes a second to load, which only forecasters pay.
# ruff: noqa: PLC0415

SEED = 20260326
MAX_BIN = 64
NO_TREES = TreeSettings(rounds=0, max_depth=1, eta=0.1, min_child_weight=1, reg_lambda=1)


def bin_rows(
    features: tuple[str, ...], rows: Sample, reference: xgboost.QuantileDMatrix | None = None
) -> xgboost.QuantileDMatrix:
    """Return the rows in XGBoost's bins, or in those of a `reference`: made once for all trees on them.

    Without the features' names, which XGBoost would check with every tree.
    """
    import xgboost

    return xgboost.QuantileDMatrix(
        matrix_of(rows.frame, features).astype(np.float32),
        label=rows.label,
        weight=rows.weight,
        nthread=1,
        max_bin=MAX_BIN,
        ref=reference,
    )


def fit_booster(
    settings: TreeSettings,
    target: Target,
    features: tuple[str, ...],
    data: xgboost.QuantileDMatrix,
    start: Floats,
) -> xgboost.Booster:
    """Return trees on the margin `start` of binned rows, whose columns are `features`."""
    import xgboost

    data.set_base_margin(start)
    return xgboost.train(booster_settings(settings, target, features), data, settings.rounds)


def booster_settings(settings: TreeSettings, target: Target, features: tuple[str, ...]) -> dict[str, Any]:
    """Return XGBoost's parameters."""
    return {
        "objective": target.objective,
        "tree_method": "hist",
        "max_bin": MAX_BIN,
        "seed": SEED,
        "nthread": 1,
        "monotone_constraints": tuple(int(name in target.monotone_increasing) for name in features),
        "max_depth": settings.max_depth,
        "eta": settings.eta,
        "min_child_weight": settings.min_child_weight,
        "reg_lambda": settings.reg_lambda,
        "subsample": settings.row_share,
        "colsample_bytree": settings.column_share,
    }


def join_boosters(boosters: Sequence[xgboost.Booster], share: float) -> xgboost.Booster:
    """Return one booster with the trees of all, in order, each with `share` of its weight.

    A mean of lines with trees on the scale of the link is the mean line with all their trees, each of less
    weight: so a pool is served as one ordinary model.
    """
    models = [msgspec.json.decode(bytes(booster.save_raw("json"))) for booster in boosters]
    joint: dict[str, Any] = models[0]
    part = joint["learner"]["gradient_booster"]["model"]
    part["trees"] = [tree for model in models for tree in _trees_of(model)]
    for number, tree in enumerate(part["trees"]):
        tree["id"] = number
        _scale_leaves(tree, share)
    count = len(part["trees"])
    part["tree_info"] = [0] * count
    part["iteration_indptr"] = list(range(count + 1))
    part["gbtree_model_param"]["num_trees"] = f"{count}"
    return load_booster(msgspec.json.encode(joint), "pool")


def _trees_of(model: dict[str, Any]) -> list[dict[str, Any]]:
    trees: list[dict[str, Any]] = model["learner"]["gradient_booster"]["model"]["trees"]
    return trees


def _scale_leaves(tree: dict[str, Any], share: float) -> None:
    """Multiply what a tree says; XGBoost keeps a leaf's value among the conditions of splits."""
    for leaf, child in enumerate(tree["left_children"]):
        if child == -1:
            tree["split_conditions"][leaf] *= share
            tree["base_weights"][leaf] *= share
