"""Commands that change the stores: a whole run, one collection, a replayed dead letter."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from hankstank.local import simulator_process
from hankstank.local.game_source import GameSource, open_source, stored_season, with_source
from hankstank.local.machine import LocalPipeline
from hankstank.local.pipeline_run import Progress, played_until, run_plan_days
from hankstank.local.run_plan import RunPlan, Source, labelled_source, league_plan, season_plan, world_label
from shared.errors import UserError
from shared.messaging.events import Trigger
from shared.runtime.data_world import REAL_WORLD, is_world_known, read_world, write_world
from shared.runtime.ports_factory import create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.storage.disk_errors import make_folder
from simulator.data_folder import seasons_in

_NEW_LEAGUE = 2026  # default season of a simulated league


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `hankstank run`."""

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
        """Return the seasons to run, from the first training season on; none for the live data sources."""
        if self.source == "mlb":
            return ()
        last = self.season
        if last is None:
            last = _NEW_LEAGUE if self.source == "league" else _last_season(self.data)
        return tuple(range(last if self.history is None else self.history, last + 1))

    @property
    def label(self) -> str:
        """Return the label of the source."""
        return world_label(self.source, self.seed, max(self.seasons, default=0))


def run_pipeline(options: RunOptions, progress: Progress) -> dict[str, Any]:
    """Run the whole pipeline and return its summary; raises UserError for options the source ignores."""
    options, known = prepare_run(options)
    games = GameSource(options.source, options.seed, options.seasons)
    with open_source(games, options.home, options.data) as url:
        settings = with_source(known, url)
        return run_plan_days(_build_plan(options, settings), settings, url, progress)


def prepare_run(options: RunOptions) -> tuple[RunOptions, Settings]:
    """Return the options with the season to run, and the stores' settings; makes the folder.

    Raises UserError for options that the source ignores, and for stores of another source or season.
    """
    _refuse_unused(options)
    known = local_settings(options.home)
    check_world(options.home, options.label)
    options = replace(options, season=_season(options))
    simulator_process.check_seasons(options.source, options.seasons, options.data)
    make_folder(options.home, "--home")
    return options, known


def _refuse_unused(options: RunOptions) -> None:
    """Raise UserError for an option that would have no effect."""
    if options.history is not None and options.source != "retrosheet":
        raise UserError(f"--history is for --source retrosheet, got --source {options.source}: leave it out")
    if options.season is not None and options.source == "mlb":
        raise UserError("--season is not for --source mlb: give the days with --from and --to")
    if not options.seasons and options.source != "mlb":
        raise UserError(f"expected --history not after --season, got {options.history}")


def collect_days(home: Path, first: date | None, last: date | None, trigger: Trigger) -> dict[str, Any]:
    """Collect once from the live sources; return the collector's status and the run's events.

    Days that no daily run looks back on pass through the private lane: they train and release nothing.
    """
    if first and last and first > last:
        raise UserError(f"expected a first day not after the last, got {first} and {last}")
    settings = local_settings(home)
    check_world(home, REAL_WORLD.label)
    make_folder(home, "--home")
    with LocalPipeline(settings) as machine:
        write_world(machine.ports.objects, REAL_WORLD)
        run_id = f"{trigger}-{utc_now():%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
        lane = "backfill" if _are_old(first, last, settings) else "live"
        machine.run_until_idle(lane)
        if lane == "live":
            machine.store_missing_forecasts()
        machine.run_tick(run_id, first, last, trigger, lane)
        answer = machine.read_status("collector")
        return {
            "run_id": run_id,
            "lane": lane,
            **answer,
            "events": [event.topic for event in machine.list_events(run_id)],
        }


def _are_old(first: date | None, last: date | None, settings: Settings) -> bool:
    """Return whether every requested day is before those that a daily run looks back on."""
    newest = last or first
    return newest is not None and newest < utc_now().date() - timedelta(days=settings.lookback_days + 1)


def local_settings(home: Path) -> Settings:
    """Return the settings of this machine's stores; raises UserError for a project's."""
    settings = Settings(home=home)
    if (home / "warehouse").is_dir():
        raise UserError(f"{home} holds the stores of a local cluster: name another folder with --home")
    if settings.project:
        where = f"HANKSTANK_PROJECT names {settings.project}, where ticks are published: see docs/cloud.md"
        raise UserError(f"{where}; unset it to work on this machine")
    return settings


def _season(options: RunOptions) -> int | None:
    """Return the season to run: that of the stores if they have one; raises UserError for another."""
    if options.source == "mlb" or not options.home.is_dir():
        return options.season
    stored = stored_season(create_object_store(Settings(home=options.home)))
    if stored is None or options.season in (None, stored):
        return stored or options.season
    raise UserError(
        f"{options.home} holds the season {stored}: expected --season {stored}, got {options.season}: "
        "name another folder with --home for another season"
    )


def check_world(home: Path, label: str) -> None:
    """Raise UserError if the stores hold games of another source: the two would be mixed.

    All seasons of Retrosheet are one source.
    """
    if not home.is_dir():
        return
    objects = create_object_store(Settings(home=home))
    if not is_world_known(objects):
        return
    stored = read_world(objects).label
    if stored != label and labelled_source(stored) != labelled_source(label):
        raise UserError(f"{home} holds games of {stored}, not of {label}: name another folder with --home")


def _build_plan(options: RunOptions, settings: Settings) -> RunPlan:
    played = played_until(create_object_store(settings))
    if options.source == "league":
        try:
            return league_plan(
                options.seed, options.seasons[-1], played, options.live_days, options.first, options.last
            )
        except ValueError as error:
            raise UserError(str(error)) from None
    first, last = _collection_days(options, settings)
    plan = season_plan(options.label, first, last, played, options.live_days)
    if not (plan.backfill or plan.live):
        raise UserError(f"{options.home} holds games through {played}: no day is left before {last}")
    return plan


def _collection_days(options: RunOptions, settings: Settings) -> tuple[date, date]:
    """Return the first day to collect and the day after the last live one."""
    if options.source == "mlb" and not (options.first and options.last):
        raise UserError("expected --from and --to with --source mlb: the days to collect")
    url, seasons = settings.mlb_api_url, options.seasons
    first = options.first or simulator_process.list_game_days(url, seasons[0])[0]
    if options.last:
        return first, options.last + timedelta(days=1)
    return first, simulator_process.list_game_days(url, seasons[-1])[-1]


def _last_season(data: Path) -> int:
    found = seasons_in(data)
    if not found:
        raise UserError(f"{data}: expected mlb/retrosheet/YYYYeve.zip: give the data folder with --data")
    return found[-1]
