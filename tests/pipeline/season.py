"""A season that the live service runs by schedule, undisturbed or disturbed, and what its stores are compared by.

A disturbance happens at a time of the season, so a seed gives the same season again: kills at a chosen write
after a moment, sleeps that oversleep what is due, outages of every source.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby, islice
from pathlib import Path
from random import Random

import msgspec
import polars as pl

from hankstank.live.schedules import Schedule, load_schedules
from hankstank.local.machine import LocalPipeline
from hankstank.local.run_plan import DAY, tick_time
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.notifier import LocalNotifier
from shared.messaging.events import Ticked
from shared.ports import Warehouse
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.storage import tables
from shared.storage.daily_outputs import OUTPUTS, load_daily_outputs
from shared.storage.daily_reports import list_report_days
from shared.storage.day_results import load_day_results
from shared.storage.healing_ledger import load_ledger
from simulator.app import create_app
from simulator.faults import ActiveFaults
from simulator.fixture_world import FixtureWorld
from simulator.game_record import GameRecord
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.pipeline.worlds import SEASON, league

BEGIN = date(SEASON, 3, 4)  # clocks go forward on March 8
BACKFILLED = 2  # days before the first live one
LABEL = "season of a test"
HOUR = timedelta(hours=1)
FEWER = {"lineups": "0 18 * * *", "weather": "30 15 * * *"}  # of the afternoon's refreshes
UNLIKE = ("run_id", "created_at", "updated_at")  # of equal rows
LATER = (*UNLIKE, "collected_at", "raw_object", "raw_sha256", "inputs_sha256")  # of rows that came late
WEATHER = ("temperature", "wind_out", "wind_cross")  # a forecast that an outage hid cannot be fetched later
OFTEN = ("weather_forecasts",)  # a row for each refresh
SCORE = [
    "game_date",
    "game_pk",
    "player_id",
    "target",
    "is_challenger",
    "variant",
    "mean",
    "actual",
    "log_loss",
]
COLLECTED = ("games", "lines", "plays")  # what each day must have, however late
REBUILT = ("features", "results", "report")  # what it has as in a season without disturbances
ALERTS = {
    "a scheduled job failed": "begins",
    "a scheduled job keeps failing": "lasts",
    "scheduled jobs succeed again": "ends",
}


class Kill(msgspec.Struct, frozen=True):
    """A kill at the nth write after a moment."""

    after: datetime
    write: int


class Disturbances(msgspec.Struct, frozen=True):
    """What happens to a season up to its last day: sleeps and outages from a moment to another, and kills."""

    last: date
    sleeps: tuple[tuple[datetime, datetime], ...] = ()
    outages: tuple[tuple[datetime, datetime], ...] = ()
    kills: tuple[Kill, ...] = ()

    def is_out(self, now: datetime) -> bool:
        """Return whether no source answers."""
        return any(first <= now < end for first, end in self.outages)

    def delays(self, day: date) -> bool:
        """Return whether an outage delayed the night before a day, its refreshes, or the night before that."""
        begin, end = tick_time(day - 2 * DAY), tick_time(day)
        return any(first < end and last > begin for first, last in self.outages)

    def causes(self) -> int:
        """Return how many of the outages a collection meets."""
        every = [one for one in schedules().values() if one.topic == Ticked.topic]
        return sum(any(one.next_after(first) < last for one in every) for first, last in self.outages)


def schedules() -> Mapping[str, Schedule]:
    """Return all schedules, with fewer refreshes."""
    return {name: replace(one, cron=FEWER.get(name, one.cron)) for name, one in load_schedules().items()}


@dataclass(frozen=True)
class Season:
    """A running stand-in of a season."""

    url: str
    first: date
    last: date


def chosen(name: str, default: int) -> int:
    """Return a number of the environment: HANKSTANK_SEASON_<name>."""
    return int(os.environ.get(f"HANKSTANK_SEASON_{name}", default))


@cache
def season_world(days: int, games_a_day: int) -> FixtureWorld:
    """Return the first games of each day of the league, from its first spring day on."""
    last = BEGIN + (days + 5) * DAY
    by_day = groupby(sorted(league().games_on(BEGIN, last), key=_day_and_home), lambda one: one.official_date)
    games = [game for _, some in by_day for game in islice(some, games_a_day)]
    return FixtureWorld(LABEL, league(), SEASON, games)


def _day_and_home(game: GameRecord) -> tuple[date, int]:
    return game.official_date, game.home


@contextmanager
def season(folder: Path, days: int, games_a_day: int) -> Iterator[Season]:
    """Serve a season of some live days."""
    backend = WorldApiBackend(SeasonStore(season_world(days, games_a_day), folder), tick_time(BEGIN - DAY))
    with running_simulator(create_app(backend, ActiveFaults())) as url:
        yield Season(url, BEGIN + BACKFILLED * DAY, BEGIN + (BACKFILLED + days - 1) * DAY)


def draw_disturbances(
    seed: int, of: Season, *, kills: int, outage_days: Sequence[float], sleeps: int
) -> Disturbances:
    """Return kills at random moments, sleeps over midnight, and outages that do not meet, from a seed."""
    dice, days = Random(seed), (of.last - of.first).days
    spacing = days / max(1, len(outage_days))
    outages = []
    for number, length in enumerate(outage_days):
        begin = (
            tick_time(of.first) + (number * spacing + dice.random() * max(0.0, spacing - length - 1)) * DAY
        )
        outages.append((begin, begin + length * DAY))
    nights = [of.first + dice.randrange(1, days) * DAY for _ in range(sleeps)]
    starts = [tick_time(night) - dice.randrange(1, 4) * HOUR for night in nights]
    return Disturbances(
        of.last,
        tuple((start, start + dice.randrange(5, 11) * HOUR) for start in sorted(starts)),
        tuple(outages),
        tuple(
            Kill(tick_time(of.first) + dice.random() * (days - 1) * DAY, dice.randrange(1, 60))
            for _ in range(kills)
        ),
    )


def live_through(home: Path, of: Season, what: Disturbances) -> int:
    """Run the service to the end of the season, again after each kill; return how often it was killed.

    What it prints, with its memory, is in `notes.txt` beside the home.
    """
    home.mkdir(parents=True, exist_ok=True)
    notes, scenario = home.parent / "notes.txt", home.parent / "scenario.json"
    scenario.write_bytes(msgspec.json.encode(what))
    command = [sys.executable, "-m", "tests.pipeline.season_process", str(home), of.url, str(scenario)]
    killed = 0
    with notes.open("w") as file:
        while code := subprocess.run(command, cwd=ROOT, stdout=file, stderr=file, check=False).returncode:
            killed += 1
            assert code == -signal.SIGKILL, notes.read_text()[-3000:]
            assert killed <= len(what.kills), notes.read_text()[-3000:]
    return killed


def memory_by_month(home: Path) -> dict[str, float]:
    """Return the most memory that the process had in each month, in MB."""
    found = re.findall(r"^(\d+) MB (\d{4}-\d{2})", (home.parent / "notes.txt").read_text(), re.MULTILINE)
    return {month: max(int(mb) for mb, of in found if of == month) for _, month in found}


def settings_of(home: Path, url: str) -> Settings:
    """Return the settings of a home whose sources are at an address."""
    return Settings(home=home, **dict.fromkeys(("mlb_api_url", "savant_url", "weather_url"), url))


@contextmanager
def opened(home: Path, of: Season) -> Iterator[LocalPipeline]:
    """Open the stores of a season at the time they were left."""
    settings = settings_of(home, of.url)
    now = read_world(create_object_store(settings)).now
    assert now is not None
    with LocalPipeline(settings, lambda: now) as machine:
        yield machine


def job_alerts(home: Path) -> list[str]:
    """Return the titles of the alerts about jobs and deliveries, oldest first."""
    titles = [one["title"] for one in LocalNotifier(home, utc_now).list_alerts()]
    return [title for title in titles if "scheduled job" in title or "deliver" in title]


def repairs(home: Path) -> list[str]:
    """Return what the service found lost and had made again, oldest first."""
    ledger = load_ledger(FolderStore(home / "objects"))
    return [f"{one.what}: {one.cause} ({one.outcome})" for one in ledger.repairs]


def assert_an_outage_is_a_cause(titles: Sequence[str], causes: int) -> None:
    """Check that as many outages began and ended as there were, each critical once at most."""
    words = " ".join(ALERTS.get(title, title) for title in titles)
    assert re.fullmatch(r"(begins (lasts )?ends ?)*", words), titles
    assert titles.count("scheduled jobs succeed again") == causes, titles


def assert_equal_seasons(disturbed: Path, undisturbed: Path, of: Season, what: Disturbances) -> None:
    """Check that the stores of two seasons are equal, and every day of them complete.

    Forecasts are compared where the work of a day, and of the night before, was done in time: later ones know
    more games, or none was made before the first pitch.
    """
    days = [of.first + number * DAY for number in range((of.last - of.first).days + 1)]
    timely = [day for day in days if not what.delays(day)]
    with opened(disturbed, of) as one, opened(undisturbed, of) as other:
        assert differing_tables(one.ports.warehouse, other.ports.warehouse, {*days} - {*timely}) == {}
        for day in days:
            assert _results(one, day) == _results(other, day), day
        ours, theirs = _scores(one, timely), _scores(other, timely)
        assert theirs.height > 0
        assert ours.equals(theirs), ours.join(theirs, on=SCORE, how="anti")
        assert _holes(one, days, COLLECTED) == []
        assert _holes(one, days, REBUILT) == _holes(other, days, REBUILT)
        assert _holes(one, timely, OUTPUTS) == _holes(other, timely, OUTPUTS)
        assert list_report_days(one.ports.objects) == list_report_days(other.ports.objects)


def _results(machine: LocalPipeline, day: date) -> tuple[object, object] | None:
    """Return the games and lines of a day's results object, without when it was written; None on a day off."""
    found = load_day_results(machine.ports.objects, day)
    return None if found is None else (found.games, found.lines)


