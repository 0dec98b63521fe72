"""Reads the stores of a folder or a project without the warehouse and the run lock."""

from pathlib import Path
from typing import Any

import msgspec

from shared.errors import UserError
from shared.modeling import registry
from shared.modeling.manifest import ModelManifest
from shared.ports import ObjectStore
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings


def objects_of(home: Path) -> ObjectStore:
    """Return the object store of a folder, or of the project in the settings; raises UserError without."""
    settings = Settings(home=home)
    if not settings.project and not home.is_dir():
        raise UserError(f"{home}: no stores here: `hankstank run` makes them, --home names others")
    return create_object_store(settings)


def list_models(home: Path) -> list[dict[str, Any]]:
    """Return the models in production with their scores on held-out days."""
    objects = objects_of(home)
    release = registry.current_release(objects)
    refs = release.models.values() if release else ()
    return [_model_fields(registry.load_manifest_of(objects, ref)) for ref in refs]


def _model_fields(manifest: ModelManifest) -> dict[str, Any]:
    return {
        "target": manifest.target,
        "version": manifest.version,
        "trained_on": msgspec.to_builtins(manifest.trained_on),
        **manifest.evaluation.to_metrics(),
    }
