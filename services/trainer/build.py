"""Building a target's candidates and judging them: first, full, tuned or incremental."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from services.trainer.dataset import Sample
from services.trainer.deployed_models import Standing
from services.trainer.drift import profile
from services.trainer.fitting.train import Fitted, fit, renew
from services.trainer.fitting.tuning import tuned
from services.trainer.mlb.targets import Target
from services.trainer.recipes import Recipe, recipe, recipe_of
from services.trainer.selection import promotion
from services.trainer.selection.naive import naive_losses
from services.trainer.selection.promotion import Plan, Verdict
from services.trainer.selection.scores import Losses, Paired, evaluation, paired
from services.trainer.selection.walk_forward import Trial, walk_forward_all
from shared.modeling.manifest import Evaluation, Profile, Specification, TrainedOn

RECENT_DAYS = 7  # of games that no model is fitted on: they judge the next against production
_NO_NEWS = Verdict(deploy=False, reason="nothing new: the same rows, or a formula without fitted numbers")


@dataclass(frozen=True)
class Candidate:
    """A fitted model, how it did on games it never saw, and whether it is deployed."""

    fitted: Fitted
    kind: Literal["full", "incremental"]
    change: Literal["patch", "minor"]
    trained_on: TrainedOn
    profile: dict[str, Profile]
    evaluation: Evaluation
    verdict: Verdict


def split(rows: Sample) -> tuple[Sample, Sample]:
    """Return the rows to fit on and the recent ones that judge: seven days, a fifth of a short history."""
    days = np.unique(rows.days)
    recent = days[-min(RECENT_DAYS, max(1, len(days) // 5)) :]
    return rows.known_before(int(recent[0])), rows.between(int(recent[0]), int(recent[-1]))


def build(
    target: Target, rows: Sample, standing: Standing | None, plan: Plan, as_of: date
) -> tuple[Candidate, ...]:
    """Return the candidates in the order they were judged; at most the last is to be deployed."""
    if standing and plan is Plan.INCREMENTAL:
        return (_incremental(target, rows, standing, as_of),)
    known = recipe_of(standing.manifest, target) if standing else None
    trials = walk_forward_all(recipes(target, plan, known, rows), target, rows)
    if standing is None or known is None:
        return (_first(target, rows, trials, as_of),)
    if not trials:
        return (_rebuilt(target, rows, standing, None, as_of),)
    return _successors(target, rows, standing, trials, as_of)


def promoted(challenger: Standing, target: Target, verdict: Verdict) -> Candidate:
    """Return a challenger as it stands, to be deployed on the strength of its forecasts in shadow."""
    made = challenger.manifest
    specification = Specification(
        **{name: getattr(made, name) for name in Specification.__struct_fields__ if name != "version"},
        version="candidate",
    )
    fitted = Fitted(
        recipe_of(made, target), specification, challenger.artifact, made.rounds, made.tree_weight
    )
    return Candidate(fitted, "full", "minor", made.trained_on, made.profile, made.evaluation, verdict)


def recipes(target: Target, plan: Plan, standing: Recipe | None, rows: Sample) -> tuple[Recipe, ...]:
    """Return what to try, the usual form first; when tuned, a blend and the trees found; production's own."""
    tried = [recipe(target, form) for form in target.forms]
    found = (recipe(target, "blended"), tuned(target, rows)) if plan is Plan.TUNED else ()
    return tuple(dict.fromkeys(one for one in (*tried, *found, standing) if one))


def recent_evaluation(target: Target, ours: Losses, rows: Sample) -> Evaluation:
    """Return how forecasts of the recent rows did, beside naive."""
    past, recent = split(rows)
    return evaluation(ours, naive_losses(target, past, recent), recent, folds=1)


