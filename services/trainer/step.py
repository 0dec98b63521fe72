"""The trainer's story: new features in, candidates judged, at most one release out."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from services.trainer import deploy, notifications
from services.trainer.build import Candidate
from services.trainer.dataset import training_rows
from services.trainer.decide import Case, Decision, decide, failed
from services.trainer.deployed_models import Standing, read_standing
from services.trainer.mlb.targets import TARGETS, Rows, Target
from services.trainer.selection.shadow import graded_forecasts
from shared.errors import Rejected, Unavailable
from shared.messaging.events import FeaturesCreated, ModelDeployed
from shared.modeling.manifest import ModelManifest
from shared.modeling.registry import ModelRef, Release, current_release
from shared.ports import ObjectStore, Ports

log = logging.getLogger(__name__)


class LeakNotDisproved(Rejected):
    """The features were announced with rows that do not equal their recomputation without the future."""


@dataclass(frozen=True)
class Stage:
    """Who stands when an event comes: production, what of it cannot be read, and who challenges."""

    release: Release | None
    production: Mapping[str, Standing]
    unreadable: Mapping[str, str]
    challengers: Mapping[str, Standing]

    @classmethod
    def of(cls, objects: ObjectStore) -> "Stage":
        """Read the models of the current release; a challenger that cannot be read is none."""
        release = current_release(objects)
        production, unreadable = read_standing(objects, release.models if release else {})
        challengers, _ = read_standing(objects, release.challengers if release else {})
        return cls(release, production, unreadable, challengers)

    def version(self, target: str) -> str | None:
        """Return production's version."""
        ref = self.release.models.get(target) if self.release else None
        return ref.version if ref else None

    def made_by(self, event: FeaturesCreated) -> dict[str, ModelManifest]:
        """Return the manifests of production that the event's own training deployed."""
        made = {target: model.manifest for target, model in self.production.items()}
        return {
            target: one
            for target, one in made.items()
            if (one.run_id, one.snapshot) == (event.run_id, event.snapshot)
        }


def step(event: FeaturesCreated, ports: Ports, now: datetime) -> list[ModelDeployed]:
    """Train what is due on the features up to `event.as_of` and announce what is deployed.

    The same event again finds its models in the current release, trains nothing and announces the same.
    An event older than what production knows changes nothing. A target whose training fails keeps its
    production, with an alert; the others are decided all the same, and the next event tries again.

    Raises:
        LeakNotDisproved: the event reports mismatches.
        Unavailable: rows could not be read or models not be stored; production stands as it was.
    """
    if event.mismatches:
        raise LeakNotDisproved(
            f"{event.snapshot}: expected no mismatch in {event.rows_sampled} recomputed rows, "
            f"got {event.mismatches}: build the features again"
        )
    stage = Stage.of(ports.objects)
    if stage.release and (done := stage.made_by(event)):
        return [deploy.announcement(event, stage.release, done)]
    if any(model.manifest.as_of > event.as_of for model in stage.production.values()):
        log.info("%s is older than what production knows: nothing to train", event.snapshot)
        return []
    decisions = _decisions(event, ports, stage)
    notifications.warn(ports.notifier, decisions, stage.production)
    try:
        return _deployed(event, ports, decisions, stage, now)
    except Unavailable as error:
        notifications.not_stored(ports.notifier, error)
        raise


def _decisions(event: FeaturesCreated, ports: Ports, stage: Stage) -> list[Decision]:
    window = ports.settings.training_window_days
    graded = graded_forecasts(ports.warehouse, event.as_of)
    frames: dict[Rows, pl.DataFrame] = {}
    decisions = []
    for target in TARGETS:
        if target.rows not in frames:
            frames[target.rows] = training_rows(ports.warehouse, target.rows, event.as_of, window)
        case = _case(target, frames[target.rows], graded, stage)
        decisions.append(_decided(case, event, ports))
        log.info("%s: %s", target.name, decisions[-1].reason)
    return decisions


def _case(target: Target, frame: pl.DataFrame, graded: pl.DataFrame, stage: Stage) -> Case:
    name = target.name
    production, why = stage.production.get(name), stage.unreadable.get(name, "")
    return Case(target, frame, production, why, stage.challengers.get(name), graded)


def _decided(case: Case, event: FeaturesCreated, ports: Ports) -> Decision:
    try:
        return decide(case, event, ports.settings)
    except Unavailable:
        raise
    except Exception as error:
        log.exception("training of %s failed", case.target.name)
        return failed(case.target, error)


def _deployed(
    event: FeaturesCreated, ports: Ports, decisions: Sequence[Decision], stage: Stage, now: datetime
) -> list[ModelDeployed]:
    refs = [ref for decision in decisions for ref in _kept(event, ports.objects, decision, stage)]
    challengers = _challengers(event, ports.objects, decisions, stage)
    release = _released(event, ports.objects, refs, challengers, stage, now)
    notifications.leave_status(ports.objects, event, decisions, release, bool(refs), now)
    if release is None or not refs:
        return []
    return [deploy.announcement(event, release, Stage.of(ports.objects).made_by(event))]


def _released(
    event: FeaturesCreated,
    objects: ObjectStore,
    refs: Sequence[ModelRef],
    challengers: Mapping[str, ModelRef],
    stage: Stage,
    now: datetime,
) -> Release | None:
    """Return the release that stands now: a new one where there are new models or other challengers."""
    standing = stage.release
    if not refs and (standing is None or challengers == standing.challengers):
        return standing
    return deploy.publish(objects, refs, challengers, event, now)


def _kept(event: FeaturesCreated, objects: ObjectStore, decision: Decision, stage: Stage) -> list[ModelRef]:
    for candidate in decision.lost:
        deploy.log_lost(objects, _described(candidate, decision, event, stage))
    return _saved(decision.deploy, decision, event, objects, stage)


def _challengers(
    event: FeaturesCreated, objects: ObjectStore, decisions: Sequence[Decision], stage: Stage
) -> dict[str, ModelRef]:
    """Return who challenges from now on: who did and can be read, less who retires, and the new."""
    retired = {decision.target.name for decision in decisions if decision.retires}
    standing = stage.release.challengers if stage.release else {}
    kept = {name: ref for name, ref in standing.items() if name in stage.challengers and name not in retired}
    new = [_saved(decision.challenges, decision, event, objects, stage) for decision in decisions]
    return kept | {ref.target: ref for refs in new for ref in refs}


def _saved(
    candidate: Candidate | None,
    decision: Decision,
    event: FeaturesCreated,
    objects: ObjectStore,
    stage: Stage,
) -> list[ModelRef]:
    if candidate is None:
        return []
    return [deploy.save(objects, candidate, _described(candidate, decision, event, stage))]


def _described(
    candidate: Candidate, decision: Decision, event: FeaturesCreated, stage: Stage
) -> ModelManifest:
    return deploy.manifest(candidate, decision.target, event, stage.version(decision.target.name))
