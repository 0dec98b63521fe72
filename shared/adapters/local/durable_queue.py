"""The event bus on one machine: at-least-once deliveries in a SQLite file that survive any crash.

A delivery stays in the file until it is acknowledged, and its attempt is counted before its handler is
called. So no lease has to expire: a dead process's delivery is due again at once. A file lock around each
delivery allows one step at a time, over all threads and processes.
"""

import fcntl
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from shared.adapters.local.queue_records import INSERT_EVENT, QueueRecords, utc_time
from shared.errors import StoreUnavailable, Unavailable
from shared.messaging import envelope
from shared.messaging.delivery import PushResponse
from shared.messaging.events import Event
from shared.messaging.topology import subscribers_of, subscription_name

log = logging.getLogger(__name__)

Handler = Callable[[bytes], PushResponse]
Outcome = Literal["acknowledged", "delivered again later", "dead letter"]

MAX_ATTEMPTS = 20  # attempts before a delivery becomes a dead letter

_DELIVER = """
insert into deliveries (message, service, subscription, lane, due_at) values (?, ?, ?, ?, ?)"""
_DEAD_LETTER = """
insert into dead_letters (message, subscription, topic, run_id, lane, attempt, reason, body, parked_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set reason = excluded.reason"""
_TAKE = """
update deliveries set attempt = attempt + 1 where id = (
  select id from deliveries
  where lane = ? and (due_at <= ? or due_at > ?) and service in (select value from json_each(?))
  order by due_at, id limit 1)
returning id, message, service, subscription, attempt, last_answer"""
_MESSAGE = "select data, attributes, published_at from announced where id = ?"
_POSTPONE = "update deliveries set due_at = ?, last_answer = ? where id = ?"
_NEXT_DUE = """
select min(iif(due_at > ?, 0, due_at)) from deliveries
where lane = ? and service in (select value from json_each(?))"""


