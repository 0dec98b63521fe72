"""Notifications of a training: alerts, and the status of every target."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime

import msgspec

from services.trainer.decide import Decision
from services.trainer.drift import drifted_features
from services.trainer.selection.plausibility import plausibility_warnings
from shared.errors import ObjectCorrupted, ObjectMissing, Unavailable
from shared.messaging.events import FeaturesCreated
from shared.modeling.registry import ModelRef, Release
from shared.ports import Notifier, ObjectStore

STATUS_OBJECT = "status/trainer.json"


class TargetStatus(msgspec.Struct, frozen=True):
    """What was decided on a target, and its models in the current release."""

    deployed: bool
    reason: str
    metrics: dict[str, float]
    drift: dict[str, float]
    version: str | None
    challenger: str | None


class TrainerStatus(msgspec.Struct, frozen=True):
    """The last training, as status/trainer.json shows it."""

    at: datetime
    run_id: str
    as_of: date
    trigger: str
    deployed: bool
    release: str | None
    targets: dict[str, TargetStatus]


def last_drift(objects: ObjectStore) -> dict[str, dict[str, float]]:
    """Return each target's drift as the last training found it; none where its status cannot be read."""
    try:
        status = msgspec.json.decode(objects.read_bytes(STATUS_OBJECT), type=TrainerStatus)
    except (ObjectMissing, ObjectCorrupted, msgspec.MsgspecError):
        return {}
    return {name: one.drift for name, one in status.targets.items()}


def alert(
    notifier: Notifier,
    decisions: Sequence[Decision],
    known: Container[str],
    drift: Mapping[str, Mapping[str, float]],
) -> None:
    """Alert on what a person should look at, and once on a drift that lasts.

    `known` are the targets that had a model that could be read, `drift` is that of the training before.
    """
    for decision in decisions:
        if decision.error:
            notifier.send_alert("critical", decision.error, {"why": decision.reason})
        _alert_implausible_scores(notifier, decision, is_first=decision.target.name not in known)
    moved = [
        words
        for decision in decisions
        for words in drifted_features(decision.target, decision.drift, drift.get(decision.target.name))
    ]
    if moved:
        notifier.send_alert("warning", "features drifted", {"features": "; ".join(moved)})


def alert_not_stored(notifier: Notifier, error: Unavailable) -> None:
    """Alert that models were built and could not be stored."""
    notifier.send_alert("warning", "training could not be stored, production stays", {"why": str(error)})


def write_status(
    objects: ObjectStore,
    event: FeaturesCreated,
    decisions: Sequence[Decision],
    release: Release | None,
    deployed: bool,
    now: datetime,
) -> None:
    """Write status/trainer.json: the decision on each target, and its current model."""
    models = release.models if release else {}
    challengers = release.challengers if release else {}
    status = TrainerStatus(
        at=now,
        run_id=event.run_id,
        as_of=event.as_of,
        trigger=event.trigger,
        deployed=deployed,
        release=release.id if release else None,
        targets={one.target.name: _target_status(one, models, challengers) for one in decisions},
    )
    objects.overwrite(STATUS_OBJECT, msgspec.json.encode(status, order="sorted"))


def _target_status(
    decision: Decision, models: Mapping[str, ModelRef], challengers: Mapping[str, ModelRef]
) -> TargetStatus:
    name = decision.target.name
    return TargetStatus(
        deployed=decision.deploy is not None,
        reason=decision.reason,
        metrics=decision.evaluation.to_metrics() if decision.evaluation else {},
        drift=dict(decision.drift),
        version=models[name].version if name in models else None,
        challenger=challengers[name].version if name in challengers else None,
    )


def _alert_implausible_scores(notifier: Notifier, decision: Decision, *, is_first: bool) -> None:
    name, summary = decision.target.name, decision.evaluation
    if summary is None:
        return
    for suspicion in plausibility_warnings(decision.target, summary):
        notifier.send_alert("warning", "forecasts too good to be true", {"suspicion": suspicion})
    if is_first and summary.gain < 0:
        notifier.send_alert(
            "warning", f"first model of {name} is not better than naive", {"why": decision.reason}
        )
