"""Judging a recipe as it would have served: fitted on the days before, scored on the days after."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.trainer.dataset import Sample
from services.trainer.fitting.train import fit
from services.trainer.mlb.targets import Target
from services.trainer.recipes import Recipe
from services.trainer.selection.folds import folds
from services.trainer.selection.naive import naive_losses
from services.trainer.selection.scores import Losses, evaluation, joined
from shared.modeling.manifest import Evaluation


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


def walk_forward_all(
    recipes: Sequence[Recipe], target: Target, rows: Sample
) -> tuple[tuple[Recipe, Trial], ...]:
    """Score recipes and naive on every fold of the same rows, each fitted on what was known before it began.

    None where there are too few days.
    """
    parts = folds(rows)
    if not parts:
        return ()
    pairs = [fold.of(rows) for fold in parts]
    together = rows.between(parts[0].first, parts[-1].last)
    naive = joined(naive_losses(target, before, after) for before, after in pairs)

    def trial(recipe: Recipe) -> Trial:
        ours = joined(fit(recipe, target, before).losses(target, after) for before, after in pairs)
        return Trial(together, len(parts), ours, naive)

    return tuple((recipe, trial(recipe)) for recipe in recipes)
