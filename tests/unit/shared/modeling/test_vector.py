"""A vector keeps its names and their order for ever, and a model of another one is refused."""

import msgspec
import pytest
import xgboost as xgb

from shared.modeling.manifest import Margin, ModelManifest, features_hash
from shared.modeling.model import Model, ModelMismatch
from shared.modeling.vector import STRIKEOUTS_V1, VECTORS
from shared.storage.tables import get_table
from tests.unit.shared.modeling.manifests import manifest

PINNED = {"strikeouts_v1": "68a0aea9789bc3a2fe9e016b8de6c6a7b0866bd9662389f6acb7998f707157db"}


def model_of(features, vector):
    """Return the artifact of a model without trees, and a manifest that names a vector."""
    data = xgb.DMatrix([[0.0] * len(features)], [1.0], feature_names=list(features), nthread=1)
    artifact = bytes(xgb.train({"nthread": 1}, data, 0).save_raw("ubj"))
    margin = Margin("expected_strikeouts", "log")
    fields = {"features": tuple(features), "features_sha256": features_hash(features), "vector": vector}
    return artifact, manifest("pitcher_strikeouts", "1.0.0", artifact, margin=margin, **fields)


@pytest.mark.parametrize("name", VECTORS)
def test_names_and_order_never_change(name):
    assert VECTORS[name].sha256 == PINNED[name], (
        f"{name} has other features or another order than it was released with, and models are bound to "
        "them: leave it as it was and make strikeouts_v2"
    )


def test_strikeout_vector_has_35_features():
    assert (STRIKEOUTS_V1.name, STRIKEOUTS_V1.version, len(STRIKEOUTS_V1.features)) == (
        "strikeouts_v1",
        1,
        35,
    )
    assert (STRIKEOUTS_V1.features[0], STRIKEOUTS_V1.features[-1]) == ("starter_strikeout_rate", "is_home")


def test_flags_are_not_in_it():
    flags = {field.name for field in get_table("strikeouts_v1").fields if field.type == "BOOLEAN"}
    assert flags
    assert not flags & set(STRIKEOUTS_V1.features)


def test_model_of_the_vector_is_loaded():
    artifact, described = model_of(STRIKEOUTS_V1.features, "strikeouts_v1")
    assert Model.from_artifact(artifact, described).manifest.vector == "strikeouts_v1"


@pytest.mark.parametrize(
    "features",
    [
        STRIKEOUTS_V1.features[:-1],
        STRIKEOUTS_V1.features[::-1],
        (*STRIKEOUTS_V1.features[:-1], "rest_days"),
    ],
    ids=["fewer", "another order", "another name"],
)
def test_model_of_other_features_is_refused(features):
    artifact, described = model_of(features, "strikeouts_v1")
    with pytest.raises(
        ModelMismatch, match=r"pitcher_strikeouts 1\.0\.0: expected the features of strikeouts_v1"
    ):
        Model.from_artifact(artifact, described)


def test_unknown_vector_is_refused():
    artifact, described = model_of(STRIKEOUTS_V1.features, "strikeouts_v9")
    with pytest.raises(
        ModelMismatch, match=r"expected a vector among \['strikeouts_v1'\], got 'strikeouts_v9'"
    ):
        Model.from_artifact(artifact, described)


def test_model_without_vector_may_have_any_features():
    artifact, described = model_of(("rest_days",), None)
    assert Model.from_artifact(artifact, described).manifest.features == ("rest_days",)


def test_manifest_from_before_vectors_names_none():
    _, described = model_of(("rest_days",), None)
    stored = msgspec.to_builtins(described)
    del stored["vector"]
    assert msgspec.convert(stored, ModelManifest) == described
