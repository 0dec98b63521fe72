"""A town is remembered as it was, and says which of its rooms have ended."""

from pathlib import Path

import pytest

from hankstank.dev.emulators.command import EmulatorAbsent, EmulatorCommand
from hankstank.dev.local_cluster import process_specs
from hankstank.dev.local_cluster.cluster import LocalCluster, load_cluster, load_running_cluster
from hankstank.dev.local_cluster.process_specs import ClusterOptions
from hankstank.dev.local_cluster.up import start_cluster, stop_cluster
from shared.errors import UserError
from shared.runtime.services import load_services


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalCluster:
    """Return a planned cluster, also on a machine without emulators."""
    for name in ("pubsub_command", "storage_command", "bigquery_command"):
        monkeypatch.setattr(process_specs, name, _fake_command)
    return process_specs.plan_cluster(ClusterOptions(tmp_path))


def _fake_command(*arguments: object) -> EmulatorCommand:
    port = next(one for one in arguments if isinstance(one, int))
    return EmulatorCommand(("true",), f"http://127.0.0.1:{port}", "/")


def test_what_is_saved_is_remembered(town: LocalCluster, tmp_path: Path):
    town.save_state()
    assert load_cluster(tmp_path) == town


def test_nothing_is_remembered_of_a_new_folder(tmp_path: Path):
    assert load_cluster(tmp_path) is None


def test_a_town_that_was_never_started_does_not_run(tmp_path: Path):
    with pytest.raises(UserError, match="no cluster runs there: run `hankstank cluster start`"):
        load_running_cluster(tmp_path)


def test_ended_residents_are_named_with_their_logs(town: LocalCluster, tmp_path: Path):
    town.save_state()
    with pytest.raises(UserError, match=r"trainer has ended, see .*trainer\.log"):
        load_running_cluster(tmp_path)


def test_taking_down_nothing_is_no_error(tmp_path: Path):
    assert stop_cluster(tmp_path) == []


def test_every_resident_has_a_port_of_its_own(town: LocalCluster):
    ports = [one.address.rpartition(":")[2] for one in town.process_specs.values()]
    assert len(set(ports)) == len(load_services()) + 4


def test_rooms_listen_on_loopback_alone(town: LocalCluster):
    hosts = {
        town.process_specs[name].command[town.process_specs[name].command.index("--host") + 1]
        for name in load_services()
    }
    assert hosts == {"127.0.0.1"}


def test_the_api_is_pushed_beside_its_questions(town: LocalCluster):
    endpoints = process_specs.push_endpoints(town)
    assert endpoints["predict_api"] == f"{town.address_of('predict_api')}/events"


def test_rooms_with_long_work_start_jobs(town: LocalCluster):
    jobs = {name: town.process_specs[name].environment.get("HANKSTANK_RUN_JOB") for name in load_services()}
    assert {name for name, job in jobs.items() if job} == {"features", "trainer"}


def test_a_start_that_fails_shows_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HANKSTANK_EMULATORS", str(tmp_path / "nowhere"))
    monkeypatch.setattr(process_specs, "pubsub_command", _fake_command)
    with pytest.raises(EmulatorAbsent, match="make emulators"):
        start_cluster(ClusterOptions(tmp_path / "home"))
    assert load_cluster(tmp_path / "home") is None
