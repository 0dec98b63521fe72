"""One target's decision: what was tried on which rows, and whether a new model is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from services.trainer.build import Candidate, Standing, build, recent_evaluation, split
from services.trainer.frames import Sample, sample
from services.trainer.promote import POSTSEASON, plan
from services.trainer.targets import Target
from shared.events import FeaturesCreated
from shared.model_manifest import Evaluation
from shared.settings import Settings

FEWEST_ROWS = 20


@dataclass(frozen=True)
class Decision:
    """What became of a target: the candidate to deploy (None: none), those that lost, and why."""

    target: Target
    deploy: Candidate | None
    lost: tuple[Candidate, ...]
    reason: str
    evaluation: Evaluation | None

    def summary(self) -> dict[str, Any]:
        """Return what the status shows."""
        metrics = self.evaluation.flat() if self.evaluation else {}
        return {"deployed": self.deploy is not None, "reason": self.reason, "metrics": metrics}


def decide(
    target: Target,
    frame: pl.DataFrame,
    standing: Standing | None,
    event: FeaturesCreated,
    settings: Settings,
) -> Decision:
    """Build and judge what is due for the target; frozen, only judge production."""
    rows = sample(frame, target)
    if len(rows) < FEWEST_ROWS:
        return Decision(target, None, (), f"{len(rows)} rows, expected at least {FEWEST_ROWS}", None)
    reason = frozen(frame, standing, settings)
    if reason:
        return Decision(target, None, (), reason, _judged(target, rows, standing))
    due = plan(standing.manifest if standing else None, event.trigger, event.as_of)
    *lost, last = build(target, rows, standing, due, event.as_of)
    if last.verdict.deploy:
        return Decision(target, last, tuple(lost), last.verdict.reason, last.evaluation)
    return Decision(target, None, (*lost, last), last.verdict.reason, last.evaluation)


def frozen(frame: pl.DataFrame, standing: Standing | None, settings: Settings) -> str:
    """Say why nothing may be deployed: by order, or because October is no time for experiments."""
    if settings.training_frozen:
        return "frozen by settings"
    latest = frame.sort("game_date")["game_type"][-1]
    return "frozen in the postseason" if standing and latest in POSTSEASON else ""


def _judged(target: Target, rows: Sample, standing: Standing | None) -> Evaluation | None:
    if standing is None:
        return None
    _, recent = split(rows)
    return recent_evaluation(target, standing.losses(target, recent), rows)
