"""Six rooms as processes on emulators: the tables of one machine, also when a room is killed, and no storms."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import httpx
import msgspec
import pytest

from hankstank.dev.emulators import topics
from hankstank.dev.emulators.command import EmulatorAbsent
from hankstank.dev.local_cluster import process_specs, processes
from hankstank.dev.local_cluster.cluster import BIGQUERY, LocalCluster
from hankstank.dev.local_cluster.process_specs import ClusterOptions
from hankstank.dev.local_cluster.stub_scorer import ReceivedMessage, StubScorer
from hankstank.dev.local_cluster.tick import TickOptions, run_tick
from hankstank.dev.local_cluster.trace import Hop
from hankstank.dev.local_cluster.up import start_cluster, stop_cluster
from hankstank.local.subprocesses import environment
from shared.adapters.gcp.pubsub_bus import PubSubBus
from shared.errors import UserError
from shared.messaging import envelope
from shared.messaging.events import DataLoaded, DataValidated, Event
from shared.ports import Warehouse
from shared.runtime.ports_factory import create_ports
from shared.storage.day_results import load_day_results
from shared.storage.forecast_objects import load_day_forecasts
from shared.storage.tables import get_table
from tests.contracts.refusing_server import Reply, google_error, serving
from tests.emulators import answers
from tests.patience import PATIENCE
from tests.pipeline.machine import Machine, Outside, assert_equal_tables, machine, outside
from tests.pipeline.worlds import day, small_world

STORM = 4.0  # seconds in which the emulator would deliver a refused message at least once more
RETRY_AFTER = 10.0  # seconds to the second redelivery; the first comes after one, whatever is asked for
COMPARED = ("mlb_historical_data", "mlb_features")
HEARD_BY = {DataValidated.topic: "loader", DataLoaded.topic: "features"}


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside(tmp_path_factory.mktemp("outside"), small_world(6)) as world:
        yield world


@pytest.fixture(scope="module")
def town(around: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    home = tmp_path_factory.mktemp("town")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("hankstank.dev.local_cluster.up._START_TIMEOUT", PATIENCE)
            yield start_cluster(ClusterOptions(home, simulator_url=around.url))[0]
    except EmulatorAbsent as error:
        pytest.skip(str(error))
    finally:
        stop_cluster(home)


@pytest.fixture(scope="module")
def alone(around: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One machine on the same world, which nobody disturbs."""
    with machine(tmp_path_factory.mktemp("alone"), around) as undisturbed:
        yield undisturbed


@pytest.fixture
def warehouse(town: LocalCluster) -> Iterator[Warehouse]:
    with environment(town.env):
        yield create_ports(town.settings).warehouse


def finished_run(
    town: LocalCluster, number: int, tell: Callable[[Hop], object] = lambda _hop: None
) -> list[str]:
    """Tick the morning after a day and return the rooms that the run came through."""
    return [
        hop.service
        for hop in run_tick(TickOptions(town.home, day(number), idle_timeout=PATIENCE), tell)["hops"]
    ]


def test_six_processes_leave_the_tables_of_one_machine(
    town: LocalCluster, alone: Machine, warehouse: Warehouse
):
    came_through = finished_run(town, 4)
    alone.live(4)
    assert came_through == ["collector", "validator", "loader", "features", "trainer", "predict_api"]
    assert_equal_tables(warehouse, alone.rooms.ports.warehouse, *COMPARED)


def test_six_processes_store_forecasts_without_a_question_and_the_results_of_one_machine(
    town: LocalCluster, alone: Machine
):
    with environment(town.env):
        objects = create_ports(town.settings).objects
        results = load_day_results(objects, day(4))
    assert [one.game_date for one in load_day_forecasts(objects, day(5))] == [day(5)]
    assert results is not None
    assert results == load_day_results(alone.rooms.ports.objects, day(4))


def kill(town: LocalCluster, room: str) -> None:
    """Kill a process and its children, as a crash would."""
    os.killpg(town.processes[room].pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not town.is_running(room), PATIENCE)


def start(town: LocalCluster, room: str) -> None:
    """Start a process again and wait until it answers."""
    town.start_process(room)
    spec = town.process_specs[room]
    assert processes.wait_until(lambda: answers(f"{spec.address}{spec.health}"), PATIENCE)


def kill_at_work(town: LocalCluster, room: str, seen: int) -> None:
    """Kill a room that has asked the warehouse something since `seen` bytes of its log, and start it again."""
    assert processes.wait_until(lambda: b'"query"' in new_lines(town, room, seen), PATIENCE)
    kill(town, room)
    assert b'"delivery"' not in new_lines(town, room, seen)
    start(town, room)


def test_rooms_killed_at_work_change_nothing(town: LocalCluster, alone: Machine, warehouse: Warehouse):
    seen, killed = {room: log_size(town, room) for room in HEARD_BY.values()}, []

    def tell(hop: Hop) -> None:
        if (room := HEARD_BY.get(hop.topic)) is not None:
            kill_at_work(town, room, seen[room])
            killed.append(room)

    finished_run(town, 5, tell)
    alone.live(5)
    assert killed == ["loader", "features"]
    assert_equal_tables(warehouse, alone.rooms.ports.warehouse, *COMPARED)


def test_a_dead_room_is_named_with_its_log(town: LocalCluster):
    kill(town, "validator")
    with pytest.raises(UserError, match=r"validator has ended, see .*logs/validator\.log"):
        finished_run(town, 6)
    start(town, "validator")


def test_up_finds_what_runs(town: LocalCluster):
    again, is_new = start_cluster(ClusterOptions(town.home))
    assert (again.processes, is_new) == (town.processes, False)


