"""Stand-ins of Google Cloud are found, started and ended; what is missing is named."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hankstank.dev.emulators import pubsub
from hankstank.dev.emulators.command import EmulatorAbsent
from hankstank.dev.emulators.pubsub import cloud_sdk_roots, emulator_jar
from hankstank.dev.emulators.storage import server_binary
from hankstank.dev.emulators.topics import create_topology
from shared.errors import UserError
from tests import emulators
from tests.contracts.emulated import present, project, pubsub_host, storage_url
from tests.emulators import VARIABLE, answers, free_port, pubsub_emulator, storage_emulator
from tests.patience import PATIENCE, wait_until

__all__ = ["project", "pubsub_host", "storage_url"]
ROOT = Path(__file__).parents[5]
JAR = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-{}-all.jar"


def gone(address):
    return wait_until(lambda: not answers(address), PATIENCE)


def install(root, version):
    jar = root / JAR.format(version)
    jar.parent.mkdir(parents=True, exist_ok=True)
    jar.touch()
    return jar


def test_finds_the_newest_jar_of_the_first_sdk(tmp_path):
    install(tmp_path / "one", "0.8.9")
    newest = install(tmp_path / "one", "0.8.20")
    install(tmp_path / "two", "0.9.0")
    assert emulator_jar((tmp_path / "none", tmp_path / "one", tmp_path / "two")) == newest


def test_finds_the_sdk_that_its_variable_names(monkeypatch, tmp_path):
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(tmp_path))
    assert cloud_sdk_roots()[0] == tmp_path


def test_finds_the_sdk_of_the_command(monkeypatch, tmp_path):
    command = tmp_path / "sdk/bin/gcloud"
    command.parent.mkdir(parents=True)
    command.touch(mode=0o755)
    (tmp_path / "gcloud").symlink_to(command)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tmp_path / "sdk" in cloud_sdk_roots()


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without a Cloud SDK, Java or Docker."""
    for name in (VARIABLE, "CLOUDSDK_ROOT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{free_port()}")
    monkeypatch.setattr(pubsub, "_USUAL_ROOTS", ())


def test_says_everything_that_was_looked_for(bare):
    tried = "no platform/pubsub-emulator/.*; no Docker engine.*To get one: .gcloud components"
    with pytest.raises(EmulatorAbsent, match=tried), pubsub_emulator():
        pass


def test_prefers_the_emulator_that_is_running(monkeypatch, storage_url):
    monkeypatch.setenv(VARIABLE, storage_url.removeprefix("http://"))
    with monkeypatch.context() as patched:
        patched.setattr(emulators, "answers", lambda _url: True)
        with pubsub_emulator() as host:
            assert f"http://{host}" == storage_url


def test_a_running_emulator_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv(VARIABLE, "127.0.0.1:1")
    with pytest.raises(EmulatorAbsent, match=r"nothing answers at 127\.0\.0\.1:1"), pubsub_emulator():
        pass


def test_jar_needs_java(monkeypatch, tmp_path):
    install(tmp_path, "0.8.20")
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmulatorAbsent, match="no java on PATH"):
        pubsub.pubsub_command(8085)


def test_no_storage_is_said_with_the_way_to_have_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HANKSTANK_EMULATORS", str(tmp_path))
    with pytest.raises(EmulatorAbsent, match=f"{tmp_path}.*make emulators"):
        server_binary()


def test_a_stand_in_ends_with_its_block():
    with present(storage_emulator) as url:
        health = f"{url}/_internal/healthcheck"
        assert answers(health)
    assert gone(health)


HOLDER = """
import sys, time
from tests.emulators import {name}
with {name}() as address:
    print(address, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize(
    ("name", "health"), [("pubsub_emulator", "/"), ("storage_emulator", "/_internal/healthcheck")]
)
def test_a_stand_in_ends_with_a_parent_that_is_killed(name, health, pubsub_host, storage_url):
    code = HOLDER.format(name=name)
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    with holder:
        address = f"http://{holder.stdout.readline().strip().removeprefix('http://')}{health}"
        assert answers(address)
        os.kill(holder.pid, signal.SIGKILL)
    assert gone(address)


def subscriptions(host, project):
    result = httpx.get(f"http://{host}/v1/projects/{project}/subscriptions", trust_env=False).json()
    return {one["name"].rpartition("/")[2]: one for one in result["subscriptions"]}


def test_the_town_is_laid_out_twice_alike(pubsub_host, project):
    for _ in range(2):
        create_topology(project, {"validator": "http://127.0.0.1:1/"}, pubsub_host)
    found = subscriptions(pubsub_host, project)
    assert len(found) == 15
    assert {"dead-letters--review", "data.collected--validator", "backfill.data.loaded--features"} <= set(
        found
    )


def test_a_subscription_pushes_waits_and_gives_up_as_terraforms_do(pubsub_host, project):
    create_topology(project, {"validator": "http://127.0.0.1:1/push"}, pubsub_host)
    made = subscriptions(pubsub_host, project)["backfill.data.collected--validator"]
    assert made["pushConfig"]["pushEndpoint"] == "http://127.0.0.1:1/push"
    assert made["retryPolicy"] == {"minimumBackoff": "10s", "maximumBackoff": "600s"}
    assert made["deadLetterPolicy"]["maxDeliveryAttempts"] == 20


def test_an_emulator_that_is_gone_is_named(project):
    with pytest.raises(UserError, match="no Pub/Sub emulator answers"):
        create_topology(project, {}, f"127.0.0.1:{free_port()}")


def test_what_the_emulator_refuses_is_told(pubsub_host, project):
    refused = "refused subscriptions/data.collected--validator: 400"
    with pytest.raises(UserError, match=refused):
        create_topology(project, {"validator": "no address"}, pubsub_host)
