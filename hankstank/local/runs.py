"""Commands that move the stores: the main job, one tick, a replayed dead letter."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from hankstank.local import simulator_process
from hankstank.local.game_source import GameSource, reached_source, stored_season, stored_source, with_source
from hankstank.local.machine import LocalPipeline
from hankstank.local.pipeline_run import Progress, play_plan, played_until
from hankstank.local.run_plan import RunPlan, Source, labelled_source, league_plan, season_plan, world_label
from hankstank.ops import dead_letters
from shared.errors import UserError
from shared.messaging.events import Trigger
from shared.runtime.data_world import REAL_WORLD, is_world_known, read_world, write_world
from shared.runtime.ports_factory import create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.storage.disk_errors import make_folder
from simulator.data_folder import seasons_in

_NEW_LEAGUE = 2026  # the season of a league that is played without one being named


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a user asked `hankstank run` for."""

    source: Source
    season: int | None
    history: int | None
    seed: int
    first: date | None
    last: date | None
    live_days: int
    data: Path
    home: Path

    @property
    def seasons(self) -> tuple[int, ...]:
        """Return the seasons to play, the first one learnt from included; none of the live service."""
        if self.source == "mlb":
            return ()
        last = self.season
        if last is None:
            last = _NEW_LEAGUE if self.source == "league" else _last_season(self.data)
        return tuple(range(last if self.history is None else self.history, last + 1))

    @property
    def label(self) -> str:
        """Return what the games are called."""
        return world_label(self.source, self.seed, max(self.seasons, default=0))


def run_pipeline(choice: RunOptions, progress: Progress) -> dict[str, Any]:
    """Play the main job and return its summary; refuse options that the source does not heed."""
    _refuse_unused(choice)
    known = _local_settings(choice.home)
    _check_world(choice.home, choice.label)
    choice = replace(choice, season=_season(choice))
    simulator_process.check_seasons(choice.source, choice.seasons, choice.data)
    make_folder(choice.home, "--home")
    asked = GameSource(choice.source, choice.seed, choice.seasons)
    with reached_source(asked, choice.home, choice.data) as url:
        settings = with_source(known, url)
        return play_plan(_build_plan(choice, settings), settings, url, progress)


def _refuse_unused(choice: RunOptions) -> None:
    """Raise CannotDo for an option that would do nothing."""
    if choice.history is not None and choice.source != "retrosheet":
        raise UserError(f"--history is for --source retrosheet, got --source {choice.source}: leave it out")
    if choice.season is not None and choice.source == "mlb":
        raise UserError("--season is not for --source mlb: name the days with --from and --to")
    if not choice.seasons and choice.source != "mlb":
        raise UserError(f"expected --history not after the season to play, got {choice.history}")


def collect_days(home: Path, first: date | None, last: date | None, trigger: Trigger) -> dict[str, Any]:
    """Tick once against the live sources and return the collector's answer and the run's events."""
    if first and last and first > last:
        raise UserError(f"expected a first day not after the last, got {first} and {last}")
    settings = _local_settings(home)
    _check_world(home, REAL_WORLD.label)
    make_folder(home, "--home")
    with LocalPipeline(settings) as machine:
        write_world(machine.ports.objects, REAL_WORLD)
        run_id = f"{trigger}-{utc_now():%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
        machine.run_until_idle()
        machine.store_missing_forecasts()
        machine.run_tick(run_id, first, last, trigger)
        answer = machine.read_status("collector")
        return {"run_id": run_id, **answer, "events": [event.topic for event in machine.list_events(run_id)]}


def replay_dead_letter(home: Path, number: int, data: Path) -> dict[str, Any]:
    """Deliver a dead letter again, with everything that follows, and say what became of it.

    What it makes the collector ask for comes from the source of the stores; `data` holds real seasons.
    """
    settings = Settings(home=home)
    if settings.project:
        return dead_letters.replay_dead_letter(settings, number)
    dead_letters.find_dead_letter(
        settings, number
    )  # before a stand-in is started for a letter that is not there
    with stored_source(settings, data) as reached:
        return dead_letters.replay_dead_letter(reached, number)


def _local_settings(home: Path) -> Settings:
    """Return the settings of this machine's stores; refuse to play or tick into a project's."""
    settings = Settings(home=home)
    if (home / "warehouse").is_dir():
        raise UserError(f"{home} holds the stores of `hankstank up`: name another folder with --home")
    if settings.project:
        where = f"HANKSTANK_PROJECT names {settings.project}, where ticks are published: see docs/cloud.md"
        raise UserError(f"{where}; unset it to work on this machine")
    return settings


def _season(choice: RunOptions) -> int | None:
    """Return the season to play: where the stores have one, theirs. Raises CannotDo for another one."""
    if choice.source == "mlb" or not choice.home.is_dir():
        return choice.season
    stored = stored_season(create_object_store(Settings(home=choice.home)))
    if stored is None or choice.season in (None, stored):
        return stored or choice.season
    raise UserError(
        f"{choice.home} holds the season {stored}: expected --season {stored}, got {choice.season}: "
        "name another folder with --home for another season"
    )


def _check_world(home: Path, label: str) -> None:
    """Raise CannotDo where the stores hold games of another world: the two would pass for one another.

    Seasons of Retrosheet are one world.
    """
    if not home.is_dir():
        return
    objects = create_object_store(Settings(home=home))
    if not is_world_known(objects):
        return
    stored = read_world(objects).label
    if stored != label and labelled_source(stored) != labelled_source(label):
        raise UserError(f"{home} holds games of {stored}, not of {label}: name another folder with --home")


def _build_plan(choice: RunOptions, settings: Settings) -> RunPlan:
    played = played_until(create_object_store(settings))
    if choice.source == "league":
        try:
            return league_plan(
                choice.seed, choice.seasons[-1], played, choice.live_days, choice.first, choice.last
            )
        except ValueError as error:
            raise UserError(str(error)) from None
    first, last = _collection_days(choice, settings)
    plan = season_plan(choice.label, first, last, played, choice.live_days)
    if not (plan.backfill or plan.live):
        raise UserError(
            f"{choice.home} has played until {played}: no day is left before {last}, the last one to forecast"
        )
    return plan


def _collection_days(choice: RunOptions, settings: Settings) -> tuple[date, date]:
    """Return the first day to collect and the day after the last live one."""
    if choice.source == "mlb" and not (choice.first and choice.last):
        raise UserError("expected --from and --to with --source mlb: the days to collect")
    first = choice.first or _game_days(settings, choice.seasons[0])[0]
    last = choice.last + timedelta(days=1) if choice.last else _game_days(settings, choice.seasons[-1])[-1]
    return first, last


def _game_days(settings: Settings, season: int) -> list[date]:
    """Return the days of a season on which the schedule has games."""
    year: dict[str, str | int] = {"sportId": 1, "startDate": f"{season}-01-01", "endDate": f"{season}-12-31"}
    answer = httpx.get(f"{settings.mlb_api_url}/api/v1/schedule", params=year, timeout=300).raise_for_status()
    return [date.fromisoformat(day["date"]) for day in answer.json()["dates"]]


def _last_season(data: Path) -> int:
    found = seasons_in(data)
    if not found:
        raise UserError(f"{data}: expected mlb/retrosheet/YYYYeve.zip: name the data folder with --data")
    return found[-1]
