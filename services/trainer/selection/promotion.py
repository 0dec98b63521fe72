"""Promotion rules: what to build, which form to choose, and what a candidate must show to be deployed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.trainer.recipes import Recipe
from services.trainer.scores import PairedDifference, paired_difference
from services.trainer.selection.walk_forward import WalkForwardResult
from shared.messaging.events import Trigger
from shared.modeling.manifest import Evaluation, ModelManifest

ONE_SIDED_95 = 1.645
FULL_BUILD_EVERY = 7  # days of data
FEW_GAMES = 150  # judged: below, a first model that looks worse than naive may just be unlucky


class TrainingPlan(StrEnum):
    """How a target is built today."""

    FULL = "full"
    TUNED = "full with tuning"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class PromotionVerdict:
    """Whether a candidate is deployed, or becomes a challenger in shadow, and the reason as a sentence."""

    deploy: bool
    reason: str
    challenges: bool = False


def choose_plan(deployed: ModelManifest | None, trigger: Trigger, as_of: date) -> TrainingPlan:
    """Return full weekly, tuned monthly, full once the last full build is a week of data old."""
    if trigger == "monthly":
        return TrainingPlan.TUNED
    if deployed is None or trigger == "weekly":
        return TrainingPlan.FULL
    age = (as_of - deployed.trained_on.last_full_build).days
    return TrainingPlan.INCREMENTAL if age < FULL_BUILD_EVERY else TrainingPlan.FULL


def choose_recipe(trials: Sequence[tuple[Recipe, WalkForwardResult]]) -> tuple[Recipe, WalkForwardResult]:
    """Return the first recipe that no later one beats by more than a standard error.

    `trials` begin with the target's usual form: where another wins, simpler or richer, it is champion.
    """
    best, *others = trials
    for candidate in others:
        difference = paired_difference(candidate[1].ours, best[1].ours, best[1].rows.games)
        if difference.mean < -difference.se:
            best = candidate
    return best


def choose_first(trials: Sequence[tuple[Recipe, WalkForwardResult]]) -> tuple[Recipe, WalkForwardResult]:
    """Return a target's first recipe: the one to choose, or the formula where only that beats naive.

    Where neither does it is the better of the two.
    """
    chosen = choose_recipe(trials)
    if chosen[1].build_evaluation().gain > 0:
        return chosen
    plain = (trial for trial in trials if trial[0].form == "formula")
    return max(chosen, *plain, key=lambda trial: trial[1].build_evaluation().gain)


def passes_superiority(difference: PairedDifference) -> PromotionVerdict:
    """Judge a challenger of a new form: deployed only if better with one-sided 95 % confidence.

    One that looks better without that much certainty may challenge production on games to come.
    """
    wins = difference.mean + ONE_SIDED_95 * difference.se < 0
    reason = f"challenger {'better' if wins else 'not better'} than production: {difference}"
    return PromotionVerdict(wins, reason, challenges=not wins and difference.mean < 0)


def passes_non_inferiority(difference: PairedDifference) -> PromotionVerdict:
    """Judge the same form on newer rows: deployed unless worse with one-sided 95 % confidence."""
    passes = difference.mean - ONE_SIDED_95 * difference.se <= 0
    return PromotionVerdict(passes, f"{'no worse' if passes else 'worse'} than production: {difference}")


def passes_first_release(evaluation: Evaluation) -> PromotionVerdict:
    """Judge a target's first model: deployed unless worse than naive beyond noise."""
    passes = evaluation.gain + ONE_SIDED_95 * evaluation.gain_se >= 0
    gain = f"{evaluation.gain:+.5f} ± {evaluation.gain_se:.5f} log loss over {evaluation.games} games"
    return PromotionVerdict(
        passes, f"first model, {'no worse than' if passes else 'worse than'} naive: {gain}"
    )
