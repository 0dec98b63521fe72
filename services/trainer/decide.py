"""One target's decision: what was tried on which rows, and whether a new model is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from services.trainer.build import Candidate, build, promoted, recent_evaluation, split
from services.trainer.dataset import Sample, sample
from services.trainer.deployed_models import Standing
from services.trainer.drift import drift
from services.trainer.mlb.targets import Target
from services.trainer.selection import shadow
from services.trainer.selection.promotion import POSTSEASON, Plan, plan
from shared.messaging.events import FeaturesCreated
from shared.modeling.manifest import Evaluation
from shared.runtime.settings import Settings

FEWEST_ROWS = 20


@dataclass(frozen=True)
class Case:
    """What is known of a target: its rows, who is production and who challenges, how their forecasts did."""

    target: Target
    frame: pl.DataFrame
    production: Standing | None
    unreadable: str  # why production cannot be read, "" if it can
    challenger: Standing | None
    graded: pl.DataFrame


@dataclass(frozen=True)
class Decision:
    """What became of a target: the candidate to deploy (None: none), those that lost, and why.

    `challenges` is asked in shadow from now on; `retires` says that the challenger until now is not.
    `trouble` names what a person should look at.
    """

    target: Target
    deploy: Candidate | None
    lost: tuple[Candidate, ...]
    reason: str
    evaluation: Evaluation | None
    challenges: Candidate | None = None
    retires: bool = False
    trouble: str = ""
    drift: Mapping[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return what the status shows."""
        metrics = self.evaluation.flat() if self.evaluation else {}
        told = {"deployed": self.deploy is not None, "reason": self.reason, "metrics": metrics}
        return told | {"drift": dict(self.drift)}


def decide(case: Case, event: FeaturesCreated, settings: Settings) -> Decision:
    """Build and judge what is due for the target; frozen, only judge production."""
    target, rows = case.target, sample(case.frame, case.target)
    if len(rows) < FEWEST_ROWS:
        return Decision(target, None, (), f"{len(rows)} rows, expected at least {FEWEST_ROWS}", None)
    why = _broken(case, rows)
    if why:
        case = replace(case, production=None)
    reason = frozen(case.frame, case.production, settings)
    if reason:
        decision = Decision(target, None, (), reason, _judged(target, rows, case.production))
    else:
        decision = _repaired(case, rows, why, event) if why else _decided(case, rows, event)
    found = drift(case.production.manifest, rows) if case.production else {}
    trouble = f"production model of {target.name} is broken" if why else ""
    return replace(decision, drift=found, trouble=trouble)


def failed(target: Target, error: Exception) -> Decision:
    """Return what becomes of a target whose training failed: production stays, the next event tries again."""
    reason = f"failed, production stays: {type(error).__name__}: {error}"
    return Decision(target, None, (), reason, None, trouble=f"training of {target.name} failed")


def frozen(frame: pl.DataFrame, standing: Standing | None, settings: Settings) -> str:
    """Say why nothing may be deployed: by order, or because October is no time for experiments."""
    if settings.training_frozen:
        return "frozen by settings"
    latest = frame.sort("game_date")["game_type"][-1]
    return "frozen in the postseason" if standing and latest in POSTSEASON else ""


def _broken(case: Case, rows: Sample) -> str:
    if case.production is None:
        return case.unreadable
    made = case.production.manifest
    return case.production.lacks(case.frame) or shadow.broken(made, case.graded, case.target, rows)


def _repaired(case: Case, rows: Sample, why: str, event: FeaturesCreated) -> Decision:
    """Replace a broken model by whatever a first model would be: it need not be better than rubbish."""
    *lost, last = build(case.target, rows, None, Plan.FULL, event.as_of)
    reason = f"production is broken, {why}; {last.verdict.reason}"
    last = replace(last, verdict=replace(last.verdict, reason=reason))
    return _of_candidates(case, (*lost, last))


def _decided(case: Case, rows: Sample, event: FeaturesCreated) -> Decision:
    challenger = case.challenger
    verdict = shadow.judged(challenger.manifest, case.graded, event.as_of) if challenger else None
    if challenger and verdict and verdict.deploy:
        return _of_candidates(case, (promoted(challenger, case.target, verdict),))
    due = plan(case.production.manifest if case.production else None, event.trigger, event.as_of)
    decision = _of_candidates(case, build(case.target, rows, case.production, due, event.as_of))
    if verdict is None:
        return decision
    return replace(decision, retires=True, reason=f"{decision.reason}; {verdict.reason}")


def _of_candidates(case: Case, candidates: tuple[Candidate, ...]) -> Decision:
    """Deploy the last if it is to be; who lost but looked better challenges, where nobody does yet."""
    *others, last = candidates
    wins = last.verdict.deploy
    lost = tuple(others) if wins else candidates
    retires = wins and last.change == "minor"
    free = case.challenger is None and not retires
    challenges = next((one for one in lost if one.verdict.challenges and free), None)
    deploy = last if wins else None
    return Decision(case.target, deploy, lost, last.verdict.reason, last.evaluation, challenges, retires)


def _judged(target: Target, rows: Sample, standing: Standing | None) -> Evaluation | None:
    if standing is None:
        return None
    _, recent = split(rows)
    return recent_evaluation(target, standing.losses(target, recent), rows)
