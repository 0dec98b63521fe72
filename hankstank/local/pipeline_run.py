"""Runs the whole pipeline: backfill, live days and two forecasts, and writes a summary."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from hankstank.local import simulator_process
from hankstank.local.api_client import ApiClient, run_api
from hankstank.local.machine import LocalPipeline, SimulatedClock
from hankstank.local.run_plan import DAY, RunPlan, tick_time
from hankstank.local.stores import list_models
from shared.adapters.local.durable_queue import DeliveryResult
from shared.errors import UserError
from shared.messaging.events import DataCollected, DataValidated, Event, FeaturesCreated, ModelDeployed
from shared.ports import ObjectStore
from shared.runtime.data_world import DataWorld, read_world, write_world
from shared.runtime.settings import Settings

Progress = Callable[[str, int, int], None]
E = TypeVar("E", bound=Event)

_PLAYED_OBJECT = "played.json"


def played_until(objects: ObjectStore) -> date | None:
    """Return the last day that was run in these stores; None in new ones."""
    if not objects.exists(_PLAYED_OBJECT):
        return None
    return msgspec.json.decode(objects.read_bytes(_PLAYED_OBJECT), type=dict[str, date])["until"]


def record_played(objects: ObjectStore, day: date) -> None:
    """Record the last day that was run in these stores."""
    objects.overwrite(_PLAYED_OBJECT, msgspec.json.encode({"until": day}))


def run_plan_days(
    plan: RunPlan, settings: Settings, simulator_url: str | None, progress: Progress
) -> dict[str, Any]:
    """Run the plan; return the summary and write it to `summary.json` in the home folder."""
    started = time.perf_counter()
    clock = SimulatedClock(tick_time(plan.forecast_day - DAY))
    with LocalPipeline(settings, clock) as machine, ExitStack() as resources:
        runner = DayRunner(machine, plan, clock, simulator_url)
        runner.run_backfill(progress)
        client = runner.run_live_days(progress, resources)
        summary = {
            **_pipeline_summary(machine, plan, runner.run_ids),
            **_sample_forecasts(client, plan.forecast_day),
        }
    summary["models"] = list_models(settings.home)
    summary["seconds"] = {"total": time.perf_counter() - started, **machine.seconds}
    summary["peak_memory_mb"] = _peak_memory_mb()
    encoded = msgspec.json.format(msgspec.json.encode(summary, enc_hook=str), indent=2)
    (settings.home / "summary.json").write_bytes(encoded)
    return summary


class DayRunner:
    """Runs the days of a plan on one machine, one after the other."""

    def __init__(
        self, machine: LocalPipeline, plan: RunPlan, clock: SimulatedClock, simulator_url: str | None
    ) -> None:
        self._machine, self._plan, self._clock, self._simulator_url = machine, plan, clock, simulator_url
        self._api: ApiClient | None = None
        self.run_ids: list[str] = []
        machine.on_step = self._stop_at_simulator_failure

    def run_backfill(self, progress: Progress) -> None:
        """Finish queued work of an earlier run, then backfill the days before the first live one."""
        self._finish_queued_work()
        self._machine.store_missing_forecasts()
        chunks = list(self._plan.backfill_chunks())
        for done, (first, last) in enumerate(chunks):
            progress(f"backfill {first} to {last}", done, len(chunks) + len(self._plan.live))
            # At the end of the whole backfill: a game that ran past two in the morning is over by then.
            self._run_tick(f"backfill-{first}-{last}", chunks[-1][1], first, last, "backfill")
        if chunks:
            record_played(self._machine.ports.objects, chunks[-1][1])

    def _finish_queued_work(self) -> None:
        """Deliver queued work at the time when it was left: results must not depend on the restart."""
        left_at = read_world(self._machine.ports.objects).now
        if left_at is not None:
            self._set_clocks(left_at)
        self._machine.run_until_idle("backfill")
        self._machine.run_until_idle()

    def run_live_days(self, progress: Progress, resources: ExitStack) -> ApiClient:
        """Run each day; it is over once the API returns the next day's forecasts."""
        before = len(list(self._plan.backfill_chunks()))
        for done, day in enumerate(self._plan.live):
            progress(f"live day {day}", before + done, before + len(self._plan.live))
            self._run_tick(f"daily-{day}", day, None, None, "live")
            self._api_client(resources).predict_slate(day + DAY)
            record_played(self._machine.ports.objects, day)
        progress("done", before + len(self._plan.live), before + len(self._plan.live))
        return self._api_client(resources)

    def _run_tick(self, run_id: str, day: date, first: date | None, last: date | None, lane: str) -> None:
        self._set_clocks(tick_time(day))
        write_world(self._machine.ports.objects, DataWorld(self._plan.label, self._clock.now))
        self.run_ids.append(run_id)
        self._machine.run_tick(run_id, first, last, "daily", lane)
        self._stop_at_dead_letters(run_id)

    def _set_clocks(self, now: datetime) -> None:
        self._clock.now = now
        if self._simulator_url:
            simulator_process.set_simulator_clock(self._simulator_url, now)

    def _stop_at_simulator_failure(self, _delivered: DeliveryResult) -> None:
        """Stop at once if the simulator itself fails: retries would fail too."""
        failures = simulator_process.simulator_failures(self._simulator_url) if self._simulator_url else []
        if failures:
            raise UserError(failures[0])

    def _stop_at_dead_letters(self, run_id: str) -> None:
        """Raise UserError for dead letters of a run; one game that is unavailable does not stop the day."""
        for letter in self._machine.dead_letters():
            if letter.run_id == run_id and letter.topic != "data.retry":
                message = f"{run_id}: {letter.subscription} failed: {letter.reason}. Fix the cause, then"
                raise UserError(f"{message} continue with `hankstank dead-letters replay {letter.id}`")

    def _api_client(self, resources: ExitStack) -> ApiClient:
        if self._api is None:
            self._machine.api_url = resources.enter_context(run_api(self._machine.settings.home))
            self._api = ApiClient(self._machine.api_url)
            resources.callback(self._api.close)
        return self._api


