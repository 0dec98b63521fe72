"""The main job: collect, check, load, learn and forecast, day by day, and tell what came of it."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hankstank.local import simulator_process
from hankstank.local.api_client import ApiClient, api
from hankstank.local.machine import OneMachine, SimulatedClock
from hankstank.local.run_plan import DAY, Plan, tick_time
from hankstank.ops.queries import models
from shared.adapters.local.durable_queue import Delivered
from shared.errors import CannotDo
from shared.messaging.events import DataCollected, DataValidated, Event, FeaturesCreated, ModelDeployed
from shared.runtime.data_world import World, read_world, write_world
from shared.runtime.settings import Settings

Progress = Callable[[str, int, int], None]
E = TypeVar("E", bound=Event)

_PLAYED = "played.json"


def played_until(objects: Any) -> date | None:
    """Return the last day an earlier run played in these stores; None in new ones."""
    if not objects.exists(_PLAYED):
        return None
    return msgspec.json.decode(objects.get(_PLAYED), type=dict[str, date])["until"]


def remember_played(objects: Any, day: date) -> None:
    """Note the last day that was played in these stores."""
    objects.replace(_PLAYED, msgspec.json.encode({"until": day}))


def play(plan: Plan, settings: Settings, standin_url: str | None, progress: Progress) -> dict[str, Any]:
    """Play the plan and return the summary, which is also written to `summary.json` in the home folder."""
    started = time.perf_counter()
    clock = SimulatedClock(tick_time(plan.slate - DAY))
    with OneMachine(settings, clock) as machine, ExitStack() as held:
        days = _Days(machine, plan, clock, standin_url)
        days.backfill(progress)
        client = days.live(progress, held)
        summary = {**_story(machine, plan, days.run_ids), **_forecasts(client, plan.slate)}
    summary["models"] = models(settings.home)
    summary["seconds"] = {"total": time.perf_counter() - started, **machine.seconds}
    summary["peak_memory_mb"] = _peak_memory_mb()
    _write(settings.home / "summary.json", summary)
    return summary


class _Days:
    """The days of a plan, played on a machine one after the other."""

    def __init__(
        self, machine: OneMachine, plan: Plan, clock: SimulatedClock, standin_url: str | None
    ) -> None:
        self._machine, self._plan, self._clock, self._standin_url = machine, plan, clock, standin_url
        self._api: ApiClient | None = None
        self.run_ids: list[str] = []
        machine.on_step = self._stop_at_standin_failure

    def backfill(self, progress: Progress) -> None:
        """Finish what an earlier run left in the queue, then fill in the days before the first live one."""
        self._finish_what_was_left()
        self._machine.make_good()
        chunks = list(self._plan.chunks())
        for done, (first, last) in enumerate(chunks):
            progress(f"backfill {first} to {last}", done, len(chunks) + len(self._plan.live))
            # At the backfill's own end, so that a game that ran past two in the morning is over.
            self._tick(f"backfill-{first}-{last}", chunks[-1][1], first, last, "backfill")
        if chunks:
            self._played(chunks[-1][1])

    def _finish_what_was_left(self) -> None:
        """Deliver what is queued at the time at which it was left: later, nothing would be as it was."""
        left_at = read_world(self._machine.ports.objects).now
        if left_at is not None:
            self._set_clocks(left_at)
        self._machine.drain("backfill")
        self._machine.drain()

    def live(self, progress: Progress, held: ExitStack) -> ApiClient:
        """Live each day through its events; it is over once the API answers with the next day's forecasts."""
        before = len(list(self._plan.chunks()))
        for done, day in enumerate(self._plan.live):
            progress(f"live day {day}", before + done, before + len(self._plan.live))
            self._tick(f"daily-{day}", day, None, None, "live")
            self._ask(day + DAY, held)
            self._played(day)
        progress("done", before + len(self._plan.live), before + len(self._plan.live))
        return self._client(held)

    def _tick(self, run_id: str, day: date, first: date | None, last: date | None, lane: str) -> None:
        self._set_clocks(tick_time(day))
        write_world(self._machine.ports.objects, World(self._plan.label, self._clock.now))
        self.run_ids.append(run_id)
        self._machine.tick(run_id, first, last, "daily", lane)
        self._stop_at_dead_letters(run_id)

    def _set_clocks(self, now: datetime) -> None:
        self._clock.now = now
        if self._standin_url:
            simulator_process.set_standin_clock(self._standin_url, now)

    def _stop_at_standin_failure(self, _delivered: Delivered) -> None:
        """A stand-in that fails would be asked again and again, and would fail again."""
        failures = simulator_process.standin_failures(self._standin_url) if self._standin_url else []
        if failures:
            raise CannotDo(failures[0])

    def _stop_at_dead_letters(self, run_id: str) -> None:
        """A game that cannot be had does not stop the day; a room that cannot work does."""
        parked = [
            one
            for one in self._machine.letters()
            if (one.run_id, one.topic != "data.retry") == (run_id, True)
        ]
        if parked:
            letter = parked[0]
            told = f"{run_id}: {letter.subscription} could not be delivered: {letter.reason}"
            raise CannotDo(
                f"{told}. Mend it, then `hankstank dead-letters replay {letter.id}` goes on from there"
            )

    def _played(self, day: date) -> None:
        remember_played(self._machine.ports.objects, day)

    def _client(self, held: ExitStack) -> ApiClient:
        if self._api is None:
            self._machine.api_url = held.enter_context(api(self._machine.settings.home))
            self._api = ApiClient(self._machine.api_url)
            held.callback(self._api.close)
        return self._api

    def _ask(self, day: date, held: ExitStack) -> None:
        self._client(held).slate(day)


