"""Sends messages to targets from bounded queues, so that no step waits for a target or fails with one."""

import atexit
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from hashlib import sha256
from queue import Full, Queue, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, Literal, Protocol

from shared.notifications.ledger import HOURLY_LIMIT, SendLedger
from shared.notifications.targets import Target

log = logging.getLogger(__name__)

NOT_SENT = "notifications are not sent"  # the title of the alert that a target does not get its messages
QUEUE_SIZE = 100  # messages that wait for one target
ANSWER_WITHIN_S = 30.0  # a target that takes longer hangs
LONGEST_ALERT = 1500  # letters, so that what follows it fits into the shortest limit of a service, 2,000
EXIT_WITHIN_S = 10.0  # how long the end of a process waits for its messages


@dataclass(frozen=True, slots=True)
class Message:
    """A title, a short text, and an HTML body for targets that can show it."""

    title: str
    text: str
    html: str | None = None
    severity: Literal["info", "warning", "critical"] = "info"

    @property
    def fingerprint(self) -> str:
        """Return what two messages share that are the same to a reader."""
        return sha256("\n".join((self.severity, self.title, self.text)).encode()).hexdigest()[:32]

    @property
    def sort(self) -> str:
        """Return what the hourly limit counts apart: a flood of alerts stops no report."""
        return "message" if self.severity == "info" else "alert"


def alert_message(severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]) -> Message:
    """Return the message of an alert: a line for each detail, shortened."""
    text = "\n".join(f"{name}: {value}" for name, value in detail.items()) or title
    short = text if len(text) <= LONGEST_ALERT else f"{text[: LONGEST_ALERT - 1]}…"
    return Message(f"{severity}: {title}", short, severity=severity)


class Channel(Protocol):
    """Delivers to one target."""

    target: Target

    def deliver(self, message: Message) -> str | None:
        """Deliver a message; return why it was not accepted, without secrets, or None."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message was not sent; a target that did not answer may still have got it."""

    reason: str
    may_have_arrived: bool = False


