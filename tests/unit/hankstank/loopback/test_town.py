"""A town is remembered as it was, and says which of its rooms have ended."""

import os
from pathlib import Path

import pytest

from hankstank.dev.local_cluster import process_specs
from hankstank.dev.local_cluster.cluster import Town, running, standing, surrounded
from hankstank.dev.local_cluster.process_specs import Choice
from hankstank.dev.local_cluster.up import DidNotStart, down, up
from shared.errors import CannotDo
from shared.runtime.services import rooms


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return process_specs.plan(Choice(tmp_path))


def test_what_is_saved_is_remembered(town: Town, tmp_path: Path):
    town.save()
    assert standing(tmp_path) == town


def test_nothing_is_remembered_of_a_new_folder(tmp_path: Path):
    assert standing(tmp_path) is None


def test_a_town_that_was_never_started_does_not_run(tmp_path: Path):
    with pytest.raises(CannotDo, match="nothing runs there: `hankstank up`"):
        running(tmp_path)


def test_ended_residents_are_named_with_their_logs(town: Town, tmp_path: Path):
    town.save()
    with pytest.raises(CannotDo, match=r"trainer has ended, see .*trainer\.log"):
        running(tmp_path)


def test_taking_down_nothing_is_no_error(tmp_path: Path):
    assert down(tmp_path) == []


def test_surroundings_are_left_as_they_were(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HERE", "before")
    monkeypatch.delenv("THERE", raising=False)
    with surrounded({"HERE": "inside", "THERE": "inside"}):
        assert (os.environ["HERE"], os.environ["THERE"]) == ("inside", "inside")
    assert (os.environ["HERE"], os.environ.get("THERE")) == ("before", None)


def test_every_resident_has_a_port_of_its_own(town: Town):
    ports = [one.port for one in town.residents.values()]
    assert len(set(ports)) == len(rooms()) + 4


def test_rooms_listen_on_loopback_alone(town: Town):
    hosts = {
        town.residents[name].command[town.residents[name].command.index("--host") + 1] for name in rooms()
    }
    assert hosts == {"127.0.0.1"}


def test_the_api_is_pushed_beside_its_questions(town: Town):
    endpoints = process_specs.push_endpoints(town)
    assert endpoints["predict_api"] == f"{town.address('predict_api')}/events"


def test_rooms_with_long_work_start_jobs(town: Town):
    jobs = {name: town.residents[name].environment.get("HANKSTANK_JOB") for name in rooms()}
    assert {name for name, job in jobs.items() if job} == {"features", "trainer"}


def test_a_start_that_fails_shows_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HANKSTANK_EMULATORS", str(tmp_path / "nowhere"))
    with pytest.raises(DidNotStart, match=r"EmulatorAbsent.*make emulators"):
        up(Choice(tmp_path / "home"))
    assert standing(tmp_path / "home") is None
