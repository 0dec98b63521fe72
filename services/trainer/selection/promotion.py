"""Promotion rules: what to build, which voices a pool loses, and what a candidate must show."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.trainer.scores import PairedDifference, paired_difference
from services.trainer.selection.walk_forward import WalkForwardResult
from shared.messaging.events import Trigger
from shared.modeling.manifest import Evaluation, ModelManifest

ONE_SIDED_95 = 1.645
HAIR = 0.0005  # log loss
FULL_BUILD_EVERY = 7  # days of data
SEASON_GAMES = 2430
CLEAR_ERRORS = 2.5  # standard errors: over a season's builds, chance alone rarely goes so far
FEW_GAMES = 150  # judged: below, a first model that looks worse than naive may just be unlucky


class TrainingPlan(StrEnum):
    """How a target is built today."""

    FULL = "full"
    TUNED = "full with tuning"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class PromotionVerdict:
    """Whether a candidate is deployed, and the reason as a sentence."""

    deploy: bool
    reason: str


def choose_plan(deployed: ModelManifest | None, trigger: Trigger, as_of: date) -> TrainingPlan:
    """Return full weekly, tuned monthly, full once the last full build is a week of data old."""
    if trigger == "monthly":
        return TrainingPlan.TUNED
    if deployed is None or trigger == "weekly":
        return TrainingPlan.FULL
    age = (as_of - deployed.trained_on.last_full_build).days
    return TrainingPlan.INCREMENTAL if age < FULL_BUILD_EVERY else TrainingPlan.FULL


def harmful_voices(trial: WalkForwardResult) -> dict[str, PairedDifference]:
    """Return the voices that a pool is clearly worse with than without, and by how much.

    Clearly: by 2.5 standard errors over a season of games. Nothing is chosen among voices that differ by
    less: their mean is as good as the best of them, and nobody knows which that will be.
    """
    found = {}
    for name, without in trial.without.items():
        difference = paired_difference(trial.ours, without, trial.rows.games)
        if difference.games >= SEASON_GAMES and difference.mean > CLEAR_ERRORS * difference.se:
            found[name] = difference
    return found


def passes_shadow(challenger: str, difference: PairedDifference) -> PromotionVerdict:
    """Judge a pool with one more voice on games after it was made: promoted unless clearly worse."""
    passes = difference.mean <= CLEAR_ERRORS * difference.se
    message = "no worse" if passes else "worse"
    return PromotionVerdict(
        passes, f"challenger {challenger} {message} than production in shadow: {difference}"
    )


def passes_non_inferiority(difference: PairedDifference) -> PromotionVerdict:
    """Judge the same form on newer rows: deployed unless clearly worse, with one-sided 95 % confidence.

    By more than a hair: two fits of nearly the same rows differ by so little, and so evenly, that any
    difference would be certain.
    """
    passes = difference.mean - ONE_SIDED_95 * difference.se <= HAIR
    return PromotionVerdict(passes, f"{'no worse' if passes else 'worse'} than production: {difference}")


def passes_first_release(evaluation: Evaluation) -> PromotionVerdict:
    """Judge a target's first model: deployed unless worse than naive beyond noise."""
    passes = evaluation.gain + ONE_SIDED_95 * evaluation.gain_se >= 0
    gain = f"{evaluation.gain:+.5f} ± {evaluation.gain_se:.5f} log loss over {evaluation.games} games"
    return PromotionVerdict(
        passes, f"first model, {'no worse than' if passes else 'worse than'} naive: {gain}"
    )
