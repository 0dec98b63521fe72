"""The trainer's step: builds and judges candidate models, and publishes at most one release."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from services.trainer import deploy, notifications
from services.trainer.build import Candidate
from services.trainer.dataset import training_rows
from services.trainer.decide import Decision, TargetContext, decide_target, failed_decision
from services.trainer.deployed_models import DeployedModel, load_deployed_models
from services.trainer.selection.shadow import scored_forecasts
from shared.errors import Rejected, Unavailable
from shared.messaging.events import REFRESH_TRIGGERS, REPAIR, FeaturesCreated, ModelDeployed
from shared.modeling.lineup_variants import CONFIRMED, VARIANTS
from shared.modeling.manifest import ModelManifest
from shared.modeling.registry import ModelRef, Release, current_release
from shared.modeling.target import Rows, Target
from shared.ports import ObjectStore, Ports
from shared.sports.mlb.targets import TARGETS

log = logging.getLogger(__name__)


class LeakCheckFailed(Rejected):
    """The features were announced with rows that do not equal their recomputation without the future."""


@dataclass(frozen=True)
class ReleaseState:
    """The current release when an event arrives: its models, why some cannot be read, and its challengers."""

    release: Release | None
    production: Mapping[str, DeployedModel]
    unreadable: Mapping[str, str]
    challengers: Mapping[str, DeployedModel]

    @classmethod
    def load_current(cls, objects: ObjectStore) -> "ReleaseState":
        """Read the models of the current release; a challenger that cannot be read is none."""
        release = current_release(objects)
        production, unreadable = load_deployed_models(objects, release.models if release else {})
        challengers, _ = load_deployed_models(objects, release.challengers if release else {})
        return cls(release, production, unreadable, challengers)

    def production_version(self, target: str) -> str | None:
        """Return production's version."""
        ref = self.release.models.get(target) if self.release else None
        return ref.version if ref else None

    def manifests_from_event(self, event: FeaturesCreated) -> dict[str, ModelManifest]:
        """Return the manifests of production that the event's own training deployed."""
        manifests = {target: model.manifest for target, model in self.production.items()}
        return {
            target: manifest
            for target, manifest in manifests.items()
            if (manifest.run_id, manifest.snapshot) == (event.run_id, event.snapshot)
        }


def step(event: FeaturesCreated, ports: Ports, now: datetime) -> list[ModelDeployed]:
    """Train what is due on the features up to `event.as_of` and announce what is deployed.

    The same event again finds its models in the current release, trains nothing and announces the same.
    A refresh between two nights trains nothing: it knows no new result. A repair trains the targets whose
    production cannot be read.
    An event older than what production knows changes nothing. A target whose training fails keeps its
    production, with an alert; the others are decided all the same, and the next event tries again.

    Raises:
        LeakCheckFailed: the event reports mismatches.
        Unavailable: rows could not be read or models not stored; production stays as it was.
    """
    if event.mismatches:
        raise LeakCheckFailed(
            f"{event.snapshot}: expected no mismatch in {event.rows_sampled} recomputed rows, "
            f"got {event.mismatches}: build the features again"
        )
    if event.trigger in REFRESH_TRIGGERS:
        return []
    state = ReleaseState.load_current(ports.objects)
    if event.trigger == REPAIR and not state.unreadable:
        return []
    if state.release and (deployed := state.manifests_from_event(event)):
        return [deploy.deployment_event(event, state.release, deployed)]
    if any(model.manifest.as_of > event.as_of for model in state.production.values()):
        log.info("%s is older than what production knows: nothing to train", event.snapshot)
        return []
    decisions = _decide_targets(event, ports, state)
    drift = notifications.last_drift(ports.objects)
    notifications.alert(ports.notifier, decisions, state.production, drift)
    try:
        return _deploy_decisions(event, ports, decisions, state, now)
    except Unavailable as error:
        notifications.alert_not_stored(ports.notifier, error)
        raise


def _decide_targets(event: FeaturesCreated, ports: Ports, state: ReleaseState) -> list[Decision]:
    scored = scored_forecasts(ports.warehouse, event.as_of)
    frames: dict[Rows, dict[str, pl.DataFrame]] = {}
    decisions = []
    for target in _due_targets(event, state):
        if target.rows not in frames:
            frames = {target.rows: _read_frames(ports, target.rows, event.as_of)}  # of one kind at a time
        context = _target_context(target, frames[target.rows], scored, state)
        decisions.append(_decide_or_fail(context, event, ports))
        log.info("%s: %s", target.name, decisions[-1].reason)
    return decisions