def new_lines(town: LocalCluster, room: str, seen: int) -> bytes:
    return town.process_specs[room].log.read_bytes()[seen:]


def log_size(town: LocalCluster, room: str) -> int:
    return town.process_specs[room].log.stat().st_size


def deliveries(town: LocalCluster, room: str, seen: int, expected: int = 1) -> list[str]:
    """Return what became of each delivery to a room, in order, when a storm would have begun."""
    assert processes.wait_until(
        lambda: new_lines(town, room, seen).count(b'"delivery"') >= expected, PATIENCE
    )
    time.sleep(STORM)
    lines = [json.loads(line) for line in new_lines(town, room, seen).splitlines() if line.startswith(b"{")]
    return [line["outcome"] for line in lines if line["message"] == "delivery"]


def loaded(run_id: str) -> DataLoaded:
    now = datetime(2026, 4, 2, 6, tzinfo=UTC)
    return DataLoaded(run_id=run_id, occurred_at=now, dates=(day(1),), report="none", rows={}, partitions={})


def letters(scorer: StubScorer, expected: int = 1) -> list[ReceivedMessage]:
    """Wait for so many dead letters and return those that came."""
    heard: list[ReceivedMessage] = []

    def came() -> bool:
        heard.extend(one for one in scorer.receive_messages() if one.reason)
        return len(heard) >= expected

    assert processes.wait_until(came, PATIENCE)
    return heard


BAD = {
    "no event at all": (b"home run!", {}),
    "an unknown topic": (b"{}", {"topic": "data.invented"}),
    "an unknown version": (
        loaded("bad").model_dump_json().replace('"schema_version":1', '"schema_version":99').encode(),
        envelope.event_attributes(loaded("bad")),
    ),
}


def test_what_is_no_event_is_parked_after_one_delivery(town: LocalCluster):
    seen = log_size(town, "features")
    with environment(town.env), StubScorer(town) as scorer:
        for data, attributes in BAD.values():
            PubSubBus(town.project).send_message(DataLoaded.topic, data, attributes)
        assert deliveries(town, "features", seen, len(BAD)) == ["dead_letter"] * len(BAD)
        reasons = [one.reason.partition(":")[0] for one in letters(scorer, len(BAD))]
    assert reasons == ["UnknownEvent"] * len(BAD)


@dataclass
class Refusing:
    """How a BigQuery refuses, and the topic that the room on it listens to."""

    topic: str = "try.data.loaded"
    reply: Reply = field(default_factory=partial(Reply, 500))


def publish(town: LocalCluster, event: Event, topic: str = "") -> None:
    with environment(town.env):
        data, attributes = event.model_dump_json().encode(), envelope.event_attributes(event)
        PubSubBus(town.project).send_message(topic or event.topic, data, attributes)


@pytest.fixture(scope="module")
def refusing(town: LocalCluster) -> Iterator[Refusing]:
    """A second features room, whose BigQuery refuses everything; it listens to a topic of its own."""
    result = Refusing()
    with serving(lambda _asked: result.reply) as url:
        process = process_specs.plan_cluster(
            ClusterOptions(town.home, simulator_url=town.simulator_url)
        ).process_specs["features"]
        changed = process.environment | {"BIGQUERY_EMULATOR_HOST": url}
        log = process.log.with_name("refused.log")
        town.process_specs["refused"] = msgspec.structs.replace(
            process, name="refused", environment=changed, log=log
        )
        start(town, "refused")
        listen_to(town, result.topic, town.address_of("refused"))
        yield result


def listen_to(town: LocalCluster, topic: str, address: str) -> None:
    with httpx.Client(base_url=f"http://{town.pubsub_host}/v1/projects/{town.project}/") as emulator:
        emulator.put(f"topics/{topic}").raise_for_status()
        about = {"topic": f"projects/{town.project}/topics/{topic}", "pushConfig": {"pushEndpoint": address}}
        retry = {"retryPolicy": topics.RETRY, "ackDeadlineSeconds": topics.ACK_DEADLINE}
        emulator.put(f"subscriptions/{topic}--features", json=about | retry).raise_for_status()


def test_a_denied_permission_is_parked_after_one_delivery(town: LocalCluster, refusing: Refusing):
    refusing.reply = google_error(403, "Access Denied: dataset mlb_features", "accessDenied")
    seen = log_size(town, "refused")
    with StubScorer(town) as scorer:
        publish(town, loaded("denied"), refusing.topic)
        assert deliveries(town, "refused", seen) == ["dead_letter"]
        assert "grant roles/bigquery" in letters(scorer)[0].reason


def test_a_used_up_quota_is_asked_again_slowly(town: LocalCluster, refusing: Refusing):
    refusing.reply = google_error(403, "Quota exceeded: too many table updates", "quotaExceeded")
    seen, began = log_size(town, "refused"), time.monotonic()
    with StubScorer(town) as scorer:
        publish(town, loaded("used up"), refusing.topic)
        outcomes = deliveries(town, "refused", seen, 2)
        assert set(outcomes) == {"unavailable"}
        assert len(outcomes) <= 2 + (time.monotonic() - began) // RETRY_AFTER
        assert letters(scorer, 0) == []


def test_a_missing_table_is_parked_after_one_delivery(town: LocalCluster, warehouse: Warehouse):
    seen = log_size(town, "features")
    tables = f"{town.address_of(BIGQUERY)}/bigquery/v2/projects/{town.project}/datasets/mlb_features/tables"
    with StubScorer(town) as scorer:
        httpx.delete(f"{tables}/league_states").raise_for_status()
        publish(town, loaded("missing"))
        assert deliveries(town, "features", seen) == ["dead_letter"]
        assert "league_states" in letters(scorer)[0].reason
    warehouse.ensure_table(get_table("league_states"))
