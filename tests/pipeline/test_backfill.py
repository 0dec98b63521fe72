"""A season's backfill on a stand-in: apart from live days, in chunks, steered, and safe from any crash."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Barrier, Event, Lock
from typing import Any

import pytest
from flask import request

from hankstank.cli.data_views import draw_status
from hankstank.local import backfill, runs
from hankstank.local.backfill import BackfillOptions, plan_dry_run
from hankstank.local.run_plan import tick_time
from hankstank.ops import backfill_control
from hankstank.ops.alerts import list_alerts
from hankstank.ops.backfill_report import read_season_report
from hankstank.ops.status import read_status
from services.collector.backfill_job import BackfillResult, Progress
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.errors import UserError
from shared.modeling.registry import current_release
from simulator.app import create_app
from simulator.faults import ActiveFaults, Fault
from simulator.responses import WorldApiBackend
from simulator.season_store import SeasonStore
from simulator.server import running_simulator
from tests.patience import PATIENCE
from tests.pipeline.machine import assert_equal_tables
from tests.pipeline.worlds import SEASON, day, small_world

ROOT = Path(__file__).parents[2]
DAYS, GAMES_A_DAY = 14, 2
OPENING = "2026-03-26"  # of the league's season; the first games here are two days later
FIRST_CHUNK_END = 8  # day of the tenth date from there on
GAMES = DAYS * GAMES_A_DAY
KILLS = int(os.environ.get("HANKSTANK_BACKFILL_KILLS", "3"))
STORED = ("mlb_historical_data", "mlb_features")
SOURCES = ("MLB_API_URL", "SAVANT_URL", "WEATHER_URL")


@dataclass
class Counted:
    """A running stand-in that counts its requests; `before_feed` is called at each feed, with its number."""

    url: str
    faults: ActiveFaults
    paths: list[str] = field(default_factory=list)
    before_feed: Callable[[int], object] = lambda _number: None
    lock: Lock = field(default_factory=Lock)

    @property
    def feeds(self) -> int:
        return sum(path.endswith("/feed/live") for path in self.paths)

    def note(self) -> None:
        if request.path.startswith("/simulator"):
            return
        with self.lock:
            self.paths.append(request.path)
            number = self.feeds
        if request.path.endswith("/feed/live"):
            self.before_feed(number)


def now() -> datetime:
    return tick_time(day(DAYS))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    store = SeasonStore(small_world(DAYS, GAMES_A_DAY), tmp_path_factory.mktemp("outside"))
    faults = ActiveFaults()
    app = create_app(WorldApiBackend(store, now()), faults)
    counted = Counted("", faults)
    app.before_request(counted.note)
    with running_simulator(app) as counted.url, pytest.MonkeyPatch.context() as patch:
        for name in SOURCES:
            patch.setenv(f"HANKSTANK_{name}", counted.url)
        yield counted


@pytest.fixture
def source(world: Counted) -> Iterator[Counted]:
    world.paths.clear()
    yield world
    world.before_feed = lambda _number: None
    world.faults.replace([])


def options(home: Path, **chosen: Any) -> BackfillOptions:
    days = {"first", "last"} & chosen.keys()
    return BackfillOptions(() if days else (SEASON,), Path(), home, **chosen)


def run(home: Path, **chosen: Any) -> BackfillResult:
    return backfill.run_backfill(options(home, **chosen), lambda _: None, now)


def in_process(home: Path, source: Counted, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.pipeline.backfill_process", str(home), source.url, str(DAYS)]
    return subprocess.run(
        [*command, *words], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def console(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "hankstank", "backfill", *words, "--home", str(home)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture(scope="module")
def undisturbed(world: Counted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    run(home)
    return home


@pytest.fixture
def home(undisturbed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(undisturbed, tmp_path / "home")


@contextmanager
def opened(home: Path) -> Iterator[DuckDbWarehouse]:
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb")
    try:
        yield warehouse
    finally:
        warehouse.close()


def assert_same_stores(ours: Path, theirs: Path) -> None:
    with opened(ours) as one, opened(theirs) as other:
        assert_equal_tables(one, other, *STORED)
    assert LocalBus(ours / "queue.sqlite", "backfill").count_pending() == {}
    assert LocalBus(ours / "queue.sqlite").list_dead_letters() == []


# ---------------------------------------------------------------- isolation


def test_no_event_reaches_trainer_or_api(undisturbed: Path):
    queue = LocalBus(undisturbed / "queue.sqlite")
    kinds = ("data-collection-trigger", "data.collected", "data.loaded", "features.created", "model.deployed")
    lanes = {kind: {event.lane for event in queue.published_on(kind)} for kind in kinds}
    assert lanes == {kind: {"backfill"} for kind in kinds[:-1]} | {"model.deployed": set()}
    objects = FolderStore(undisturbed / "objects")
    assert current_release(objects) is None
    assert not objects.list_names("forecasts/") + objects.list_names("models/")


def test_status_says_that_nothing_is_released(undisturbed: Path, capsys: pytest.CaptureFixture[str]):
    draw_status(read_status(undisturbed))
    screen = " ".join(capsys.readouterr().out.split())
    assert screen.startswith("Nothing released")
    assert "`hankstank backfill` with --train" in screen


def test_trains_once_at_the_end_when_asked(home: Path, source: Counted):
    phases = list[str]()
    backfill.run_backfill(options(home, trains=True), lambda progress: phases.append(progress.phase), now)
    assert phases[-2:] == ["training", "done"]
    queue = LocalBus(home / "queue.sqlite")
    assert [event.lane for event in queue.published_on("features.created")].count("live") == 1
    assert current_release(FolderStore(home / "objects")) is not None
    assert source.feeds == 0


def test_training_without_loaded_games_is_refused(tmp_path: Path, source: Counted):
    with pytest.raises(UserError, match="expected loaded games to train on"):
        run(tmp_path / "home", first=day(DAYS + 2), last=day(DAYS + 3), trains=True)


def test_collecting_old_days_trains_nothing(tmp_path: Path, source: Counted):
    answer = runs.collect_days(tmp_path / "home", day(1), day(8), "weekly")
    assert (answer["lane"], answer["status"], answer["events"][-1]) == (
        "backfill",
        "collected",
        "features.created",
    )
    assert current_release(FolderStore(tmp_path / "home/objects")) is None


# ---------------------------------------------------------------- the dry run, and running again


def test_dry_run_has_the_numbers_of_the_run_and_writes_nothing(tmp_path: Path, source: Counted):
    home = tmp_path / "home"
    planned = plan_dry_run(options(home, pace=1000), now)
    assert not home.exists()
    source.paths.clear()
    done = run(home, pace=1000)
    names = ("days", "games_expected", "games_stored", "games_to_fetch", "requests", "chunks")
    assert [getattr(planned, name) for name in names] == [getattr(done, name) for name in names]
    assert (
        (planned.games_to_fetch, planned.requests)
        == (source.feeds, len(source.paths))
        == (GAMES, done.requests)
    )
    assert planned.minutes_at_pace == round(done.requests / 1000 / 60, 1)
    assert planned.feed_bytes == pytest.approx(done.feed_bytes, rel=0.15)


def test_retries_are_counted_apart(tmp_path: Path, source: Counted):
    home = tmp_path / "home"
    undisturbed = plan_dry_run(options(home), now)
    source.faults.replace([Fault("/api/v1/schedule", "server_error")])
    planned = plan_dry_run(options(home), now)
    source.faults.replace([Fault("/feed/live", "server_error", 2)])
    done = run(home)
    assert planned.requests == undisturbed.requests == done.requests
    assert done.retries == 2


def test_dry_run_of_filled_stores_finds_nothing_to_fetch(home: Path, source: Counted):
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    planned = plan_dry_run(options(home), now)
    assert (planned.games_expected, planned.games_stored, planned.games_to_fetch) == (GAMES, GAMES, 0)
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == before


def test_second_run_fetches_nothing(home: Path, undisturbed: Path, source: Counted):
    again = run(home)
    assert source.feeds == 0
    assert (again.games_to_fetch, again.games_fetched, again.games_stored) == (0, 0, GAMES)
    assert_same_stores(home, undisturbed)


def test_fresh_run_fetches_all_and_changes_nothing(home: Path, undisturbed: Path, source: Counted):
    again = run(home, is_fresh=True)
    assert (source.feeds, again.games_fetched) == (GAMES, GAMES)
    assert_same_stores(home, undisturbed)


def test_chunks_have_at_most_ten_days(undisturbed: Path):
    ticks = LocalBus(undisturbed / "queue.sqlite").published_on("data-collection-trigger")
    days = [(tick["first"], tick["last"]) for tick in (json.loads(event.data) for event in ticks)]
    assert days == [
        (OPENING, str(day(FIRST_CHUNK_END))),
        (str(day(FIRST_CHUNK_END + 1)), str(day(DAYS))),
    ]


def test_limit_fetches_so_many_games_and_the_next_run_the_rest(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    planned = plan_dry_run(options(home, limit=5), now)
    source.paths.clear()
    first = run(home, limit=5)
    assert (planned.games_to_fetch, first.games_fetched, source.feeds) == (5, 5, 5)
    assert planned.requests == len(source.paths) == first.requests
    second = run(home)
    assert (second.games_stored, second.games_fetched, source.feeds) == (5, GAMES - 5, GAMES)
    with opened(home) as ours, opened(undisturbed) as theirs:
        count = (
            "select count(*) as n from mlb_historical_data.plate_appearances where game_date >= '2026-01-01'"
        )
        assert ours.query_rows(count).item() == theirs.query_rows(count).item()


def test_limit_that_divides_a_day_raises_no_alert(tmp_path: Path, source: Counted):
    home = tmp_path / "home"
    run(home, limit=5)
    assert list_alerts(home) == []
    assert "1 game of 2026-03-30" in read_status(home)["missing"]


def test_range_collects_its_days_alone(tmp_path: Path, source: Counted):
    done = run(tmp_path / "home", first=day(3), last=day(4))
    assert (done.days, done.games_expected, source.feeds) == (2, 2 * GAMES_A_DAY, 2 * GAMES_A_DAY)


def test_month_collects_its_days_alone(tmp_path: Path, source: Counted):
    done = run(tmp_path / "home", month=3)
    assert (done.days, source.feeds) == (4, 4 * GAMES_A_DAY)  # March 28 to 31


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({"first": day(1)}, "both --from and --to"),
        ({"first": day(2), "last": day(1)}, "--from not after --to"),
        ({}, "expected the days to backfill"),
        ({"first": day(1), "last": day(2), "month": 4}, "--season with --month"),
        ({"first": day(1), "last": day(2), "seasons": (SEASON,)}, "--from and --to, got both"),
        ({"seasons": (1800,)}, "expected days of 1876 to 2100, got the year 1800"),
        ({"seasons": (2016, 99999)}, "got the year 99999"),
        ({"seasons": (-5,)}, "got the year -5"),
        ({"first": date(1, 1, 1), "last": date(1, 1, 2)}, "got the year 1"),
    ],
)
def test_days_that_are_not_clear_are_refused(tmp_path: Path, chosen: dict[str, Any], expected: str):
    with pytest.raises(UserError, match=expected):
        backfill.check_options(BackfillOptions(**{"seasons": (), "data": Path(), "home": tmp_path} | chosen))


def test_dry_run_refuses_what_the_run_refuses(tmp_path: Path):
    file = tmp_path / "home"
    file.write_text("")
    with pytest.raises(UserError, match="expected a folder for the stores, got a file"):
        plan_dry_run(options(file), now)
    with pytest.raises(UserError, match="expected a folder for the stores, got a file"):
        run(file)


# ---------------------------------------------------------------- crashes


def test_killed_at_random_moments_leaves_equal_stores(tmp_path: Path, undisturbed: Path, source: Counted):
    writes = json.loads(in_process(tmp_path / "counted", source).stdout)["writes"]
    draws, home = random.Random(15), tmp_path / "home"
    for _ in range(KILLS):
        ended = in_process(home, source, "--die-at", str(draws.randint(1, writes)))
        assert ended.returncode in (-9, 0), ended.stderr
        if ended.returncode == 0:  # all was stored before that write: on to other stores
            assert_same_stores(home, undisturbed)
            home = tmp_path / f"home-{draws.random()}"
    assert in_process(home, source).returncode == 0
    assert_same_stores(home, undisturbed)


def test_next_run_finishes_an_interrupted_chunk_from_the_archive(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    gate = die_at_feed(home, source, 12)
    assert gate.returncode == -9
    archived = len({path for path in (home / "objects/raw").rglob("*.zst") if path.parent.name.isdecimal()})
    source.paths.clear()
    seen = list[Progress]()
    done = backfill.run_backfill(options(home), seen.append, now)
    assert done.finished_earlier is not None
    assert done.finished_earlier.days == (f"{OPENING} to {day(FIRST_CHUNK_END)}",)
    assert done.games_from_archive == archived > 0
    finishing = [progress for progress in seen if not progress.of_games]
    assert {progress.seconds_left for progress in finishing} == {None}
    assert done.finished_earlier.days[0] in {one.chunk for one in finishing if one.phase == "planning"}
    assert source.feeds == GAMES - archived
    assert_same_stores(home, undisturbed)


def die_at_feed(home: Path, source: Counted, number: int) -> "subprocess.CompletedProcess[str]":
    """Kill a backfill while the source is asked for a certain feed."""
    command = [sys.executable, "-m", "tests.pipeline.backfill_process", str(home), source.url, str(DAYS)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    source.before_feed = lambda at: running.kill() if at == number else None
    out, err = running.communicate(timeout=PATIENCE)
    source.before_feed = lambda _number: None
    return subprocess.CompletedProcess(command, running.returncode, out, err)


def test_corrupt_ledger_is_compared_with_the_stores_again(home: Path, undisturbed: Path, source: Counted):
    for name in (home / "objects/backfill").rglob("*.json"):
        name.write_bytes(name.read_bytes()[:-3])
    again = run(home)
    assert (source.feeds, again.games_stored, again.status) == (0, GAMES, "done")
    assert backfill_control.read_progress(home)["state"] == "done"
    assert_same_stores(home, undisturbed)


def test_corrupt_coverage_is_named_by_the_report(home: Path):
    (home / f"objects/coverage/{SEASON}.json").write_bytes(b"{")
    (missing,) = read_season_report(home, SEASON).missing
    assert f"coverage/{SEASON}.json is missing or corrupt" in missing.reason


def test_corrupt_ledger_of_an_interrupted_chunk_loses_nothing(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    die_at_feed(home, source, 12)
    (begun,) = (home / "objects/backfill").rglob("begun.json")
    begun.write_bytes(b"{}")
    run(home)
    assert_same_stores(home, undisturbed)


def test_full_disk_ends_the_run_and_the_next_one_continues(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    ended = in_process(home, source, "--largest-file", "400000")
    assert ended.returncode == 1
    assert "File too large" in ended.stderr
    run(home)
    assert_same_stores(home, undisturbed)


def test_unavailable_game_is_reported_and_fetched_by_the_next_run(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    game = min(int(path.split("/")[4]) for path in _feeds_of(undisturbed))
    source.faults.replace([Fault(f"/game/{game}/feed/live", "not_found", 50)])
    first = run(home)
    assert first.games_failed == (game,)
    missing = {one.game_pk: one.reason for one in read_season_report(home, SEASON).missing}
    assert "could not be fetched" in missing[game]
    source.faults.replace([])
    source.paths.clear()
    second = run(home)
    assert (second.games_fetched, source.feeds) == (1, 1)
    assert game not in {one.game_pk for one in read_season_report(home, SEASON).missing}


def _feeds_of(home: Path) -> list[str]:
    with opened(home) as warehouse:
        games = warehouse.query_rows("select game_pk from mlb_historical_data.games_historical")["game_pk"]
    return [f"/api/v1.1/game/{game}/feed/live" for game in games]


# ---------------------------------------------------------------- steering from another process


def test_stop_from_another_process_ends_between_games_and_the_next_run_continues(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    orders: list[subprocess.CompletedProcess[str]] = []
    is_ordered = Event()

    def stop(at: int) -> None:
        if at == 5:
            orders.append(console(home, "stop"))
            is_ordered.set()
        elif at > 5:
            is_ordered.wait(PATIENCE)

    source.before_feed = stop
    stopped = run(home, workers=2)
    assert orders[0].returncode == 0, orders[0].stderr
    assert stopped.status == "stopped"
    assert stopped.games_fetched in (5, 6)  # with the other worker's game under way
    assert backfill_control.read_progress(home)["state"] == "stopped"
    done = run(home)
    assert (done.status, done.games_from_archive) == ("done", stopped.games_fetched)
    assert source.feeds == GAMES
    assert_same_stores(home, undisturbed)


def test_stop_at_the_last_game_leaves_the_features_to_the_next_run(
    tmp_path: Path, undisturbed: Path, source: Counted
):
    home = tmp_path / "home"
    source.before_feed = lambda at: backfill_control.steer_backfill(home, "stop") if at == GAMES else None
    assert run(home, workers=1).status == "stopped"
    assert run(home).status == "done"
    assert source.feeds == GAMES
    assert_same_stores(home, undisturbed)


def test_pause_and_resume_from_another_process(tmp_path: Path, source: Counted):
    home, seen = tmp_path / "home", list[Progress]()

    def pause(at: int) -> None:
        if at == 5:
            assert console(home, "pause").returncode == 0

    def resume(progress: Progress) -> None:
        seen.append(progress)
        if progress.order == "pause":
            assert backfill_control.read_progress(home)["state"] == "paused"
            assert console(home, "resume").returncode == 0

    source.before_feed = pause
    done = backfill.run_backfill(options(home, workers=2), resume, now)
    assert done.games_fetched == GAMES
    assert "pause" in {progress.order for progress in seen}


def test_workers_and_pace_change_while_it_runs(tmp_path: Path, source: Counted):
    home, seen = tmp_path / "home", list[Progress]()
    answers = list[subprocess.CompletedProcess[str]]()
    words = ("tune", "--workers", "20", "--pace", "500")
    source.before_feed = lambda at: answers.append(console(home, *words)) if at == 3 else None
    done = backfill.run_backfill(options(home, workers=1), seen.append, now)
    assert done.games_fetched == GAMES
    assert answers[0].stdout.strip().endswith("20 workers, 500 requests a second")
    assert [(one.workers, one.pace) for one in (seen[0], seen[-1])] == [(1, None), (20, 500.0)]


def test_added_workers_fetch_at_the_same_time(tmp_path: Path, source: Counted):
    home, ten, most = tmp_path / "home", Barrier(10), 0
    under_way: set[int] = set()

    def feed(at: int) -> None:
        nonlocal most
        under_way.add(at)
        most = max(most, len(under_way)) if at < 6 else most
        if at == 6:
            backfill_control.steer_backfill(home, workers=16)
        elif 6 < at <= 16:
            ten.wait(PATIENCE)  # ten feeds are requested at a time, or nobody goes on
        under_way.discard(at)

    source.before_feed = feed
    assert run(home, workers=2).games_fetched == GAMES
    assert most <= 2


def test_orders_without_a_running_backfill_are_refused(home: Path):
    ended = console(home, "pause")
    assert ended.returncode == 1
    assert "no backfill is running here" in ended.stderr


def test_second_backfill_at_once_is_refused(tmp_path: Path, source: Counted):
    home = tmp_path / "home"
    second: list[subprocess.CompletedProcess[str]] = []
    words = ("--season", str(SEASON))
    source.before_feed = lambda at: second.append(console(home, *words)) if at == 3 else None
    run(home)
    assert second[0].returncode == 3
    assert f"{home} is in use by the run of process {os.getpid()}" in second[0].stderr
    assert backfill_control.read_progress(home)["state"] == "done"


# ---------------------------------------------------------------- the coverage report


def test_report_counts_by_month_and_compares_sums(undisturbed: Path):
    report = read_season_report(undisturbed, SEASON)
    assert [(one.month, one.final) for one in report.months] == [("2026-03", 8), ("2026-04", 20)]
    total = report.total
    assert (total.scheduled, total.final, total.collected, total.graded) == (GAMES,) * 4
    assert (total.starts, total.strikeouts_agree, total.scores_agree) == (2 * GAMES, 2 * GAMES, GAMES)
    assert (total.lineups, report.disagreeing, report.expected) == (GAMES, (), 2430)
    with opened(undisturbed) as warehouse:
        for name, count in (
            ("plate_appearances", total.plate_appearances),
            ("statcast_pitches", total.pitches),
        ):
            where = "game_date >= '2026-01-01'" + " and is_plate_appearance" * (name == "plate_appearances")
            counted = warehouse.query_rows(
                f"select count(*) as n from mlb_historical_data.{name} where {where}"
            )
            assert counted.item() == count > 0


def test_report_is_printed_as_table_and_json(undisturbed: Path):
    table = console(undisturbed, "report", "--season", str(SEASON))
    assert f"Season {SEASON}: {GAMES} of 2,430 games collected" in table.stdout
    assert "2026-04" in table.stdout
    as_json = console(undisturbed, "report", "--season", str(SEASON), "--json")
    assert json.loads(as_json.stdout)["coverage"]["total"]["collected"] == GAMES


def test_report_of_a_season_that_is_not_there_names_the_command(undisturbed: Path):
    ended = console(undisturbed, "report", "--season", "2015")
    assert (ended.returncode, "hankstank backfill --season 2015" in ended.stderr) == (1, True)
