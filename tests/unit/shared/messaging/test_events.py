"""Facts are frozen, recognisable, and every recorded version is still understood."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.messaging import envelope
from shared.messaging.events import EVENTS, DailyTask, DataRetry, RetryReason, Ticked
from tests.contracts.event_bus import COLLECTED

RECORDED = Path(__file__).parents[3] / "fixtures" / "events"
BODIES = sorted(RECORDED.glob("v*/*.json"))


@pytest.mark.parametrize("path", BODIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_recorded_body_is_understood(path):
    event = envelope.parse_delivery(path.read_bytes()).event
    assert (event.topic, f"v{event.schema_version}") == (path.stem, path.parent.name)


def test_every_event_was_recorded():
    assert {path.stem for path in (RECORDED / "v1").glob("*.json")} == set(EVENTS)


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.stem)
def test_recorded_attributes_recognise_the_event(path):
    event = envelope.parse_delivery(path.read_bytes()).event
    assert envelope.parse_metadata(path.read_bytes()).run_id == event.run_id
    assert envelope.event_attributes(event)["event_id"] in path.read_text()


def retry(**changed):
    known = {"run_id": "r", "occurred_at": datetime(2026, 4, 2, tzinfo=UTC), "dates": (date(2026, 4, 1),)}
    return DataRetry(**{**known, "reason": RetryReason.STATCAST, "manifest": "m", **changed})


def test_same_fact_has_the_same_id():
    later = retry(occurred_at=datetime(2026, 4, 3, tzinfo=UTC))
    assert retry().event_id == later.event_id


@pytest.mark.parametrize(
    "changed",
    [{"run_id": "s"}, {"attempt": 1}, {"manifest": "n"}, {"reason": RetryReason.UNAVAILABLE}],
    ids=lambda changed: next(iter(changed)),
)
def test_another_fact_has_another_id(changed):
    assert retry().event_id != retry(**changed).event_id


def test_tasks_of_one_run_have_ids_of_their_own():
    known = {"run_id": "r", "occurred_at": datetime(2026, 4, 2, tzinfo=UTC)}
    assert len({DailyTask(**known, task=task).event_id for task in ("grade", "check", "report")}) == 3


def test_unknown_task_is_refused():
    with pytest.raises(ValidationError, match="'grade', 'check' or 'report'"):
        DailyTask(run_id="r", occurred_at=datetime(2026, 4, 2, tzinfo=UTC), task="sweep")


def test_facts_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        COLLECTED.run_id = "other"


@pytest.mark.parametrize(
    "wrong", [{"run_id": ""}, {"attempt": -1}, {"sport": "cricket"}, {"trigger": "hourly"}]
)
def test_refuses_nonsense(wrong):
    with pytest.raises(ValidationError):
        Ticked(**{"run_id": "r", "occurred_at": datetime(2026, 4, 2, tzinfo=UTC), **wrong})


def test_retry_reasons_are_enumerated():
    with pytest.raises(ValidationError, match="missing_players"):
        retry(reason="bored")
