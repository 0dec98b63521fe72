"""Building a target's candidates and judging them: first, full, tuned or incremental."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.deployed_models import DeployedModel
from services.trainer.drift import profile_inputs
from services.trainer.fitting.train import FittedModel, fit_recipe, renew_model
from services.trainer.fitting.tuning import tune_recipe
from services.trainer.recipes import Recipe, build_recipe, recipe_of
from services.trainer.scores import LossTable, PairedDifference, build_evaluation, paired_difference
from services.trainer.selection import promotion
from services.trainer.selection.naive import naive_losses
from services.trainer.selection.promotion import PromotionVerdict, TrainingPlan
from services.trainer.selection.walk_forward import WalkForwardResult, walk_forward_all
from shared.modeling.manifest import Evaluation, FeatureProfile, ModelSpecification, TrainedOn
from shared.modeling.model import artifact_with_current_names
from shared.modeling.target import Target

RECENT_DAYS = 7  # of games that no model is fitted on: they judge the next against production
_NO_NEWS = PromotionVerdict(
    deploy=False, reason="nothing new: the same rows, or a formula without fitted numbers"
)


@dataclass(frozen=True)
class Candidate:
    """A fitted model, how it did on games it never saw, and whether it is deployed."""

    fitted: FittedModel
    kind: Literal["full", "incremental"]
    change: Literal["patch", "minor"]
    trained_on: TrainedOn
    profile: dict[str, FeatureProfile]
    evaluation: Evaluation
    verdict: PromotionVerdict


def split_recent(rows: Sample) -> tuple[Sample, Sample]:
    """Return the rows to fit on and the recent ones that judge: seven days, a fifth of a short history."""
    days = np.unique(rows.days)
    recent = days[-min(RECENT_DAYS, max(1, len(days) // 5)) :]
    return rows.known_before(int(recent[0])), rows.rows_between(int(recent[0]), int(recent[-1]))


def build_candidates(
    target: Target, rows: Sample, deployed: DeployedModel | None, plan: TrainingPlan, as_of: date
) -> tuple[Candidate, ...]:
    """Return the candidates in the order they were judged; at most the last is to be deployed."""
    if deployed and plan is TrainingPlan.INCREMENTAL:
        return (_incremental_candidate(target, rows, deployed, as_of),)
    known = recipe_of(deployed.manifest, target) if deployed else None
    trials = walk_forward_all(candidate_recipes(target, plan, known, rows), target, rows)
    if deployed is None or known is None:
        return (_first_candidate(target, rows, trials, as_of),)
    if not trials:
        return (_rebuilt_candidate(target, rows, deployed, None, as_of),)
    return _successor_candidates(target, rows, deployed, trials, as_of)


def promoted_candidate(challenger: DeployedModel, target: Target, verdict: PromotionVerdict) -> Candidate:
    """Return a challenger unchanged, to be deployed because its shadow forecasts were better."""
    made = challenger.manifest
    specification = ModelSpecification(
        **{name: getattr(made, name) for name in ModelSpecification.__struct_fields__ if name != "version"},
        version="candidate",
    )
    fitted = FittedModel(
        recipe_of(made, target), specification, challenger.artifact, made.rounds, made.tree_weight
    )
    return Candidate(fitted, "full", "minor", made.trained_on, made.profile, made.evaluation, verdict)


def candidate_recipes(
    target: Target, plan: TrainingPlan, deployed: Recipe | None, rows: Sample
) -> tuple[Recipe, ...]:
    """Return what to try, the usual form first; when tuned, a blend and the trees found; production's own."""
    tried = [build_recipe(target, form) for form in target.candidate_forms]
    found = (build_recipe(target, "blended"), tune_recipe(target, rows)) if plan is TrainingPlan.TUNED else ()
    return tuple(dict.fromkeys(one for one in (*tried, *found, deployed) if one))


def recent_evaluation(target: Target, ours: LossTable, rows: Sample) -> Evaluation:
    """Return how forecasts of the recent rows did, beside naive."""
    past, recent = split_recent(rows)
    return build_evaluation(ours, naive_losses(target, past, recent), recent, folds=1)


def _first_candidate(
    target: Target, rows: Sample, trials: tuple[tuple[Recipe, WalkForwardResult], ...], as_of: date
) -> Candidate:
    past, _ = split_recent(rows)
    if not trials:
        return _formula_only_candidate(target, rows, as_of, "too few days to judge")
    chosen, trial = promotion.choose_first(trials)
    summary = trial.build_evaluation()
    verdict = promotion.passes_first_release(summary)
    if not verdict.deploy and summary.games < promotion.FEW_GAMES:
        return _formula_only_candidate(target, rows, as_of, verdict.reason)
    return _full_candidate(fit_recipe(chosen, target, past), "minor", past, as_of, summary, verdict)


