"""Checks that forecasts are stored in time, unchanged and loaded, whatever faults were injected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import polars as pl

from services.loader.forecasts import load_and_score
from services.loader.results import build_day_results
from services.predict_api.serving.recording import find_unstored_releases
from services.predict_api.serving.release_loader import load_release
from services.predict_api.serving.response_builder import build_day_forecasts
from shared.errors import Rejected
from shared.modeling import registry
from shared.modeling.registry import Release
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage import snapshot
from shared.storage.day_results import load_day_results
from shared.storage.forecast_objects import PREFIX, decode_forecasts

_GAMES_SQL = "select game_pk, game_date, scheduled_start, status from mlb_historical_data.games_historical"
_FORECASTS_SQL = "select * from mlb_predictions.forecasts where not is_challenger"
_FORECAST_KEY = ["game_pk", "player_id", "target"]


@dataclass(frozen=True, slots=True)
class ServedForecast:
    """A forecast that was returned to a client."""

    day: date
    release_id: str
    player_id: int
    response: bytes


def find_forecast_errors(
    ports: Ports, served: Iterable[ServedForecast], games: Iterable[int], first_release: int
) -> list[str]:
    """Return what is wrong with the forecasts of a run.

    `served` were returned to clients, `games` must have a forecast made before they began, and forecasts of
    releases from `first_release` on are recomputed and compared.
    """
    objects = ports.objects
    missing_games = sorted({*games} - games_with_forecast(ports.warehouse))
    return [
        *(
            f"forecasts of release {one.id} are not stored"
            for one in find_unstored_releases(objects)
            if _is_readable(objects, one)
        ),
        *_find_altered(objects, first_release),
        *_find_unloaded(ports),
        *_find_differing_results(ports),
        *(f"no forecast of game {game}" for game in missing_games),
        *(f"served on {one.day} and not stored" for one in served if not _is_stored(objects, one)),
    ]


def last_graded_forecasts(warehouse: Warehouse) -> pl.DataFrame:
    """Return the forecasts of each game of the last release that was made before the game began."""
    games = (
        warehouse.query_rows(_GAMES_SQL)
        .filter(pl.col("status") == "Final")
        .rename({"game_date": "played_on"})
    )
    made = warehouse.query_rows(_FORECASTS_SQL).join(games, on="game_pk")
    before = made.filter(pl.col("made_at") < pl.col("scheduled_start")).sort("made_at", "release_id")
    last = before.unique("game_pk", keep="last", maintain_order=True).select("game_pk", "release_id")
    counting = before.join(last, on=["game_pk", "release_id"], how="semi", maintain_order="left")
    return counting.unique(_FORECAST_KEY, keep="last", maintain_order=True)


def games_with_forecast(warehouse: Warehouse) -> set[int]:
    """Return the finished games with a forecast made before they began."""
    return set(last_graded_forecasts(warehouse)["game_pk"])


def _is_readable(objects: ObjectStore, release: Release) -> bool:
    """Return whether a release's snapshot can be read; forecasts of a truncated one cannot be recomputed."""
    try:
        snapshot.load_snapshot(release.snapshot, objects)
    except Rejected:
        return False
    return True


def _find_altered(objects: ObjectStore, first_release: int) -> Iterator[str]:
    """Find stored forecasts that differ from what their release forecasts."""
    releases = {
        one.id: one for one in registry.release_history(objects) if one.number >= first_release and one.models
    }
    readable = {number: release for number, release in releases.items() if _is_readable(objects, release)}
    forecasters = {number: load_release(objects, release, None)[0] for number, release in readable.items()}
    for name in objects.list_names(PREFIX):
        try:
            stored = decode_forecasts(name, objects.read_bytes(name))
        except Rejected as error:
            yield f"forecasts cannot be read: {error}"
            continue
        forecaster = forecasters.get(stored.release_id)
        if forecaster and build_day_forecasts(forecaster, stored.game_date, stored.stored_at) != stored:
            yield f"forecasts differ from their release's: {name}"


def _find_unloaded(ports: Ports) -> Iterator[str]:
    """Find forecasts of days up to the snapshot's date that are stored and not loaded.

    A release of a late delivery may store its forecasts after the last load of the run. The next day's
    load includes them, so it runs first.
    """
    objects = ports.objects
    release = registry.current_release(objects)
    known = snapshot.snapshot_date(release.snapshot) if release else date.min
    if release:
        load_and_score(ports, (known + timedelta(days=1),))
    rows = set(ports.warehouse.query_rows("select forecast_id from mlb_predictions.forecasts")["forecast_id"])
    for name in objects.list_names(PREFIX):
        stored = decode_forecasts(name, objects.read_bytes(name))
        missing = {msgspec.json.decode(row)["forecast_id"] for row in stored.rows} - rows
        if missing and stored.game_date <= known:
            yield f"{len(missing)} forecasts of {stored.game_date} are stored and not loaded: {name}"


def _find_differing_results(ports: Ports) -> Iterator[str]:
    """Find days whose stored results are not those of the warehouse."""
    days = sorted(set(ports.warehouse.query_rows(_GAMES_SQL)["game_date"]))
    for expected, _ in build_day_results(ports.warehouse, days):
        stored = load_day_results(ports.objects, expected.game_date)
        has_begun = any(game.state != "scheduled" for game in expected.games)
        if stored != expected and (stored is not None or has_begun):
            yield f"results of {expected.game_date} differ from the warehouse"


def _is_stored(objects: ObjectStore, served: ServedForecast) -> bool:
    names = [name for name in objects.list_names(f"{PREFIX}{served.day}/") if served.release_id in name]
    stored = [decode_forecasts(name, objects.read_bytes(name)) for name in names]
    return any(served.response == bytes(answer) for stored_day in stored for answer in stored_day.players)
