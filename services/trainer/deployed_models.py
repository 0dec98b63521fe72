"""Models that stand, as they are served: read from a release, or said to be broken."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import polars as pl

from services.trainer.dataset import Sample
from services.trainer.mlb.targets import Target
from services.trainer.selection.scores import Losses, losses
from shared.errors import Rejected
from shared.modeling import registry
from shared.modeling.manifest import ModelManifest
from shared.modeling.model import Model, columns
from shared.modeling.registry import ModelRef
from shared.ports import ObjectStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """A model of a release as it is served."""

    artifact: bytes
    manifest: ModelManifest

    @classmethod
    def read(cls, objects: ObjectStore, ref: ModelRef) -> Self:
        """Return a registered model that loads; raises ObjectMissing, ObjectCorrupted, ModelMismatch."""
        artifact, manifest = registry.load_model(objects, ref)
        Model.load(artifact, manifest)
        return cls(artifact, manifest)

    def losses(self, target: Target, rows: Sample) -> Losses:
        """Score the forecasts of the rows that the API would make."""
        means = Model.load(self.artifact, self.manifest).predict_mean(rows.frame)
        return losses(target, means, rows, self.manifest.tilt)

    def lacks(self, rows: pl.DataFrame) -> str:
        """Say which columns it reads that the rows do not have any more; "" if none."""
        missing = [name for name in columns(self.manifest) if name not in rows.columns]
        return f"it reads {', '.join(missing)}, which the rows do not have" if missing else ""


def read_standing(
    objects: ObjectStore, refs: Mapping[str, ModelRef]
) -> tuple[dict[str, Standing], dict[str, str]]:
    """Return the models of a release by target, and of those that cannot be read why."""
    models: dict[str, Standing] = {}
    unreadable: dict[str, str] = {}
    for target, ref in refs.items():
        try:
            models[target] = Standing.read(objects, ref)
        except Rejected as error:
            log.warning("%s %s cannot be read: %s", target, ref.version, error)
            unreadable[target] = str(error)
    return models, unreadable
