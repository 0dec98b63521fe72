"""What must hold of forecasts however a run was disturbed: stored in time, unchanged, and loaded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import polars as pl

from services.loader.forecasts import load_and_grade
from services.predict_api.loading import loaded
from services.predict_api.recording import missing
from services.predict_api.telling import day_forecasts
from shared import registry, snapshot
from shared.errors import Rejected
from shared.forecast_objects import PREFIX, DayForecasts, decoded
from shared.ports import ObjectStore, Ports, Warehouse
from shared.registry import Release

_GAMES = "select game_pk, game_date, scheduled_start, status from mlb_historical_data.games_historical"
_MADE = "select * from mlb_predictions.forecasts where not is_challenger"
_QUESTION = ["game_pk", "player_id", "target"]


@dataclass(frozen=True, slots=True)
class Answered:
    """A forecast that a client was given."""

    day: date
    release_id: str
    player_id: int
    answer: bytes


def faults(ports: Ports, answers: Iterable[Answered], games: Iterable[int], first_release: int) -> list[str]:
    """Return what is wrong with the forecasts of a world.

    `answers` were given, `games` must have a forecast made before their start, and the forecasts of releases
    from the number `first_release` on are made again.
    """
    objects = ports.objects
    lacking = sorted({*games} - forecast_games(ports.warehouse))
    return [
        *(
            f"forecasts of release {one.id} are not stored"
            for one in missing(objects)
            if _is_whole(objects, one)
        ),
        *_altered(objects, first_release),
        *_lost(ports),
        *(f"no forecast was made of game {game}" for game in lacking),
        *(f"answered on {one.day} and not stored" for one in answers if not _holds(objects, one)),
    ]


def graded_last(warehouse: Warehouse) -> pl.DataFrame:
    """Return of each question about a game that is over the last forecast made before its start."""
    games = warehouse.query(_GAMES).filter(pl.col("status") == "Final").rename({"game_date": "played_on"})
    made = warehouse.query(_MADE).join(games, on="game_pk")
    before = made.filter(pl.col("made_at") < pl.col("scheduled_start")).sort("made_at", "release_id")
    return before.unique(_QUESTION, keep="last", maintain_order=True)


def forecast_games(warehouse: Warehouse) -> set[int]:
    """Return the games that are over and of which a forecast was made before."""
    return set(graded_last(warehouse)["game_pk"])


def _is_whole(objects: ObjectStore, release: Release) -> bool:
    """Return whether a release's snapshot can be read: of one that was torn nothing can be made again."""
    try:
        snapshot.load(release.snapshot, objects)
    except Rejected:
        return False
    return True


def _altered(objects: ObjectStore, first_release: int) -> Iterator[str]:
    """Find stored forecasts that are not what their release forecasts."""
    releases = {
        one.id: one for one in registry.release_history(objects) if one.number >= first_release and one.models
    }
    whole = {number: release for number, release in releases.items() if _is_whole(objects, release)}
    made = {number: loaded(objects, release, None)[0] for number, release in whole.items()}
    for name in objects.names(PREFIX):
        try:
            told = decoded(name, objects.get(name))
        except Rejected as error:
            yield f"forecasts cannot be read: {error}"
            continue
        forecaster = made.get(told.release_id)
        if forecaster and day_forecasts(forecaster, told.game_date, told.stored_at) != told:
            yield f"other forecasts than their release's: {name}"


def _lost(ports: Ports) -> Iterator[str]:
    """Find forecasts that are stored and not loaded, of days that the last build knows.

    A release that a late delivery made may store its forecasts after the last load of the run. The next day's
    load takes them in, so it runs first.
    """
    objects = ports.objects
    release = registry.current_release(objects)
    known = snapshot.as_of(release.snapshot) if release else date.min
    if release:
        load_and_grade(ports, (known + timedelta(days=1),))
    rows = set(ports.warehouse.query("select forecast_id from mlb_predictions.forecasts")["forecast_id"])
    for name in objects.names(PREFIX):
        told = decoded(name, objects.get(name))
        lacking = _ids(told) - rows if told.game_date <= known else set()
        if lacking:
            yield f"{len(lacking)} forecasts of {told.game_date} are stored and not loaded: {name}"


def _ids(told: DayForecasts) -> set[str]:
    return {msgspec.json.decode(row)["forecast_id"] for row in told.rows}


def _holds(objects: ObjectStore, one: Answered) -> bool:
    names = [name for name in objects.names(f"{PREFIX}{one.day}/") if one.release_id in name]
    stored = [decoded(name, objects.get(name)) for name in names]
    return any(one.answer == bytes(answer) for told in stored for answer in told.players)
