"""What is lost at random between two jobs is made again by the next checks, equal to what was never lost.

HANKSTANK_HEALING_SEEDS says how many random sets of losses are tried (2 by default).
"""

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from hankstank.live.clocks import SimulatedTime
from hankstank.live.jobs import LiveJobs
from hankstank.live.service import LiveService, end_of_day
from hankstank.local.run_plan import tick_time
from shared.modeling import registry
from shared.storage.daily_outputs import DailyOutputs, load_daily_outputs
from shared.storage.day_results import DayResults, load_day_results
from shared.storage.healing_ledger import MAX_TRIES, HealingLedger, load_ledger
from tests.pipeline.live_process import LABEL, backfilled, schedules, settings_of
from tests.pipeline.losses import (
    DAMAGE,
    PARTITIONED,
    lose_object,
    lose_partition,
    newest_release,
    objects_of,
)
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine, outside
from tests.pipeline.worlds import day, small_world

SEEDS = range(int(os.environ.get("HANKSTANK_HEALING_SEEDS", "2")))
LAST = 8  # played
MORNING = tick_time(day(LAST)) - timedelta(hours=16)  # ten in the morning of the last day: after the report
EVENING = MORNING + timedelta(hours=11)  # after a check and two refreshes
NEVER = datetime.min.replace(tzinfo=UTC)
BUILT = ("collected_at", "run_id")  # of features that were built again
FORECAST = ["game_date", "game_pk", "player_id", "target", "is_challenger"]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("outside"), small_world(LAST + 2)) as around:
        yield around


def run(home: Path, world: Outside, until: datetime) -> None:
    """Run a home by all schedules, from where it was left."""
    settings = settings_of(str(home), world.url)
    start = backfilled(settings, world.url)

    def move(now: datetime) -> None:
        world.bodies.now = now

    move(start)
    clock = SimulatedTime(start, None, lambda _seconds: None, move)
    LiveService(LiveJobs(settings, clock, LABEL, world.url), schedules("all"), clock).run(until)


@pytest.fixture(scope="module")
def before(world: Outside, tmp_path_factory) -> Path:
    """A home as it is in the morning before anything is lost."""
    home = tmp_path_factory.mktemp("before") / "home"
    run(home, world, MORNING)
    return home


@pytest.fixture(scope="module")
def undisturbed(before: Path, world: Outside, tmp_path_factory) -> Path:
    """The home after the next night, to which nothing happened."""
    home = shutil.copytree(before, tmp_path_factory.mktemp("undisturbed") / "home")
    run(home, world, end_of_day(day(LAST)))
    return home


@pytest.fixture
def home(before: Path, tmp_path: Path) -> Path:
    return shutil.copytree(before, tmp_path / "home")


def outputs_of(home: Path) -> DailyOutputs:
    outputs = load_daily_outputs(objects_of(home))
    assert outputs is not None
    return outputs


def ledger_of(home: Path) -> HealingLedger:
    return load_ledger(objects_of(home))


def forecasts_of(held: Machine) -> pl.DataFrame:
    """Return the forecast that was made last of everything: a release of before the repair may lack rows."""
    last = held.rows("forecasts").sort("made_at").unique(FORECAST, keep="last")
    return last.select(*FORECAST, "as_of", "mean", "distribution").sort(FORECAST)


def grades_of(held: Machine) -> pl.DataFrame:
    key = ["game_pk", "player_id", "target", "is_challenger", "model_version"]
    return held.rows("grades").select(*key, "actual", "log_loss", "squared_error").sort(key)


def assert_equal_homes(one: Path, other: Path, world: Outside) -> None:
    """Every table row by row, forecasts, scores, results and reports are those of the other home."""
    with machine(one, world) as ours, machine(other, world) as theirs:
        warehouses = ours.rooms.ports.warehouse, theirs.rooms.ports.warehouse
        assert_equal_tables(*warehouses, "mlb_historical_data")
        assert_equal_tables(*warehouses, "mlb_features", apart_from=BUILT)
        assert forecasts_of(ours).equals(forecasts_of(theirs))
        assert grades_of(ours).equals(grades_of(theirs))
        assert ours.reasons() == theirs.reasons() == []
    days = [day(number) for number in range(1, LAST + 1)]
    assert results_of(one, days) == results_of(other, days)
    for prefix in ("results/", "result-totals/", "daily-reports/"):
        assert objects_of(one).list_names(prefix) == objects_of(other).list_names(prefix)


def results_of(home: Path, days: Sequence[date]) -> list[DayResults]:
    """Return the results of days, without what names the releases that made the forecasts."""
    found = [load_day_results(objects_of(home), on) for on in days]
    return [
        replace(one, forecasts=tuple(replace(row, release_id="", made_at=NEVER) for row in one.forecasts))
        for one in found
        if one
    ]


def assert_bounded(home: Path) -> None:
    repairs = ledger_of(home).repairs
    assert all(one.outcome == "healed" and one.tries <= MAX_TRIES for one in repairs), repairs


def test_undisturbed_days_need_no_repair(undisturbed: Path):
    assert ledger_of(undisturbed).repairs == ()
    assert [hole for hole in outputs_of(undisturbed).holes() if hole[0] > day(4)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_random_losses_are_made_again(home: Path, undisturbed: Path, world: Outside, seed: int):
    chance = random.Random(seed)
    for table in chance.sample(PARTITIONED, 8):
        lose_partition(home, table.name, day(chance.randint(1, LAST - 1)))
    for prefix in ("results/", "result-totals/", "daily-reports/", "forecasts/", "coverage/", "status/"):
        name = chance.choice(objects_of(home).list_names(prefix))
        lose_object(home, name, chance.choice([None, DAMAGE]) if prefix != "coverage/" else None)
    run(home, world, end_of_day(day(LAST)))
    assert_equal_homes(home, undisturbed, world)
    assert_bounded(home)


def test_every_partition_of_a_day_is_made_again(home: Path, undisturbed: Path, world: Outside):
    for table in PARTITIONED:
        lose_partition(home, table.name, day(LAST - 2))
    run(home, world, end_of_day(day(LAST)))
    assert_equal_homes(home, undisturbed, world)
    assert_bounded(home)


@pytest.mark.parametrize(("part", "damage"), [("object", None), ("snapshot", DAMAGE)])
def test_part_of_the_release_is_made_again(
    home: Path, undisturbed: Path, world: Outside, part: str, damage: bytes | None
):
    lose_object(home, getattr(newest_release(home), part), damage)
    run(home, world, end_of_day(day(LAST)))
    assert_equal_homes(home, undisturbed, world)
    assert_bounded(home)


def test_model_that_is_lost_is_trained_again_before_the_night(home: Path, world: Outside):
    lost = newest_release(home).models["batter_hits"]
    lose_object(home, lost.object)
    run(home, world, EVENING)
    ref = newest_release(home).models["batter_hits"]
    assert ref.version != lost.version
    registry.load_model(objects_of(home), ref)
    assert [one.what for one in ledger_of(home).repairs] == [f"model batter_hits {lost.version}"]
