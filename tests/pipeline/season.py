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
from datetime import date, datetime, time, timedelta
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
from shared.modeling import registry
from shared.modeling.manifest import ModelSpecification
from shared.ports import ObjectStore, Warehouse
from shared.runtime.data_world import read_world
from shared.runtime.ports_factory import create_object_store, utc_now
from shared.runtime.settings import Settings
from shared.sports.mlb.ballpark_time import BALLPARK_TIME, ballpark_date
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
LOSSES = time(9)  # in New York: after the report, before the second check
FIRST_LOSS, APART = 6, 2  # days
HEALED_WITHIN = 8  # days: those before the last month are counted once a week
FEWER = {"lineups": "0 18 * * *", "weather": "30 15 * * *"}  # of the afternoon's refreshes
UNLIKE = ("run_id", "created_at", "updated_at")  # of equal rows
LATER = (*UNLIKE, "collected_at", "raw_object", "raw_sha256", "inputs_sha256")  # of rows that came late
WEATHER = ("temperature", "wind_out", "wind_cross")  # a forecast that an outage hid cannot be fetched later
OFTEN = ("weather_forecasts",)  # a row for each refresh
FORECAST = ["game_date", "game_pk", "player_id", "target"]
SCORE = ["variant", "mean", "actual", "log_loss"]
WORSE = 0.01  # by which the mean log loss of other models may differ, in nats
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


class Deletion(msgspec.Struct, frozen=True):
    """Things that are lost before the first job after a moment, chosen by a seed."""

    after: datetime
    seed: int


class Disturbances(msgspec.Struct, frozen=True):
    """What happens to a season up to its last day: sleeps and outages between moments, kills and losses."""

    last: date
    sleeps: tuple[tuple[datetime, datetime], ...] = ()
    outages: tuple[tuple[datetime, datetime], ...] = ()
    kills: tuple[Kill, ...] = ()
    deletions: tuple[Deletion, ...] = ()

    def is_out(self, now: datetime) -> bool:
        """Return whether no source answers."""
        return any(first <= now < end for first, end in self.outages)

    def delays(self, day: date) -> bool:
        """Return whether an outage delayed the night before a day, its refreshes, or the night before that."""
        begin, end = tick_time(day - 2 * DAY), tick_time(day)
        return any(first < end and last > begin for first, last in self.outages)

    def first_missed(self) -> date | None:
        """Return the first day of which a night, or a model, may be another than undisturbed."""
        days = [ballpark_date(first) for first, _ in self.outages]
        return min([*days, *(ballpark_date(one.after) for one in self.deletions)], default=None)

    def causes(self) -> int:
        """Return how many of the outages a collection meets."""
        every = [one for one in schedules().values() if one.topic == Ticked.topic]
        return sum(
            any(first <= moment < last for one in every for moment in self._tries(one, first - DAY, last))
            for first, last in self.outages
        )

    def _tries(self, schedule: Schedule, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield when a schedule's runs begin: when they are due, or when the machine wakes."""
        while (since := schedule.next_after(since)) < until:
            yield max([since, *(end for begin, end in self.sleeps if begin <= since < end)])


def schedules() -> Mapping[str, Schedule]:
    """Return all schedules, with fewer refreshes."""
    return {name: replace(one, cron=FEWER.get(name, one.cron)) for name, one in load_schedules().items()}


@dataclass(frozen=True)
class Season:
    """Live days, and where their stand-in runs."""

    first: date
    last: date
    url: str = "http://127.0.0.1:1"


def of_days(number: int) -> Season:
    """Return the first live days."""
    return Season(BEGIN + BACKFILLED * DAY, BEGIN + (BACKFILLED + number - 1) * DAY)


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
        yield replace(of_days(days), url=url)


def draw_disturbances(
    seed: int, of: Season, *, kills: int, outage_days: Sequence[float], sleeps: int, deletions: int = 0
) -> Disturbances:
    """Return kills at random moments, sleeps over midnight, and outages that do not meet, from a seed.

    Things are lost between the report of a morning and the next check, while sources answer: a job that
    meets a loss before the check would fail, and be a cause of alerts of its own.
    """
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
        _draw_deletions(dice, of, outages, deletions),
    )


def _draw_deletions(
    dice: Random, of: Season, outages: Sequence[tuple[datetime, datetime]], number: int
) -> tuple[Deletion, ...]:
    """Return losses on days of the later season that are apart, with models to lose and without an outage."""
    around = [(ballpark_date(first) - DAY, ballpark_date(last) + APART * DAY) for first, last in outages]
    possible = [
        day
        for day in (of.first + n * DAY for n in range(FIRST_LOSS, (of.last - of.first).days - HEALED_WITHIN))
        if not any(first <= day <= last for first, last in around)
    ]
    chosen: list[date] = []
    for day in dice.sample(possible, len(possible)):
        if len(chosen) < number and all(abs((day - one).days) > APART for one in chosen):
            chosen.append(day)
    assert len(chosen) == number, f"expected {number} days apart from outages, found {len(chosen)}"
    moments = [datetime.combine(day, LOSSES, BALLPARK_TIME) for day in sorted(chosen)]
    return tuple(Deletion(moment, dice.randrange(1_000_000)) for moment in moments)


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