def _first(target: Target, rows: Sample, trials: tuple[tuple[Recipe, Trial], ...], as_of: date) -> Candidate:
    past, _ = split(rows)
    if not trials:
        return _formula_alone(target, rows, as_of, "too few days to judge")
    chosen, trial = promotion.choose_first(trials)
    summary = trial.evaluation()
    verdict = promotion.first(summary)
    if not verdict.deploy and summary.games < promotion.FEW_GAMES:
        return _formula_alone(target, rows, as_of, verdict.reason)
    return _full(fit(chosen, target, past), "minor", past, as_of, summary, verdict)


def _formula_alone(target: Target, rows: Sample, as_of: date, reason: str) -> Candidate:
    """The formula is fitted on nothing, so that every row judges it, naive with hindsight beside it."""
    fitted = fit(recipe(target, "formula"), target, rows)
    naive = naive_losses(target, rows, rows)
    summary = evaluation(fitted.losses(target, rows), naive, rows, folds=1)
    verdict = Verdict(deploy=True, reason=f"first model, the formula without trees: {reason}")
    return _full(fitted, "minor", rows, as_of, summary, verdict)


def _successors(
    target: Target,
    rows: Sample,
    standing: Standing,
    trials: tuple[tuple[Recipe, Trial], ...],
    as_of: date,
) -> tuple[Candidate, ...]:
    by_recipe = dict(trials)
    production = by_recipe[recipe_of(standing.manifest, target)]
    chosen, trial = promotion.choose(trials)
    rebuilt = _rebuilt(target, rows, standing, production, as_of)
    if trial is production:
        return (rebuilt,)
    past, _ = split(rows)
    verdict = promotion.better(paired(trial.ours, production.ours, production.rows.games))
    challenger = _full(fit(chosen, target, past), "minor", past, as_of, trial.evaluation(), verdict)
    return (challenger,) if verdict.deploy else (challenger, rebuilt)


def _rebuilt(target: Target, rows: Sample, standing: Standing, trial: Trial | None, as_of: date) -> Candidate:
    """Make production's recipe anew on all rows but the recent."""
    past, recent = split(rows)
    fitted = fit(recipe_of(standing.manifest, target), target, past)
    scored, difference = _against(target, fitted, standing, recent)
    summary = trial.evaluation() if trial else recent_evaluation(target, scored, rows)
    return _full(fitted, "patch", past, as_of, summary, promotion.no_worse(difference))


def _incremental(target: Target, rows: Sample, standing: Standing, as_of: date) -> Candidate:
    """Carry production on to all rows but the recent."""
    past, recent = split(rows)
    fitted = renew(standing.artifact, standing.manifest, target, past)
    scored, difference = _against(target, fitted, standing, recent)
    known = standing.manifest.as_of == as_of and _seen(past, standing)
    verdict = _NO_NEWS if known or _same(fitted, standing) else promotion.no_worse(difference)
    seen = TrainedOn(past.first, past.last, len(past), standing.manifest.trained_on.last_full_build)
    summary, lie = recent_evaluation(target, scored, rows), profile(fitted.specification, past)
    return Candidate(fitted, "incremental", "patch", seen, lie, summary, verdict)


def _full(
    fitted: Fitted,
    change: Literal["patch", "minor"],
    rows: Sample,
    as_of: date,
    summary: Evaluation,
    verdict: Verdict,
) -> Candidate:
    seen = TrainedOn(rows.first, rows.last, len(rows), as_of)
    return Candidate(fitted, "full", change, seen, profile(fitted.specification, rows), summary, verdict)


def _seen(rows: Sample, standing: Standing) -> bool:
    seen = standing.manifest.trained_on
    return (seen.first, seen.last, seen.rows) == (rows.first, rows.last, len(rows))


def _same(fitted: Fitted, standing: Standing) -> bool:
    ours, theirs = fitted.specification, standing.manifest
    return (ours.margin, ours.artifact_sha256) == (theirs.margin, theirs.artifact_sha256)


def _against(target: Target, fitted: Fitted, standing: Standing, recent: Sample) -> tuple[Losses, Paired]:
    """Score both on the recent games; neither was fitted on them."""
    scored = fitted.losses(target, recent)
    production = standing.losses(target, recent)
    return scored, paired(scored, production, recent.games)
