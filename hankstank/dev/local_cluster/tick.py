"""Triggers a run on the cluster: publishes a tick, follows it and requests the next day's forecasts."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from math import fsum
from pathlib import Path
from typing import Any

import msgspec

from hankstank.dev.local_cluster.cluster import LocalCluster, load_running_cluster
from hankstank.dev.local_cluster.trace import Hop, RunTracer
from hankstank.local.api_client import ApiClient, ApiError
from hankstank.local.pipeline_run import played_until, record_played
from hankstank.local.run_plan import DAY, tick_time
from hankstank.local.simulator_process import list_game_days, read_simulator_clock, set_simulator_clock
from hankstank.local.subprocesses import environment
from shared.adapters.gcp.pubsub_bus import PubSubBus
from shared.errors import UserError
from shared.messaging.events import Ticked, Trigger
from shared.ports import ObjectStore
from shared.runtime.data_world import DataWorld, write_world
from shared.runtime.ports_factory import create_object_store

_GAME_FIELDS = ("home_team", "away_team", "game_date", "game_number")
_FIRST_DAY = 10  # with games: the lookback week before it gives models their first games


@dataclass(frozen=True, slots=True)
class TickOptions:
    """Options of `hankstank cluster trigger`; without days the next day with its lookback is collected.

    `idle_timeout` is the seconds without progress before it gives up.
    """

    home: Path
    day: date | None = None
    first: date | None = None
    last: date | None = None
    trigger: Trigger = "daily"
    idle_timeout: float = 300.0


def run_tick(options: TickOptions, on_hop: Callable[[Hop], object] = lambda _hop: None) -> dict[str, Any]:
    """Publish a tick, follow it to the API and request forecasts; `on_hop` is called for every hop.

    Raises UserError if no cluster runs, a service ends, a delivery of the run becomes a dead letter, or
    there is no progress.
    """
    cluster = load_running_cluster(options.home.absolute())
    with environment(cluster.env):
        objects = create_object_store(cluster.settings)
        day = options.last or options.day or _next_day(cluster, objects)
        with RunTracer(cluster, objects, options.idle_timeout) as tracer:
            now = _set_clocks(cluster, objects, day)
            run_id = publish_tick(cluster, tick_message(options) | {"occurred_at": now})
            hops = list(tracer.follow_run(run_id, on_hop))
        record_played(objects, day)
        summary = {"run_id": run_id, "day": day, "hops": hops, "seconds": fsum(hop.seconds for hop in hops)}
        return summary | _request_forecasts(cluster, day + DAY)


def tick_message(options: TickOptions) -> dict[str, Any]:
    """Return the scheduler's message, with the requested days."""
    days = {"first": options.first, "last": options.last}
    return {"trigger": options.trigger, **{name: day for name, day in days.items() if day}}


def publish_tick(cluster: LocalCluster, message: dict[str, Any]) -> str:
    """Publish a tick as the scheduler does, and return the id of its run."""
    bus = PubSubBus(cluster.project)
    return f"tick-{bus.send_message(Ticked.topic, msgspec.json.encode(message), {'topic': Ticked.topic})}"


def _set_clocks(cluster: LocalCluster, objects: ObjectStore, day: date) -> datetime:
    """Set the clocks of the simulator and the services to 02:00 on the day after `day`; return that time."""
    now = tick_time(day)
    set_simulator_clock(cluster.simulator_url, now)
    write_world(objects, DataWorld(cluster.label, now))
    return now


def _next_day(cluster: LocalCluster, objects: ObjectStore) -> date:
    if played := played_until(objects):
        return played + DAY
    year = read_simulator_clock(cluster.simulator_url).year
    days = list_game_days(cluster.simulator_url, year, gameType="R")
    if len(days) < _FIRST_DAY:
        raise UserError(f"{cluster.label}: expected {_FIRST_DAY} days with games in {year}: give a DATE")
    return days[_FIRST_DAY - 1]


def _request_forecasts(cluster: LocalCluster, day: date) -> dict[str, Any]:
    """Return the slate of a day and one of its games, requested as any client would."""
    with closing(ApiClient(cluster.address_of("predict_api"))) as client:
        try:
            slate = client.predict_slate(day)
            first = next(iter(slate["games"]), None)
            game = client.predict_game({name: first[name] for name in _GAME_FIELDS}) if first else None
        except ApiError as refusal:
            return {"slate": None, "game": None, "refused": str(refusal)}
        return {"slate": slate, "game": game}
