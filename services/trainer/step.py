"""The trainer's story: new features in, candidates judged, at most one release out."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import polars as pl

from services.trainer import deploy
from services.trainer.build import Standing
from services.trainer.decide import Decision, decide
from services.trainer.frames import training_rows
from services.trainer.suspicion import suspicions
from services.trainer.targets import TARGETS, Rows
from shared.errors import Rejected
from shared.events import FeaturesCreated, ModelDeployed
from shared.model_manifest import ModelManifest
from shared.ports import Ports
from shared.registry import ModelRef, Release, current_release

log = logging.getLogger(__name__)

STATUS = "status/trainer.json"


class LeakNotDisproved(Rejected):
    """The features were announced with rows that do not equal their recomputation without the future."""


def step(event: FeaturesCreated, ports: Ports, now: datetime) -> list[ModelDeployed]:
    """Train what is due on the features up to `event.as_of` and announce what is deployed.

    The same event again finds its models in the current release, trains nothing and announces the same.
    An event older than what production knows changes nothing.

    Raises:
        LeakNotDisproved: the event reports mismatches.
    """
    if event.mismatches:
        raise LeakNotDisproved(
            f"{event.snapshot}: expected no mismatch in {event.rows_sampled} recomputed rows, "
            f"got {event.mismatches}: build the features again"
        )
    release = current_release(ports.objects)
    standing = deploy.standing_models(ports.objects, release)
    if release and (done := _of_event(event, standing)):
        return [deploy.announcement(event, release, done)]
    if any(model.manifest.as_of > event.as_of for model in standing.values()):
        log.info("%s is older than what production knows: nothing to train", event.snapshot)
        return []
    decisions = _decisions(event, ports, standing)
    return _deployed(event, ports, decisions, standing, now)


def _of_event(event: FeaturesCreated, standing: Mapping[str, Standing]) -> dict[str, ModelManifest]:
    manifests = {target: model.manifest for target, model in standing.items()}
    return {
        target: made
        for target, made in manifests.items()
        if (made.run_id, made.snapshot) == (event.run_id, event.snapshot)
    }


def _decisions(event: FeaturesCreated, ports: Ports, standing: Mapping[str, Standing]) -> list[Decision]:
    frames: dict[Rows, pl.DataFrame] = {}
    decisions = []
    for target in TARGETS:
        if target.rows not in frames:
            window = ports.settings.training_window_days
            frames[target.rows] = training_rows(ports.warehouse, target.rows, event.as_of, window)
        model = standing.get(target.name)
        decisions.append(decide(target, frames[target.rows], model, event, ports.settings))
        log.info("%s: %s", target.name, decisions[-1].reason)
    return decisions


def _deployed(
    event: FeaturesCreated,
    ports: Ports,
    decisions: Sequence[Decision],
    standing: Mapping[str, Standing],
    now: datetime,
) -> list[ModelDeployed]:
    refs: list[ModelRef] = []
    for decision in decisions:
        refs += _kept(event, ports, decision, standing.get(decision.target.name))
        _warn(ports, decision, standing)
    release = deploy.publish(ports.objects, refs, event, now) if refs else None
    _leave_status(event, ports, decisions, release, now)
    if release is None:
        return []
    done = _of_event(event, deploy.standing_models(ports.objects, release))
    return [deploy.announcement(event, release, done)]


def _kept(
    event: FeaturesCreated, ports: Ports, decision: Decision, standing: Standing | None
) -> list[ModelRef]:
    for candidate in decision.lost:
        deploy.log_lost(ports.objects, deploy.manifest(candidate, decision.target, event, standing))
    if decision.deploy is None:
        return []
    described = deploy.manifest(decision.deploy, decision.target, event, standing)
    return [deploy.save(ports.objects, decision.deploy, described)]


def _warn(ports: Ports, decision: Decision, standing: Mapping[str, Standing]) -> None:
    name, summary = decision.target.name, decision.evaluation
    if summary is None:
        return
    for suspicion in suspicions(name, summary):
        ports.notifier.alert("warning", "forecasts too good to be true", {"suspicion": suspicion})
    if name not in standing and summary.gain < 0:
        ports.notifier.alert(
            "warning", f"first model of {name} is not better than naive", {"why": decision.reason}
        )


def _leave_status(
    event: FeaturesCreated,
    ports: Ports,
    decisions: Sequence[Decision],
    release: Release | None,
    now: datetime,
) -> None:
    current = release or current_release(ports.objects)
    models = current.models if current else {}
    targets = {
        decision.target.name: {
            **decision.summary(),
            "version": models[decision.target.name].version if decision.target.name in models else None,
        }
        for decision in decisions
    }
    status = {
        "at": now,
        "run_id": event.run_id,
        "as_of": event.as_of,
        "trigger": event.trigger,
        "deployed": release is not None,
        "release": current.id if current else None,
        "targets": targets,
    }
    ports.objects.replace(STATUS, msgspec.json.encode(status, order="sorted"))