class DeliveriesPending(Unavailable):
    """Deliveries kept failing for longer than the caller would wait."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """One attempted delivery: its service, event, response and outcome."""

    service: str
    subscription: str
    topic: str
    run_id: str
    attempt: int
    answer: PushResponse
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _TakenDelivery:
    id: int
    service: str
    subscription: str
    attempt: int
    last_answer: str
    body: bytes


class LocalBus(QueueRecords):
    """An EventBus in one SQLite file. A lane's events reach the lane's subscribers and no other."""

    def __init__(
        self,
        path: Path,
        lane: str = "live",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        backoff: tuple[float, float] = (10.0, 600.0),
    ) -> None:
        """Open or create the queue; `backoff` is the first and the longest wait, in seconds."""
        super().__init__(path, lane, clock)
        self._sleep = sleep
        self._first_wait, self._longest_wait = backoff

    def publish(self, event: Event) -> None:
        """Publish durably: the event and a delivery for each subscriber, in one transaction."""
        about = (event.topic, event.run_id, event.event_id, self._lane)
        attributes = json.dumps(envelope.event_attributes(event))
        now = self._now_seconds()
        with self._open_transaction() as queue:
            inserted = queue.execute(
                INSERT_EVENT, (*about, event.model_dump_json().encode(), attributes, now)
            )
            for service in subscribers_of(event.topic, self._lane):
                name = subscription_name(event.topic, service)
                queue.execute(_DELIVER, (inserted.lastrowid, service, name, self._lane, now))

    def dead_letter(self, body: bytes, reason: str, subscription: str) -> None:
        """Put a delivery among the dead letters; the same delivery twice is one dead letter."""
        mark = envelope.parse_metadata(body)
        about = (mark.message_id, subscription, mark.topic, mark.run_id, self._lane, mark.attempt)
        with self._open_transaction() as queue:
            queue.execute(_DEAD_LETTER, (*about, reason, body, self._now_seconds()))

    def deliver_next(self, handlers: Mapping[str, Handler]) -> DeliveryResult | None:
        """Hand the oldest due delivery to its service's handler; None when none is due.

        A 2xx response acknowledges; any other is retried after 10 s, 20 s … 600 s, and after the
        twentieth attempt it is a dead letter. A handler that raises counts as a 500.
        """
        with self._delivery_lock():
            taken = self._take_delivery(handlers)
            if taken is None:
                return None
            answer = self._call_handler(taken, handlers[taken.service])
            return self._settle_delivery(taken, answer)

    def run_until_idle(
        self,
        handlers: Mapping[str, Handler],
        on_step: Callable[[DeliveryResult], object] = lambda _delivered: None,
        max_wait: float | None = None,
    ) -> None:
        """Deliver until nothing is left for `handlers`, waiting out the backoff of what failed.

        An interrupt loses nothing: the current delivery is made again. `max_wait` is the longest wait in
        seconds without a success; beyond it DeliveriesPending lists what is left and why.
        """
        waited = 0.0
        while (wait := self._seconds_until_due(handlers)) is not None:
            if wait > 0:
                waited += wait
                if max_wait is not None and waited > max_wait:
                    raise DeliveriesPending(self._describe_pending(max_wait))
                self._sleep(wait)
            elif delivered := self.deliver_next(handlers):
                waited = 0.0 if delivered.outcome == "acknowledged" else waited
                on_step(delivered)

    def _take_delivery(self, handlers: Mapping[str, Handler]) -> _TakenDelivery | None:
        with self._open_transaction() as queue:
            now, services = self._now_seconds(), json.dumps(list(handlers))
            row = queue.execute(_TAKE, (self._lane, now, now + self._longest_wait, services)).fetchone()
            if row is None:
                return None
            number, message, service, name, attempt, last_answer = row
            data, attributes, at = queue.execute(_MESSAGE, (message,)).fetchone()
        message_sent = envelope.Message(data, json.loads(attributes), str(message), utc_time(at))
        body = envelope.push_body(message_sent, name, attempt)
        return _TakenDelivery(number, service, name, attempt, last_answer, body)

    def _call_handler(self, taken: _TakenDelivery, handler: Handler) -> PushResponse:
        if taken.attempt > MAX_ATTEMPTS:
            return PushResponse(503, taken.last_answer or "its process died while it was handled")
        try:
            return handler(taken.body)
        except Exception as error:
            log.exception("%s: the handler raised instead of answering", taken.subscription)
            return PushResponse(500, f"{type(error).__name__}: {error}")

    def _settle_delivery(self, taken: _TakenDelivery, answer: PushResponse) -> DeliveryResult:
        outcome = self._decide_outcome(taken, answer)
        if outcome == "delivered again later":
            self._postpone_delivery(taken, answer)
        else:
            if outcome == "dead letter":
                self._give_up(taken, answer)
            with self._open_transaction() as queue:
                queue.execute("delete from deliveries where id = ?", (taken.id,))
        mark = envelope.parse_metadata(taken.body)
        about = (taken.service, taken.subscription, mark.topic, mark.run_id, taken.attempt)
        return DeliveryResult(*about, answer, outcome)

    def _postpone_delivery(self, taken: _TakenDelivery, answer: PushResponse) -> None:
        due_at = self._now_seconds() + self._backoff_seconds(taken.attempt)
        with self._open_transaction() as queue:
            queue.execute(_POSTPONE, (due_at, f"{answer.status} {answer.text}", taken.id))

    def _give_up(self, taken: _TakenDelivery, answer: PushResponse) -> None:
        reason = f"gave up after {MAX_ATTEMPTS} attempts; the last answer was {answer.status}: {answer.text}"
        log.error("%s: %s", taken.subscription, reason)
        self.dead_letter(taken.body, reason, taken.subscription)

    def _decide_outcome(self, taken: _TakenDelivery, answer: PushResponse) -> Outcome:
        if 200 <= answer.status < 300:
            return "acknowledged"
        return "dead letter" if taken.attempt >= MAX_ATTEMPTS else "delivered again later"

    def _backoff_seconds(self, attempt: int) -> float:
        return float(min(self._first_wait * 2 ** (attempt - 1), self._longest_wait))

    def _seconds_until_due(self, handlers: Mapping[str, Handler]) -> float | None:
        """Return the seconds until a delivery is due; None when there is none.

        A due time beyond the longest wait means that the clock was set back: that delivery is due now.
        """
        now, services = self._now_seconds(), json.dumps(list(handlers))
        with self._open_transaction() as queue:
            (due,) = queue.execute(_NEXT_DUE, (now + self._longest_wait, self._lane, services)).fetchone()
        return None if due is None else float(due - now)

    def _describe_pending(self, max_wait: float) -> str:
        sql = "select subscription, attempt, last_answer from deliveries where lane = ? order by due_at"
        with self._open_transaction() as queue:
            rows = queue.execute(sql, (self._lane,)).fetchall()
        left = "; ".join(f"{name} after {attempt} attempts: {answer}" for name, attempt, answer in rows)
        return f"nothing succeeded within {max_wait:g} s of waiting. Still pending: {left}"

    @contextmanager
    def _delivery_lock(self) -> Iterator[None]:
        try:
            lock = self._path.with_suffix(".lock").open("wb")
        except OSError as error:
            raise StoreUnavailable(f"cannot lock the queue {self._path}: {error}") from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
