"""Commands that only read: objects and dead letters, never the warehouse and never the run lock."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hankstank import letters
from hankstank.outcomes import CannotDo
from services.features.catalogue import entries
from services.predict_api.forecaster import Forecaster
from services.predict_api.journal import Journal
from services.predict_api.problems import Problem
from services.predict_api.questions import Questions
from services.predict_api.schemas import GameRequest, PlayerRequest
from services.predict_api.shelf import Shelf
from shared import envelope, registry
from shared.adapters.local.durable_queue import LocalBus
from shared.dead_letters import DeadLetter
from shared.errors import ObjectMissing
from shared.ports import ObjectStore
from shared.runtime import object_store, utc_now
from shared.settings import Settings
from shared.world import read_world

ROOMS = ("collector", "validator", "loader", "features", "trainer")
T = TypeVar("T")


def status(home: Path) -> dict[str, Any]:
    """Return the world, the release, each room's last word, what waits and how many dead letters lie."""
    objects = _objects(home)
    release = registry.current_release(objects)
    return {
        "world": msgspec.to_builtins(read_world(objects)),
        "release": msgspec.to_builtins(release) if release else None,
        "rooms": {room: _said(objects, room) for room in ROOMS},
        "waiting": _waiting(Settings(home=home)),
        "dead_letters": sum(letter.replayed_at is None for letter in letters.listed(Settings(home=home))),
    }


def predict_game(home: Path, day: date, clubs: str, game_number: int | None) -> dict[str, Any]:
    """Return the forecast of AWAY@HOME; it is recorded, to be graded, like one asked for over HTTP."""
    away, at, host = clubs.partition("@")
    if not at:
        raise CannotDo(f"expected AWAY@HOME, such as BOS@NYY, got {clubs!r}")
    asked = GameRequest(home_team=host, away_team=away, game_date=day, game_number=game_number)
    return _built(_answered(home, lambda questions, forecaster: questions.game(forecaster, asked)))


def predict_player(
    home: Path, day: date, player_id: int, game_number: int | None, lines: list[str]
) -> dict[str, Any]:
    """Return the forecast of a player; `lines` are like strikeouts=5.5."""
    prices = dict(map(_line, lines))
    asked = PlayerRequest(
        player_id=player_id, game_date=day, game_number=game_number, stats=list(prices) or None, lines=prices
    )
    return _built(_answered(home, lambda questions, forecaster: questions.player(forecaster, asked)))


def slate(home: Path, day: date) -> list[dict[str, Any]]:
    """Return the forecasts of every game of a day."""
    answer = _answered(home, lambda questions, forecaster: questions.slate(forecaster, day))
    return [_built(game) for game in answer.games]


def dead_letters(home: Path) -> list[dict[str, Any]]:
    """Return all dead letters, without their bodies."""
    _objects(home)
    return [_letter(letter) for letter in letters.listed(Settings(home=home))]


def dead_letter(home: Path, number: int) -> dict[str, Any]:
    """Return one dead letter with the event it carried, as far as that can be read."""
    _objects(home)
    letter = letters.one(Settings(home=home), number)
    return {**_letter(letter), "event": _event(letter)}


def models(home: Path) -> list[dict[str, Any]]:
    """Return the models in production with their measures on days held out."""
    objects = _objects(home)
    release = registry.current_release(objects)
    refs = release.models.values() if release else ()
    return [_model(registry.load_manifest(objects, ref.target, ref.version)) for ref in refs]


def model_history(home: Path, target: str) -> list[dict[str, Any]]:
    """Return which version of a target was production, from when to when."""
    reigns = registry.model_history(_objects(home), target)
    if not reigns:
        known = sorted(one["target"] for one in models(home))
        raise CannotDo(f"expected a target among {known}, got {target!r}")
    return [msgspec.to_builtins(reign) for reign in reigns]


def rollback(home: Path, target: str, version: str) -> dict[str, Any]:
    """Make an earlier version production again and return the release that says so."""
    objects = _objects(home)
    now = read_world(objects).time(utc_now)
    release = registry.rollback(objects, target, version, now)
    return {"release": release.id, "target": target, "version": version, "reason": release.reason}


def features(name: str | None) -> list[dict[str, Any]]:
    """Return the catalogue, or those entries whose name contains `name`."""
    found = [msgspec.to_builtins(entry) for entry in entries() if name is None or name in entry.name]
    if not found:
        raise CannotDo(f"no feature has {name!r} in its name: `hankstank features describe` lists them all")
    return found


def _answered(home: Path, ask: Callable[[Questions, Forecaster], T]) -> T:
    objects = _objects(home)
    shelf, journal = Shelf(objects), Journal(objects, f"console-{utc_now():%Y%m%dT%H%M%S%f}")
    forecaster = shelf.current()
    if forecaster is None:
        raise CannotDo(f"{home}: no release with models is here yet: `hankstank run` makes one")
    try:
        return ask(Questions(objects, journal, lambda: read_world(objects).time(utc_now)), forecaster)
    except Problem as problem:
        near = problem.more.get("near")
        raise CannotDo(f"{problem.detail}{f'; near: {near}' if near else ''}") from None
    finally:
        journal.flush()


def _built(answer: msgspec.Struct) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(answer)
    return told


def _line(text: str) -> tuple[str, float]:
    stat, _, number = text.partition("=")
    try:
        return stat, float(number)
    except ValueError:
        raise CannotDo(f"expected STAT=LINE, such as strikeouts=5.5, got {text!r}") from None


def _objects(home: Path) -> ObjectStore:
    settings = Settings(home=home)
    if not settings.project and not home.is_dir():
        raise CannotDo(f"{home}: no stores are here: `hankstank run` makes them, --home names others")
    return object_store(settings)


def _waiting(settings: Settings) -> dict[str, int] | None:
    """Return how many deliveries wait, by subscription; None: Pub/Sub tells that to Cloud Monitoring only."""
    return None if settings.project else LocalBus(settings.home / "queue.sqlite").pending()


def _said(objects: ObjectStore, room: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(objects.get(f"status/{room}.json"), type=dict[str, Any])
    except ObjectMissing:
        return None


def _letter(letter: DeadLetter) -> dict[str, Any]:
    shown = ("id", "topic", "subscription", "run_id", "lane", "attempt", "reason", "parked_at", "replayed_at")
    return {name: getattr(letter, name) for name in shown}


def _event(letter: DeadLetter) -> Any:
    try:
        return envelope.delivery(letter.body).event.model_dump(mode="json")
    except Exception:  # noqa: BLE001 - a letter may be parked because its body cannot be read
        return letter.body.decode(errors="replace")


def _model(manifest: registry.ModelManifest) -> dict[str, Any]:
    return {
        "target": manifest.target,
        "version": manifest.version,
        "trained_on": msgspec.to_builtins(manifest.trained_on),
        **manifest.evaluation.flat(),
    }
