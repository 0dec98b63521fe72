"""A lease in the object store: one process at a time does a piece of work.

A lease is a sequence of objects, each created only if absent; the highest is its state. Acquiring,
finishing and releasing each add one, so that of two concurrent attempts only one succeeds.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from shared.ports import ObjectStore


class LeaseState(StrEnum):
    """The state of a lease."""

    FREE = "free"
    HELD = "held"
    DONE = "done"


class _LeaseEntry(msgspec.Struct, frozen=True):
    """`delivery` is the id of the message; another message may do the work again."""

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
        """Return whether the work is free to take, held, or done for this delivery."""
        return self._read_state(self._objects.list_names(self._folder))

    def try_acquire(self) -> bool:
        """Take a free lease; False if it is held, lost to another process, or done."""
        names = self._objects.list_names(self._folder)
        return self._read_state(names) is LeaseState.FREE and self._append_entry(names, LeaseState.HELD)

    def mark_done(self) -> None:
        """Mark the work as done."""
        self._append_entry(self._objects.list_names(self._folder), LeaseState.DONE)

    def release(self) -> None:
        """Release the lease for the next attempt."""
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
