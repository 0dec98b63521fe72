"""Rows computed twice, compared to the bit."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from shared.storage import tables
from shared.storage.tables import Table

Rows = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows were compared, and for each that differs its table, key and columns."""

    rows: int = 0
    mismatches: tuple[str, ...] = ()

    def __add__(self, other: "Compared") -> "Compared":
        return Compared(self.rows + other.rows, self.mismatches + other.mismatches)


def same_games(rows: Rows, again: Rows, games: pl.DataFrame) -> Compared:
    """Compare rows by table and game, labels among them."""
    told = Compared()
    for name, frame in again.items():
        told += same(tables.table(name), of_games(rows[name], games).select(frame.columns), frame)
    return told


def same(table: Table, built: pl.DataFrame, again: pl.DataFrame) -> Compared:
    """Compare a table's rows, whatever their order; a mismatch names the first row that differs."""
    keys = list(table.key)
    built, again = (frame.sort(keys) for frame in (built, again))
    if not built.select(keys).equals(again.select(keys)):
        lost = built.join(again, on=keys, how="anti").height
        wrong = f"{table.name}: {lost} of {built.height} rows are not there once the future is removed"
        return Compared(again.height, (wrong,))
    columns = [name for name in again.columns if not built[name].equals(again[name], null_equal=True)]
    return Compared(again.height, tuple(_told(table, built, again, columns)))


def _told(table: Table, built: pl.DataFrame, again: pl.DataFrame, columns: list[str]) -> list[str]:
    if not columns:
        return []
    differs = pl.DataFrame([built[name].ne_missing(again[name]) for name in columns])
    first = again.filter(differs.select(pl.any_horizontal(pl.all())).to_series())
    where = ", ".join(f"{name} {value}" for name, value in first.select(table.key).row(0, named=True).items())
    return [f"{table.name} {where}: {', '.join(columns)} differ once the future is removed"]


def of_games(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of some games."""
    return rows.join(games.select("game_pk"), on="game_pk", how="semi", maintain_order="left")
