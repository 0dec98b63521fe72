"""What people are told of a training: alerts, and the status of every target."""

from collections.abc import Container, Sequence
from datetime import datetime

import msgspec

from services.trainer.decide import Decision
from services.trainer.drift import drifted_features
from services.trainer.selection.plausibility import plausibility_warnings
from shared.errors import Unavailable
from shared.messaging.events import FeaturesCreated
from shared.modeling.registry import Release
from shared.ports import Notifier, ObjectStore

STATUS = "status/trainer.json"


def alert(notifier: Notifier, decisions: Sequence[Decision], known: Container[str]) -> None:
    """Alert on what a person should look at; `known` are the targets that had a model that could be read."""
    for decision in decisions:
        if decision.error:
            notifier.send_alert("critical", decision.error, {"why": decision.reason})
        _alert_implausible_scores(notifier, decision, is_first=decision.target.name not in known)
    moved = [words for decision in decisions for words in drifted_features(decision.target, decision.drift)]
    if moved:
        notifier.send_alert("warning", "features drifted", {"features": "; ".join(moved)})


def alert_not_stored(notifier: Notifier, error: Unavailable) -> None:
    """Alert that models were made and could not be kept."""
    notifier.send_alert("warning", "training could not be stored, production stays", {"why": str(error)})


def write_status(
    objects: ObjectStore,
    event: FeaturesCreated,
    decisions: Sequence[Decision],
    release: Release | None,
    deployed: bool,
    now: datetime,
) -> None:
    """Leave status/trainer.json: what was decided on each target, and who stands now."""
    models = release.models if release else {}
    challengers = release.challengers if release else {}
    targets = {
        decision.target.name: {
            **decision.status_summary(),
            "version": models[decision.target.name].version if decision.target.name in models else None,
            "challenger": challengers[decision.target.name].version
            if decision.target.name in challengers
            else None,
        }
        for decision in decisions
    }
    status = {
        "at": now,
        "run_id": event.run_id,
        "as_of": event.as_of,
        "trigger": event.trigger,
        "deployed": deployed,
        "release": release.id if release else None,
        "targets": targets,
    }
    objects.overwrite(STATUS, msgspec.json.encode(status, order="sorted"))


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
