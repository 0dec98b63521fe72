"""Compares the state of two runs: tables, the served snapshot, its forecasts and scored forecasts."""

import hashlib
from collections.abc import Iterable

import msgspec
import polars as pl

from hankstank.dev.fault_injection.forecasts import last_graded_forecasts
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.game_forecasts import GameForecast
from shared.modeling.model import Model
from shared.modeling.registry import Release, current_release, load_model
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage import snapshot, tables
from shared.storage.staging import to_parquet

# Columns that may rightly differ: run, time, source (the archive if the first source is down), bytes, and
# hashes of these.
VARYING_COLUMNS = {
    *("run_id", "collected_at", "created_at", "updated_at", "issued_at"),
    *("source", "raw_object", "raw_sha256", "inputs_sha256"),
}
# A run with faults may have made more releases.
_RELEASE_COLUMNS = {"forecast_id", "release_id", "made_at", "stored_at"}
_SKIPPED_TABLES = {"forecasts"}  # compared through the scored ones


class StateDigest(msgspec.Struct, frozen=True):
    """Hashes of what must be equal: tables, tables of the served snapshot, and forecasts by day.

    `forecasts` are made by the current release; `graded` are the last ones made before finished games.
    """

    tables: dict[str, str]
    snapshot: dict[str, str]
    forecasts: dict[str, str]
    graded: dict[str, str]

    def find_differences(self, other: "StateDigest") -> list[str]:
        """Return the names of what differs."""
        return [
            f"{part} {name}"
            for part in self.__struct_fields__
            for name in sorted({*getattr(self, part), *getattr(other, part)})
            if getattr(self, part).get(name) != getattr(other, part).get(name)
        ]


def digest_state(ports: Ports, *, with_forecasts: bool = True) -> StateDigest:
    """Return the digest of a run's state; `with_forecasts` is off if the run trained its own models."""
    release = current_release(ports.objects)
    served = snapshot.load_snapshot(release.snapshot, ports.objects).tables if release else {}
    compared = [name for name in tables.list_tables() if name not in _SKIPPED_TABLES]
    return StateDigest(
        {name: _hash_rows(comparable_rows(ports.warehouse, name)) for name in compared},
        {name: _hash_rows(rows) for name, rows in served.items()},
        _forecast_digests(ports.objects, release) if release and with_forecasts else {},
        _graded_digests(ports.warehouse) if with_forecasts else {},
    )


def _graded_digests(warehouse: Warehouse) -> dict[str, str]:
    last = last_graded_forecasts(warehouse)
    return {str(day): _hash_rows(rows) for (day,), rows in last.group_by("played_on")}


def comparable_rows(warehouse: Warehouse, name: str) -> pl.DataFrame:
    """Return a table's rows in order, without the columns that may differ."""
    table = tables.get_table(name)
    rows = _drop_varying_columns(warehouse.query_rows(f"select * from {table.full_name}"))  # noqa: S608
    # If the request time is part of the key, a repeated request rightly makes a second row.
    rows = rows.unique() if VARYING_COLUMNS.intersection(table.key) else rows
    return rows.sort(rows.columns)


def _drop_varying_columns(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop(VARYING_COLUMNS | _RELEASE_COLUMNS, strict=False)


def _hash_rows(rows: pl.DataFrame) -> str:
    compared = _drop_varying_columns(rows)
    return hashlib.sha256(to_parquet(compared.sort(compared.columns))).hexdigest()


def _forecast_digests(objects: ObjectStore, release: Release) -> dict[str, str]:
    served = snapshot.load_snapshot(release.snapshot, objects)
    models = {
        target: Model.from_artifact(*load_model(objects, ref)) for target, ref in release.models.items()
    }
    forecaster = Forecaster(release, served, models, "a week")
    return {
        str(on): _hash_forecasts(forecaster.forecast_day(on).values())
        for on in served.tables["schedule"]["game_date"].unique().sort()
    }


def _hash_forecasts(games: Iterable[GameForecast]) -> str:
    values = [
        (one.target, one.version, one.row["game_pk"], one.row.get("player_id"), one.mean, one.rounded_chances)
        for game in games
        for one in game.all_forecasts()
    ]
    return hashlib.sha256(msgspec.json.encode(values, order="sorted", enc_hook=str)).hexdigest()
