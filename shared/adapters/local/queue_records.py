"""The queue's SQLite file: pending deliveries, published events, dead letters and their replay."""

import json
import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.adapters.local.damage import corruption_error, is_damaged_queue
from shared.errors import StoreUnavailable
from shared.messaging import envelope
from shared.messaging.dead_letters import CannotReplay, DeadLetter
from shared.messaging.events import Event

_SCHEMA = Path(__file__).with_suffix(".sql").read_text()
_HISTORY = """
select published_at, topic, run_id, event_id, lane, data from announced where run_id = ? order by id"""
_ANNOUNCED = """
select published_at, topic, run_id, event_id, lane, data from announced where topic = ? order by id"""
INSERT_EVENT = """
insert into announced (topic, run_id, event_id, lane, data, attributes, published_at)
values (?, ?, ?, ?, ?, ?, ?)"""
_WAITING = """
select d.subscription, count(*), min(a.published_at), max(d.attempt)
from deliveries as d join announced as a on a.id = d.message group by 1 order by 1"""
_DEAD_LETTERS = """
select parked_at, replayed_at, id, subscription, topic, run_id, lane, attempt, reason, body
from dead_letters order by id"""
_REPLAY = """
insert into deliveries (message, service, subscription, lane, due_at)
select d.message, substr(d.subscription, instr(d.subscription, '--') + 2), d.subscription, d.lane, ?
from dead_letters as d join announced as a on a.id = d.message where d.id = ?"""


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """One event as it was published; `data` is its JSON."""

    published_at: datetime
    topic: str
    run_id: str
    event_id: str
    lane: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PendingDeliveries:
    """Pending deliveries of one subscriber in all lanes: number, oldest time, most attempts."""

    subscription: str
    deliveries: int
    since: datetime
    attempts: int


