"""Which world the stores are filled from, and what time it is there: real, recorded or simulated."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from shared.ports import ObjectStore

_NAME = "world.json"


class DataWorld(msgspec.Struct, frozen=True):
    """A label for people, and the world's time where it is not the present (None: the real clock)."""

    label: str
    now: datetime | None = None

    def current_time(self, clock: Callable[[], datetime]) -> datetime:
        """Return the time in this world, UTC; `clock` tells the real one."""
        return self.now or clock()


REAL_WORLD = DataWorld("MLB Stats API")


def write_world(objects: ObjectStore, world: DataWorld) -> None:
    """Say which world this is and how late it is there."""
    objects.overwrite(_NAME, msgspec.json.encode(world))


def read_world(objects: ObjectStore) -> DataWorld:
    """Return the world that filled the stores; the real one where nothing was said."""
    return (
        msgspec.json.decode(objects.read_bytes(_NAME), type=DataWorld)
        if objects.exists(_NAME)
        else REAL_WORLD
    )


def is_world_known(objects: ObjectStore) -> bool:
    """Return whether the stores say which world filled them."""
    return objects.exists(_NAME)
