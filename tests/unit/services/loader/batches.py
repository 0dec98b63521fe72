"""Batches as the rooms before the loader leave them; rows say only what a test cares about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from shared.messaging.events import DataValidated, Grade
from shared.ports import ObjectStore
from shared.storage.staging import Report, stage_frame, write_struct
from shared.storage.tables import get_table

NOW = datetime(2026, 4, 9, 8, tzinfo=UTC)
MONDAY, TUESDAY, FRIDAY = date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 10)
_BLANK = {"INTEGER": 0, "FLOAT": 0.0, "STRING": "x", "BOOLEAN": False, "DATE": MONDAY, "TIMESTAMP": NOW}


def collected(version: int) -> datetime:
    return datetime(2026, 4, 7, 6, tzinfo=UTC) + timedelta(hours=version)


def row(name: str, version: int = 1, **values: Any) -> dict[str, Any]:
    """Return a staged row of a table; required columns that are not given are blank."""
    blank = {one.name: _BLANK[one.type] for one in get_table(name).fields if one.required}
    lineage = {"source": "mlb_stats_api", "run_id": "run-1", "collected_at": collected(version)}
    return blank | lineage | values


def game(
    pk: int, on: date = MONDAY, version: int = 1, home: int = 5, away: int = 3, **more: Any
) -> dict[str, Any]:
    start = datetime(on.year, on.month, on.day, 23, 5, tzinfo=UTC)
    values = {
        "game_pk": pk, "game_date": on, "completed_date": on, "season": 2026, "game_type": "R",
        "status": "Final", "scheduled_start": start, "home_score": home, "away_score": away,
    }  # fmt: skip
    return row("games_historical", version, **values | more)


def plays(pk: int, count: int, on: date = MONDAY, version: int = 1) -> list[dict[str, Any]]:
    return [
        row("plate_appearances", version, game_pk=pk, game_date=on, at_bat_index=index, outcome="out")
        for index in range(count)
    ]


def line(pk: int, player: int, on: date = MONDAY, version: int = 1, **stats: Any) -> dict[str, Any]:
    return row(
        "player_stats_historical", version, game_pk=pk, game_date=on, player_id=player, team_id=1, **stats
    )


@dataclass
class Batch:
    """Rows by table on their way from the collector to the loader."""

    tables: dict[str, list[dict[str, Any]]]
    run_id: str = "run-1"
    attempt: int = 0
    grade: Grade = Grade.A
    dates: tuple[date, ...] = (MONDAY,)
    games: tuple[int, ...] | None = None

    def validated(self, objects: ObjectStore) -> DataValidated:
        """Stage the rows, write the report and return the event that the validator would publish."""
        prefix = f"staging/{self.run_id}/{self.attempt}"
        accepted = tuple(
            stage_frame(objects, prefix, name, _frame(name, rows))
            for name, rows in sorted(self.tables.items())
        )
        report = Report(
            run_id=self.run_id,
            attempt=self.attempt,
            manifest=f"{prefix}/manifest.json",
            dates=self.dates,
            season_phase="regular",
            grade=self.grade,
            scores={},
            issues=(),
            accepted=accepted,
            quarantined=(),
            games=self.games if self.games is not None else self._games(),
        )
        name = write_struct(objects, f"reports/{self.run_id}/{self.attempt}", "report", report)
        return DataValidated(
            run_id=self.run_id,
            attempt=self.attempt,
            occurred_at=NOW,
            dates=self.dates,
            report=name,
            grade=self.grade,
            accepted=tuple(dataset.object for dataset in accepted),
        )

    def _games(self) -> tuple[int, ...]:
        return tuple(sorted({row["game_pk"] for row in self.tables.get("games_historical", [])}))


def _frame(name: str, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    listed = list(rows)
    if not listed:
        return pl.DataFrame(schema=get_table(name).schema)
    return pl.DataFrame(listed, infer_schema_length=None)


def whole_game(
    pk: int, on: date = MONDAY, version: int = 1, plays_made: int = 3, run_id: str = "run-1", **more: Any
) -> Batch:
    """Return a batch that states one game: its row, its plays and one player's line."""
    tables = {
        "games_historical": [game(pk, on, version, **more)],
        "plate_appearances": plays(pk, plays_made, on, version),
        "player_stats_historical": [line(pk, 100, on, version, hits=version)],
    }
    return Batch(tables, run_id=run_id, dates=(on,))