def _formula_only_candidate(target: Target, rows: Sample, as_of: date, reason: str) -> Candidate:
    """The formula is fitted on nothing, so that every row judges it, naive with hindsight beside it."""
    fitted = fit_recipe(build_recipe(target, "formula"), target, rows)
    naive = naive_losses(target, rows, rows)
    summary = build_evaluation(fitted.score_forecasts(target, rows), naive, rows, folds=1)
    verdict = PromotionVerdict(deploy=True, reason=f"first model, the formula without trees: {reason}")
    return _full_candidate(fitted, "minor", rows, as_of, summary, verdict)


def _successor_candidates(
    target: Target,
    rows: Sample,
    deployed: DeployedModel,
    trials: tuple[tuple[Recipe, WalkForwardResult], ...],
    as_of: date,
) -> tuple[Candidate, ...]:
    by_recipe = dict(trials)
    production = by_recipe[recipe_of(deployed.manifest, target)]
    chosen, trial = promotion.choose_recipe(trials)
    rebuilt = _rebuilt_candidate(target, rows, deployed, production, as_of)
    if trial is production:
        return (rebuilt,)
    past, _ = split_recent(rows)
    verdict = promotion.passes_superiority(
        paired_difference(trial.ours, production.ours, production.rows.games)
    )
    challenger = _full_candidate(
        fit_recipe(chosen, target, past), "minor", past, as_of, trial.build_evaluation(), verdict
    )
    return (challenger,) if verdict.deploy else (challenger, rebuilt)


def _rebuilt_candidate(
    target: Target, rows: Sample, deployed: DeployedModel, trial: WalkForwardResult | None, as_of: date
) -> Candidate:
    """Fit production's recipe again on all rows except the recent ones."""
    past, recent = split_recent(rows)
    fitted = fit_recipe(recipe_of(deployed.manifest, target), target, past)
    scored, difference = _compare_with_deployed(target, fitted, deployed, recent)
    summary = trial.build_evaluation() if trial else recent_evaluation(target, scored, rows)
    return _full_candidate(
        fitted, "patch", past, as_of, summary, promotion.passes_non_inferiority(difference)
    )


def _incremental_candidate(target: Target, rows: Sample, deployed: DeployedModel, as_of: date) -> Candidate:
    """Continue production's model on all rows except the recent ones."""
    past, recent = split_recent(rows)
    fitted = renew_model(deployed.artifact, deployed.manifest, target, past)
    scored, difference = _compare_with_deployed(target, fitted, deployed, recent)
    known = deployed.manifest.as_of == as_of and _has_same_rows(past, deployed)
    verdict = (
        _NO_NEWS
        if known or _has_same_model(fitted, deployed)
        else promotion.passes_non_inferiority(difference)
    )
    seen = TrainedOn(past.first_day, past.last_day, len(past), deployed.manifest.trained_on.last_full_build)
    summary, input_profile = (
        recent_evaluation(target, scored, rows),
        profile_inputs(fitted.specification, past),
    )
    return Candidate(fitted, "incremental", "patch", seen, input_profile, summary, verdict)


def _full_candidate(
    fitted: FittedModel,
    change: Literal["patch", "minor"],
    rows: Sample,
    as_of: date,
    summary: Evaluation,
    verdict: PromotionVerdict,
) -> Candidate:
    seen = TrainedOn(rows.first_day, rows.last_day, len(rows), as_of)
    return Candidate(
        fitted, "full", change, seen, profile_inputs(fitted.specification, rows), summary, verdict
    )


def _has_same_rows(rows: Sample, deployed: DeployedModel) -> bool:
    seen = deployed.manifest.trained_on
    return (seen.first, seen.last, seen.rows) == (rows.first_day, rows.last_day, len(rows))


def _has_same_model(fitted: FittedModel, deployed: DeployedModel) -> bool:
    return (fitted.specification.margin, fitted.artifact) == (
        deployed.manifest.margin,
        artifact_with_current_names(deployed.artifact, deployed.manifest),
    )


def _compare_with_deployed(
    target: Target, fitted: FittedModel, deployed: DeployedModel, recent: Sample
) -> tuple[LossTable, PairedDifference]:
    """Score both on the recent games; neither was fitted on them."""
    scored = fitted.score_forecasts(target, recent)
    production = deployed.score_forecasts(target, recent)
    return scored, paired_difference(scored, production, recent.games)