class QueueRecords:
    """The file and its queries; deliveries are separated by lane."""

    def __init__(self, path: Path, lane: str, clock: Callable[[], datetime]) -> None:
        self._path, self._lane, self._clock = path, lane, clock
        self._create_file()
        weakref.finalize(self, self._idle_connection().close)  # Python 3.13 warns of an unclosed connection

    def count_pending(self) -> dict[str, int]:
        """Return how many deliveries wait in this lane, by subscription."""
        sql = "select subscription, count(*) from deliveries where lane = ? group by 1 order by 1"
        with self._open_transaction() as queue:
            return dict(queue.execute(sql, (self._lane,)).fetchall())

    def run_history(self, run_id: str) -> list[PublishedEvent]:
        """Return what a run announced in any lane, oldest first; repeated if it was published twice."""
        with self._open_transaction() as queue:
            return [
                PublishedEvent(utc_time(at), *values) for at, *values in queue.execute(_HISTORY, (run_id,))
            ]

    def published_on(self, topic: str) -> list[PublishedEvent]:
        """Return everything announced on a topic, in any lane, oldest first."""
        with self._open_transaction() as queue:
            return [
                PublishedEvent(utc_time(at), *values) for at, *values in queue.execute(_ANNOUNCED, (topic,))
            ]

    def list_pending(self) -> list[PendingDeliveries]:
        """Return what waits in all lanes, by subscription."""
        with self._open_transaction() as queue:
            found = queue.execute(_WAITING).fetchall()
        return [
            PendingDeliveries(name, count, utc_time(since), attempts)
            for name, count, since, attempts in found
        ]

    def list_dead_letters(self) -> list[DeadLetter]:
        """Return all dead letters of all lanes, oldest first, replayed ones included."""
        with self._open_transaction() as queue:
            return [_parse_dead_letter(row) for row in queue.execute(_DEAD_LETTERS)]

    def find_dead_letter(self, number: int) -> DeadLetter:
        """Return one dead letter by its id; raises KeyError with the known ids."""
        dead_letters = {dead_letter.id: dead_letter for dead_letter in self.list_dead_letters()}
        if number not in dead_letters:
            raise KeyError(f"expected a dead letter among {sorted(dead_letters)}, got {number}")
        return dead_letters[number]

    def replay_dead_letter(self, number: int) -> None:
        """Deliver a dead letter again, as if for the first time, to the subscription that refused it.

        Raises:
            KeyError: no such dead letter.
            CannotReplay: it was replayed before, or its body came from elsewhere.
        """
        dead_letter = self.find_dead_letter(number)
        if dead_letter.replayed_at is not None:
            raise CannotReplay(f"dead letter {number} was replayed at {dead_letter.replayed_at:%F %T} UTC")
        with self._open_transaction() as queue:
            if queue.execute(_REPLAY, (self._now_seconds(), number)).rowcount == 0:
                raise CannotReplay(f"dead letter {number} is no event announced here: announce a new one")
            queue.execute(
                "update dead_letters set replayed_at = ? where id = ?", (self._now_seconds(), number)
            )

    def drop_dead_letter(self, number: int) -> None:
        """Delete a dead letter; raises KeyError with the known ids."""
        dead_letter = self.find_dead_letter(number)
        with self._open_transaction() as queue:
            queue.execute("delete from dead_letters where id = ?", (dead_letter.id,))

    def check_integrity(self) -> None:
        """Raise StoreCorrupted if any page of the file is damaged."""
        with self._open_transaction() as queue:
            (result,) = queue.execute("pragma quick_check(1)").fetchone()
        if result != "ok":
            raise corruption_error(self._path, sqlite3.DatabaseError(result))

    def record_event(self, event: Event, published_at: datetime) -> None:
        """Record an event that was published and delivered before this queue existed."""
        about = (event.topic, event.run_id, event.event_id, self._lane, event.model_dump_json().encode())
        attributes = json.dumps(envelope.event_attributes(event))
        with self._open_transaction() as queue:
            queue.execute(INSERT_EVENT, (*about, attributes, published_at.timestamp()))

    def _now_seconds(self) -> float:
        return self._clock().timestamp()

    def _create_file(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"cannot create the queue {self._path}: {error}") from None
        if self._is_read_only():
            return
        with self._open_transaction() as queue:
            queue.executescript(_SCHEMA)

    def _is_read_only(self) -> bool:
        """Return whether the queue is there and this process may only read it or its folder."""
        return self._path.exists() and not all(
            os.access(one, os.W_OK) for one in (self._path, self._path.parent)
        )

    def _connect(self, **options: Any) -> sqlite3.Connection:
        """Open the file; of read-only stores without SQLite's own files beside it, which cannot be made."""
        if not self._is_read_only():
            writable: sqlite3.Connection = sqlite3.connect(self._path, **options)
            return writable
        has_log = self._path.with_name(f"{self._path.name}-wal").exists()
        address = f"{self._path.absolute().as_uri()}?{'mode=ro' if has_log else 'immutable=1'}"
        readable: sqlite3.Connection = sqlite3.connect(address, uri=True, **options)
        return readable

    def _idle_connection(self) -> sqlite3.Connection:
        """Return an idle connection: closing the last one would fold the write-ahead log in every time."""
        with self._translated_errors():
            connection = self._connect(check_same_thread=False)
            connection.execute("select count(*) from announced").fetchone()
        return connection

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Translate SQLite's errors to StoreCorrupted or StoreUnavailable."""
        try:
            yield
        except sqlite3.Error as error:
            if is_damaged_queue(error):
                raise corruption_error(self._path, error) from None
            raise StoreUnavailable(f"the queue {self._path} did not answer: {error}") from None

    @contextmanager
    def _open_transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in one durable transaction."""
        with (
            self._translated_errors(),
            closing(self._connect(timeout=30, isolation_level="IMMEDIATE")) as queue,
            queue,
        ):
            queue.execute("pragma synchronous = full")
            yield queue


def utc_time(seconds: float) -> datetime:
    """Return the time of a Unix timestamp in the queue's file."""
    return datetime.fromtimestamp(seconds, UTC)


def _parse_dead_letter(row: tuple[Any, ...]) -> DeadLetter:
    parked_at, replayed_at, *rest = row
    return DeadLetter(utc_time(parked_at), None if replayed_at is None else utc_time(replayed_at), *rest)