def _due_targets(event: FeaturesCreated, state: ReleaseState) -> list[Target]:
    return [target for target in TARGETS if event.trigger != REPAIR or target.name in state.unreadable]


def _read_frames(ports: Ports, rows: Rows, as_of: date) -> dict[str, pl.DataFrame]:
    """Return the training rows of a kind by line-up variant."""
    longest = max(target.window_days for target in TARGETS if target.rows == rows)
    days = min(longest, ports.settings.training_window_days)
    return {variant: training_rows(ports.warehouse, rows, as_of, days, variant) for variant in VARIANTS}


def _target_context(
    target: Target, frames: Mapping[str, pl.DataFrame], scored: pl.DataFrame, state: ReleaseState
) -> TargetContext:
    name = target.name
    return TargetContext(
        target,
        frames[CONFIRMED],
        {variant: frame for variant, frame in frames.items() if variant != CONFIRMED},
        production=state.production.get(name),
        unreadable=state.unreadable.get(name, ""),
        challenger=state.challengers.get(name),
        scored=scored,
    )


def _decide_or_fail(context: TargetContext, event: FeaturesCreated, ports: Ports) -> Decision:
    try:
        return decide_target(context, event, ports.settings)
    except Unavailable:
        raise
    except Exception as error:
        log.exception("training of %s failed", context.target.name)
        return failed_decision(context.target, error)


def _deploy_decisions(
    event: FeaturesCreated, ports: Ports, decisions: Sequence[Decision], state: ReleaseState, now: datetime
) -> list[ModelDeployed]:
    refs = [ref for decision in decisions for ref in _save_candidates(event, ports.objects, decision, state)]
    challengers = _next_challengers(event, ports.objects, decisions, state)
    release = _publish_if_changed(event, ports.objects, refs, challengers, state, now)
    notifications.write_status(ports.objects, event, decisions, release, bool(refs), now)
    if release is None or not refs:
        return []
    return [
        deploy.deployment_event(
            event, release, ReleaseState.load_current(ports.objects).manifests_from_event(event)
        )
    ]


def _publish_if_changed(
    event: FeaturesCreated,
    objects: ObjectStore,
    refs: Sequence[ModelRef],
    challengers: Mapping[str, ModelRef],
    state: ReleaseState,
    now: datetime,
) -> Release | None:
    """Return the current release: a new one if there are new models or other challengers."""
    current = state.release
    if not refs and (current is None or challengers == current.challengers):
        return current
    return deploy.release_models(objects, refs, challengers, event, now)


def _save_candidates(
    event: FeaturesCreated, objects: ObjectStore, decision: Decision, state: ReleaseState
) -> list[ModelRef]:
    for candidate in decision.rejected_candidates:
        deploy.save_rejected_candidate(objects, _candidate_manifest(candidate, decision, event, state))
    return _save_model(decision.deploy, decision, event, objects, state)


def _next_challengers(
    event: FeaturesCreated, objects: ObjectStore, decisions: Sequence[Decision], state: ReleaseState
) -> dict[str, ModelRef]:
    """Return the next release's challengers: the readable current ones that are not dropped, and the new."""
    retired = {decision.target.name for decision in decisions if decision.drops_challenger}
    current = state.release.challengers if state.release else {}
    kept = {name: ref for name, ref in current.items() if name in state.challengers and name not in retired}
    new = [_save_model(decision.new_challenger, decision, event, objects, state) for decision in decisions]
    return kept | {ref.target: ref for refs in new for ref in refs}


def _save_model(
    candidate: Candidate | None,
    decision: Decision,
    event: FeaturesCreated,
    objects: ObjectStore,
    state: ReleaseState,
) -> list[ModelRef]:
    if candidate is None:
        return []
    return [deploy.save_candidate(objects, candidate, _candidate_manifest(candidate, decision, event, state))]


def _candidate_manifest(
    candidate: Candidate, decision: Decision, event: FeaturesCreated, state: ReleaseState
) -> ModelManifest:
    return deploy.build_manifest(
        candidate, decision.target, event, state.production_version(decision.target.name)
    )
