"""What two worlds must have in common: tables, the snapshot served, forecasts made from it and graded."""

import hashlib

import msgspec
import polars as pl

from hankstank.dev.fault_injection.forecasts import last_graded_forecasts
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import Forecast
from shared.modeling.model import Model
from shared.modeling.registry import Release, current_release, load_model
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage import snapshot, tables
from shared.storage.staging import to_parquet

# Who collected a row, when, from which source (the archive where the first is down) and which bytes; and
# what is nothing but a hash of that.
VARYING_COLUMNS = {
    *("run_id", "collected_at", "created_at", "updated_at", "issued_at"),
    *("source", "raw_object", "raw_sha256", "inputs_sha256"),
}
_RELEASE_COLUMNS = {
    "forecast_id",
    "release_id",
    "made_at",
    "stored_at",
}  # a disturbed world may have made more
_SKIPPED_TABLES = {"forecasts"}  # compared by those that are graded


class StateDigest(msgspec.Struct, frozen=True):
    """The hashes of what must be equal: tables, tables of the snapshot served, and forecasts by day.

    `forecasts` are those that the current release makes, `graded` the last made before a game that is over.
    """

    tables: dict[str, str]
    snapshot: dict[str, str]
    forecasts: dict[str, str]
    graded: dict[str, str]

    def find_differences(self, other: "StateDigest") -> list[str]:
        """Return the names of what is not equal."""
        return [
            f"{part} {name}"
            for part in self.__struct_fields__
            for name in sorted({*getattr(self, part), *getattr(other, part)})
            if getattr(self, part).get(name) != getattr(other, part).get(name)
        ]


def digest_state(ports: Ports, *, with_forecasts: bool = True) -> StateDigest:
    """Return a world's likeness; without forecasts where its models are its own."""
    release = current_release(ports.objects)
    served = snapshot.load_snapshot(release.snapshot, ports.objects) if release else None
    return StateDigest(
        {
            name: _hash_rows(comparable_rows(ports.warehouse, name))
            for name in tables.list_tables()
            if name not in _SKIPPED_TABLES
        },
        {name: _hash_rows(_sort_rows(_drop_varying_columns(rows))) for name, rows in served.tables.items()}
        if served
        else {},
        _forecast_digests(ports.objects, release) if release and with_forecasts else {},
        _graded_digests(ports.warehouse) if with_forecasts else {},
    )


def _graded_digests(warehouse: Warehouse) -> dict[str, str]:
    last = _drop_varying_columns(last_graded_forecasts(warehouse))
    return {str(day): _hash_rows(_sort_rows(rows)) for (day,), rows in last.group_by("played_on")}


def comparable_rows(warehouse: Warehouse, name: str) -> pl.DataFrame:
    """Return a table's rows in order, without what may differ in equal ones."""
    table = tables.get_table(name)
    rows = _drop_varying_columns(warehouse.query_rows(f"select * from {table.full_name}"))  # noqa: S608
    # Where the time of asking is part of the key, one who had to ask twice rightly has two rows.
    return _sort_rows(rows.unique() if VARYING_COLUMNS.intersection(table.key) else rows)


def _drop_varying_columns(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop(VARYING_COLUMNS | _RELEASE_COLUMNS, strict=False)


def _sort_rows(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(rows.columns)


def _hash_rows(rows: pl.DataFrame) -> str:
    return hashlib.sha256(to_parquet(rows)).hexdigest()


def _forecast_digests(objects: ObjectStore, release: Release) -> dict[str, str]:
    served = snapshot.load_snapshot(release.snapshot, objects)
    models = {}
    for target, ref in release.models.items():
        models[target] = Model.from_artifact(*load_model(objects, ref))
    forecaster = Forecaster(release, served, models, "a week")
    return {
        str(on): _hash_forecasts(
            [
                _forecast_values(one)
                for game_forecast in forecaster.forecast_day(on).values()
                for one in game_forecast.all_forecasts()
            ]
        )
        for on in served.tables["schedule"]["game_date"].unique().sort()
    }


def _forecast_values(forecast: Forecast) -> tuple[object, ...]:
    return (
        forecast.target,
        forecast.version,
        forecast.row["game_pk"],
        forecast.row.get("player_id"),
        forecast.mean,
        forecast.rounded_chances,
    )


def _hash_forecasts(forecasts: object) -> str:
    return hashlib.sha256(msgspec.json.encode(forecasts, order="sorted", enc_hook=str)).hexdigest()
