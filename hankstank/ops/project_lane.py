"""Runs a backfill's chunks on a project: publishes their ticks and follows them to the load and the features.

Nothing is delivered here. What a chunk has reached is read from what the services store: the collector's
record in the ledger, the validator's reports, the games in the warehouse, the days of the features. So a
command can end at any moment, and the next one follows what was published.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.collector import backfill_ledger, steering
from services.collector.backfill_ledger import Chunk
from services.collector.http_source import Clock, Sleep
from services.collector.steering import CollectionStopped, Steering
from services.features.publish import last_status
from services.features.unbuilt_days import find_unbuilt_days
from services.loader.batches import is_loaded
from shared.errors import Rejected, Unavailable, UserError
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.events import DataRetry, Grade, Ticked
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage.staging import Report, read_struct

Stage = Literal["published", "collected", "rejected", "validated", "loaded", "unbuilt", "built"]


class ChunkFailed(Rejected):
    """A delivery of a chunk became a dead letter: the chunk goes on once a person has replayed it."""


class NoProgress(Unavailable):
    """A chunk reached nothing new for too long; the bus may still be retrying."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between two looks, until dead letters are looked for, and without progress until it ends.

    The bus waits up to ten minutes before it delivers again. Features may take as long as their job may run.
    """

    poll: float = 5.0
    dead_letters: float = 60.0
    load: float = 30 * 60.0
    features: float = 75 * 60.0
    clock: Clock = time.monotonic
    sleep: Sleep = time.sleep


@dataclass(frozen=True, slots=True)
class Reached:
    """What a chunk has reached, in a word and in words."""

    stage: Stage
    words: str = ""


def read_load(objects: ObjectStore, warehouse: Warehouse, chunk: Chunk) -> Reached:
    """Return how far a published chunk is on its way to the load.

    A batch that the validator graded F is collected again; one that it accepted after that counts.
    """
    collection = backfill_ledger.load_collection(objects, chunk)
    if collection is None:
        return Reached("published", "its tick is published")
    if not collection.is_staged:
        return Reached("loaded", "nothing was new")
    names = [name for name in objects.list_names(f"reports/{chunk.run_id}/") if name.endswith(".json")]
    for name in reversed(names):
        report = read_struct(objects, name, Report)
        if report.grade != Grade.F:
            is_stored = is_loaded(report, objects, warehouse)
            return Reached("loaded" if is_stored else "validated", f"it is validated, see {name}")
    if names:
        return Reached("rejected", f"the validator graded it F, see {names[-1]}")
    return Reached("collected", f"{len(collection.fetched)} games are collected")


def read_features(objects: ObjectStore, warehouse: Warehouse, chunk: Chunk) -> Reached:
    """Return whether the features count the games of a loaded chunk, and how many days they lack."""
    days = find_unbuilt_days(warehouse, chunk.first, chunk.last)
    if not days:
        return Reached("built")
    status = last_status(objects)
    failed = status.failed if status else None
    reason = f"; the last build failed: {failed.reason}" if failed and failed.run_id == chunk.run_id else ""
    return Reached("unbuilt", f"{len(days)} days from {days[0]} to {days[-1]} are not built{reason}")


class ProjectLane:
    """The services of a project in the backfill lane, which no trainer and no API receives.

    `ports` are of that lane, `now` is the time of the data, and `list_dead_letters` lists the project's.
    """

    def __init__(
        self,
        ports: Ports,
        steer: Steering,
        sport: str,
        *,
        now: Callable[[], datetime],
        list_dead_letters: Callable[[], list[DeadLetter]],
        patience: Patience = Patience(),
    ) -> None:
        self._ports, self._steering, self._sport = ports, steer, sport
        self.now, self._list_dead_letters = now, list_dead_letters
        self._patience = patience
        self._last = backfill_ledger.last_chunk(ports.objects, sport)

    @property
    def objects(self) -> ObjectStore:
        """Return the object store."""
        return self._ports.objects

    def collect_chunk(self, chunk: Chunk) -> None:
        """Publish the chunk's tick unless it was published, and return once the chunk is loaded.

        Every load starts a build of features, and two at once compute the same days twice: so a tick waits
        for the features of the chunk before it.
        Raises CollectionStopped, ChunkFailed, NoProgress.
        """
        if not backfill_ledger.is_published(self.objects, chunk):
            if self._last and self._last.run_id != chunk.run_id:
                self.build_features()
            self._publish(chunk)
        objects, warehouse = self.objects, self._ports.warehouse
        self._follow(chunk, "loaded", lambda: read_load(objects, warehouse, chunk), self._patience.load)
        if collection := backfill_ledger.load_collection(objects, chunk):
            self._steering.add_collection(collection)
        self._last = chunk

    def finish_loads(self) -> None:
        """Do nothing: the bus delivers what was published, and each chunk is followed by itself."""

    def build_features(self) -> None:
        """Return once the features count the games of the chunk that began last; a load starts their build.

        Raises CollectionStopped, ChunkFailed, NoProgress.
        """
        if chunk := self._last:
            objects, warehouse = self.objects, self._ports.warehouse
            read = lambda: read_features(objects, warehouse, chunk)  # noqa: E731
            self._follow(chunk, "built", read, self._patience.features)

    def _publish(self, chunk: Chunk) -> None:
        """Publish a chunk's tick.

        A process that is killed between the two writes publishes it again, which changes nothing: Pub/Sub
        itself may deliver a tick twice.
        """
        self._steering.check_order()
        self._check_newest_job()
        tick = Ticked(
            run_id=chunk.run_id,
            sport=chunk.sport,
            occurred_at=self.now(),
            first=chunk.first,
            last=chunk.last,
            trigger="manual",
        )
        self._ports.bus.publish(tick)
        backfill_ledger.record_publication(self.objects, chunk, self.now())

    def _check_newest_job(self) -> None:
        own, control = self._steering.control.job, steering.load_control(self.objects, self._sport)
        if control and control.job != own:
            raise UserError(
                f"expected {own} to be the newest backfill of the project, got {control.job}, which was "
                "started since: follow that one with `hankstank backfill status`"
            )

    def _follow(self, chunk: Chunk, goal: Stage, read: Callable[[], Reached], limit: float) -> None:
        """Wait until a chunk has reached its goal."""
        last, since = None, self._patience.clock()
        looked = since  # at the dead letters
        while (reached := read()).stage != goal:
            now = self._patience.clock()
            if reached != last:
                last, since = reached, now
            if now - max(since, looked) >= self._patience.dead_letters:
                self._check_dead_letters(chunk, goal, reached)
                looked = now
            if now - since >= limit:
                raise NoProgress(_describe_no_progress(chunk, goal, reached, limit))
            if self._steering.read_order() == "stop":
                raise CollectionStopped
            self._steering.on_control()
            self._patience.sleep(self._patience.poll)

    def _check_dead_letters(self, chunk: Chunk, goal: Stage, reached: Reached) -> None:
        """Raise ChunkFailed for a dead letter of the chunk; one of games collected again does not matter."""
        for letter in self._list_dead_letters():
            is_for_later = letter.topic == DataRetry.topic and reached.stage != "rejected"
            if letter.run_id == chunk.run_id and letter.replayed_at is None and not is_for_later:
                raise ChunkFailed(
                    f"{_describe_chunk(chunk)}: expected it to be {goal}, got a dead letter of "
                    f"{letter.subscription}: {letter.reason}. Remove the cause, then `hankstank dead-letters "
                    f"replay {letter.id}` and the same command again"
                )


def _describe_no_progress(chunk: Chunk, goal: Stage, reached: Reached, limit: float) -> str:
    return (
        f"{_describe_chunk(chunk)}: expected it to be {goal}, got no progress for {limit / 60:.0f} minutes: "
        f"{reached.words}. Look at `hankstank status` and docs/runbook.md#backfill; the same command follows "
        "it again"
    )


def _describe_chunk(chunk: Chunk) -> str:
    return f"{chunk.run_id} ({chunk.first} to {chunk.last})"