def _pipeline_summary(machine: LocalPipeline, plan: RunPlan, run_ids: Iterable[str]) -> dict[str, Any]:
    events = [event for run_id in run_ids for event in machine.list_events(run_id)]
    return {
        "world": plan.label,
        "backfill": plan.backfill,
        "live_days": plan.live,
        "collected": _collected_counts(_events_of_type(events, DataCollected)),
        "grades": dict(Counter(event.grade.value for event in _events_of_type(events, DataValidated))),
        "leak_proof": _leak_check_counts(_events_of_type(events, FeaturesCreated)),
        "deployed": sorted(
            {model.target for one in _events_of_type(events, ModelDeployed) for model in one.models}
        ),
        "events": {run_id: [event.topic for event in machine.list_events(run_id)] for run_id in run_ids},
        "dead_letters": [letter.reason for letter in machine.dead_letters()],
    }


def _events_of_type(events: Iterable[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _collected_counts(events: Iterable[DataCollected]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for event in events:
        total.update(event.counts)
    return {"finished_games": total["team_stats_historical"] // 2, **total}


def _leak_check_counts(events: Iterable[FeaturesCreated]) -> dict[str, int]:
    sampled = [(event.rows_sampled, event.mismatches) for event in events]
    return {"rows_sampled": sum(rows for rows, _ in sampled), "mismatches": sum(bad for _, bad in sampled)}


def _sample_forecasts(client: ApiClient, day: date) -> dict[str, Any]:
    """Request forecasts of one game and its home starter by POST, as any client would."""
    games = client.predict_slate(day)["games"]
    if not games:
        raise UserError(f"no game is scheduled on {day}: nothing to predict")
    chosen = next((one for one in games if one["starting_pitchers"]["home"]["player_id"]), None)
    if chosen is None:
        raise UserError(f"no home starter is announced for {day}: no pitcher to predict")
    game_request = {key: chosen[key] for key in ("home_team", "away_team", "game_date", "game_number")}
    game = client.predict_game(game_request)
    pitcher = {"player_id": game["starting_pitchers"]["home"]["player_id"], "game_date": game["game_date"]}
    player = client.predict_player(pitcher | {"stats": ["strikeouts"], "lines": {"strikeouts": 5.5}})
    return {"game": game, "player": player}


def _peak_memory_mb() -> int:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes on Linux
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1_000_000)
