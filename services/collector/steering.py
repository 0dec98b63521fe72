"""Steers a running backfill between its games: how many at a time, at which pace, paused or stopped."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Annotated, Literal

import msgspec

from services.collector.backfill_ledger import ChunkCollection
from services.collector.http_source import Clock, RateLimiter, Sleep
from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

MAX_WORKERS = 25
_POLL_SECONDS = 0.2  # between two looks at the control object while a game waits

Order = Literal["run", "pause", "stop"]


class Control(msgspec.Struct, frozen=True):
    """The control object of a backfill: other processes write it, the collection reads it between games."""

    job: str
    order: Order = "run"
    workers: Annotated[int, msgspec.Meta(ge=1, le=MAX_WORKERS)] = 8
    pace: Annotated[float, msgspec.Meta(gt=0)] | None = None  # requests a second; None: no limit


class CollectionStopped(BaseException):
    """A person stopped the backfill between two games.

    As with KeyboardInterrupt, no handler takes it for a failed delivery: the delivery stays in the queue.
    """


def control_name(sport: str) -> str:
    """Return the name of a sport's control object."""
    return f"backfill/{sport}/control.json"


def load_control(objects: ObjectStore, sport: str) -> Control | None:
    """Return the control object; None where there is none, or where it cannot be read."""
    try:
        return msgspec.json.decode(objects.read_bytes(control_name(sport)), type=Control)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: not followed: %s", control_name(sport), error)
        return None


def save_control(objects: ObjectStore, sport: str, control: Control) -> None:
    """Store the control object."""
    objects.overwrite(control_name(sport), msgspec.json.encode(control))


class Steering:
    """Admits games to the collection as the control object says, and counts them. Safe in threads.

    `limiter` spaces every request of the job. Changes of the control object hold from the next game on; one
    that is missing, corrupt or of another job changes nothing. It is read at most every `read_interval`
    seconds. Where `is_stoppable` is False, workers and pace are followed but no game waits for an order.
    `is_stopping` asks its own process to stop, whatever the control object says.
    """

    def __init__(
        self,
        objects: ObjectStore,
        sport: str,
        control: Control,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
        read_interval: float = 0.0,
        is_stoppable: bool = True,
    ) -> None:
        self._objects, self._sport, self._sleep, self._clock = objects, sport, sleep, clock
        self._read_interval, self._is_stoppable = read_interval, is_stoppable
        self._read_at = float("-inf")
        self._slots = Condition()
        self._active = 0
        self.control = control
        self.is_stopping: Callable[[], bool] = lambda: False
        self.on_game: Callable[[], object] = lambda: None  # called after every game, in its thread
        self.on_control: Callable[[], object] = lambda: None  # called when the control object changed
        self.limiter = RateLimiter(control.pace, clock, sleep)
        self.fetched = set[int]()  # games that were fetched, from the source or the raw archive
        self.failed = set[int]()  # games that no source gave
        self.from_archive = 0  # of those fetched
        self.feed_bytes = 0  # of the games that the source gave, unpacked

    @contextmanager
    def game_slot(self) -> Iterator[None]:
        """Hold one of the slots for a game; waits while all are taken or the job is paused.

        Raises CollectionStopped.
        """
        self._take_slot()
        try:
            yield
        finally:
            with self._slots:
                self._active -= 1

    def check_order(self) -> None:
        """Wait while the job is paused; raises CollectionStopped."""
        while (order := self.read_order()) != "run":
            if order == "stop":
                raise CollectionStopped
            self._sleep(_POLL_SECONDS)

    def read_order(self) -> Order:
        """Return the order of the control object; always to run where no order is followed."""
        if self.is_stopping():
            return "stop"
        order = self._read_control().order
        return order if self._is_stoppable else "run"

    def add_collection(self, collection: ChunkCollection) -> None:
        """Count what a collector elsewhere did for a chunk."""
        with self._slots:
            self.fetched.update(collection.fetched)
            self.failed = self.failed.union(collection.failed) - self.fetched
            self.from_archive += collection.from_archive
            self.feed_bytes += collection.feed_bytes
            self.limiter.requests += collection.requests
        self.on_game()

    def record_game(self, game: int, *, is_fetched: bool) -> None:
        """Record a game that was fetched, or that no source gave."""
        with self._slots:
            (self.failed if is_fetched else self.fetched).discard(game)
            (self.fetched if is_fetched else self.failed).add(game)
        self.on_game()

    def record_archived(self) -> None:
        """Count a feed that the raw archive gave."""
        with self._slots:
            self.from_archive += 1

    def record_bytes(self, size: int) -> None:
        """Count the bytes of a game's feed."""
        with self._slots:
            self.feed_bytes += size

    def _take_slot(self) -> None:
        while True:
            self.check_order()
            with self._slots:
                if self._active < self.control.workers:
                    self._active += 1
                    return
            self._sleep(_POLL_SECONDS / 10)

    def _read_control(self) -> Control:
        with self._slots:
            now = self._clock()
            if now - self._read_at < self._read_interval:
                return self.control
            self._read_at = now
        read = load_control(self._objects, self._sport)
        with self._slots:
            is_changed = read is not None and read.job == self.control.job and read != self.control
            if read and is_changed:
                self.control = read
                self.limiter.set_rate(read.pace)
            control = self.control
        if is_changed:
            self.on_control()
        return control
