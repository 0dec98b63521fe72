"""Compares two computations of the same rows, to the bit."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from shared.storage import tables
from shared.storage.tables import Table

Rows = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """How many rows were compared, and for each that differs its table, key and columns."""

    rows: int = 0
    mismatches: tuple[str, ...] = ()

    def __add__(self, other: "ComparisonResult") -> "ComparisonResult":
        return ComparisonResult(self.rows + other.rows, self.mismatches + other.mismatches)


def same_games(rows: Rows, recomputed: Rows, games: pl.DataFrame) -> ComparisonResult:
    """Compare rows by table and game, labels among them."""
    mismatches = ComparisonResult()
    for name, frame in recomputed.items():
        mismatches += compare_rows(
            tables.get_table(name), of_games(rows[name], games).select(frame.columns), frame
        )
    return mismatches


def compare_rows(table: Table, built: pl.DataFrame, recomputed: pl.DataFrame) -> ComparisonResult:
    """Compare a table's rows, whatever their order; a mismatch names the first row that differs."""
    keys = list(table.key)
    built, recomputed = (frame.sort(keys) for frame in (built, recomputed))
    if not built.select(keys).equals(recomputed.select(keys)):
        lost = built.join(recomputed, on=keys, how="anti").height
        wrong = f"{table.name}: {lost} of {built.height} rows are not there once the future is removed"
        return ComparisonResult(recomputed.height, (wrong,))
    columns = [
        name for name in recomputed.columns if not built[name].equals(recomputed[name], null_equal=True)
    ]
    return ComparisonResult(recomputed.height, tuple(_describe_mismatches(table, built, recomputed, columns)))


def _describe_mismatches(
    table: Table, built: pl.DataFrame, recomputed: pl.DataFrame, columns: list[str]
) -> list[str]:
    if not columns:
        return []
    differs = pl.DataFrame([built[name].ne_missing(recomputed[name]) for name in columns])
    first = recomputed.filter(differs.select(pl.any_horizontal(pl.all())).to_series())
    where = ", ".join(f"{name} {value}" for name, value in first.select(table.key).row(0, named=True).items())
    return [f"{table.name} {where}: {', '.join(columns)} differ once the future is removed"]


def of_games(rows: pl.DataFrame, games: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of some games."""
    return rows.join(games.select("game_pk"), on="game_pk", how="semi", maintain_order="left")
