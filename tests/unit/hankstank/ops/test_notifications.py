"""`hankstank notify` lists the targets, masked, and says for each what happened to a test message."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hankstank.cli.app import app
from tests.loopback_targets import http_target

SLACK = "slack://TAAAAAAAA/BBBBBBBBB/cccccccccccccccccccccccc"


def ran(*words: str) -> Result:
    return CliRunner().invoke(app, ["notify", *words])


def rows(*words: str) -> Any:
    return json.loads(ran(*words, "--json").stdout)


@pytest.fixture
def no_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANKSTANK_NOTIFY", raising=False)


def test_targets_are_listed_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANKSTANK_NOTIFY", f"{SLACK}, jsons://me:pass@hooks.example/key")
    assert rows("list") == [
        {"number": 1, "kind": "Slack", "target": "slack://***"},
        {"number": 2, "kind": "webhook", "target": "jsons://hooks.example/***"},
    ]
    page = ran("list").stdout
    assert "slack://***" in page
    assert "TAAAAAAAA" not in page


@pytest.mark.usefixtures("no_targets")
def test_no_targets_are_listed_as_none_with_what_to_do() -> None:
    assert rows("list") == []
    assert "Set HANKSTANK_NOTIFY" in ran("list").stdout


@pytest.mark.usefixtures("no_targets")
def test_test_without_targets_is_refused() -> None:
    result = ran("test", "--json")
    assert (result.exit_code, "got none" in json.loads(result.stdout)["error"]["message"]) == (1, True)


def test_test_message_arrives_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_target() as target:
        monkeypatch.setenv("HANKSTANK_NOTIFY", f"json://{target.address}/key")
        results = [ran("test"), ran("test")]
    assert [(one.exit_code, "sent" in one.stdout) for one in results] == [(0, True)] * 2
    assert [body["title"] for _, body in target.received] == ["Hank's Tank: test of notifications"] * 2


def test_every_target_is_tried_and_failures_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_target(status=401) as refusing, http_target() as taking:
        urls = f"json://{refusing.address}/secretkey json://{taking.address}/secretkey json://127.0.0.1:9/secretkey"
        monkeypatch.setenv("HANKSTANK_NOTIFY", urls)
        found, page = rows("test"), ran("test")
    assert [one["sent"] for one in found] == [False, True, False]
    assert "401" in found[0]["reason"]
    assert found[2]["reason"]
    assert page.exit_code == 1
    assert "secretkey" not in f"{found}{page.output}"


@pytest.mark.parametrize("command", ["list", "test"])
def test_setting_that_is_no_target_is_refused(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANKSTANK_NOTIFY", "slak://secret/token")
    result = ran(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "target 1: expected a scheme of mailto or mailtos (e-mail)" in result.stderr
    assert "secret" not in result.stderr
