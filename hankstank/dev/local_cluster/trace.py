"""Follows a run from the tick to the API, with a hop for each event."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec

from hankstank.dev.local_cluster.cluster import LocalCluster, load_cluster
from hankstank.dev.local_cluster.stub_scorer import ReceivedMessage, StubScorer
from shared.errors import UserError
from shared.messaging import envelope
from shared.messaging.events import (
    DataCollected,
    DataLoaded,
    DataRetry,
    DataValidated,
    FeaturesCreated,
    ModelDeployed,
    Ticked,
)
from shared.messaging.topology import subscribers_of
from shared.ports import ObjectStore
from shared.runtime.ports_factory import utc_now

_POLL_INTERVAL = 0.2  # seconds


def _format_collected(event: DataCollected) -> str:
    first, last = min(event.dates), max(event.dates)
    games = event.counts.get("team_stats_historical", 0) // 2
    return f"{games} games of {first}" + (f" to {last}" if last > first else "")


# Of each event: the topic of the one that causes it, and the detail to show.
_STEPS: dict[str, tuple[str, Callable[[Any], str]]] = {
    DataCollected.topic: (Ticked.topic, _format_collected),
    DataRetry.topic: (DataCollected.topic, lambda event: f"requests a re-collection: {event.reason}"),
    DataValidated.topic: (DataCollected.topic, lambda event: f"grade {event.grade}"),
    DataLoaded.topic: (DataValidated.topic, lambda event: f"{sum(event.rows.values()):,} rows loaded"),
    FeaturesCreated.topic: (
        DataLoaded.topic,
        lambda event: f"as of {event.as_of}, {event.rows_sampled} rows checked point-in-time",
    ),
    ModelDeployed.topic: (
        FeaturesCreated.topic,
        lambda event: f"release {Path(event.release).stem}, {len(event.models)} models",
    ),
}


@dataclass(frozen=True, slots=True)
class Hop:
    """A service's part of a run; `seconds` since the event it handled was published."""

    service: str
    topic: str  # of the event it published; empty for a last hop without an event
    seconds: float
    detail: str


class RunTracer:
    """Receives the events of a cluster while it is entered; `idle_timeout` is in seconds."""

    def __init__(self, cluster: LocalCluster, objects: ObjectStore, idle_timeout: float) -> None:
        self._cluster, self._objects, self._idle_timeout = cluster, objects, idle_timeout
        self._scorer = StubScorer(cluster)
        self._api = httpx.Client(base_url=cluster.address_of("predict_api"), timeout=10, trust_env=False)

    def __enter__(self) -> Self:
        self._scorer.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._scorer.__exit__()
        self._api.close()

    def follow_run(self, run_id: str, on_hop: Callable[[Hop], object]) -> Iterator[Hop]:
        """Yield each hop of a run until the API serves its release, or the run ends without one.

        Raises UserError if a service ends, the run leaves a dead letter, or there is no progress.
        """
        run, last_progress = RunProgress(run_id, utc_now()), time.monotonic()
        while not run.is_over:
            messages = [one for one in self._scorer.receive_messages() if one.run_id == run_id]
            hops = [*run.record_messages(messages), *self._final_hops(run)]
            for hop in hops:
                on_hop(hop)
                yield hop
            last_progress = time.monotonic() if hops else last_progress
            self._check_progress(run, messages, time.monotonic() - last_progress)
            if not messages:
                time.sleep(_POLL_INTERVAL)

    def _final_hops(self, run: "RunProgress") -> Iterator[Hop]:
        """Yield the last hop of a run: nothing to collect, no better model, or a served release."""
        if run.topic == Ticked.topic and self._load_status("collector", run).get("status") == "skipped":
            yield run.finish("collector", f"skipped: {self._load_status('collector', run)['reason']}")
        if run.topic == FeaturesCreated.topic and self._load_status("trainer", run).get("deployed") is False:
            yield run.finish("trainer", _format_reasons(self._load_status("trainer", run)))
        if run.topic == ModelDeployed.topic and self._served_release() >= run.release:
            yield run.finish("predict_api", f"serves release {self._served_release()}")

    def _load_status(self, service: str, run: "RunProgress") -> dict[str, Any]:
        """Return a service's status if it is about this run."""
        name = f"status/{service}.json"
        if not self._objects.exists(name):
            return {}
        status = msgspec.json.decode(self._objects.read_bytes(name), type=dict[str, Any])
        return status if status.get("run_id") == run.run_id else {}

    def _served_release(self) -> str:
        try:
            response = self._api.get("/readyz")
        except httpx.RequestError:
            return ""
        return str(response.json()["release"]) if response.is_success else ""

    def _check_progress(
        self, run: "RunProgress", messages: Sequence[ReceivedMessage], idle_seconds: float
    ) -> None:
        if self._cluster.ended_processes() and (
            ended := (load_cluster(self._cluster.home) or self._cluster).ended_processes()
        ):
            raise UserError(f"{run.run_id}: {ended[0].name} has ended, see {ended[0].log}")
        for message in messages:
            # One unavailable game does not stop the run.
            if message.reason and message.topic != DataRetry.topic:
                problem = f"{message.topic} became a dead letter of {message.subscription}: {message.reason}"
                raise UserError(f"{run.run_id}: {problem}: see {self._log_path(message.subscription)}")
        if idle_seconds > self._idle_timeout:
            service = subscribers_of(run.topic)[0]
            problem = f"no progress for {idle_seconds:.0f} s since {run.topic}"
            raise UserError(f"{run.run_id}: {problem}; {service} is next: see {self._log_path(service)}")

    def _log_path(self, subscription: str) -> Path:
        """Return the log of a service, or of the service of a subscription."""
        return self._cluster.process_specs[subscription.rpartition("--")[2]].log


class RunProgress:
    """The progress of a run; an event that arrives before its cause waits for it."""

    def __init__(self, run_id: str, ticked_at: datetime) -> None:
        self.run_id, self.topic, self.release, self.is_over = run_id, Ticked.topic, "", False
        self._announced_at = {Ticked.topic: ticked_at}
        self._waiting: list[ReceivedMessage] = []

    def record_messages(self, messages: Sequence[ReceivedMessage]) -> Iterator[Hop]:
        """Yield a hop for each event whose cause has arrived, causes first."""
        self._waiting += [one for one in messages if not one.reason and one.topic in _STEPS]
        self._waiting.sort(key=lambda one: one.at)
        for message in list(self._waiting):
            if _STEPS[message.topic][0] in self._announced_at:
                self._waiting.remove(message)
                yield self._build_hop(message)

    def finish(self, service: str, detail: str) -> Hop:
        """Return the last hop."""
        self.is_over = True
        return Hop(service, "", self._seconds_since(self.topic, utc_now()), detail)

    def _build_hop(self, message: ReceivedMessage) -> Hop:
        event = envelope.decode_event(message.topic, message.data)
        if isinstance(event, ModelDeployed):
            self.release = Path(event.release).stem
        if not isinstance(event, DataRetry):
            self.topic = message.topic
        self._announced_at[message.topic] = message.at
        cause, describe = _STEPS[message.topic]
        seconds = self._seconds_since(cause, message.at)
        return Hop(subscribers_of(cause)[0], message.topic, seconds, describe(event))

    def _seconds_since(self, cause: str, at: datetime) -> float:
        return round((at - self._announced_at[cause]).total_seconds(), 2)


def _format_reasons(status: dict[str, Any]) -> str:
    reasons = {target: one["reason"] for target, one in status["targets"].items()}
    return "deployed nothing: " + "; ".join(f"{target}: {reason}" for target, reason in reasons.items())