class TargetSender:
    """Delivers to one target within a time, in one thread: at most one delivery hangs at any moment."""

    def __init__(self, channel: Channel, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self.target = channel.target
        self._channel = channel
        self._answer_within_s = answer_within_s
        self._requests: SimpleQueue[tuple[Message, Future[Failure | None]]] = SimpleQueue()
        self._latest: Future[Failure | None] | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread, if it is not running; raises RuntimeError if this process can start no other."""
        self._thread = self._thread or _start_thread(self._work)

    def send(self, message: Message) -> Failure | None:
        """Deliver a message; return why it was not accepted, or None."""
        if self._latest is not None and not self._latest.done():
            return Failure("an earlier message hangs")
        self.start()
        self._latest = Future()
        self._requests.put((message, self._latest))
        try:
            return self._latest.result(self._answer_within_s)
        except TimeoutError:
            return Failure(f"no answer within {self._answer_within_s:g} s", may_have_arrived=True)

    def _work(self) -> None:
        while True:
            message, outcome = self._requests.get()
            outcome.set_result(self._deliver(message))

    def _deliver(self, message: Message) -> Failure | None:
        try:
            reason = self._channel.deliver(message)
        except Exception as error:  # noqa: BLE001 - a library's error fails no step, and its text may hold a URL
            reason = f"failed with {type(error).__name__}"
        return Failure(reason) if reason is not None else None


def _start_thread(work: Callable[[], None]) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


class Outbox:
    """Queues of messages, one for each target; without targets nothing is sent.

    The same message goes to a target once within 24 hours and at most 20 messages of a sort within an hour,
    in all processes that share the ledger's store. It is claimed before it is sent: a process that is killed
    in between loses it. A target that refuses gets the same message when it is next put, and one that did not
    answer does not, as it may have it. `on_failure` gets the target and the reason, in the target's thread.
    """

    def __init__(
        self,
        senders: Sequence[TargetSender] = (),
        ledger: SendLedger | None = None,
        describe_source: Callable[[], str] = lambda: "",
        on_failure: Callable[[Target, str], None] = lambda _target, _reason: None,
    ) -> None:
        self._queues = (
            [_TargetQueue(sender, ledger, describe_source, on_failure) for sender in senders]
            if ledger
            else []
        )

    def put(self, message: Message) -> None:
        """Queue a message for every target; never waits, never raises."""
        for queue in self._queues:
            queue.put(message)

    def wait_until_sent(self, seconds: float) -> bool:
        """Wait until every message was sent or refused; return whether that is so after `seconds`."""
        end = monotonic() + seconds
        return all(queue.wait_until_empty(max(0.0, end - monotonic())) for queue in self._queues)


class _TargetQueue:
    def __init__(
        self,
        sender: TargetSender,
        ledger: SendLedger,
        describe_source: Callable[[], str],
        on_failure: Callable[[Target, str], None],
    ) -> None:
        self._sender = sender
        self._ledger = ledger
        self._describe_source = describe_source
        self._on_failure = on_failure
        self._waiting: Queue[Message] = Queue(QUEUE_SIZE)
        self._worker: Thread | None = None
        self._starting = Lock()

    def put(self, message: Message) -> None:
        try:
            self._start_worker()
            self._waiting.put_nowait(message)
        except Full:
            self._log_unsent(message, f"{QUEUE_SIZE} messages wait already")
        except RuntimeError as error:  # a process that ends, or has too many threads, starts no other
            self._log_unsent(message, str(error))

    def wait_until_empty(self, seconds: float) -> bool:
        with self._waiting.all_tasks_done:
            return self._waiting.all_tasks_done.wait_for(
                lambda: self._waiting.unfinished_tasks == 0, timeout=seconds
            )

    def _start_worker(self) -> None:
        """Start both threads with the first message: an interpreter that ends starts no others."""
        with self._starting:
            if self._worker is None:
                self._sender.start()
                self._worker = _start_thread(self._work)
                atexit.register(self._finish)

    def _work(self) -> None:
        while True:
            message = self._waiting.get()
            try:
                self._send_once(message)
            except Exception as error:  # noqa: BLE001 - the next message is still sent
                self._log_unsent(message, f"failed with {type(error).__name__}")
            finally:
                self._waiting.task_done()

    def _send_once(self, message: Message) -> None:
        """Send a message unless it was sent before or the hour is full."""
        target, source = self._sender.target, self._describe_source()
        claim = self._ledger.claim_message(target.key, message.fingerprint)
        if claim is None:
            log.info("notification %d (%s): sent before: %s", target.number, target.masked, message.title)
            return
        place = self._ledger.take_place(target.key, message.sort)
        if place is None:
            self._ledger.release(claim)
            self._log_unsent(message, f"{HOURLY_LIMIT} were sent within the hour")
            return
        failure = self._sender.send(_with_footer(message, source, is_last=place == HOURLY_LIMIT))
        if failure is not None:
            if not failure.may_have_arrived:
                self._ledger.release(claim)
            self._log_unsent(message, failure.reason)
            self._on_failure(target, failure.reason)

    def _log_unsent(self, message: Message, reason: str) -> None:
        target = self._sender.target
        log.error(
            "notification %d (%s) not sent: %s: %s", target.number, target.masked, message.title, reason
        )

    def _finish(self) -> None:
        if not self.wait_until_empty(EXIT_WITHIN_S):
            target, left = self._sender.target, self._waiting.unfinished_tasks
            log.error("notification %d (%s): %d not sent at the end", target.number, target.masked, left)


def _with_footer(message: Message, source: str, *, is_last: bool) -> Message:
    lines = [message.text, "", source]
    if is_last:
        lines.append(f"These were {HOURLY_LIMIT} within an hour: until the next, no more are sent.")
    return replace(message, text="\n".join(lines).rstrip())
