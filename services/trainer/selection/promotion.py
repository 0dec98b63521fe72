"""Who deserves to be production: what to build, which form to trust, and what a deployment must show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.trainer.recipes import Recipe
from services.trainer.selection.scores import Paired, paired
from services.trainer.selection.walk_forward import Trial
from shared.messaging.events import Trigger
from shared.modeling.manifest import Evaluation, ModelManifest

ONE_SIDED_95 = 1.645
FULL_BUILD_EVERY = 7  # days of data
FEW_GAMES = 150  # judged: below, a first model that looks worse than naive may just be unlucky
POSTSEASON = frozenset("FDLW")


class Plan(StrEnum):
    """How a target is built today."""

    FULL = "full"
    TUNED = "full with tuning"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate is deployed, or may go on to challenge in shadow, and why, in words for people."""

    deploy: bool
    reason: str
    challenges: bool = False


def plan(standing: ModelManifest | None, trigger: Trigger, as_of: date) -> Plan:
    """Return full weekly, tuned monthly, full once the last full build is a week of data old."""
    if trigger == "monthly":
        return Plan.TUNED
    if standing is None or trigger == "weekly":
        return Plan.FULL
    age = (as_of - standing.trained_on.last_full_build).days
    return Plan.INCREMENTAL if age < FULL_BUILD_EVERY else Plan.FULL


def choose(trials: Sequence[tuple[Recipe, Trial]]) -> tuple[Recipe, Trial]:
    """Return the first recipe that no later one beats by more than a standard error.

    `trials` begin with the target's usual form: where another wins, simpler or richer, it is champion.
    """
    best, *others = trials
    for candidate in others:
        difference = paired(candidate[1].ours, best[1].ours, best[1].rows.games)
        if difference.mean < -difference.se:
            best = candidate
    return best


def choose_first(trials: Sequence[tuple[Recipe, Trial]]) -> tuple[Recipe, Trial]:
    """Return a target's first recipe: the one to choose, or the formula where only that beats naive.

    Where neither does it is the better of the two.
    """
    chosen = choose(trials)
    if chosen[1].evaluation().gain > 0:
        return chosen
    plain = (trial for trial in trials if trial[0].form == "formula")
    return max(chosen, *plain, key=lambda trial: trial[1].evaluation().gain)


def better(difference: Paired) -> Verdict:
    """Judge a challenger of a new form: deployed only if better with one-sided 95 % confidence.

    One that looks better without that much certainty may challenge production on games to come.
    """
    wins = difference.mean + ONE_SIDED_95 * difference.se < 0
    reason = f"challenger {'better' if wins else 'not better'} than production: {difference}"
    return Verdict(wins, reason, challenges=not wins and difference.mean < 0)


def no_worse(difference: Paired) -> Verdict:
    """Judge the same form on newer rows: deployed unless worse with one-sided 95 % confidence."""
    stands = difference.mean - ONE_SIDED_95 * difference.se <= 0
    return Verdict(stands, f"{'no worse' if stands else 'worse'} than production: {difference}")


def first(evaluation: Evaluation) -> Verdict:
    """Judge a target's first model: deployed unless worse than naive beyond noise."""
    stands = evaluation.gain + ONE_SIDED_95 * evaluation.gain_se >= 0
    gain = f"{evaluation.gain:+.5f} ± {evaluation.gain_se:.5f} log loss over {evaluation.games} games"
    return Verdict(stands, f"first model, {'no worse than' if stands else 'worse than'} naive: {gain}")
