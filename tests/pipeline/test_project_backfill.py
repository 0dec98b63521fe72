"""A backfill of a project: six services as processes on emulators, the command killed and run again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from hankstank.dev.emulators.command import EmulatorAbsent
from hankstank.dev.local_cluster.cluster import LocalCluster
from hankstank.dev.local_cluster.process_specs import ClusterOptions
from hankstank.dev.local_cluster.up import start_cluster, stop_cluster
from hankstank.local import backfill
from hankstank.local.backfill import BackfillOptions
from hankstank.local.run_plan import tick_time
from hankstank.local.subprocesses import environment
from hankstank.ops import backfill_control, project_backfill
from hankstank.ops.backfill_report import read_season_report
from hankstank.ops.project_lane import Patience
from services.collector import backfill_ledger
from services.collector.backfill_job import BackfillResult
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.errors import UserError
from shared.modeling.registry import current_release
from shared.ports import Ports
from shared.runtime.data_world import DataWorld, write_world
from shared.runtime.ports_factory import create_ports
from tests.patience import PATIENCE, wait_until
from tests.pipeline.machine import Outside, assert_equal_tables, outside
from tests.pipeline.worlds import SEASON, day, small_world

ROOT = Path(__file__).parents[2]
DAYS, GAMES_A_DAY = 13, 1
SOURCES = ("MLB_API_URL", "SAVANT_URL", "WEATHER_URL")
STORED = ("mlb_historical_data", "mlb_features")
COMMANDS = (1, 2), (3, DAYS)  # days of the first command, and of the one that is killed: two chunks


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("outside"), small_world(DAYS, GAMES_A_DAY)) as world:
        world.dawn_after(DAYS)
        yield world


@pytest.fixture(scope="module")
def cluster(around: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    home = tmp_path_factory.mktemp("cluster")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("hankstank.dev.local_cluster.up._START_TIMEOUT", PATIENCE)
            patch.setenv("HANKSTANK_LEAK_CHECK_SAMPLES", "1")  # the emulator takes minutes for more
            patch.setattr(project_backfill, "PATIENCE", Patience(1.0, 2.0, PATIENCE, PATIENCE))
            started = start_cluster(ClusterOptions(home, simulator_url=around.url))[0]
            with environment(started.env):
                objects = create_ports(started.settings).objects
                write_world(objects, DataWorld(started.label, tick_time(day(DAYS))))
                yield started
    except EmulatorAbsent as error:
        pytest.skip(str(error))
    finally:
        stop_cluster(home)


@pytest.fixture(scope="module")
def ports(cluster: LocalCluster) -> Ports:
    return create_ports(cluster.settings)


@pytest.fixture(scope="module")
def ticks(cluster: LocalCluster) -> Iterator["Ticks"]:
    with closing(httpx.Client(base_url=f"http://{cluster.pubsub_host}/v1/", trust_env=False)) as emulator:
        yield Ticks(emulator, cluster.project)


class Ticks:
    """The ticks published in the backfill lane, by a subscription of the test."""

    def __init__(self, emulator: httpx.Client, project: str) -> None:
        self._emulator, self._runs = emulator, list[str]()
        self._name = f"projects/{project}/subscriptions/test-{uuid4().hex[:8]}"
        topic = f"projects/{project}/topics/backfill.data-collection-trigger"
        emulator.put(self._name, json={"topic": topic}).raise_for_status()

    def runs(self) -> list[str]:
        """Return the runs of all ticks so far."""
        request = {"maxMessages": 100, "returnImmediately": True}
        pulled = self._emulator.post(f"{self._name}:pull", json=request).raise_for_status().json()
        for one in pulled.get("receivedMessages", []):
            self._runs.append(one["message"]["attributes"]["run_id"])
            self._emulator.post(f"{self._name}:acknowledge", json={"ackIds": [one["ackId"]]})
        return sorted(self._runs)


def options(home: Path, first: int, last: int, **chosen: Any) -> BackfillOptions:
    return BackfillOptions((), Path(), home, first=day(first), last=day(last), **chosen)


def run(cluster: LocalCluster, first: int, last: int, **chosen: Any) -> BackfillResult:
    return project_backfill.run_backfill(options(cluster.home, first, last, **chosen), lambda _: None)


def console(cluster: LocalCluster, *words: str) -> list[str]:
    return [sys.executable, "-m", "hankstank", "backfill", *words, "--home", str(cluster.home)]


def received(cluster: LocalCluster, service: str) -> int:
    """Return how many pushes a service was sent."""
    return cluster.process_specs[service].log.read_bytes().count(b'"delivery"')


def test_dry_run_says_what_the_backfill_then_does(cluster: LocalCluster, ports: Ports, ticks: Ticks):
    dry = project_backfill.plan_dry_run(options(cluster.home, 1, 2))
    assert ports.objects.list_names("backfill/") == []
    done = run(cluster, 1, 2)
    assert (done.status, done.chunks, done.games_fetched) == ("done", 1, 2 * GAMES_A_DAY)
    for name in ("days", "games_expected", "games_stored", "games_to_fetch", "requests", "chunks"):
        assert getattr(done, name) == getattr(dry, name), name
    assert len(ticks.runs()) == 1


def test_command_killed_between_publication_and_load_is_finished_by_the_next(
    cluster: LocalCluster, ports: Ports, ticks: Ticks, tmp_path: Path
):
    words = ("--from", str(day(3)), "--to", str(day(DAYS)))
    with (tmp_path / "output").open("wb") as output:
        command = subprocess.Popen(console(cluster, *words), cwd=ROOT, stdout=output, stderr=output)
        published = lambda: len(_published(ports)) == 2 or command.poll() is not None  # noqa: E731
        assert wait_until(published, PATIENCE)
        command.send_signal(signal.SIGKILL)
        command.wait()
    (left,) = backfill_ledger.unfinished_chunks(ports.objects, "mlb")
    assert (left.first, left.last) == (day(3), day(12)), (tmp_path / "output").read_text()
    assert backfill_control.read_progress(cluster.home)["state"] == "interrupted"
    with pytest.raises(UserError, match=f"{cluster.project}: no backfill is running"):
        backfill_control.steer_backfill(cluster.home, "stop")
    done = run(cluster, 3, DAYS)
    assert (done.status, done.chunks, done.games_failed, done.games_not_stored) == ("done", 1, (), ())
    assert done.finished_earlier is not None
    assert done.finished_earlier.days == (f"{day(3)} to {day(12)}",)
    assert done.games_fetched == (DAYS - 2) * GAMES_A_DAY
    assert len(set(ticks.runs())) == len(ticks.runs()) == 3


def _published(ports: Ports) -> list[str]:
    return [name for name in ports.objects.list_names("backfill/") if name.endswith("/published.json")]


def test_second_run_publishes_nothing(cluster: LocalCluster, ticks: Ticks, around: Outside):
    before = ticks.runs()
    done = run(cluster, 1, DAYS)
    assert (done.status, done.games_to_fetch, done.chunks, ticks.runs()) == ("done", 0, 0, before)
    assert (done.games_expected, done.games_stored) == (DAYS * GAMES_A_DAY,) * 2


def test_trainer_and_api_receive_nothing(cluster: LocalCluster, ports: Ports):
    assert wait_until(lambda: received(cluster, "features") >= 3, PATIENCE)
    assert (received(cluster, "trainer"), received(cluster, "predict_api")) == (0, 0)
    assert current_release(ports.objects) is None


def test_tables_are_those_of_a_backfill_on_one_machine(
    ports: Ports, around: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in SOURCES:
        monkeypatch.setenv(f"HANKSTANK_{name}", around.url)
    monkeypatch.delenv("HANKSTANK_PROJECT")
    for first, last in COMMANDS:
        backfill.run_backfill(options(tmp_path / "home", first, last), lambda _: None, around.clock)
    with closing(DuckDbWarehouse(tmp_path / "home" / "warehouse.duckdb")) as warehouse:
        assert_equal_tables(ports.warehouse, warehouse, *STORED)


def test_status_and_report_are_printed(cluster: LocalCluster, tmp_path: Path):
    def printed(*words: str) -> Any:
        ended = subprocess.run(
            console(cluster, *words, "--json"), cwd=ROOT, capture_output=True, text=True, check=True
        )
        return json.loads(ended.stdout)

    assert printed("status")["state"] == "done"
    report = printed("report", "--season", str(SEASON), "--out", str(tmp_path))
    total = report["coverage"]["total"]
    assert (total["final"], total["collected"], total["graded"]) == (DAYS * GAMES_A_DAY,) * 3
    assert read_season_report(cluster.home, SEASON).disagreeing == ()


def test_train_publishes_the_newest_load_in_the_live_lane(cluster: LocalCluster, ports: Ports):
    assert run(cluster, 1, DAYS, trains=True).status == "done"
    assert wait_until(lambda: received(cluster, "trainer") > 0, PATIENCE)
    assert current_release(ports.objects) is not None


def test_source_of_one_machine_is_refused(cluster: LocalCluster):
    with pytest.raises(UserError, match="expected no --source retrosheet: HANKSTANK_PROJECT names"):
        run(cluster, 1, 2, source="retrosheet")
    assert os.environ["HANKSTANK_PROJECT"] == cluster.project
