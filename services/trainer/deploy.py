"""Stores judged candidates: versions, manifests, rejected candidates, the release, and its event."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version as installed

import msgspec

from services.trainer.build import Candidate
from services.trainer.fitting.boosting import SEED
from shared.errors import ObjectCorrupted, ObjectMissing
from shared.messaging.events import FeaturesCreated, ModelDeployed, ModelDeployment
from shared.modeling import registry
from shared.modeling.manifest import ModelManifest
from shared.modeling.registry import ModelRef, Release
from shared.modeling.target import Target
from shared.ports import ObjectStore
from shared.storage.staging import write_struct

_LIBRARIES = {"xgboost": "xgboost-cpu", "numpy": "numpy", "polars": "polars", "optuna": "optuna"}


def build_manifest(
    candidate: Candidate, target: Target, event: FeaturesCreated, replaced: str | None
) -> ModelManifest:
    """Return the candidate's manifest, still without a version; `replaced` is production's."""
    recipe = candidate.fitted.recipe
    return ModelManifest(
        **msgspec.structs.asdict(candidate.fitted.specification),
        kind=candidate.kind,
        form=recipe.form,
        objective=target.objective,
        rounds=candidate.fitted.rounds,
        hyperparameters={},
        seed=SEED,
        trained_on=candidate.trained_on,
        libraries=library_versions(),
        evaluation=candidate.evaluation,
        snapshot=event.snapshot,
        run_id=event.run_id,
        as_of=event.as_of,
        created_at=event.occurred_at,
        decision=candidate.verdict.reason,
        replaced=replaced,
        profile=candidate.profile,
        voices=recipe.voices,
        calibration=candidate.calibration,
    )


def save_candidate(objects: ObjectStore, candidate: Candidate, manifest: ModelManifest) -> ModelRef:
    """Write a model under its version; the same model of the same event keeps its version."""
    version = _choose_version(objects, candidate, manifest)
    named = msgspec.structs.replace(manifest, version=version)
    return registry.save_model(objects, named.target, version, candidate.fitted.artifact, named)


def save_rejected_candidate(objects: ObjectStore, manifest: ModelManifest) -> str:
    """Write the manifest of a candidate that is not deployed, with its metrics, and return the name."""
    return write_struct(objects, f"models/{manifest.target}/candidates", "candidate", manifest)


def release_models(
    objects: ObjectStore,
    refs: Iterable[ModelRef],
    challengers: Mapping[str, ModelRef],
    event: FeaturesCreated,
    now: datetime,
) -> Release:
    """Publish a release of the new models on the current snapshot, or on the event's if there is none."""
    current = registry.current_release(objects)
    models = {ref.target: ref for ref in refs}
    release = registry.publish_release(
        objects,
        snapshot=None if current else event.snapshot,
        models=models,
        run_id=event.run_id,
        now=now,
        reason=f"{event.trigger} training: {', '.join(sorted(models)) or 'challengers'}",
        challengers=challengers,
    )
    registry.prune_models(objects)
    return release


def deployment_event(
    event: FeaturesCreated, release: Release, deployed: Mapping[str, ModelManifest]
) -> ModelDeployed:
    """Return the one event that lists every newly deployed target."""
    models = tuple(
        ModelDeployment(
            target=target,
            version=manifest.version,
            object=release.models[target].object,
            metrics=manifest.evaluation.to_metrics(),
            replaced=manifest.replaced,
        )
        for target, manifest in sorted(deployed.items())
    )
    return ModelDeployed(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=release.published_at,
        sport=event.sport,
        release=release.object,
        models=models,
    )


def library_versions() -> dict[str, str]:
    """Return the versions of Python and the libraries that a model was fitted with."""
    return {
        "python": platform.python_version(),
        **{name: installed(wheel) for name, wheel in _LIBRARIES.items()},
    }


def _choose_version(objects: ObjectStore, candidate: Candidate, manifest: ModelManifest) -> str:
    replaced = manifest.replaced if candidate.change == "patch" else None
    newest = registry.newest_version(objects, manifest.target, replaced)
    if newest and _is_same(objects, candidate, manifest, newest):
        return newest
    return registry.next_version(objects, manifest.target, candidate.change, manifest.replaced)


def _is_same(objects: ObjectStore, candidate: Candidate, manifest: ModelManifest, version: str) -> bool:
    """Return whether an interrupted delivery of this event already saved this model, or only its bytes."""
    try:
        saved = registry.load_manifest(objects, manifest.target, version)
    except ObjectMissing:
        return registry.is_stored(objects, manifest.target, version, candidate.fitted.artifact)
    except ObjectCorrupted:
        return False
    return saved == msgspec.structs.replace(manifest, version=version)
