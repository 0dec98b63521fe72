"""Work that one process at a time may do, for as long as it may take: a lease kept in objects.

A lease is a sequence of objects, each created only if absent; the highest is how it stands. Taking it,
finishing and failing each add one, so that two who try at once cannot both succeed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from shared.ports import ObjectStore


class LeaseState(StrEnum):
    """How a lease stands for whoever asks."""

    FREE = "free"
    HELD = "held"
    DONE = "done"


class _LeaseEntry(msgspec.Struct, frozen=True):
    """`delivery` names the message whose work this was; another message may have it done again."""

    state: LeaseState
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

    def current_state(self) -> LeaseState:
        """Return whether the work is free to take, held by somebody, or done for this delivery."""
        return self._read_state(self._objects.list_names(self._folder))

    def try_acquire(self) -> bool:
        """Take a free lease; False when somebody holds it, was faster, or the work is done."""
        names = self._objects.list_names(self._folder)
        return self._read_state(names) is LeaseState.FREE and self._append_entry(names, LeaseState.HELD)

    def mark_done(self) -> None:
        """Say that the work is done."""
        self._append_entry(self._objects.list_names(self._folder), LeaseState.DONE)

    def release(self) -> None:
        """Leave the work to whoever comes next."""
        self._append_entry(self._objects.list_names(self._folder), LeaseState.FREE)

    def _read_state(self, names: list[str]) -> LeaseState:
        if not names:
            return LeaseState.FREE
        last = msgspec.json.decode(self._objects.read_bytes(names[-1]), type=_LeaseEntry)
        if last.state is LeaseState.HELD and last.until > self._clock():
            return LeaseState.HELD
        if last.state is LeaseState.DONE and last.delivery == self._delivery:
            return LeaseState.DONE
        return LeaseState.FREE

    def _append_entry(self, names: list[str], state: LeaseState) -> bool:
        entry = _LeaseEntry(state, self._delivery, self._clock() + self._longest)
        return self._objects.create_if_absent(
            f"{self._folder}{len(names) + 1:06d}.json", msgspec.json.encode(entry)
        )
