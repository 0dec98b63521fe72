"""Manifests for tests that care about versions, not about forecasts."""

from datetime import UTC, date, datetime

from shared.modeling.manifest import Evaluation, Margin, ModelManifest, Score, TrainedOn, features_hash
from shared.modeling.registry import sha256_hex

DAY = date(2026, 5, 1)


def manifest(target: str, version: str, artifact: bytes, **changes: object) -> ModelManifest:
    """Return a manifest that fits the artifact."""
    score = Score(0.68, 0.01, 0.24, 0.01, 0.48, 0.49, 0.24)
    fields = {
        "kind": "full",
        "form": "formula",
        "family": "bernoulli",
        "max_count": 1,
        "margin": Margin("margin_home_win", "logit", is_linked=True),
        "features": ("home_rest",),
        "features_sha256": features_hash(("home_rest",)),
        "objective": "binary:logistic",
        "rounds": 0,
        "hyperparameters": {"max_depth": 2},
        "seed": 1,
        "trained_on": TrainedOn(DAY, DAY, 100, DAY),
        "libraries": {"xgboost": "3"},
        "evaluation": Evaluation(DAY, DAY, 100, 100, 3, score, score, 0.0, 0.01),
        "snapshot": "snapshot/2026-05-01/run",
        "run_id": "run",
        "as_of": DAY,
        "created_at": datetime(2026, 5, 2, tzinfo=UTC),
        "decision": "first",
        **changes,
    }
    return ModelManifest(target=target, version=version, artifact_sha256=sha256_hex(artifact), **fields)
