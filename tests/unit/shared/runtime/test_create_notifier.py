"""The notifier gets its targets from the settings; on one machine a bad one is refused, in a project logged."""

import json
import os
import subprocess
import sys

import pytest

from shared.adapters.gcp import secrets
from shared.adapters.gcp.notifier import LogNotifier
from shared.adapters.local.folder_store import FolderStore
from shared.adapters.local.notifier import LocalNotifier
from shared.errors import InvalidSetting, Rejected, Unavailable
from shared.runtime import ports_factory
from shared.runtime.data_world import DataWorld, write_world
from shared.runtime.ports_factory import create_notifier, utc_now
from shared.runtime.settings import Settings
from tests.loopback_targets import http_target

WITHIN_S = 60
ADDRESS = "sm://projects/tank/secrets/notify-targets/versions/latest"


def test_alert_is_stored_and_sent_with_the_data_that_it_is_about(tmp_path):
    write_world(FolderStore(tmp_path / "objects"), DataWorld("simulated league, seed 7"))
    with http_target() as target:
        notifier = create_notifier(Settings(home=tmp_path, notify=f"json://{target.address}/key"))
        notifier.send_alert("critical", "batch graded F", {"run_id": "run-1"})
        assert notifier.wait_until_sent(WITHIN_S)
    assert json.loads((tmp_path / "alerts.jsonl").read_text())["title"] == "batch graded F"
    ((_, body),) = target.received
    assert body["message"] == "run_id: run-1\n\nData: simulated league, seed 7"


def test_processes_that_raise_the_same_alert_at_once_send_it_once(tmp_path):
    script = """
from shared.runtime.ports_factory import create_notifier, load_settings
create_notifier(load_settings()).send_alert("critical", "release refused", {"release": 7})
"""
    with http_target() as target:
        environment = {
            **os.environ,
            "HANKSTANK_HOME": str(tmp_path),
            "HANKSTANK_NOTIFY": f"json://{target.address}/key",
        }
        processes = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(4)]
        assert [process.wait(WITHIN_S) for process in processes] == [0] * 4
    assert [body["title"] for _, body in target.received] == ["Hank's Tank: critical: release refused"]
    assert len(LocalNotifier(tmp_path, utc_now).list_alerts()) == 4


def test_alert_is_sent_where_the_stores_cannot_be_written(tmp_path):
    (tmp_path / "home").write_text("a file")
    with http_target() as target:
        notifier = create_notifier(Settings(home=tmp_path / "home", notify=f"json://{target.address}/key"))
        for _ in range(2):
            notifier.send_alert("critical", "disk full", {})
        assert notifier.wait_until_sent(WITHIN_S)
    assert len(target.received) == 1


def test_target_that_refuses_is_an_alert_until_it_is_closed(tmp_path):
    """An alert that is not sent, and one only: somebody who trusts the target would not see the log."""
    with http_target(status=401) as target:
        notifier = create_notifier(Settings(home=tmp_path, notify=f"json://{target.address}/secretkey"))
        for number in range(3):
            notifier.send_alert("critical", f"batch {number} graded F", {})
            assert notifier.wait_until_sent(WITHIN_S)
        assert len(target.received) == 3
        first, failed, *others = LocalNotifier(tmp_path, utc_now).list_alerts()
    assert [row["title"] for row in (first, *others)] == [f"batch {number} graded F" for number in range(3)]
    assert (failed["severity"], failed["title"]) == ("warning", "notifications are not sent")
    assert failed["detail"]["target"] == f"1 (json://{target.address}/***)"
    assert "401" in failed["detail"]["reason"]
    assert "secretkey" not in (tmp_path / "alerts.jsonl").read_text()


def test_without_targets_nothing_of_apprise_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "shared.adapters.apprise.channel", None)
    create_notifier(Settings(home=tmp_path)).send_alert("critical", "batch graded F", {})
    assert (tmp_path / "alerts.jsonl").exists()


def test_target_that_cannot_be_used_is_refused_on_one_machine(tmp_path):
    with pytest.raises(InvalidSetting, match=r"target 1 .* expected the form slack://TOKEN_A"):
        create_notifier(Settings(home=tmp_path, notify="slack://secret"))


@pytest.mark.parametrize(
    "found",
    [
        Unavailable("no answer"),
        Rejected("grant roles/secretmanager.secretAccessor on it"),
        "slack://secret",
        "secret",
    ],
    ids=str,
)
def test_targets_that_cannot_be_used_stop_no_service_of_a_project(found, monkeypatch, caplog):
    def resolve(address: str, deadline: float) -> str:
        assert (address, deadline < 10) == (ADDRESS, True)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(secrets, "resolve_secret", resolve)
    notifier = create_notifier(Settings(project="tank", notify=ADDRESS))
    notifier.send_alert("critical", "batch graded F", {})
    assert isinstance(notifier, LogNotifier)
    assert "no notifications are sent: " in caplog.text
    assert "slack://secret" not in caplog.text


def test_service_without_apprise_says_so(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "shared.adapters.apprise.channel", None)
    assert create_notifier(Settings(project="tank", notify="slack://a/b/c")).wait_until_sent(0)
    assert "no notifications are sent: " in caplog.text


def test_targets_of_a_project_come_from_its_secret_and_claims_go_to_its_stores(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)
    with http_target() as target:
        monkeypatch.setattr(
            secrets, "resolve_secret", lambda _address, deadline: f"json://{target.address}/key"
        )
        monkeypatch.setattr(ports_factory, "create_object_store", lambda _settings: store)
        notifiers = [create_notifier(Settings(project="tank", notify=ADDRESS)) for _ in range(2)]
        for notifier in notifiers:
            notifier.send_alert("critical", "batch graded F", {})
            assert notifier.wait_until_sent(WITHIN_S)
    assert len(target.received) == 1
    assert store.list_names("notifications/")


def test_target_of_a_project_that_fails_is_an_alert_for_cloud_monitoring(tmp_path, monkeypatch, caplog):
    with http_target(status=401) as target:
        urls = f"json://{target.address}/secretkey"
        monkeypatch.setattr(secrets, "resolve_secret", lambda _address, deadline: urls)
        monkeypatch.setattr(ports_factory, "create_object_store", lambda _settings: FolderStore(tmp_path))
        notifier = create_notifier(Settings(project="tank", notify=ADDRESS))
        notifier.send_message("report", "15 games")
        assert notifier.wait_until_sent(WITHIN_S)
    (line,) = [one for one in caplog.records if one.message == "alert"]
    assert line.fields["alert"] == "notifications are not sent"
    assert "401" in line.fields["detail"]["reason"]
    assert "secretkey" not in str(line.fields)
