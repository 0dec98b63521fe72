"""One tick through six processes: the schedule's message, what it sets off, a forecast of the day after."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from math import fsum
from pathlib import Path
from typing import Any

import httpx
import msgspec

from hankstank.dev.local_cluster.cluster import Town, running, surrounded
from hankstank.dev.local_cluster.trace import Follower, Hop
from hankstank.local.api_client import ApiClient, Refused
from hankstank.local.pipeline_run import played_until, remember_played
from hankstank.local.run_plan import DAY, tick_time
from shared.adapters.gcp.pubsub_bus import PubSubBus
from shared.errors import CannotDo
from shared.messaging.events import Ticked, Trigger
from shared.ports import ObjectStore
from shared.runtime.data_world import World, write_world
from shared.runtime.ports_factory import object_store

_QUESTION = ("home_team", "away_team", "game_date", "game_number")
_FIRST_DAY = 10  # of the season: the week before it is looked back on and gives models their first games


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asked `hankstank tick` for; without days it is the next one, looked back from as daily.

    `patience` is how many seconds nothing may move.
    """

    home: Path
    day: date | None = None
    first: date | None = None
    last: date | None = None
    trigger: Trigger = "daily"
    patience: float = 300.0


def tick(asked: Asked, tell: Callable[[Hop], object] = lambda _hop: None) -> dict[str, Any]:
    """Publish a tick, follow it to the API and ask for forecasts; `tell` hears of every hop.

    Raises CannotDo when nothing runs, a room dies, a delivery of the run becomes a dead letter, or nothing
    moves any more.
    """
    town = running(asked.home.absolute())
    with surrounded(town.surroundings):
        objects = object_store(town.settings)
        day = asked.last or asked.day or _next_day(town, objects)
        with Follower(town, objects, asked.patience) as follower:
            now = _set_clocks(town, objects, day)
            run_id = publish(town, body(asked) | {"occurred_at": now})
            hops = list(follower.followed(run_id, tell))
        remember_played(objects, day)
        summary = {"run_id": run_id, "day": day, "hops": hops, "seconds": fsum(hop.seconds for hop in hops)}
        return summary | _forecasts(town, day + DAY)


def body(asked: Asked) -> dict[str, Any]:
    """Return what the schedule would send, with the days that a person asked for."""
    days = {"first": asked.first, "last": asked.last}
    return {"trigger": asked.trigger, **{name: day for name, day in days.items() if day}}


def publish(town: Town, message: dict[str, Any]) -> str:
    """Publish a tick as the scheduler does, and return the id of the run that it starts."""
    bus = PubSubBus(town.project)
    return f"tick-{bus.send(Ticked.topic, msgspec.json.encode(message), {'topic': Ticked.topic})}"


def _set_clocks(town: Town, objects: ObjectStore, day: date) -> datetime:
    """Let it be two in the morning after `day`, outside and in every room, and return that time."""
    now = tick_time(day)
    told = {"now": now.isoformat()}
    httpx.post(f"{town.standin}/standin/clock", json=told, trust_env=False).raise_for_status()
    write_world(objects, World(town.label, now))
    return now


def _next_day(town: Town, objects: ObjectStore) -> date:
    played = played_until(objects)
    return played + DAY if played else _game_days(town)[_FIRST_DAY - 1]


def _game_days(town: Town) -> list[date]:
    """Return the days with games of the season that the outside world plays, by its clock."""
    with httpx.Client(base_url=town.standin, timeout=300, trust_env=False) as world:
        year = world.get("/standin/clock").json()["now"][:4]
        asked = {"sportId": "1", "gameType": "R", "startDate": f"{year}-01-01", "endDate": f"{year}-12-31"}
        answer = world.get("/api/v1/schedule", params=asked).raise_for_status()
    days = [date.fromisoformat(day["date"]) for day in answer.json()["dates"]]
    if len(days) < _FIRST_DAY:
        raise CannotDo(f"{town.label}: expected {_FIRST_DAY} days with games in {year}: name a DATE")
    return days


def _forecasts(town: Town, day: date) -> dict[str, Any]:
    """Return the slate of a day and a game of it, asked for by POST as any client would."""
    with closing(ApiClient(town.address("predict_api"))) as client:
        try:
            games = client.slate(day)["games"]
            asked = {name: games[0][name] for name in _QUESTION} if games else None
            return {"slate": games, "game": client.game(asked) if asked else None}
        except Refused as refusal:
            return {"slate": [], "game": None, "refused": str(refusal)}
