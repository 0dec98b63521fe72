"""The source of games that filled the stores: its kind, seed and seasons."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hankstank.local import simulator_process
from hankstank.local.pipeline_run import played_until
from hankstank.local.run_plan import Source, labelled_source
from shared.adapters.local.damage import QUEUE
from shared.adapters.local.durable_queue import LocalBus
from shared.messaging.envelope import decode_event
from shared.messaging.events import Ticked
from shared.ports import ObjectStore
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings

_SOURCES = ("mlb_api_url", "savant_url", "weather_url")


@dataclass(frozen=True, slots=True)
class GameSource:
    """A source of games with its seed (of a league) and its seasons, oldest first."""

    source: Source
    seed: int
    seasons: tuple[int, ...]


def stored_season(objects: ObjectStore) -> int | None:
    """Return the season that the stores have reached; None before the first run.

    The stores' clock shows the morning after the last day that was run.
    """
    if played := played_until(objects):
        return played.year
    now = read_world(objects).now
    return (now - timedelta(days=1)).year if now else None


@contextmanager
def open_source(games: GameSource, home: Path, data: Path) -> Iterator[str | None]:
    """Run the simulator of a source and yield its address; None for the live data sources."""
    if games.source == "mlb":
        yield None
        return
    with simulator_process.run_simulator(
        games.source, games.seasons, games.seed, data, home / "outside"
    ) as url:
        yield url


def with_source(settings: Settings, url: str | None) -> Settings:
    """Return settings with all data sources at `url`; unchanged without one."""
    return settings.model_copy(update=dict.fromkeys(_SOURCES, url)) if url else settings


@contextmanager
def stored_source(settings: Settings, data: Path) -> Iterator[Settings]:
    """Yield settings that point to the source which filled the stores, at the stores' time.

    For an unknown source the settings stay as they are.
    Raises UserError if the files of a real season are not in `data`.
    """
    objects = create_object_store(settings)
    world = read_world(objects)
    known = labelled_source(world.label)
    last = stored_season(objects)
    if known is None or last is None:
        yield settings
        return
    games = GameSource(*known, tuple(range(_first_season(settings.home, last), last + 1)))
    with open_source(games, settings.home, data) as url:
        if url and world.now:
            simulator_process.set_simulator_clock(url, world.now)
        yield with_source(settings, url)


def _first_season(home: Path, last: int) -> int:
    """Return the first season that a tick of these stores requested."""
    ticks = (decode_event(one.topic, one.data) for one in LocalBus(home / QUEUE).published_on(Ticked.topic))
    years = [tick.first.year for tick in ticks if isinstance(tick, Ticked) and tick.first]
    return min([*years, last])
