"""Deployed models as they are served: loaded from a release, or reported as unreadable."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import polars as pl

from services.trainer.dataset import Sample
from services.trainer.scores import LossTable, score_rows
from shared.errors import Rejected
from shared.modeling import registry
from shared.modeling.lineup_variants import CONFIRMED
from shared.modeling.manifest import ModelManifest
from shared.modeling.model import Model, input_columns
from shared.modeling.registry import ModelRef
from shared.modeling.target import Target
from shared.ports import ObjectStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeployedModel:
    """A model of a release as it is served."""

    artifact: bytes
    manifest: ModelManifest

    @classmethod
    def load_model(cls, objects: ObjectStore, ref: ModelRef) -> Self:
        """Return a registered model that loads; raises ObjectMissing, ObjectCorrupted, ModelMismatch."""
        deployed = cls(*registry.load_model(objects, ref))
        _ = deployed.model
        return deployed

    @cached_property
    def model(self) -> Model:
        """Return the model; raises ObjectCorrupted, ModelMismatch."""
        return Model.from_artifact(self.artifact, self.manifest)

    def score_forecasts(self, target: Target, rows: Sample) -> LossTable:
        """Score the forecasts of the rows that the API would make."""
        means = self.model.predict_mean(rows.frame, CONFIRMED)
        return score_rows(target, means, rows, self.manifest.count_shape)

    def missing_columns(self, rows: pl.DataFrame) -> str:
        """Say which columns it reads that the rows do not have any more; "" if none."""
        missing = [name for name in input_columns(self.manifest) if name not in rows.columns]
        return f"it reads {', '.join(missing)}, which the rows do not have" if missing else ""


def load_deployed_models(
    objects: ObjectStore, refs: Mapping[str, ModelRef]
) -> tuple[dict[str, DeployedModel], dict[str, str]]:
    """Return the models of a release by target, and of those that cannot be read why."""
    models: dict[str, DeployedModel] = {}
    unreadable: dict[str, str] = {}
    for target, ref in refs.items():
        try:
            models[target] = DeployedModel.load_model(objects, ref)
        except Rejected as error:
            log.warning("%s %s cannot be read: %s", target, ref.version, error)
            unreadable[target] = str(error)
    return models, unreadable
