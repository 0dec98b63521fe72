"""One target's decision: what was tried on which rows, and whether a new model is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from services.trainer.build import (
    MIN_ROWS,
    Candidate,
    TrainingRows,
    build_candidates,
    promoted_candidate,
    recent_evaluation,
    split_recent,
)
from services.trainer.dataset import Sample, build_sample
from services.trainer.deployed_models import DeployedModel
from services.trainer.drift import feature_drift
from services.trainer.selection import shadow
from services.trainer.selection.promotion import TrainingPlan, choose_plan
from shared.messaging.events import FeaturesCreated
from shared.modeling.manifest import Evaluation
from shared.modeling.model import input_columns
from shared.modeling.target import Target
from shared.runtime.settings import Settings
from shared.sports.mlb.game_types import POSTSEASON


@dataclass(frozen=True)
class TargetContext:
    """A target's training rows, its models in the current release, and the scores of their forecasts.

    `frame` has the rows of confirmed line-ups.
    """

    target: Target
    frame: pl.DataFrame
    variant_frames: Mapping[str, pl.DataFrame]  # of the same games, by line-up variant
    production: DeployedModel | None
    unreadable: str  # why production cannot be read, "" if it can
    challenger: DeployedModel | None
    scored: pl.DataFrame  # forecasts of finished games with their log loss


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


def decide_target(context: TargetContext, event: FeaturesCreated, settings: Settings) -> Decision:
    """Build and judge what is due for the target; frozen, only judge production."""
    target, rows = context.target, _recent_sample(context, context.frame)
    if len(rows) < MIN_ROWS:
        return Decision(target, None, (), f"{len(rows)} rows, expected at least {MIN_ROWS}", None)
    failure = _production_failure(context, rows)
    if failure:
        context = replace(context, production=None)
    reason = deployment_freeze_reason(context.frame, context.production, settings)
    if reason:
        decision = Decision(target, None, (), reason, _evaluate_production(target, rows, context.production))
    else:
        decision = (
            _repair_production(context, _with_variants(context, rows), failure, event)
            if failure
            else _decide_deployment(context, _with_variants(context, rows), event)
        )
    drift = feature_drift(context.production.manifest, rows) if context.production else {}
    error = f"production model of {target.name} is broken" if failure else ""
    return replace(decision, drift=drift, error=error)


def _recent_sample(context: TargetContext, frame: pl.DataFrame) -> Sample:
    """Return the target's sample of the days that it is fitted on, with what production reads."""
    also = input_columns(context.production.manifest) if context.production else ()
    return build_sample(frame, context.target, also).newest_days(context.target.window_days)


def _with_variants(context: TargetContext, rows: Sample) -> TrainingRows:
    samples = {name: _recent_sample(context, frame) for name, frame in context.variant_frames.items()}
    return TrainingRows(rows, {name: own for name, own in samples.items() if len(own) >= MIN_ROWS})


def failed_decision(target: Target, error: Exception) -> Decision:
    """Return the decision on a target whose training failed: production stays, the next event tries again."""
    reason = f"failed, production stays: {type(error).__name__}: {error}"
    return Decision(target, None, (), reason, None, error=f"training of {target.name} failed")


def deployment_freeze_reason(frame: pl.DataFrame, deployed: DeployedModel | None, settings: Settings) -> str:
    """Return why nothing may be deployed: the settings or the postseason forbid it; "" if it may."""
    if settings.deployment_disabled:
        return "deployment is disabled in the settings"
    latest = frame.sort("game_date")["game_type"][-1]
    return "frozen in the postseason" if deployed and latest in POSTSEASON else ""


def _production_failure(context: TargetContext, rows: Sample) -> str:
    if context.production is None:
        return context.unreadable
    return context.production.missing_columns(context.frame) or shadow.find_production_failure(
        context.production.manifest, context.scored, context.target, rows
    )


def _repair_production(
    context: TargetContext, rows: TrainingRows, why: str, event: FeaturesCreated
) -> Decision:
    """Replace a broken model by the best first model: it need not beat the broken one."""
    *lost, last = build_candidates(context.target, rows, None, TrainingPlan.FULL, event.as_of)
    reason = f"production is broken, {why}; {last.verdict.reason}"
    last = replace(last, verdict=replace(last.verdict, reason=reason))
    return _decision_on(context, (*lost, last))


def _decide_deployment(context: TargetContext, rows: TrainingRows, event: FeaturesCreated) -> Decision:
    challenger = context.challenger
    verdict = (
        shadow.judge_challenger(challenger.manifest, context.scored, event.as_of) if challenger else None
    )
    if challenger and verdict and verdict.deploy:
        return _decision_on(context, (promoted_candidate(challenger, context.target, verdict),))
    due = choose_plan(context.production.manifest if context.production else None, event.trigger, event.as_of)
    decision = _decision_on(
        context, build_candidates(context.target, rows, context.production, due, event.as_of)
    )
    if verdict is None:
        return decision
    return replace(decision, drops_challenger=True, reason=f"{decision.reason}; {verdict.reason}")


def _decision_on(context: TargetContext, candidates: tuple[Candidate, ...]) -> Decision:
    """Deploy the last candidate if its verdict says so; one with one more voice may challenge.

    A target has at most one challenger. A new form in production drops the current one.
    """
    *others, last = candidates
    is_deployed = last.verdict.deploy
    lost = tuple(others) if is_deployed else candidates
    drops_challenger = is_deployed and last.change == "minor"
    may_challenge = context.challenger is None and not drops_challenger
    return Decision(
        context.target,
        deploy=last if is_deployed else None,
        rejected_candidates=lost,
        reason=last.verdict.reason,
        evaluation=last.evaluation,
        new_challenger=next((one for one in lost if one.challenges and may_challenge), None),
        drops_challenger=drops_challenger,
    )


def _evaluate_production(target: Target, rows: Sample, deployed: DeployedModel | None) -> Evaluation | None:
    if deployed is None:
        return None
    _, recent = split_recent(rows)
    return recent_evaluation(target, deployed.score_forecasts(target, recent), rows)
