"""Entry points answer as their hosts expect: in time, from senders they know, and once for each event."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from shared.adapters.local.durable_queue import LocalBus
from shared.adapters.local.folder_store import FolderStore
from shared.messaging.envelope import Message, event_attributes, push_body
from shared.messaging.events import DataCollected
from shared.runtime.entry_points import entry_point
from tests.loopback_targets import http_target
from tests.patience import PATIENCE, wait_until
from tests.unit.shared.runtime.long_work import step

NOON = datetime(2026, 4, 2, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HANKSTANK_HOME", str(tmp_path))
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    return tmp_path


@pytest.fixture
def objects(home):
    return FolderStore(home / "objects")


@pytest.fixture
def delegating(home, monkeypatch):
    monkeypatch.setenv("HANKSTANK_RUN_JOB", "tests.unit.shared.runtime.long_job")
    return entry_point("unit", step, outlives_push=lambda _event: True)


def push(run_id="run-1", message_id="7", attempt=1, subscription="data.collected--validator"):
    event = DataCollected(
        run_id=run_id,
        occurred_at=NOON,
        dates=(date(2026, 4, 1),),
        season_phase="regular",
        manifest="staging/run-1/0/manifest-0.json",
        counts={},
    )
    message = Message(event.model_dump_json().encode(), event_attributes(event), message_id, NOON)
    return request(push_body(message, subscription, attempt))


def request(body=b"", method="POST", **headers):
    return SimpleNamespace(method=method, get_data=lambda: body, headers=headers)


def until(true: Callable[[], object]):
    assert wait_until(true, PATIENCE), "waited in vain"


def test_a_get_says_that_the_host_is_alive(home):
    assert entry_point("unit", step)(request(method="GET"))[1] == 200


def test_nothing_is_built_before_the_first_push(home):
    entry_point("unit", step)(request(method="GET"))
    assert list(home.iterdir()) == []


def test_a_short_work_is_done_in_the_push(objects):
    assert entry_point("unit", step)(push()) == ("done", 200)
    assert objects.read_bytes("worked/job") == b"run-1"


def test_what_is_no_envelope_is_parked(home):
    text, status = entry_point("unit", step)(request(b"garbage"))
    assert (text[:12], status) == ("dead letter:", 200)


def test_alert_is_sent_before_the_push_is_answered(home, monkeypatch):
    with http_target() as target:
        monkeypatch.setenv("HANKSTANK_NOTIFY", f"json://{target.address}/key")
        entry_point("unit", step)(request(b"garbage"))
        entry_point("unit", step)(request(b"garbage"))
        assert [body["title"] for _, body in target.received] == [
            "Hank's Tank: critical: delivery became a dead letter"
        ]


def test_target_that_hangs_changes_no_answer(home, monkeypatch, objects):
    monkeypatch.setattr("shared.runtime.entry_points.SEND_WITHIN_S", 0.01)

    def warned_step(event, ports, now):
        ports.notifier.send_alert("warning", "features drifted", {})
        return step(event, ports, now)

    with http_target(hangs=True) as target:
        monkeypatch.setenv("HANKSTANK_NOTIFY", f"json://{target.address}/key")
        assert entry_point("unit", warned_step)(push()) == ("done", 200)
    assert objects.read_bytes("worked/job") == b"run-1"


def test_a_backfill_announces_in_its_own_lane(home):
    def announce(event, ports, now):
        return [event]

    entry_point("unit", announce)(
        push(subscription="projects/p/subscriptions/backfill.data.collected--validator")
    )
    waiting = [LocalBus(home / "queue.sqlite", lane).count_pending() for lane in ("live", "backfill")]
    assert waiting == [{}, {"data.collected--validator": 1}]


def test_long_work_is_answered_at_once_and_done_in_a_job(delegating, objects):
    assert delegating(push())[1] == 503
    until(lambda: delegating(push(attempt=2))[1] == 200)
    assert objects.read_bytes("worked/job") == b"run-1"


def test_two_deliveries_start_one_job(delegating, objects):
    answers = [delegating(push(attempt=attempt)) for attempt in (1, 2)]
    assert {text for text, _ in answers} == {"working: its job is running: retry later"}
    assert len(objects.list_names("leases/")) == 1


def test_a_job_that_could_not_is_started_again(delegating, objects):
    delegating(push("unlucky"))
    until(lambda: len(objects.list_names("leases/")) == 2)
    assert delegating(push("unlucky", attempt=2))[1] == 503
    until(lambda: len(objects.list_names("leases/")) == 4)


def test_a_job_parks_what_cannot_succeed_and_the_push_is_acknowledged(delegating, home):
    delegating(push("impossible"))
    until(lambda: delegating(push("impossible", attempt=2))[1] == 200)
    (letter,) = LocalBus(home / "queue.sqlite").list_dead_letters()
    assert letter.reason == "Rejected: no such work"


def test_a_replay_of_done_work_does_it_again(delegating, objects):
    delegating(push())
    until(lambda: delegating(push(attempt=2))[1] == 200)
    assert delegating(push(message_id="8"))[1] == 503


def test_a_job_that_cannot_start_leaves_the_work_free(delegating, objects, monkeypatch):
    monkeypatch.setattr("sys.executable", "/no/such/python")
    assert delegating(push())[1] == 503
    monkeypatch.undo()
    assert len(objects.list_names("leases/")) == 2


def test_a_deployment_that_knows_no_sender_takes_no_push(home, monkeypatch):
    monkeypatch.setenv("HANKSTANK_PROJECT", "somewhere")
    text, status = entry_point("unit", step)(push())
    assert status == 401
    assert "HANKSTANK_PUSH_SERVICE_ACCOUNT" in text


def test_a_push_without_its_token_is_refused_before_any_work(home, monkeypatch):
    monkeypatch.setenv("HANKSTANK_PROJECT", "somewhere")
    monkeypatch.setenv("HANKSTANK_PUSH_SERVICE_ACCOUNT", "push-sender@somewhere.iam.gserviceaccount.com")
    monkeypatch.setenv("HANKSTANK_PUSH_AUDIENCE", "https://validator.example")
    text, status = entry_point("unit", step)(push())
    assert (status, "expected an Authorization header" in text) == (401, True)


@pytest.mark.parametrize("status", [None, b"", b'{"half'])
def test_a_status_that_cannot_be_told_spoils_no_work(objects, status):
    if status is not None:
        objects.overwrite("status/unit.json", status)
    assert entry_point("unit", step, status_object="status/unit.json")(push()) == ("done", 200)
