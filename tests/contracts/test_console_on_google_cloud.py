"""The console on a project: its objects in Cloud Storage, its dead letters on Pub/Sub, nothing of this machine."""

import json

import pytest
from typer.testing import CliRunner

from hankstank.cli.app import app
from hankstank.dev.emulators.topics import create_topology
from shared.adapters.gcp.cloud_storage import CloudStorageStore
from shared.adapters.gcp.pubsub_bus import PubSubBus
from shared.adapters.gcp.pubsub_clients import create_publisher
from shared.messaging.envelope import Message, event_attributes, push_body
from tests.contracts.emulated import make_buckets, storage_client
from tests.contracts.event_bus import COLLECTED, NOON
from tests.unit.services.predict_api.release_store import fill

# Google's client leaves connections of refused downloads and of clients it made itself to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

REASON = "ObjectCorrupted: the bytes are not the bytes that were written"


@pytest.fixture
def platform(pubsub_host, storage_url, project, monkeypatch):
    """A project with a release in its buckets and one dead letter."""
    for name, value in {"PUBSUB_EMULATOR_HOST": pubsub_host, "STORAGE_EMULATOR_HOST": storage_url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HANKSTANK_PROJECT", project)
    create_topology(project, {}, pubsub_host)
    with storage_client(storage_url) as client:
        make_buckets(client, project)
        fill(CloudStorageStore(project, project, client))
    requested = create_publisher(pubsub_host)
    reported = Message(COLLECTED.model_dump_json().encode(), event_attributes(COLLECTED), "1", NOON)
    PubSubBus(project, client=requested).dead_letter(
        push_body(reported, "data.collected--validator", 1), REASON, "data.collected--validator"
    )
    requested.transport.close()
    return project


def reported(*words, tmp_path):
    result = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "nowhere"), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_lists_models_of_the_project(platform, tmp_path):
    assert {one["target"] for one in reported("models", "list", tmp_path=tmp_path)} >= {"home_win"}


def test_status_counts_dead_letters_of_the_project(platform, tmp_path):
    status = reported("status", tmp_path=tmp_path)
    assert (status["dead_letters"], status["waiting"]) == (1, None)


def test_dead_letter_is_shown_and_announced_again(platform, tmp_path):
    (letter,) = reported("dead-letters", "list", tmp_path=tmp_path)
    assert reported("dead-letters", "show", letter["id"], tmp_path=tmp_path)["reason"] == REASON
    again = reported("dead-letters", "replay", letter["id"], tmp_path=tmp_path)
    assert (again["published"], reported("dead-letters", "list", tmp_path=tmp_path)) == ("data.collected", [])


@pytest.mark.parametrize("words", [["run"], ["collect"]], ids=" ".join)
def test_nothing_is_played_into_a_project(words, tmp_path, monkeypatch):
    monkeypatch.setenv("HANKSTANK_PROJECT", "somebodys-house")
    refused = CliRunner().invoke(app, [*words, "--home", str(tmp_path)])
    assert refused.exit_code == 1
    assert "HANKSTANK_PROJECT names somebodys-house" in refused.stderr
