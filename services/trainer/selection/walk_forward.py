"""Judging a recipe as it would have served: fitted on the days before, scored on the days after."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.trainer.dataset import Sample
from services.trainer.fitting.train import fit_recipe
from services.trainer.folds import forward_folds
from services.trainer.recipes import Recipe
from services.trainer.scores import LossTable, build_evaluation, concat_losses
from services.trainer.selection.naive import naive_losses
from shared.modeling.manifest import Evaluation
from shared.modeling.target import Target


@dataclass(frozen=True)
class WalkForwardResult:
    """One recipe's walk-forward losses beside naive's, on the rows it never saw."""

    rows: Sample
    folds: int
    ours: LossTable
    naive: LossTable

    def build_evaluation(self) -> Evaluation:
        """Return the summary that goes into a manifest."""
        return build_evaluation(self.ours, self.naive, self.rows, self.folds)


def walk_forward_all(
    recipes: Sequence[Recipe], target: Target, rows: Sample
) -> tuple[tuple[Recipe, WalkForwardResult], ...]:
    """Score recipes and naive on every fold of the same rows, each fitted on what was known before it began.

    None where there are too few days.
    """
    parts = forward_folds(rows)
    if not parts:
        return ()
    pairs = [fold.split_rows(rows) for fold in parts]
    together = rows.rows_between(parts[0].first, parts[-1].last)
    naive = concat_losses(naive_losses(target, before, after) for before, after in pairs)

    def evaluate_recipe(recipe: Recipe) -> WalkForwardResult:
        ours = concat_losses(
            fit_recipe(recipe, target, before).score_forecasts(target, after) for before, after in pairs
        )
        return WalkForwardResult(together, len(parts), ours, naive)

    return tuple((recipe, evaluate_recipe(recipe)) for recipe in recipes)
