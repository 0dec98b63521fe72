"""The data source of the stores (real, recorded or simulated) and its current time."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from shared.ports import ObjectStore

_NAME = "world.json"


class DataWorld(msgspec.Struct, frozen=True):
    """A label, and the time of a recorded or simulated source (None: the real clock)."""

    label: str
    now: datetime | None = None

    def current_time(self, clock: Callable[[], datetime]) -> datetime:
        """Return the source's time, UTC; `clock` is the real one."""
        return self.now or clock()


REAL_WORLD = DataWorld("MLB Stats API")


def write_world(objects: ObjectStore, world: DataWorld) -> None:
    """Store the data source and its time."""
    objects.overwrite(_NAME, msgspec.json.encode(world))


def read_world(objects: ObjectStore) -> DataWorld:
    """Return the data source of the stores; the real one if none is stored."""
    return (
        msgspec.json.decode(objects.read_bytes(_NAME), type=DataWorld)
        if objects.exists(_NAME)
        else REAL_WORLD
    )


def is_world_known(objects: ObjectStore) -> bool:
    """Return whether the stores name their data source."""
    return objects.exists(_NAME)
