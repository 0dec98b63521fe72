"""Building a target's candidates and judging them: first, full, tuned or incremental."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.deployed_models import DeployedModel
from services.trainer.drift import profile_inputs
from services.trainer.fitting.train import FittedModel, Variants, fit_recipe, renew_model
from services.trainer.fitting.tuning import tune_trees
from services.trainer.recipes import Recipe, build_recipe, recipe_of, successor_recipe
from services.trainer.scores import LossTable, PairedDifference, build_evaluation, paired_difference
from services.trainer.selection import promotion
from services.trainer.selection.calibration import calibrate, calibration_fault
from services.trainer.selection.naive import naive_losses
from services.trainer.selection.promotion import PromotionVerdict, TrainingPlan
from services.trainer.selection.walk_forward import WalkForwardResult, calibrate_ahead, walk_forward
from shared.modeling.lineup_variants import CONFIRMED
from shared.modeling.manifest import (
    Calibration,
    Evaluation,
    FeatureProfile,
    Margin,
    ModelSpecification,
    TrainedOn,
)
from shared.modeling.model import artifact_with_current_names
from shared.modeling.target import Target

RECENT_DAYS = 7  # of games that no model is fitted on: they judge the next against production
MIN_ROWS = 20  # of a variant: with fewer, its rows are forecast as those of confirmed line-ups
_NO_NEWS = PromotionVerdict(
    deploy=False, reason="nothing new: the same rows, or a formula without fitted numbers"
)
_IN_SHADOW = PromotionVerdict(deploy=False, reason="one more voice, to be judged on games to come")


@dataclass(frozen=True)
class TrainingRows:
    """A target's rows of confirmed line-ups, and the same games' rows of other variants."""

    confirmed: Sample
    variants: Variants = field(default_factory=dict)

    def before(self, day: int) -> TrainingRows:
        """Return the rows known before a day, and of the variants those that have enough."""
        known = {name: rows.known_before(day) for name, rows in self.variants.items()}
        enough = {name: rows for name, rows in known.items() if len(rows) >= MIN_ROWS}
        return TrainingRows(self.confirmed.known_before(day), enough)

    def without_recent(self) -> TrainingRows:
        """Return the rows to fit on: without the recent ones that judge."""
        _, recent = split_recent(self.confirmed)
        return self.before(int(recent.days.min()))


@dataclass(frozen=True)
class Candidate:
    """A fitted model, how it did on games it never saw, and whether it is deployed.

    One that `challenges` is served in shadow. `calibration` is by variant, of rows it was not fitted on.
    """

    fitted: FittedModel
    kind: Literal["full", "incremental"]
    change: Literal["patch", "minor"]
    trained_on: TrainedOn
    profile: dict[str, FeatureProfile]
    evaluation: Evaluation
    verdict: PromotionVerdict
    calibration: dict[str, Calibration] = field(default_factory=dict)
    challenges: bool = False


def split_recent(rows: Sample) -> tuple[Sample, Sample]:
    """Return the rows to fit on and the recent ones that judge: seven days, a fifth of a short history."""
    days = np.unique(rows.days)
    recent = days[-min(RECENT_DAYS, max(1, len(days) // 5)) :]
    return rows.known_before(int(recent[0])), rows.rows_between(int(recent[0]), int(recent[-1]))


def build_candidates(
    target: Target, rows: TrainingRows, deployed: DeployedModel | None, plan: TrainingPlan, as_of: date
) -> tuple[Candidate, ...]:
    """Return the candidates in the order they were judged; at most the last is to be deployed."""
    if deployed and plan is TrainingPlan.INCREMENTAL:
        return (_incremental_candidate(target, rows, deployed, as_of),)
    if deployed is None:
        return (_first_candidate(target, rows, as_of),)
    rebuilt = _rebuilt_candidate(target, rows, deployed, as_of)
    if plan is not TrainingPlan.TUNED:
        return (rebuilt,)
    return (*_tuned_challengers(target, rows, rebuilt, as_of), rebuilt)


def promoted_candidate(challenger: DeployedModel, target: Target, verdict: PromotionVerdict) -> Candidate:
    """Return a challenger unchanged, to be deployed because of its shadow forecasts."""
    made = challenger.manifest
    specification = ModelSpecification(
        **{name: getattr(made, name) for name in ModelSpecification.__struct_fields__ if name != "version"},
        version="candidate",
    )
    fitted = FittedModel(recipe_of(made, target), specification, challenger.artifact, made.rounds)
    return Candidate(
        fitted, "full", "minor", made.trained_on, made.profile, made.evaluation, verdict, made.calibration
    )


def choose_voices(
    recipe: Recipe, target: Target, rows: Sample
) -> tuple[Recipe, WalkForwardResult | None, str]:
    """Return the recipe without voices that clearly harm it, its walk-forward, and in words what it lost.

    None instead of a walk-forward where there are too few days.
    """
    trial, words = walk_forward(recipe, target, rows), ""
    for name, difference in promotion.harmful_voices(trial).items() if trial else ():
        if len(recipe.voices) > 1:
            recipe = recipe.without_voice(name)
            words += f"; without the voice {name!r}, which costs {difference}"
    return recipe, walk_forward(recipe, target, rows) if words else trial, words


def recent_evaluation(target: Target, ours: LossTable, rows: Sample) -> Evaluation:
    """Return how forecasts of the recent rows did, beside naive."""
    past, recent = split_recent(rows)
    return build_evaluation(ours, naive_losses(target, past, recent), recent, folds=1)


def _first_candidate(target: Target, rows: TrainingRows, as_of: date) -> Candidate:
    recipe, trial, words = choose_voices(build_recipe(target), target, rows.confirmed)
    if trial is None:
        return _formula_only_candidate(target, rows.confirmed, as_of, "too few days to judge")
    if trial.build_evaluation().gain <= 0:
        formula = build_recipe(target, "formula")
        plain = walk_forward(formula, target, rows.confirmed)
        if plain and plain.build_evaluation().gain > trial.build_evaluation().gain:
            recipe, trial, words = formula, plain, ""
    summary = trial.build_evaluation()
    verdict = promotion.passes_first_release(summary)
    if not verdict.deploy and summary.games < promotion.FEW_GAMES:
        return _formula_only_candidate(target, rows.confirmed, as_of, verdict.reason)
    fitted, calibration, faults = _fit_calibrated(recipe, target, rows.without_recent(), trial)
    reason = f"{verdict.reason}{words}{_in_words(faults)}"
    return _full_candidate(
        fitted,
        "minor",
        rows.without_recent().confirmed,
        as_of,
        summary,
        PromotionVerdict(verdict.deploy, reason),
        calibration,
    )


def _formula_only_candidate(target: Target, rows: Sample, as_of: date, reason: str) -> Candidate:
    """The formula is fitted on nothing, so that every row judges it, naive with hindsight beside it."""
    fitted = fit_recipe(build_recipe(target, "formula"), target, rows)
    naive = naive_losses(target, rows, rows)
    summary = build_evaluation(fitted.score_forecasts(target, rows), naive, rows, folds=1)
    verdict = PromotionVerdict(deploy=True, reason=f"first model, the formula without trees: {reason}")
    return _full_candidate(fitted, "minor", rows, as_of, summary, verdict, {})


def _rebuilt_candidate(target: Target, rows: TrainingRows, deployed: DeployedModel, as_of: date) -> Candidate:
    """Fit the pool again on all rows except the recent ones, which judge it against production."""
    past = rows.without_recent()
    _, recent = split_recent(rows.confirmed)
    recipe, trial, words = choose_voices(successor_recipe(deployed.manifest, target), target, rows.confirmed)
    fitted, calibration, faults = _fit_calibrated(recipe, target, past, trial)
    scored, difference = _compare_with_deployed(target, fitted, deployed, recent)
    summary = trial.build_evaluation() if trial else recent_evaluation(target, scored, rows.confirmed)
    verdict = promotion.passes_non_inferiority(difference)
    passes = verdict.deploy and (CONFIRMED not in faults or _is_miscalibrated(deployed))
    reason = f"{verdict.reason}{words}{_in_words(faults)}"
    made = deployed.manifest
    is_same = (made.form, made.voices) == (recipe.form, recipe.voices)
    change: Literal["patch", "minor"] = "patch" if is_same else "minor"
    return _full_candidate(
        fitted, change, past.confirmed, as_of, summary, PromotionVerdict(passes, reason), calibration
    )


def _tuned_challengers(
    target: Target, rows: TrainingRows, rebuilt: Candidate, as_of: date
) -> tuple[Candidate, ...]:
    """Return the same pool with one more voice, the trees that the month's search found, if it found any."""
    found = tune_trees(target, rows.confirmed)
    if found is None or not rebuilt.fitted.recipe.voices:
        return ()
    recipe = rebuilt.fitted.recipe.with_tuned_trees(found)
    trial, past = walk_forward(recipe, target, rows.confirmed), rows.without_recent()
    if trial is None:
        return ()
    fitted, calibration, _ = _fit_calibrated(recipe, target, past, trial)
    challenger = _full_candidate(
        fitted, "minor", past.confirmed, as_of, trial.build_evaluation(), _IN_SHADOW, calibration
    )
    return (replace(challenger, challenges=True),)


