"""Follow a run from the tick to the API: a hop for each room that announced something."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx
import msgspec

from hankstank.loopback.scorer import Heard, Scorer
from hankstank.loopback.town import Town
from hankstank.outcomes import CannotDo
from shared import envelope
from shared.errors import ObjectMissing
from shared.events import (
    DataCollected,
    DataLoaded,
    DataRetry,
    DataValidated,
    Event,
    FeaturesCreated,
    ModelDeployed,
    Ticked,
)
from shared.ports import ObjectStore
from shared.runtime import utc_now
from shared.topology import subscribers

_GLANCE = 0.2  # seconds between looks
_ANNOUNCED_BY = {
    DataCollected.topic: "collector",
    DataRetry.topic: "validator",
    DataValidated.topic: "validator",
    DataLoaded.topic: "loader",
    FeaturesCreated.topic: "features",
    ModelDeployed.topic: "trainer",
}
_TOLD: dict[str, Callable[[Any], str]] = {
    DataCollected.topic: lambda event: f"{_games(event)} of {_days(event)}",
    DataValidated.topic: lambda event: f"grade {event.grade}",
    DataRetry.topic: lambda event: f"asks again: {event.reason}",
    DataLoaded.topic: lambda event: f"{sum(event.rows.values()):,} rows stand",
    FeaturesCreated.topic: lambda event: f"as of {event.as_of}, {event.rows_sampled} rows proved",
    ModelDeployed.topic: lambda event: f"release {event.release}, {len(event.models)} models",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """A room's part of a run; `seconds` since what it heard was announced."""

    room: str
    topic: str  # what it announced; empty for a last word without an announcement
    seconds: float
    told: str


class Follower:
    """Hears what is announced from when it is entered."""

    def __init__(self, town: Town, objects: ObjectStore, patience: float) -> None:
        self._town, self._objects, self._patience = town, objects, patience
        self._scorer = Scorer(town)

    def __enter__(self) -> Self:
        self._scorer.announced(), self._scorer.parked()  # what earlier runs left
        return self

    def __exit__(self, *_: object) -> None:
        self._scorer.close()

    def followed(self, run_id: str, tell: Callable[[Hop], object]) -> Iterator[Hop]:
        """Yield each hop of a run until the API serves its release, or a room has said that there is none."""
        run = _Run(run_id)
        moved = time.monotonic()
        while not run.is_over:
            hops = [*run.hear(self._scorer.announced()), *self._last_words(run)]
            for hop in hops:
                tell(hop)
                yield hop
            moved = time.monotonic() if hops else moved
            self._look_for_trouble(run, time.monotonic() - moved)
            time.sleep(0 if hops else _GLANCE)

    def _last_words(self, run: "_Run") -> Iterator[Hop]:
        """Yield what ends a run: nothing to collect, no better model, or a release that is served."""
        if run.topic == Ticked.topic and self._said("collector", run).get("status") == "skipped":
            yield run.ends("collector", f"skipped: {self._said('collector', run)['reason']}")
        if run.topic == FeaturesCreated.topic and self._said("trainer", run).get("deployed") is False:
            yield run.ends("trainer", _reasons(self._said("trainer", run)))
        if run.topic == ModelDeployed.topic and self._served() >= run.release:
            yield run.ends("predict_api", f"serves release {self._served()}")

    def _said(self, room: str, run: "_Run") -> dict[str, Any]:
        """Return a room's status where it is about this run."""
        try:
            said = msgspec.json.decode(self._objects.get(f"status/{room}.json"), type=dict[str, Any])
        except ObjectMissing:
            return {}
        return said if said.get("run_id") == run.run_id else {}

    def _served(self) -> str:
        try:
            url = f"{self._town.address('predict_api')}/readyz"
            answer = httpx.get(url, timeout=10, trust_env=False)
        except httpx.TransportError:
            return ""
        return str(answer.json()["release"]) if answer.is_success else ""

    def _look_for_trouble(self, run: "_Run", silent: float) -> None:
        if dead := self._town.dead():
            raise CannotDo(f"{run.run_id}: {dead[0].name} has ended, see {dead[0].log}")
        for letter in self._scorer.parked():
            # A game that cannot be had does not stop the day.
            if letter.run_id == run.run_id and letter.topic != DataRetry.topic:
                log = self._town.residents[letter.subscription.rpartition("--")[2]].log
                told = f"{letter.topic} became a dead letter of {letter.subscription}: {letter.reason}"
                raise CannotDo(f"{run.run_id}: {told}: see {log}")
        if silent > self._patience:
            next_room = subscribers(run.topic)[0]
            log = self._town.residents[next_room].log
            told = f"nothing has moved for {silent:.0f} s since {run.topic}"
            raise CannotDo(f"{run.run_id}: {told}; {next_room} should have: see {log}")


class _Run:
    """How far a run has come."""

    def __init__(self, run_id: str) -> None:
        self.run_id, self.topic, self.release, self.is_over = run_id, Ticked.topic, "", False
        self._at = utc_now()

    def hear(self, announced: list[Heard]) -> Iterator[Hop]:
        """Yield a hop for each announcement of this run."""
        for heard in announced:
            if heard.run_id == self.run_id and heard.topic in _ANNOUNCED_BY:
                event = envelope.decode(heard.topic, heard.data)
                self.topic = heard.topic if heard.topic != DataRetry.topic else self.topic
                self.release = event.release if isinstance(event, ModelDeployed) else self.release
                yield self._hop(_ANNOUNCED_BY[heard.topic], event, heard.at)

    def ends(self, room: str, told: str) -> Hop:
        """Return the last hop."""
        self.is_over = True
        return Hop(room, "", self._since(utc_now()), told)

    def _hop(self, room: str, event: Event, at: datetime) -> Hop:
        return Hop(room, event.topic, self._since(at), _TOLD[event.topic](event))

    def _since(self, at: datetime) -> float:
        seconds, self._at = (at - self._at).total_seconds(), at
        return round(seconds, 2)


def _days(event: DataCollected) -> str:
    first, last = min(event.dates), max(event.dates)
    return f"{first}" if first == last else f"{first} to {last}"


def _games(event: DataCollected) -> str:
    return f"{event.counts.get('team_stats_historical', 0) // 2} games"


def _reasons(said: dict[str, Any]) -> str:
    told = {target: one["reason"] for target, one in said["targets"].items()}
    return "deployed nothing: " + "; ".join(f"{target}: {reason}" for target, reason in told.items())