def critical_alerts(home: Path) -> list[str]:
    """Return the titles of all critical alerts, oldest first."""
    return [
        one["title"] for one in LocalNotifier(home, utc_now).list_alerts() if one["severity"] == "critical"
    ]


def repairs(home: Path) -> list[str]:
    """Return what the service found lost and had made again, oldest first."""
    ledger = load_ledger(FolderStore(home / "objects"))
    return [f"{one.what}: {one.cause} ({one.outcome})" for one in ledger.repairs]


def assert_an_outage_is_a_cause(titles: Sequence[str], causes: int) -> None:
    """Check that as many outages began and ended as there were, each critical once at most."""
    words = " ".join(ALERTS.get(title, title) for title in titles)
    assert re.fullmatch(r"(begins (lasts )?ends ?)*", words), titles
    assert titles.count("scheduled jobs succeed again") == causes, titles


def assert_equal_seasons(disturbed: Path, undisturbed: Path, of: Season, what: Disturbances) -> float:
    """Check that the stores of two seasons are equal, and every day complete; return the share of equal scores.

    Forecasts are compared where the work of a day, and of the night before, was done in time: later ones know
    more games, or none was made before the first pitch. After a night that was missed, or a model that was
    lost, models have learnt on other nights: where a model differs, what it forecasts may too.
    """
    days = [of.first + number * DAY for number in range((of.last - of.first).days + 1)]
    timely = [day for day in days if not what.delays(day)]
    with opened(disturbed, of) as one, opened(undisturbed, of) as other:
        assert differing_tables(one.ports.warehouse, other.ports.warehouse, {*days} - {*timely}) == {}
        for day in days:
            assert _results(one, day) == _results(other, day), day
        share = assert_equal_scores(_scores(one, timely), _scores(other, timely), what.first_missed())
        assert _holes(one, days, COLLECTED) == []
        assert _holes(one, days, REBUILT) == _holes(other, days, REBUILT)
        assert _holes(one, timely, OUTPUTS) == _holes(other, timely, OUTPUTS)
        assert list_report_days(one.ports.objects) == list_report_days(other.ports.objects)
        assert one.dead_letters() == []
    return share


def assert_equal_scores(ours: pl.DataFrame, theirs: pl.DataFrame, missed: date | None) -> float:
    """Check that the same was forecast, and that forecasts by the same models score the same.

    Before a night was missed all are. Forecasts by other models are no worse or better on average. Returns
    the share of forecasts by the same models.
    """
    assert theirs.height > 0
    assert ours.select(FORECAST).equals(theirs.select(FORECAST))
    both = ours.join(theirs, on=FORECAST, nulls_equal=True, suffix="_undisturbed")
    is_same = pl.col("models") == pl.col("models_undisturbed")
    changed = [pl.col(name).ne_missing(pl.col(f"{name}_undisturbed")) for name in SCORE]
    differing = both.filter(is_same, pl.any_horizontal(changed))
    assert differing.is_empty(), differing
    before = both.filter(True if missed is None else pl.col("game_date") < missed)
    assert before.filter(~is_same).is_empty()
    other = both.filter(~is_same)
    if not other.is_empty():
        assert abs(other["log_loss"].mean() - other["log_loss_undisturbed"].mean()) <= WORSE
    return 1 - other.height / both.height


def _results(machine: LocalPipeline, day: date) -> tuple[object, object] | None:
    """Return the games and lines of a day's results object, without when it was written; None on a day off."""
    found = load_day_results(machine.ports.objects, day)
    return None if found is None else (found.games, found.lines)


def _scores(machine: LocalPipeline, days: Sequence[date]) -> pl.DataFrame:
    """Return the scores of days, with the models that each forecast is made of.

    The forecasts of a game are made of those of the winner and of both clubs' runs together.
    """
    grades = machine.ports.warehouse.query_rows(
        "select * from mlb_predictions.grades where not is_challenger"
    )
    used = sorted({*grades.select("target", "model_version").iter_rows()})
    rows = [(*one, _specification(machine.ports.objects, *one)) for one in used]
    models = pl.DataFrame(rows, schema=["target", "model_version", "model"], orient="row")
    found = grades.filter(pl.col("game_date").is_in(days)).join(models, on=["target", "model_version"])
    of_game = pl.col("model").sort_by("target").str.join().over("game_pk", "player_id")
    is_game = pl.col("player_id").is_null()
    scores = found.with_columns(models=pl.when(is_game).then(of_game).otherwise("model"))
    return scores.select(*FORECAST, *SCORE, "models").sort(FORECAST)


def _specification(objects: ObjectStore, target: str, version: str) -> str:
    """Return everything that a model forecasts by, whatever its version: trees by their hash, weights, shape."""
    manifest = registry.load_manifest(objects, target, version)
    fields = {*ModelSpecification.__struct_fields__} - {"version"}
    return repr([(name, getattr(manifest, name)) for name in sorted(fields)])


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
