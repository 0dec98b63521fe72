"""Checks the stores of one machine: object hashes, manifests, rows, features, forecasts, releases."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from hankstank.local.pipeline_run import Progress
from hankstank.local.stores import objects_of
from hankstank.ops import forecast_days, verify_derived
from hankstank.ops.prune import day_of, pruned_before
from hankstank.ops.tables import warehouse_of
from services.loader.versions import complete_games, replacement_scopes
from services.predict_api.serving.release_manager import ReleaseManager
from shared.adapters.local import duckdb_reader
from shared.adapters.local.damage import QUEUE, REBUILD_ADVICE, WAREHOUSE
from shared.adapters.local.durable_queue import LocalBus
from shared.errors import Rejected, StoreCorrupted
from shared.messaging.envelope import decode_event
from shared.messaging.events import DataLoaded
from shared.modeling import registry
from shared.ports import ObjectStore
from shared.storage import snapshot
from shared.storage.staging import Manifest, Report, StagedDataset, read_staged, read_struct
from shared.storage.tables import Table, get_table

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: which check found it, where, and what is wrong."""

    check: str
    where: str
    wrong: str


def verify_stores(home: Path, progress: Progress) -> dict[str, Any]:
    """Return what was checked and what is wrong; nothing is changed.

    Raises StoreUnavailable while another process holds the warehouse.
    """
    warehouse, objects = warehouse_of(home), objects_of(home)
    damaged, loads = _open_stores(home, warehouse)
    names = objects.list_names("")
    checks: list[Callable[[], Iterator[Finding]]] = [
        partial(_corrupt_objects, objects, names, progress),
        partial(_dangling_references, objects, set(names)),
        partial(_unservable_releases, objects),
    ]
    if not damaged:
        checks += [
            partial(_row_count_mismatches, objects, warehouse, loads),
            partial(_as_findings, "derived", verify_derived.find_faults(warehouse)),
            partial(_as_findings, "forecasts", forecast_days.find_faults(objects, warehouse)),
        ]
    seen = (finding for check in checks for finding in _until_damage(check()))
    found = list(dict.fromkeys([*damaged, *seen]))  # a damaged file stops several checks but is one finding
    checked = {
        "objects": len(names),
        "loads": len(loads),
        "releases": len(objects.list_names(registry.POINTERS)),
    }
    is_readable = not any(finding.check == "stores" for finding in found)
    unforecast = forecast_days.unforecast_games(objects, warehouse) if is_readable else {}
    return {
        "ok": not found,
        "checked": checked,
        "findings": [asdict(finding) for finding in found],
        "games_without_forecasts": {
            str(day): {"without": missing, "played": played} for day, (missing, played) in unforecast.items()
        },
    }


def _open_stores(home: Path, warehouse: Path) -> tuple[list[Finding], list[DataLoaded]]:
    """Return findings for damaged files, and the loads in the queue.

    Raises StoreUnavailable while another process holds the warehouse.
    """
    damaged: list[Finding] = []
    loads: list[DataLoaded] = []
    try:
        loads = _list_loads(home)
    except StoreCorrupted as error:
        damaged.append(Finding("stores", QUEUE, str(error)))
    try:
        duckdb_reader.table_extents(warehouse, [])
    except StoreCorrupted as error:
        damaged.append(Finding("stores", WAREHOUSE, str(error)))
    return damaged, loads


