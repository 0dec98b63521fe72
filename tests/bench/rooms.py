"""The one-machine world in a process of its own: ticks in, seconds by room and peak memory out."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from hankstank.local.machine import LocalPipeline, SimulatedClock
from shared.messaging.events import DataCollected
from shared.runtime.settings import Settings
from tests.bench.machine import peak_memory_mb

ROOMS = ("collector", "validator", "loader", "features")
_LANE = "backfill"  # its events end at features.created: no model is trained
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick at a time of the world, ISO 8601; without days it is a daily look."""

    run_id: str
    now: str
    first: str | None = None
    last: str | None = None


@dataclass(slots=True)
class Told:
    """What some ticks took: seconds by room, those of the features room by part, games, peak memory."""

    seconds: dict[str, float]
    games: int
    peak_memory_mb: float
    features: dict[str, float] = field(default_factory=dict)

    def without_proof(self, service: str) -> float:
        """Return a room's seconds without the proof that features know no future."""
        proof = self.features.get("leak_proof", 0.0) if service == "features" else 0.0
        return self.seconds[service] - proof


def live(home: Path, url: str, ticks: Sequence[Tick]) -> Told:
    """Live through the ticks in a child process that starts cold, as a scheduled run does."""
    requested = json.dumps({"home": str(home), "url": url, "ticks": [asdict(tick) for tick in ticks]})
    words = [sys.executable, "-m", "tests.bench.rooms"]
    answer = subprocess.run(words, input=requested, stdout=subprocess.PIPE, text=True, check=True, cwd=_ROOT)
    return Told(**json.loads(answer.stdout))


def finished_run(home: Path, url: str, ticks: Sequence[Tick]) -> Told:
    """Live through the ticks in this process."""
    urls = dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url)
    clock = SimulatedClock(datetime.fromisoformat(ticks[0].now))
    features, games = Counter[str](), 0
    with LocalPipeline(Settings(home=home, **urls), clock) as machine:
        for tick in ticks:
            _tick(machine, clock, url, tick)
            features.update(machine.read_status("features")["seconds"])
            games += sum(_finished(event) for event in machine.list_events(tick.run_id))
        seconds = {service: machine.seconds[service] for service in ROOMS}
    return Told(seconds, games, peak_memory_mb(), dict(features))


def _tick(machine: LocalPipeline, clock: SimulatedClock, url: str, tick: Tick) -> None:
    clock.now = datetime.fromisoformat(tick.now)
    httpx.post(f"{url}/simulator/clock", json={"now": tick.now}).raise_for_status()
    days = [date.fromisoformat(day) if day else None for day in (tick.first, tick.last)]
    machine.run_tick(tick.run_id, *days, "daily", _LANE)
    if letters := machine.dead_letters():
        raise RuntimeError(f"{tick.run_id}: {letters[0].subscription}: {letters[0].reason}")


def _finished(event: Any) -> int:
    return event.counts.get("team_stats_historical", 0) // 2 if isinstance(event, DataCollected) else 0


def main() -> None:
    """Read ticks as JSON, live through them, write what they took as JSON."""
    requested = json.load(sys.stdin)
    result = finished_run(
        Path(requested["home"]), requested["url"], [Tick(**tick) for tick in requested["ticks"]]
    )
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