def _scores(machine: LocalPipeline, days: Sequence[date]) -> pl.DataFrame:
    found = machine.ports.warehouse.query_rows("select * from mlb_predictions.grades")
    return found.filter(pl.col("game_date").is_in(days)).select(SCORE).sort(SCORE)


def _holes(machine: LocalPipeline, days: Sequence[date], which: Collection[str]) -> list[tuple[date, str]]:
    """Return the outputs that days must have and have not, as the check of the service counts them."""
    counted = load_daily_outputs(machine.ports.objects)
    assert counted is not None
    by_day = {one.day: one.outputs for one in counted.days}
    return [
        (day, name)
        for day in days[:-1]  # the last one is counted on the morning after the end
        for name, count in by_day[day].items()
        if name in which and count.is_hole
    ]


def differing_tables(
    ours: Warehouse, theirs: Warehouse, delayed: Collection[date] = ()
) -> dict[str, list[str]]:
    """Return how the tables differ, row by row, apart from when and from what rows were collected.

    Of delayed days the weather may differ too.
    """
    datasets = ("mlb_historical_data", "mlb_features")
    names = [name for dataset in datasets for name in tables.list_tables(dataset) if name not in OFTEN]
    pairs = {name: [_rows(one, name, delayed) for one in (ours, theirs)] for name in names}
    return {name: found for name, pair in pairs.items() if (found := _differences(*pair))}


def _rows(warehouse: Warehouse, name: str, delayed: Collection[date]) -> pl.DataFrame:
    table = tables.get_table(name)
    found = warehouse.query_rows(f"select * from {table.full_name} order by {', '.join(table.key)}")
    weather = [column for column in WEATHER if column in found.columns and "game_date" in found.columns]
    is_timely = ~pl.col("game_date").is_in(list(delayed))
    hidden = [pl.when(is_timely).then(pl.col(column)).alias(column) for column in weather]
    return found.with_columns(hidden).drop(LATER, strict=False)


def _differences(one: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    if one.height != other.height:
        return [f"{one.height} rows for {other.height}"]
    return [name for name in one.columns if not one[name].equals(other[name])]