def _until_damage(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield findings; a damaged file ends them with a finding of its own."""
    try:
        yield from findings
    except StoreCorrupted as error:
        yield Finding("stores", WAREHOUSE, str(error))


def _corrupt_objects(objects: ObjectStore, names: Sequence[str], progress: Progress) -> Iterator[Finding]:
    for done, name in enumerate(names):
        progress("objects", done, len(names))
        try:
            objects.read_bytes(name)
        except Rejected as error:
            yield Finding("objects", name, str(error))


def _dangling_references(objects: ObjectStore, names: set[str]) -> Iterator[Finding]:
    """Find objects that manifests and reports name and that are missing or different."""
    before = pruned_before(objects)
    for name in sorted(names):
        kind = name.rpartition("/")[2]
        try:
            if name.startswith("staging/") and kind.startswith("manifest-"):
                manifest = read_struct(objects, name, Manifest)
                yield from _corrupt_datasets(objects, name, manifest.datasets)
                kept = [raw.object for raw in manifest.raw if raw.object]
                missing = [raw for raw in kept if raw not in names and day_of(raw) >= before]
                yield from (Finding("manifests", name, f"{raw} is missing") for raw in missing)
            elif name.startswith("reports/") and kind.endswith(".json"):
                yield from _corrupt_datasets(objects, name, read_struct(objects, name, Report).quarantined)
        except Rejected as error:
            yield Finding("manifests", name, str(error))


def _corrupt_datasets(
    objects: ObjectStore, where: str, datasets: Sequence[StagedDataset]
) -> Iterator[Finding]:
    for dataset in datasets:
        try:
            rows = read_staged(objects, dataset).height
        except Rejected as error:
            yield Finding("manifests", where, str(error))
            continue
        if rows != dataset.rows:
            message = f"{dataset.object}: expected {dataset.rows} rows, it holds {rows}"
            yield Finding("manifests", where, message)


def _list_loads(home: Path) -> list[DataLoaded]:
    """Return every published load event, oldest first."""
    if not (home / QUEUE).exists():  # opening it would create an empty one
        raise StoreCorrupted(f"{home / QUEUE} is missing: {REBUILD_ADVICE}")
    bus = LocalBus(home / QUEUE)
    bus.check_integrity()
    messages = bus.published_on(DataLoaded.topic)
    events = [decode_event(one.topic, one.data) for one in messages]
    return [event for event in events if isinstance(event, DataLoaded)]


def _row_count_mismatches(
    objects: ObjectStore, warehouse: Path, loads: Sequence[DataLoaded]
) -> Iterator[Finding]:
    """Find scopes (a game, a club's roster of a day …) whose rows differ from their newest load."""
    loaded: dict[str, list[pl.DataFrame]] = {}
    for order, load in enumerate(loads):
        try:
            for name, counted in _loaded_scopes(objects, load).items():
                loaded.setdefault(name, []).append(counted.with_columns(order=pl.lit(order)))
        except Rejected as error:
            yield Finding("rows", load.report, str(error))
    for name, parts in sorted(loaded.items()):
        yield from _count_differences(
            get_table(name), _newest_scopes(get_table(name), pl.concat(parts)), warehouse
        )


def _loaded_scopes(objects: ObjectStore, load: DataLoaded) -> dict[str, pl.DataFrame]:
    """Return, by table, the scopes that a load replaced: their version and how many rows they got."""
    report = read_struct(objects, load.report, Report)
    staged: dict[str, list[pl.DataFrame]] = {}
    for dataset in report.accepted:
        staged.setdefault(dataset.table, []).append(read_staged(objects, dataset))
    frames = {name: pl.concat(parts, how="diagonal_relaxed") for name, parts in staged.items()}
    complete = complete_games(frames, report.games)
    return {name: _count_scope_rows(get_table(name), rows, complete) for name, rows in frames.items()}


def _count_scope_rows(definition: Table, rows: pl.DataFrame, complete: pl.DataFrame) -> pl.DataFrame:
    scope = list(definition.scope)
    rows = rows.unique(subset=list(definition.key))
    counted = rows.group_by(scope).agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("collected_at").max())
    if not definition.by_game:
        return counted
    versions = replacement_scopes(rows, complete).select(*scope, pl.col("collected_at").alias("version"))
    both = versions.join(counted, on=scope, how="left")
    return both.select(*scope, pl.col("rows").fill_null(0), pl.col("version").alias("collected_at"))


def _newest_scopes(definition: Table, brought: pl.DataFrame) -> pl.DataFrame:
    ordered = brought.sort("collected_at", "order")
    return ordered.unique(subset=list(definition.scope), keep="last", maintain_order=True)


def _count_differences(definition: Table, brought: pl.DataFrame, warehouse: Path) -> Iterator[Finding]:
    scope = list(definition.scope)
    sql = f"from {definition.name} select {', '.join(scope)}, count(*) as stored group by all"
    stored = duckdb_reader.select_rows(warehouse, sql)
    both = brought.join(stored, on=scope, how="left").with_columns(pl.col("stored").fill_null(0))
    wrong = both.filter(pl.col("rows") != pl.col("stored")).sort(scope)
    if wrong.is_empty():
        return
    shown = [
        f"{', '.join(f'{part} {row[part]}' for part in scope)}: {row['stored']} rows stored of {row['rows']}"
        for row in wrong.head(_EXAMPLES).to_dicts()
    ]
    more = f" and {wrong.height - _EXAMPLES} more" if wrong.height > _EXAMPLES else ""
    yield Finding("rows", definition.full_name, "; ".join(shown) + more)


def _as_findings(check: str, faults: Iterator[tuple[str, str]]) -> Iterator[Finding]:
    for where, wrong in faults:
        yield Finding(check, where, wrong)


def _unservable_releases(objects: ObjectStore) -> Iterator[Finding]:
    """Find releases with missing parts, and check that the current one can be served."""
    damaged = registry.damaged_pointers(objects)
    yield from (Finding("releases", name, why) for name, why in damaged.items())
    for name in objects.list_names(registry.POINTERS):
        if name not in damaged:
            yield from _missing_release_parts(objects, name)
    try:
        ReleaseManager(objects).serve_newest()
    except Rejected as error:
        yield Finding("releases", "the current release", f"cannot be served: {error}")


def _missing_release_parts(objects: ObjectStore, pointer: str) -> Iterator[Finding]:
    try:
        release = read_struct(objects, pointer, registry.Release)
        snapshot.load_snapshot(release.snapshot, objects)
        for ref in (*release.models.values(), *release.challengers.values()):
            registry.load_manifest_of(objects, ref)
    except Rejected as error:
        yield Finding("releases", pointer, str(error))
