"""Days of games with everything that must exist of them, written by hand; a test leaves out or deletes parts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import msgspec
import polars as pl

from services.loader.results import write_day_results
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.modeling.lineup_variants import VARIANTS
from shared.modeling.registry import ModelRef, Release
from shared.ports import Ports, Warehouse
from shared.storage import coverage
from shared.storage.coverage import SeasonCoverage, SeasonDates
from shared.storage.tables import get_table, list_tables
from tests.unit.services.loader.batches import FRIDAY, MONDAY, TUESDAY, game, line, plays, row
from tests.unit.services.loader.test_forecasts import forecast

DAY = timedelta(days=1)
WEDNESDAY = TUESDAY + DAY
MORNING = datetime.combine(WEDNESDAY, time(9, 30), UTC)  # 05:30 in New York
SEASON = SeasonDates(2026, regular=(date(2026, 4, 2), date(2026, 9, 30)))
GAMES = {MONDAY: (1, 2), TUESDAY: (3,)}
EARLY = datetime(2026, 4, 1, 6, tzinfo=UTC)


def merge(warehouse: Warehouse, name: str, rows: Iterable[dict]) -> None:
    warehouse.merge_rows(get_table(name), pl.DataFrame(list(rows), infer_schema_length=None))


def empty(warehouse: DuckDbWarehouse, name: str, day: date) -> None:
    """Delete a table's partition of a day."""
    table = get_table(name)
    with warehouse._open_cursor() as cursor:
        cursor.execute(f"delete from {table.full_name} where {table.partition} = ?", [day])


def store_games(ports: Ports) -> None:
    """Store two games on Monday and one on Tuesday, each with its lines, plays, features and forecast."""
    for day, games in GAMES.items():
        merge(ports.warehouse, "games_historical", [game(pk, day) for pk in games])
        merge(ports.warehouse, "plate_appearances", [one for pk in games for one in plays(pk, 3, day)])
        merge(ports.warehouse, "player_stats_historical", [line(pk, 100, day) for pk in games])
        merge(
            ports.warehouse,
            "statcast_pitches",
            [row("statcast_pitches", game_pk=pk, game_date=day) for pk in games],
        )
        clubs = [
            row("team_stats_historical", game_pk=pk, game_date=day, team_id=club)
            for pk in games
            for club in (1, 2)
        ]
        merge(ports.warehouse, "team_stats_historical", clubs)
        store_features(ports.warehouse, day, games)
        lines = [forecast(forecast_id=f"f{pk}", game_pk=pk, game_date=day, made_at=EARLY) for pk in games]
        ports.objects.write_once(f"forecasts/{day}/api-1.jsonl", b"\n".join(map(msgspec.json.encode, lines)))


def store_features(warehouse: Warehouse, day: date, games: Iterable[int]) -> None:
    for name in list_tables("mlb_features"):
        table = get_table(name)
        by_game = [{"game_pk": pk} for pk in games] if "game_pk" in table.key else [{}]
        variants = [{"variant": one} for one in VARIANTS] if "variant" in table.key else [{}]
        of_day = {table.partition: day}
        merge(warehouse, name, [row(name, **of_day, **one, **more) for one in by_game for more in variants])


def store_coverage(ports: Ports, **changes: object) -> None:
    known = {"dates": SEASON, "checked": ((date(2026, 4, 1), TUESDAY),), "listed": GAMES}
    coverage.save_coverage(ports.objects, SeasonCoverage(2026, **known | changes))


def store_release(ports: Ports) -> None:
    models = {"home_win": ModelRef("home_win", "1.0.0", "models/home_win/1.0.0/model.ubj", "0")}
    release = Release(1, "snapshot/2026-03-31/r/manifest-0.json", models, "r", EARLY - DAY, "first")
    ports.objects.write_once(release.object, msgspec.json.encode(release))


def store_days(ports: Ports) -> None:
    """Store everything of Monday and Tuesday but the scores and the reports."""
    store_games(ports)
    store_coverage(ports)
    store_release(ports)
    write_day_results(ports, GAMES)


__all__ = ["FRIDAY", "MONDAY", "TUESDAY"]
