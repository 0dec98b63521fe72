"""Mornings of a live league: a report for each, sent once, equal to what the warehouse has of the day."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from pydantic import SecretStr

from hankstank.dev.cost import load
from hankstank.live.clocks import SimulatedTime
from hankstank.live.jobs import LiveJobs
from hankstank.live.ledger import JobRun, Occurrences
from hankstank.live.schedules import Schedule
from hankstank.live.service import LiveService
from hankstank.local.run_plan import tick_time
from hankstank.local.subprocesses import ROOT
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.adapters.local.folder_store import FolderStore
from shared.storage.daily_reports import DailyReport, list_report_days, load_report
from tests.loopback_targets import HttpTarget, http_target
from tests.pipeline.live_process import LABEL, backfilled, schedules, settings_of
from tests.pipeline.machine import Outside, machine, outside
from tests.pipeline.worlds import day, small_world
from tests.sql_statements import SQL_FILES

LAST = 8
HOUR = timedelta(hours=1)
NIGHTLY = ("daily", "check", "grade", "report")


def live(
    home: Path, world: Outside, target: HttpTarget, until: datetime, start: datetime | None = None
) -> None:
    """Let a home live by its nightly schedules and its report, from `start` or where it was left."""
    settings = settings_of(str(home), world.url)
    begins = start or backfilled(settings, world.url)
    settings = settings.model_copy(update={"notify": SecretStr(f"json://{target.address}/key")})

    def move(now: datetime) -> None:
        world.bodies.now = now

    move(begins)
    clock = SimulatedTime(begins, None, lambda _seconds: None, move)
    LiveService(LiveJobs(settings, clock, LABEL, world.url), nightly(), clock).run(until)


def nightly() -> Mapping[str, Schedule]:
    return {name: replace(one, covers=()) for name, one in schedules("all").items() if name in NIGHTLY}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("outside"), small_world(LAST)) as around:
        yield around


@pytest.fixture(scope="module")
def home(world: Outside, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three mornings, a sleep of two days, and another morning."""
    home = tmp_path_factory.mktemp("home") / "home"
    with http_target() as target:
        live(home, world, target, tick_time(day(5)) + 8 * HOUR)
        back = tick_time(day(7)) + HOUR
        live(home, world, target, back + 12 * HOUR, back)
        (home / "titles.txt").write_text("\n".join(body["title"] for _, body in target.received))
    return home


def reports(home: Path) -> list[DailyReport]:
    objects = FolderStore(home / "objects")
    return [report for one in reversed(list_report_days(objects)) if (report := load_report(objects, one))]


def test_every_morning_has_one_report_that_is_sent_once(home: Path) -> None:
    mornings = [day(n) for n in (3, 4, 5, 6, 8)]
    assert [one.day for one in reports(home)] == mornings
    titles = (home / "titles.txt").read_text().splitlines()
    sent = [title for title in titles if "report of" in title]
    states = ["all well", "all well", "1 thing needs you", "all well", "all well"]
    assert sent == [
        f"Hank's Tank: report of {one}: {state}" for one, state in zip(mornings, states, strict=True)
    ]
    # Models of single players came before that of the winner: on one day no game was forecast.
    assert reports(home)[2].attention == (f"forecasts of {day(4)}: 0 of 3 exist",)


def test_a_report_covers_the_days_since_the_one_before(home: Path) -> None:
    assert [(one.first_day, one.last_day) for one in reports(home)] == [
        *((day(n), day(n)) for n in (2, 3, 4, 5)),
        (day(6), day(7)),
    ]
    assert [one.collection.games for one in reports(home)[1:]] == [3, 3, 3, 6]
    assert [len(one.day_scores) for one in reports(home)] == [1, 1, 1, 1, 2]
    assert all(one.collection.grades.keys() == {"A"} and one.collection.requests for one in reports(home))


def test_games_and_scores_are_those_of_the_warehouse(home: Path, world: Outside) -> None:
    with machine(home, world) as held:
        stored = held.rows("games_historical").filter(pl.col("status") == "Final")
    columns = ("game_pk", "away_score", "home_score")
    for one in reports(home):
        rows = stored.filter(pl.col("game_date") == one.last_day).select(columns).sort("game_pk").rows()
        assert sorted((game.game_pk, game.away_score, game.home_score) for game in one.games) == rows
        assert len(rows) == 3


def test_the_record_is_that_of_the_scored_forecasts(home: Path, world: Outside) -> None:
    last = reports(home)[-1]
    with machine(home, world) as held:
        scored = held.rows("grades").filter(
            ~pl.col("is_challenger") & (pl.col("target") == "pitcher_strikeouts")
        )
    week = next(one for one in last.record if one.window == "7 days" and "Strikeouts" in one.title)
    assert week.forecasts == scored.height > 0
    assert week.log_loss == pytest.approx(scored["log_loss"].mean())
    assert week.mean_miss == pytest.approx((scored["mean"] - scored["actual"]).abs().mean())
    assert len(last.starters) == 6


def test_models_are_new_once_and_stores_grow(home: Path) -> None:
    changed = [change.target for one in reports(home) for change in one.model_changes]
    assert len(changed) == len(set(changed)) > 0
    sizes = [{one.kind: one.bytes for one in report.stores} for report in reports(home)]
    assert all(later["objects: raw"] > earlier["objects: raw"] for earlier, later in pairwise(sizes))
    assert all(one.outlook.games == 3 for one in reports(home)[1:-1])


def test_a_refresh_runs_the_statements_that_the_bill_counts(
    home: Path, world: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, ran, merged = shutil.copytree(home, tmp_path / "home"), [], []
    query_rows, merge_rows = DuckDbWarehouse.query_rows, DuckDbWarehouse.merge_rows
    monkeypatch.setattr(
        DuckDbWarehouse,
        "query_rows",
        lambda self, sql, **given: ran.append(sql) or query_rows(self, sql, **given),
    )
    monkeypatch.setattr(
        DuckDbWarehouse,
        "merge_rows",
        lambda self, table, *given: merged.append(table.name) or merge_rows(self, table, *given),
    )
    world.bodies.now = now = tick_time(day(8)) - 11 * HOUR
    jobs = LiveJobs(settings_of(str(copy), world.url), lambda: now, LABEL, world.url)
    jobs.run(schedules("all")["weather"], JobRun("weather", "weather-1", Occurrences(now, now, 1)))
    counted = load.read_json("hankstank/dev/cost/queries.json")["refresh"]
    assert {path for path in SQL_FILES if any(sql.startswith(first_line(path)) for sql in ran)} == set(
        counted["files"]
    )
    assert {"weather_forecasts", "forecasts", "grades"} <= set(merged) <= set(counted["merges"])


def first_line(path: str) -> str:
    """Return the comment that heads a SQL file: it is in every statement that is made of it."""
    return (ROOT / path).read_text().partition("\n")[0]