def _incremental_candidate(
    target: Target, rows: TrainingRows, deployed: DeployedModel, as_of: date
) -> Candidate:
    """Renew production's lines on all rows except the recent ones."""
    past = rows.without_recent()
    _, recent = split_recent(rows.confirmed)
    own = {name: known for name, known in past.variants.items() if name in deployed.manifest.variants}
    fitted = renew_model(deployed.artifact, deployed.manifest, target, past.confirmed, own)
    scored, difference = _compare_with_deployed(target, fitted, deployed, recent)
    known = deployed.manifest.as_of == as_of and _has_same_rows(past.confirmed, deployed)
    verdict = (
        _NO_NEWS
        if known or _has_same_model(fitted, deployed)
        else promotion.passes_non_inferiority(difference)
    )
    made = deployed.manifest
    seen = TrainedOn(
        past.confirmed.first_day,
        past.confirmed.last_day,
        len(past.confirmed),
        made.trained_on.last_full_build,
    )
    return Candidate(
        fitted,
        "incremental",
        "patch",
        seen,
        profile_inputs(fitted.specification, past.confirmed),
        recent_evaluation(target, scored, rows.confirmed),
        verdict,
        made.calibration,
    )


def _fit_calibrated(
    recipe: Recipe, target: Target, rows: TrainingRows, trial: WalkForwardResult | None
) -> tuple[FittedModel, dict[str, Calibration], dict[str, str]]:
    """Fit a recipe on every variant whose forecasts are calibrated; return it, calibrations, and faults.

    A variant that is not has no part of its own: its rows are forecast as those of confirmed line-ups.
    """
    calibration: dict[str, Calibration] = {}
    if trial:
        calibration[CONFIRMED] = calibrate(target, trial.means, trial.rows)
    if recipe.voices:
        ahead = {name: calibrate_ahead(recipe, target, own) for name, own in rows.variants.items()}
        calibration |= {name: found for name, found in ahead.items() if found}
    faults = {name: fault for name, found in calibration.items() if (fault := calibration_fault(found))}
    variants = {name: own for name, own in rows.variants.items() if recipe.voices and name not in faults}
    return fit_recipe(recipe, target, rows.confirmed, variants), calibration, faults


