"""A warehouse that says what stands, and waiting that takes no time."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from shared.storage.tables import Table

STORED = {
    "game_pk": pl.Int64,
    "game_date": pl.Date,
    "status": pl.String,
    "collected_at": pl.Datetime("us", "UTC"),
    "rows_sha256": pl.String,
    "appearances": pl.Int64,
    "pitches": pl.Int64,
    "players": pl.Int64,
    "plays_expected": pl.Boolean,
    "incomplete": pl.Boolean,
}


@dataclass
class StandingWarehouse:
    """Answers the collector's queries: what stands with `games`, since when with `first`."""

    games: list[dict[str, Any]] = field(default_factory=list)
    first: date | None = None
    queries: list[dict[str, Any]] = field(default_factory=list)

    def ensure_table(self, table: Table) -> None:
        """Every table is there."""

    def merge_rows(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> Any:
        raise AssertionError("the collector merges nothing")

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        self.queries.append(parameters)
        if "season" in parameters:
            return pl.DataFrame({"first": [self.first]}, schema={"first": pl.Date})
        return pl.DataFrame(self.games, schema=STORED)


def standing(
    game_pk: int,
    game_date: date,
    collected_at: datetime,
    status: str = "Final",
    rows_sha256: str | None = None,
    appearances: int = 1,
    pitches: int = 1,
    players: int = 4,
    *,
    plays_expected: bool = True,
    incomplete: bool = False,
) -> dict[str, Any]:
    return locals()


@dataclass
class Waits:
    """A sleep that only remembers."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Watch:
    """A clock that stands where it is put."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now
