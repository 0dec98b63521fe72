"""Worlds are put together in one place; entry points answer as the framework that hosts them expects."""

import json
from pathlib import Path

import functions_framework
import pytest
from flask.testing import FlaskClient

from shared.adapters.local.durable_queue import LocalBus
from shared.messaging.envelope import Message, push_body
from shared.runtime.ports_factory import create_ports, utc_now
from shared.runtime.settings import Settings
from tests.unit.services.collector.loopback import ok, world

ROOT = Path(__file__).parents[4]
HOSTED = {"collector": "collect", "validator": "validate", "loader": "load"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HANKSTANK_HOME", str(tmp_path))
    monkeypatch.setenv("HANKSTANK_MLB_API_URL", "http://127.0.0.1:1")  # nobody listens there
    return tmp_path


def hosted(service: str) -> FlaskClient:
    source = ROOT / "services" / service / "main.py"
    return functions_framework.create_app(HOSTED[service], str(source)).test_client()


def tick(**body: str) -> bytes:
    message = Message(json.dumps(body).encode(), {"topic": "data-collection-trigger"}, "7", utc_now())
    return push_body(message, "data-collection-trigger--collector", 1)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANKSTANK_LOOKBACK_DAYS", "3")
    assert Settings().lookback_days == 3


def test_the_stores_of_a_world_lie_below_its_home(tmp_path: Path) -> None:
    ports = create_ports(Settings(home=tmp_path))
    ports.objects.write_once("a/b", b"c")
    assert (tmp_path / "objects/a/b").exists()


def test_a_tick_in_the_off_season_is_told_what_it_did(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world({"/api/v1/schedule": ok({"dates": []})}) as outside:
        monkeypatch.setenv("HANKSTANK_MLB_API_URL", outside.url)
        answer = hosted("collector").post("/", data=tick(first="2026-12-01", last="2026-12-02"))
    assert answer.status_code == 200
    result = json.loads(answer.text)
    assert (result["status"], result["reason"]) == ("skipped", "off_season")


def test_a_tick_whose_source_is_down_comes_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.collector.http_source.MAX_ATTEMPTS", 1)
    answer = hosted("collector").post("/", data=tick(first="2026-06-01", last="2026-06-01"))
    assert answer.status_code == 503


@pytest.mark.parametrize("service", HOSTED)
def test_a_body_that_is_no_push_is_parked_and_acknowledged(home: Path, service: str) -> None:
    answer = hosted(service).post("/", data=b"{}")
    assert (answer.status_code, len(LocalBus(home / "queue.sqlite").list_dead_letters())) == (200, 1)
