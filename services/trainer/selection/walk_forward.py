"""Judging a recipe as it would have served: fitted on the days before, scored on the days after."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.fitting.count_shape import fit_shape
from services.trainer.fitting.linear import formula_margin
from services.trainer.fitting.train import SHAPE_DAYS, fit_pool, means_of
from services.trainer.folds import Fold, forward_folds, judged_days
from services.trainer.recipes import Recipe
from services.trainer.scores import LossTable, build_evaluation, concat_losses, score_rows
from services.trainer.selection.calibration import calibrate
from services.trainer.selection.naive import naive_losses
from shared.modeling.distribution import Floats
from shared.modeling.manifest import Calibration, Evaluation
from shared.modeling.target import Target


@dataclass(frozen=True)
class WalkForwardResult:
    """One recipe's walk-forward losses beside naive's, on the rows it never saw.

    `without` has, for each voice of a pool of several, the losses of the pool that lacks it.
    """

    rows: Sample
    folds: int
    ours: LossTable
    naive: LossTable
    means: Floats
    without: Mapping[str, LossTable]

    def build_evaluation(self) -> Evaluation:
        """Return the summary that goes into a manifest."""
        return build_evaluation(self.ours, self.naive, self.rows, self.folds)


@dataclass(frozen=True)
class _FoldForecasts:
    """A fold's forecasts: the pool's, and those of the pools that lack a voice."""

    means: Floats
    ours: LossTable
    naive: LossTable
    without: dict[str, LossTable]


def walk_forward(recipe: Recipe, target: Target, rows: Sample) -> WalkForwardResult | None:
    """Score a recipe and naive on every fold, fitted on what was known before it began.

    None where there are too few days.
    """
    parts = forward_folds(rows)
    if not parts:
        return None
    folds = [_forecast_fold(recipe, target, rows, fold) for fold in parts]
    without: dict[str, list[LossTable]] = defaultdict(list)
    for fold in folds:
        for name, losses in fold.without.items():
            without[name].append(losses)
    return WalkForwardResult(
        rows.rows_between(parts[0].first, parts[-1].last),
        len(parts),
        concat_losses(fold.ours for fold in folds),
        concat_losses(fold.naive for fold in folds),
        np.concatenate([fold.means for fold in folds]),
        {name: concat_losses(losses) for name, losses in without.items()},
    )


def calibrate_ahead(recipe: Recipe, target: Target, rows: Sample) -> Calibration | None:
    """Return how forecasts of the newest fifth of the days, from the days before, are calibrated.

    None where there are too few days.
    """
    judged = judged_days(rows)
    if judged is None:
        return None
    past, newest = judged.split_rows(rows)
    _, ahead = _forecast_margins(recipe, target, past, newest)
    return calibrate(target, means_of(target, ahead), newest)


def _forecast_fold(recipe: Recipe, target: Target, rows: Sample, fold: Fold) -> _FoldForecasts:
    before, after = fold.split_rows(rows)
    known, ahead = _forecast_margins(recipe, target, before, after)
    newest = before.is_newest(SHAPE_DAYS)
    shape = fit_shape(target, means_of(target, known)[newest], before.filter_rows(newest))
    means = means_of(target, ahead)
    several = len(ahead) > 1
    return _FoldForecasts(
        means,
        score_rows(target, means, after, shape),
        naive_losses(target, before, after),
        {
            left_out: score_rows(
                target, means_of(target, {k: v for k, v in ahead.items() if k != left_out}), after, shape
            )
            for left_out in ahead
            if several
        },
    )


def _forecast_margins(
    recipe: Recipe, target: Target, before: Sample, after: Sample
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    pool, data = fit_pool(recipe, target, before)
    if not pool.lines:
        return {"formula": formula_margin(target, before)}, {"formula": formula_margin(target, after)}
    return pool.margins(before, data), pool.margins(after)
