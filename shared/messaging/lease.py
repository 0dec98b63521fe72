"""Work that one process at a time may do, for as long as it may take: a lease kept in objects.

A lease is a sequence of objects, each created only if absent; the highest is how it stands. Taking it,
finishing and failing each add one, so that two who try at once cannot both succeed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from shared.ports import ObjectStore


class Standing(StrEnum):
    """How a lease stands for whoever asks."""

    FREE = "free"
    HELD = "held"
    DONE = "done"


class _Entry(msgspec.Struct, frozen=True):
    """`delivery` names the message whose work this was; another message may have it done again."""

    state: Standing
    delivery: str
    until: datetime


class Lease:
    """The right to work on one event, named by its id."""

    def __init__(
        self,
        objects: ObjectStore,
        event_id: str,
        delivery: str,
        clock: Callable[[], datetime],
        longest: timedelta,
    ) -> None:
        self._objects, self._clock, self._longest = objects, clock, longest
        self._folder, self._delivery = f"leases/{event_id}/", delivery

    def standing(self) -> Standing:
        """Return whether the work is free to take, held by somebody, or done for this delivery."""
        return self._read(self._objects.names(self._folder))

    def take(self) -> bool:
        """Take a free lease; False when somebody holds it, was faster, or the work is done."""
        names = self._objects.names(self._folder)
        return self._read(names) is Standing.FREE and self._add(names, Standing.HELD)

    def finish(self) -> None:
        """Say that the work is done."""
        self._add(self._objects.names(self._folder), Standing.DONE)

    def give_up(self) -> None:
        """Leave the work to whoever comes next."""
        self._add(self._objects.names(self._folder), Standing.FREE)

    def _read(self, names: list[str]) -> Standing:
        if not names:
            return Standing.FREE
        last = msgspec.json.decode(self._objects.get(names[-1]), type=_Entry)
        if last.state is Standing.HELD and last.until > self._clock():
            return Standing.HELD
        if last.state is Standing.DONE and last.delivery == self._delivery:
            return Standing.DONE
        return Standing.FREE

    def _add(self, names: list[str], state: Standing) -> bool:
        entry = _Entry(state, self._delivery, self._clock() + self._longest)
        return self._objects.create(f"{self._folder}{len(names) + 1:06d}.json", msgspec.json.encode(entry))
