"""Judging a recipe as it would have served: fitted on the days before, scored on the days after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.trainer.frames import Sample
from services.trainer.scores import Losses, evaluation, joined
from services.trainer.targets import Target
from services.trainer.train import Recipe, fit, naive_losses
from shared.model_manifest import Evaluation

FOLDS = 3
JUDGED_SHARE = 0.2  # of the days, the newest
FEWEST_DAYS = 5  # with results: below, there is no before and after


@dataclass(frozen=True, slots=True)
class Fold:
    """Days that are forecast from what was known before the first of them, as days since 1970-01-01."""

    first: int
    last: int


@dataclass(frozen=True)
class Trial:
    """One recipe's walk-forward losses beside naive's, on the rows it never saw."""

    rows: Sample
    folds: int
    ours: Losses
    naive: Losses

    def evaluation(self) -> Evaluation:
        """Return the summary that goes into a manifest."""
        return evaluation(self.ours, self.naive, self.rows, self.folds)


def folds(rows: Sample) -> tuple[Fold, ...]:
    """Return three runs of days that cover the newest fifth; none where there are under five days."""
    days = np.unique(rows.days)
    if len(days) < FEWEST_DAYS:
        return ()
    judged = days[-max(FOLDS, round(JUDGED_SHARE * len(days))) :]
    return tuple(Fold(int(part[0]), int(part[-1])) for part in np.array_split(judged, FOLDS))


def walk_forward(recipe: Recipe, target: Target, rows: Sample) -> Trial:
    """Score the recipe and naive on every fold, each fitted on what was known before the fold began."""
    parts = folds(rows)
    judged = [rows.between(fold.first, fold.last) for fold in parts]
    past = [rows.known_before(fold.first) for fold in parts]
    pairs = list(zip(past, judged, strict=True))
    ours = [fit(recipe, target, before).losses(target, after) for before, after in pairs]
    naive = [naive_losses(target, before, after) for before, after in pairs]
    together = rows.between(parts[0].first, parts[-1].last)
    return Trial(together, len(parts), joined(ours), joined(naive))


def walk_forward_all(
    recipes: Sequence[Recipe], target: Target, rows: Sample
) -> tuple[tuple[Recipe, Trial], ...]:
    """Score several recipes on the same rows; none where there are too few days."""
    if not folds(rows):
        return ()
    return tuple((recipe, walk_forward(recipe, target, rows)) for recipe in recipes)
