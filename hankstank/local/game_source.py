"""Where the games of stores come from: the source, seed and seasons that the stores were filled from."""

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
    """Return the season that the stores have reached; None where no run began one.

    The world's clock stands at the morning after the day that was played.
    """
    if played := played_until(objects):
        return played.year
    now = read_world(objects).now
    return (now - timedelta(days=1)).year if now else None


@contextmanager
def reached_source(asked: GameSource, home: Path, data: Path) -> Iterator[str | None]:
    """Yield the address of a source's stand-in while the block runs; None for the live service."""
    if asked.source == "mlb":
        yield None
        return
    with simulator_process.run_simulator(
        asked.source, asked.seasons, asked.seed, data, home / "outside"
    ) as url:
        yield url


def with_source(settings: Settings, url: str | None) -> Settings:
    """Return settings whose sources are at `url`; unchanged without one."""
    return settings.model_copy(update=dict.fromkeys(_SOURCES, url)) if url else settings


@contextmanager
def stored_source(settings: Settings, data: Path) -> Iterator[Settings]:
    """Yield settings that ask the source which filled the stores, at the time it is there.

    A world that no source is known for is asked where the settings say.
    Raises CannotDo where a real season's files are not in `data`.
    """
    objects = create_object_store(settings)
    world = read_world(objects)
    known = labelled_source(world.label)
    last = stored_season(objects)
    if known is None or last is None:
        yield settings
        return
    asked = GameSource(*known, tuple(range(_first_season(settings.home, last), last + 1)))
    with reached_source(asked, settings.home, data) as url:
        if url and world.now:
            simulator_process.set_standin_clock(url, world.now)
        yield with_source(settings, url)


def _first_season(home: Path, last: int) -> int:
    """Return the first season that a tick of these stores asked for."""
    ticks = (decode_event(one.topic, one.data) for one in LocalBus(home / QUEUE).published_on(Ticked.topic))
    years = [tick.first.year for tick in ticks if isinstance(tick, Ticked) and tick.first]
    return min([*years, last])
