"""What two worlds must have in common: tables, the snapshot served, forecasts made from it and graded."""

import hashlib

import msgspec
import polars as pl

from hankstank.dev.fault_injection.forecasts import graded_last
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import Forecast
from shared.modeling.model import Model
from shared.modeling.registry import Release, current_release, load_model
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage import snapshot, tables
from shared.storage.staging import parquet

# Who collected a row, when, from which source (the archive where the first is down) and which bytes; and
# what is nothing but a hash of that.
TOLD_APART = {
    *("run_id", "collected_at", "created_at", "updated_at", "issued_at"),
    *("source", "raw_object", "raw_sha256", "inputs_sha256"),
}
_OF_RELEASES = {"forecast_id", "release_id", "made_at", "stored_at"}  # a disturbed world may have made more
_SUPERSEDED = {"forecasts"}  # compared by those that are graded


class Likeness(msgspec.Struct, frozen=True):
    """The hashes of what must be equal: tables, tables of the snapshot served, and forecasts by day.

    `forecasts` are those that the current release makes, `graded` the last made before a game that is over.
    """

    tables: dict[str, str]
    snapshot: dict[str, str]
    forecasts: dict[str, str]
    graded: dict[str, str]

    def differences(self, other: "Likeness") -> list[str]:
        """Return the names of what is not equal."""
        return [
            f"{part} {name}"
            for part in self.__struct_fields__
            for name in sorted({*getattr(self, part), *getattr(other, part)})
            if getattr(self, part).get(name) != getattr(other, part).get(name)
        ]


def likeness(ports: Ports, *, with_forecasts: bool = True) -> Likeness:
    """Return a world's likeness; without forecasts where its models are its own."""
    release = current_release(ports.objects)
    served = snapshot.load(release.snapshot, ports.objects) if release else None
    return Likeness(
        {name: _hash(told(ports.warehouse, name)) for name in tables.names() if name not in _SUPERSEDED},
        {name: _hash(_sorted(_apart(rows))) for name, rows in served.tables.items()} if served else {},
        _forecasts(ports.objects, release) if release and with_forecasts else {},
        _graded(ports.warehouse) if with_forecasts else {},
    )


def _graded(warehouse: Warehouse) -> dict[str, str]:
    last = _apart(graded_last(warehouse))
    return {str(day): _hash(_sorted(rows)) for (day,), rows in last.group_by("played_on")}


def told(warehouse: Warehouse, name: str) -> pl.DataFrame:
    """Return a table's rows in order, without what may differ in equal ones."""
    table = tables.table(name)
    rows = _apart(warehouse.query(f"select * from {table.full_name}"))  # noqa: S608
    # Where the time of asking is part of the key, one who had to ask twice rightly has two rows.
    return _sorted(rows.unique() if TOLD_APART.intersection(table.key) else rows)


def _apart(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop(TOLD_APART | _OF_RELEASES, strict=False)


def _sorted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(rows.columns)


def _hash(rows: pl.DataFrame) -> str:
    return hashlib.sha256(parquet(rows)).hexdigest()


def _forecasts(objects: ObjectStore, release: Release) -> dict[str, str]:
    served = snapshot.load(release.snapshot, objects)
    models = {}
    for target, ref in release.models.items():
        models[target] = Model.load(*load_model(objects, ref))
    forecaster = Forecaster(release, served, models, "a week")
    return {
        str(on): _hash_of([_said(one) for card in forecaster.day(on).values() for one in card.forecasts()])
        for on in served.tables["schedule"]["game_date"].unique().sort()
    }


def _said(one: Forecast) -> tuple[object, ...]:
    return one.target, one.version, one.row["game_pk"], one.row.get("player_id"), one.mean, one.distribution


def _hash_of(forecasts: object) -> str:
    return hashlib.sha256(msgspec.json.encode(forecasts, order="sorted", enc_hook=str)).hexdigest()
