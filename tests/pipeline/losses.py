"""Loses parts of a home's stores that are closed: partitions of tables, objects, parts of the newest release."""

from datetime import date
from pathlib import Path
from random import Random

import duckdb

from shared.adapters.local.folder_store import FolderStore
from shared.modeling import registry
from shared.modeling.registry import Release
from shared.storage.tables import get_table, list_tables

PARTITIONED = [
    get_table(name)
    for dataset in ("mlb_historical_data", "mlb_features", "mlb_predictions")
    for name in list_tables(dataset)
    if get_table(name).partition
]
DAMAGE = b"torn"


def objects_of(home: Path) -> FolderStore:
    return FolderStore(home / "objects")


def lose_partition(home: Path, name: str, on: date) -> None:
    table = get_table(name)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(f"delete from {table.full_name} where {table.partition} = ?", [on])


def lose_object(home: Path, name: str, damage: bytes | None = None) -> None:
    """Delete an object, or write other bytes in its place."""
    path = home / "objects" / name
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)


def newest_release(home: Path) -> Release:
    release = registry.current_release(objects_of(home))
    assert release is not None
    return release


def lose_at_random(home: Path, seed: int, days: list[date]) -> list[str]:
    """Lose three partitions of days, an object of results and one of reports, and a part of the release.

    Returns what was lost.
    """
    dice = Random(seed)
    lost = []
    for table in dice.sample(PARTITIONED, 3):
        day = dice.choice(days)
        lose_partition(home, table.name, day)
        lost.append(f"{table.name} {day}")
    names = [dice.choice(objects_of(home).list_names(prefix)) for prefix in ("results/", "daily-reports/")]
    release = newest_release(home)
    model = dice.choice([release.models[target] for target in sorted(release.models)])
    names.append(dice.choice([release.object, release.snapshot, model.object]))
    for name in names:
        lose_object(home, name, dice.choice([None, DAMAGE]))
    return lost + names
