"""One target's decision: what was tried on which rows, and whether a new model is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from services.trainer.build import (
    Candidate,
    build_candidates,
    promoted_candidate,
    recent_evaluation,
    split_recent,
)
from services.trainer.dataset import Sample, build_sample
from services.trainer.deployed_models import DeployedModel
from services.trainer.drift import feature_drift
from services.trainer.selection import shadow
from services.trainer.selection.promotion import POSTSEASON, TrainingPlan, choose_plan
from shared.messaging.events import FeaturesCreated
from shared.modeling.manifest import Evaluation
from shared.modeling.target import Target
from shared.runtime.settings import Settings

MIN_ROWS = 20


@dataclass(frozen=True)
class TargetContext:
    """What is known of a target: its rows, who is production and who challenges, how their forecasts did."""

    target: Target
    frame: pl.DataFrame
    production: DeployedModel | None
    unreadable: str  # why production cannot be read, "" if it can
    challenger: DeployedModel | None
    graded: pl.DataFrame


@dataclass(frozen=True)
class Decision:
    """The decision on a target: the candidate to deploy (None: none), those rejected, and why.

    `new_challenger` is scored in shadow from now on; `drops_challenger` ends the current one.
    `error` names what a person should look at.
    """

    target: Target
    deploy: Candidate | None
    rejected_candidates: tuple[Candidate, ...]
    reason: str
    evaluation: Evaluation | None
    new_challenger: Candidate | None = None
    drops_challenger: bool = False
    error: str = ""
    drift: Mapping[str, float] = field(default_factory=dict)


def decide_target(case: TargetContext, event: FeaturesCreated, settings: Settings) -> Decision:
    """Build and judge what is due for the target; frozen, only judge production."""
    target, rows = case.target, build_sample(case.frame, case.target)
    if len(rows) < MIN_ROWS:
        return Decision(target, None, (), f"{len(rows)} rows, expected at least {MIN_ROWS}", None)
    why = _production_failure(case, rows)
    if why:
        case = replace(case, production=None)
    reason = deployment_freeze_reason(case.frame, case.production, settings)
    if reason:
        decision = Decision(target, None, (), reason, _evaluate_production(target, rows, case.production))
    else:
        decision = (
            _repair_production(case, rows, why, event) if why else _decide_deployment(case, rows, event)
        )
    found = feature_drift(case.production.manifest, rows) if case.production else {}
    trouble = f"production model of {target.name} is broken" if why else ""
    return replace(decision, drift=found, error=trouble)


def failed_decision(target: Target, error: Exception) -> Decision:
    """Return what becomes of a target whose training failed: production stays, the next event tries again."""
    reason = f"failed, production stays: {type(error).__name__}: {error}"
    return Decision(target, None, (), reason, None, error=f"training of {target.name} failed")


def deployment_freeze_reason(frame: pl.DataFrame, deployed: DeployedModel | None, settings: Settings) -> str:
    """Return why nothing may be deployed: the settings or the postseason forbid it; "" if it may."""
    if settings.deployment_disabled:
        return "deployment is disabled in the settings"
    latest = frame.sort("game_date")["game_type"][-1]
    return "frozen in the postseason" if deployed and latest in POSTSEASON else ""


def _production_failure(case: TargetContext, rows: Sample) -> str:
    if case.production is None:
        return case.unreadable
    made = case.production.manifest
    return case.production.missing_columns(case.frame) or shadow.find_production_failure(
        made, case.graded, case.target, rows
    )


def _repair_production(case: TargetContext, rows: Sample, why: str, event: FeaturesCreated) -> Decision:
    """Replace a broken model by the best first model: it need not beat the broken one."""
    *lost, last = build_candidates(case.target, rows, None, TrainingPlan.FULL, event.as_of)
    reason = f"production is broken, {why}; {last.verdict.reason}"
    last = replace(last, verdict=replace(last.verdict, reason=reason))
    return _of_candidates(case, (*lost, last))


def _decide_deployment(case: TargetContext, rows: Sample, event: FeaturesCreated) -> Decision:
    challenger = case.challenger
    verdict = shadow.judge_challenger(challenger.manifest, case.graded, event.as_of) if challenger else None
    if challenger and verdict and verdict.deploy:
        return _of_candidates(case, (promoted_candidate(challenger, case.target, verdict),))
    due = choose_plan(case.production.manifest if case.production else None, event.trigger, event.as_of)
    decision = _of_candidates(case, build_candidates(case.target, rows, case.production, due, event.as_of))
    if verdict is None:
        return decision
    return replace(decision, drops_challenger=True, reason=f"{decision.reason}; {verdict.reason}")


def _of_candidates(case: TargetContext, candidates: tuple[Candidate, ...]) -> Decision:
    """Deploy the last if it is to be; who lost but looked better challenges, where nobody does yet."""
    *others, last = candidates
    wins = last.verdict.deploy
    lost = tuple(others) if wins else candidates
    retires = wins and last.change == "minor"
    free = case.challenger is None and not retires
    challenges = next((one for one in lost if one.verdict.challenges and free), None)
    deploy = last if wins else None
    return Decision(case.target, deploy, lost, last.verdict.reason, last.evaluation, challenges, retires)


def _evaluate_production(target: Target, rows: Sample, deployed: DeployedModel | None) -> Evaluation | None:
    if deployed is None:
        return None
    _, recent = split_recent(rows)
    return recent_evaluation(target, deployed.score_forecasts(target, recent), rows)
