"""Finds played days and games without stored forecasts."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from services.predict_api.serving.recording import (
    FIRST_START,
    find_unstored_releases,
    iter_served_releases,
)
from shared.adapters.local import duckdb_reader
from shared.errors import Rejected
from shared.modeling import registry
from shared.ports import ObjectStore
from shared.storage import coverage, snapshot
from shared.storage.forecast_objects import PREFIX, decode_forecasts
from shared.storage.tables import get_table

_GAMES = """
    select g.game_date, count(*) as games, count(f.game_pk) as forecast
    from games_historical as g
    left join (
        select distinct made.game_pk
        from forecasts as made
        join games_historical as played using (game_pk)
        where not made.is_challenger and made.made_at < played.scheduled_start
    ) as f using (game_pk)
    where g.status = 'Final'
    group by g.game_date
    order by g.game_date
"""
_LOADED = "select distinct raw_object from forecasts"


def days_without_forecasts(objects: ObjectStore, played: Iterable[date], through: date) -> list[date]:
    """Return the played days up to `through`, since the first model, without stored forecasts."""
    first = _first_forecast_day(objects)
    if first is None:
        return []
    due = sorted(day for day in played if first <= day <= through)
    return [day for day in due if not objects.list_names(f"{PREFIX}{day}/")]


def describe_days(days: Iterable[date]) -> str:
    """Return days in words, such as "3 days: 2026-05-03 to 2026-05-05"."""
    listed = set(days)
    spans = (
        f"{first}" + (f" to {last}" if last > first else "")
        for first, last in coverage.group_into_spans(listed)
    )
    return f"{len(listed)} day{'s' if len(listed) != 1 else ''}: {', '.join(spans)}"


def unforecast_games(objects: ObjectStore, warehouse: Path) -> dict[date, tuple[int, int]]:
    """Return by day how many games have no forecast made before they began, and the number of games."""
    first = _first_forecast_day(objects)
    if first is None or not _has_rows(warehouse, "games_historical"):
        return {}
    rows = duckdb_reader.select_rows(warehouse, _GAMES).rows()
    return {
        day: (games - forecast, games) for day, games, forecast in rows if day >= first and forecast < games
    }


def find_faults(objects: ObjectStore, warehouse: Path) -> Iterator[tuple[str, str]]:
    """Yield where forecasts are due but not stored, or stored but not loaded, and what is wrong."""
    for one in find_unstored_releases(objects):
        message = "its forecasts are not stored: the next `hankstank run` or `collect` stores them"
        yield f"release {one.id}", message
    release = registry.current_release(objects)
    known = snapshot.snapshot_date(release.snapshot) if release else date.min
    is_loaded = _has_rows(warehouse, "forecasts")
    loaded = set(duckdb_reader.select_rows(warehouse, _LOADED)["raw_object"]) if is_loaded else set()
    for name in objects.list_names(PREFIX):
        if "/release-" in name and name not in loaded and date.fromisoformat(name.split("/")[1]) <= known:
            yield from _not_loaded(objects, name)


def _not_loaded(objects: ObjectStore, name: str) -> Iterator[tuple[str, str]]:
    try:
        batch = decode_forecasts(name, objects.read_bytes(name))
    except Rejected as error:
        yield name, str(error)
        return
    if batch.rows:
        wrong = f"{len(batch.rows)} forecasts are stored and not loaded: `hankstank collect --from"
        yield name, f"{wrong} {batch.game_date} --to {batch.game_date}` loads them"


def _has_rows(warehouse: Path, name: str) -> bool:
    """Return whether a table has rows; a new warehouse has neither of the two tables."""
    return duckdb_reader.table_extents(warehouse, [get_table(name)])[name].rows > 0


def _first_forecast_day(objects: ObjectStore) -> date | None:
    """Return the first day that a release with models could forecast; None where there is none."""
    release = next(iter_served_releases(objects), None)
    if release is None:
        return None
    day = snapshot.snapshot_date(release.snapshot) + coverage.DAY
    while datetime.combine(day, FIRST_START) < release.published_at:
        day += coverage.DAY
    return day