def _is_miscalibrated(deployed: DeployedModel) -> bool:
    """Return whether production is no better calibrated, or nobody knows: then it is no reason to keep it."""
    known = deployed.manifest.calibration.get(CONFIRMED)
    return known is None or bool(calibration_fault(known))


def _in_words(faults: dict[str, str]) -> str:
    return "".join(f"; {variant} line-ups: {fault}" for variant, fault in faults.items())


def _full_candidate(
    fitted: FittedModel,
    change: Literal["patch", "minor"],
    rows: Sample,
    as_of: date,
    summary: Evaluation,
    verdict: PromotionVerdict,
    calibration: dict[str, Calibration],
) -> Candidate:
    seen = TrainedOn(rows.first_day, rows.last_day, len(rows), as_of)
    profile = profile_inputs(fitted.specification, rows)
    return Candidate(fitted, "full", change, seen, profile, summary, verdict, calibration)


def _has_same_rows(rows: Sample, deployed: DeployedModel) -> bool:
    seen = deployed.manifest.trained_on
    return (seen.first, seen.last, seen.rows) == (rows.first_day, rows.last_day, len(rows))


def _has_same_model(fitted: FittedModel, deployed: DeployedModel) -> bool:
    ours, made = fitted.specification, deployed.manifest
    return (_margins(ours), fitted.artifact) == (
        _margins(made),
        artifact_with_current_names(deployed.artifact, made),
    )


def _margins(made: ModelSpecification) -> dict[str, Margin]:
    return {CONFIRMED: made.margin} | {name: part.margin for name, part in made.variants.items()}


def _compare_with_deployed(
    target: Target, fitted: FittedModel, deployed: DeployedModel, recent: Sample
) -> tuple[LossTable, PairedDifference]:
    """Score both on the recent games; neither was fitted on them."""
    scored = fitted.score_forecasts(target, recent)
    production = deployed.score_forecasts(target, recent)
    return scored, paired_difference(scored, production, recent.games)
