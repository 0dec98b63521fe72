"""Follow a run from the tick to the API: a hop for each room that announced something."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec

from hankstank.dev.local_cluster.cluster import Town, standing
from hankstank.dev.local_cluster.stub_scorer import Heard, Scorer
from shared.errors import CannotDo, ObjectMissing
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
from shared.messaging.topology import subscribers
from shared.ports import ObjectStore
from shared.runtime.ports_factory import utc_now

_GLANCE = 0.2  # seconds between looks
_ANNOUNCED_BY = {
    DataCollected.topic: "collector",
    DataRetry.topic: "validator",
    DataValidated.topic: "validator",
    DataLoaded.topic: "loader",
    FeaturesCreated.topic: "features",
    ModelDeployed.topic: "trainer",
}
_CAUSES = {
    DataCollected.topic: Ticked.topic,
    DataRetry.topic: DataCollected.topic,
    DataValidated.topic: DataCollected.topic,
    DataLoaded.topic: DataValidated.topic,
    FeaturesCreated.topic: DataLoaded.topic,
    ModelDeployed.topic: FeaturesCreated.topic,
}
_TOLD: dict[str, Callable[[Any], str]] = {
    DataCollected.topic: lambda event: f"{_games(event)} of {_days(event)}",
    DataValidated.topic: lambda event: f"grade {event.grade}",
    DataRetry.topic: lambda event: f"asks again: {event.reason}",
    DataLoaded.topic: lambda event: f"{sum(event.rows.values()):,} rows stand",
    FeaturesCreated.topic: lambda event: f"as of {event.as_of}, {event.rows_sampled} rows proved",
    ModelDeployed.topic: lambda event: f"release {Path(event.release).stem}, {len(event.models)} models",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """A room's part of a run; `seconds` since what it heard was announced."""

    room: str
    topic: str  # what it announced; empty for a last word without an announcement
    seconds: float
    told: str


class Follower:
    """Hears what is announced from when it is entered; `patience` in seconds is for when nothing is."""

    def __init__(self, town: Town, objects: ObjectStore, patience: float) -> None:
        self._town, self._objects, self._patience = town, objects, patience
        self._scorer = Scorer(town)
        self._api = httpx.Client(base_url=town.address("predict_api"), timeout=10, trust_env=False)

    def __enter__(self) -> Self:
        self._scorer.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._scorer.__exit__()
        self._api.close()

    def followed(self, run_id: str, tell: Callable[[Hop], object]) -> Iterator[Hop]:
        """Yield each hop of a run until the API serves its release, or a room has said that there is none.

        Raises CannotDo when a room dies, the run leaves a dead letter, or nothing moves any more.
        """
        run, moved = Run(run_id, utc_now()), time.monotonic()
        while not run.is_over:
            heard = [one for one in self._scorer.heard(_GLANCE) if one.run_id == run_id]
            hops = [*run.hear(heard), *self._last_words(run)]
            for hop in hops:
                tell(hop)
                yield hop
            moved = time.monotonic() if hops else moved
            self._look_for_trouble(run, heard, time.monotonic() - moved)

    def _last_words(self, run: "Run") -> Iterator[Hop]:
        """Yield what ends a run: nothing to collect, no better model, or a release that is served."""
        if run.topic == Ticked.topic and self._said("collector", run).get("status") == "skipped":
            yield run.ends("collector", f"skipped: {self._said('collector', run)['reason']}")
        if run.topic == FeaturesCreated.topic and self._said("trainer", run).get("deployed") is False:
            yield run.ends("trainer", _reasons(self._said("trainer", run)))
        if run.topic == ModelDeployed.topic and self._served() >= run.release:
            yield run.ends("predict_api", f"serves release {self._served()}")

    def _said(self, room: str, run: "Run") -> dict[str, Any]:
        """Return a room's status where it is about this run."""
        try:
            said = msgspec.json.decode(self._objects.get(f"status/{room}.json"), type=dict[str, Any])
        except ObjectMissing:
            return {}
        return said if said.get("run_id") == run.run_id else {}

    def _served(self) -> str:
        try:
            answer = self._api.get("/readyz")
        except httpx.RequestError:
            return ""
        return str(answer.json()["release"]) if answer.is_success else ""

    def _look_for_trouble(self, run: "Run", heard: Sequence[Heard], silent: float) -> None:
        if self._town.dead() and (dead := (standing(self._town.home) or self._town).dead()):
            raise CannotDo(f"{run.run_id}: {dead[0].name} has ended, see {dead[0].log}")
        for letter in heard:
            if letter.reason and letter.topic != DataRetry.topic:  # one game that cannot be had is no trouble
                told = f"{letter.topic} became a dead letter of {letter.subscription}: {letter.reason}"
                raise CannotDo(f"{run.run_id}: {told}: see {self._log(letter.subscription)}")
        if silent > self._patience:
            room = subscribers(run.topic)[0]
            told = f"nothing has moved for {silent:.0f} s since {run.topic}"
            raise CannotDo(f"{run.run_id}: {told}; {room} should have: see {self._log(room)}")

    def _log(self, subscription: str) -> Path:
        """Return the log of a room, or of the one that a subscription pushes to."""
        return self._town.residents[subscription.rpartition("--")[2]].log


class Run:
    """How far a run has come; what is heard before its cause waits for it."""

    def __init__(self, run_id: str, ticked_at: datetime) -> None:
        self.run_id, self.topic, self.release, self.is_over = run_id, Ticked.topic, "", False
        self._at = {Ticked.topic: ticked_at}
        self._early: list[Heard] = []

    def hear(self, all_heard: Sequence[Heard]) -> Iterator[Hop]:
        """Yield a hop for each announcement whose cause was heard, causes first."""
        self._early += [one for one in all_heard if not one.reason and one.topic in _CAUSES]
        self._early.sort(key=lambda one: one.at)
        for heard in list(self._early):
            if _CAUSES[heard.topic] in self._at:
                self._early.remove(heard)
                yield self._hop(heard)

    def ends(self, room: str, told: str) -> Hop:
        """Return the last hop."""
        self.is_over = True
        return Hop(room, "", self._since(self.topic, utc_now()), told)

    def _hop(self, heard: Heard) -> Hop:
        event = envelope.decode(heard.topic, heard.data)
        if isinstance(event, ModelDeployed):
            self.release = Path(event.release).stem
        if not isinstance(event, DataRetry):
            self.topic = heard.topic
        self._at[heard.topic] = heard.at
        seconds = self._since(_CAUSES[heard.topic], heard.at)
        return Hop(_ANNOUNCED_BY[heard.topic], heard.topic, seconds, _TOLD[heard.topic](event))

    def _since(self, cause: str, at: datetime) -> float:
        return round((at - self._at[cause]).total_seconds(), 2)


def _days(event: DataCollected) -> str:
    first, last = min(event.dates), max(event.dates)
    return f"{first}" if first == last else f"{first} to {last}"


def _games(event: DataCollected) -> str:
    return f"{event.counts.get('team_stats_historical', 0) // 2} games"


def _reasons(said: dict[str, Any]) -> str:
    told = {target: one["reason"] for target, one in said["targets"].items()}
    return "deployed nothing: " + "; ".join(f"{target}: {reason}" for target, reason in told.items())