def _story(machine: OneMachine, plan: Plan, run_ids: Iterable[str]) -> dict[str, Any]:
    events = [event for run_id in run_ids for event in machine.events(run_id)]
    return {
        "world": plan.label,
        "backfill": plan.backfill,
        "live_days": plan.live,
        "collected": _collected(_of(events, DataCollected)),
        "grades": dict(Counter(event.grade.value for event in _of(events, DataValidated))),
        "leak_proof": _leak_proof(_of(events, FeaturesCreated)),
        "deployed": sorted({model.target for one in _of(events, ModelDeployed) for model in one.models}),
        "events": {run_id: [event.topic for event in machine.events(run_id)] for run_id in run_ids},
        "dead_letters": [letter.reason for letter in machine.letters()],
    }


def _of(events: Iterable[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _collected(events: Iterable[DataCollected]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for event in events:
        total.update(event.counts)
    return {"finished_games": total["team_stats_historical"] // 2, **total}


def _leak_proof(events: Iterable[FeaturesCreated]) -> dict[str, int]:
    sampled = [(event.rows_sampled, event.mismatches) for event in events]
    return {"rows_sampled": sum(rows for rows, _ in sampled), "mismatches": sum(bad for _, bad in sampled)}


def _forecasts(client: ApiClient, day: date) -> dict[str, Any]:
    """Ask for one game and its home starter by POST, as any client would."""
    games = client.slate(day)["games"]
    if not games:
        raise CannotDo(f"no game is scheduled on {day}: nothing to predict")
    chosen = next((one for one in games if one["starting_pitchers"]["home"]["player_id"]), None)
    if chosen is None:
        raise CannotDo(f"no home starter is announced for {day}: no pitcher to predict")
    of_game = {key: chosen[key] for key in ("home_team", "away_team", "game_date", "game_number")}
    game = client.game(of_game)
    player_id = game["starting_pitchers"]["home"]["player_id"]
    lines = {"strikeouts": 5.5}
    question = {
        "player_id": player_id,
        "game_date": game["game_date"],
        "stats": ["strikeouts"],
        "lines": lines,
    }
    return {"game": game, "player": client.player(question)}


def _peak_memory_mb() -> int:
    unit = 1 if sys.platform == "darwin" else 1024  # macOS says bytes, Linux kilobytes
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1_000_000)


def _write(path: Path, summary: Mapping[str, Any]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(summary, enc_hook=str), indent=2))
