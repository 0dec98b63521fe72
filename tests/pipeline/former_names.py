"""Gives a home the columns' former names everywhere: what an earlier release of this program would have left."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import msgspec
import polars as pl

from shared.adapters.local.folder_store import FolderStore
from shared.modeling import registry
from shared.modeling.manifest import Margin, ModelManifest, features_hash
from shared.modeling.model import load_booster
from shared.modeling.registry import ModelRef, Release, sha256_hex
from shared.storage import snapshot, tables

TABLES = [tables.get_table(name) for name in tables.list_tables()]


def restore_former_names(home: Path) -> None:
    """Rename everything that a home stores back to what it was called before."""
    _restore_columns(home / "warehouse.duckdb")
    objects = FolderStore(home / "objects")
    for name in objects.list_names(registry.POINTERS):
        _restore_release(objects, name)


def former_columns(warehouse: Path) -> list[str]:
    """Return the columns of the warehouse that have a former name, as dataset.table.column."""
    former = {f"{table.full_name}.{was}" for table in TABLES for was in table.current_names}
    listed = "select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [name for (name,) in connection.execute(listed).fetchall() if name in former]


def _restore_columns(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for table in TABLES:
            for was, name in table.current_names.items():
                connection.execute(f"alter table {table.full_name} rename column {name} to {was}")


def _restore_release(objects: FolderStore, pointer: str) -> None:
    release = msgspec.json.decode(objects.read_bytes(pointer), type=Release)
    released = snapshot.load_snapshot(release.snapshot, objects)
    renamed = {name: _former_frame(name, frame) for name, frame in released.tables.items()}
    former = msgspec.structs.replace(
        release,
        snapshot=snapshot.save_snapshot(replace(released, tables=renamed), objects),
        models={target: _restore_model(objects, ref) for target, ref in release.models.items()},
        challengers={target: _restore_model(objects, ref) for target, ref in release.challengers.items()},
    )
    objects.overwrite(pointer, msgspec.json.encode(former, order="sorted"))


def _former_frame(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    former = {now: was for table in TABLES if name in {table.name, table.snapshot_name}
              for was, now in table.current_names.items()}  # fmt: skip
    return frame.rename(former, strict=False)


def _with_former_names(margin: Margin, former: Mapping[str, str]) -> Margin:
    return msgspec.structs.replace(
        margin,
        column=former.get(margin.column, margin.column),
        terms=tuple((former.get(name, name), weight) for name, weight in margin.terms),
    )


def _restore_model(objects: FolderStore, ref: ModelRef) -> ModelRef:
    """Write a model again, trained on features of the former names."""
    former = {now: was for was, now in tables.current_feature_names().items()}
    described = ref.object.replace("model.ubj", "manifest.json")
    stored = msgspec.json.decode(objects.read_bytes(described), type=ModelManifest)
    booster = load_booster(objects.read_bytes(ref.object), ref.target)
    features = tuple(former.get(name, name) for name in stored.features)
    booster.feature_names = list(features)
    artifact = bytes(booster.save_raw("ubj"))
    manifest = msgspec.structs.replace(
        stored,
        features=features,
        features_sha256=features_hash(features),
        artifact_sha256=sha256_hex(artifact),
        margin=_with_former_names(stored.margin, former),
        variants={
            name: msgspec.structs.replace(part, margin=_with_former_names(part.margin, former))
            for name, part in stored.variants.items()
        },
        voices=tuple(
            msgspec.structs.replace(voice, terms=tuple(former.get(name, name) for name in voice.terms))
            for voice in stored.voices
        ),
        trials=former.get(stored.trials, stored.trials),
        profile={former.get(name, name): profile for name, profile in stored.profile.items()},
    )
    written = msgspec.json.encode(manifest, order="sorted")
    objects.overwrite(ref.object, artifact)
    objects.overwrite(described, written)
    return msgspec.structs.replace(ref, sha256=sha256_hex(artifact), manifest_sha256=sha256_hex(written))
