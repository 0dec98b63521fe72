"""A run is followed by what caused what, in whatever order it is heard."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hankstank.dev.local_cluster.stub_scorer import ReceivedMessage
from hankstank.dev.local_cluster.trace import RunProgress
from shared.messaging.events import (
    DataCollected,
    DataLoaded,
    DataValidated,
    Event,
    FeaturesCreated,
    Grade,
    ModelDeployed,
)

TICKED = datetime(2026, 4, 5, 6, tzinfo=UTC)
DAY = (date(2026, 4, 4),)
COUNTS = {"team_stats_historical": 30}
COLLECTED = DataCollected(
    run_id="run", occurred_at=TICKED, dates=DAY, season_phase="regular", manifest="m", counts=COUNTS
)
VALIDATED = DataValidated(run_id="run", occurred_at=TICKED, dates=DAY, report="r", grade=Grade.A, accepted=())

LOADED = DataLoaded(
    run_id="run", occurred_at=TICKED, dates=DAY, report="r", rows={"people": 3}, partitions={}
)
CREATED = FeaturesCreated(
    run_id="run", occurred_at=TICKED, dates=DAY, snapshot="s", as_of=DAY[0], rows_sampled=20, mismatches=0
)
DEPLOYED = ModelDeployed(run_id="run", occurred_at=TICKED, release="release/pointer/000002.json", models=())


def heard(event: Event, seconds: float, reason: str = "") -> ReceivedMessage:
    at = TICKED + timedelta(seconds=seconds)
    return ReceivedMessage(event.topic, event.run_id, event.model_dump_json().encode(), at, reason)


@pytest.fixture
def run() -> RunProgress:
    return RunProgress("run", TICKED)


def test_a_hop_is_timed_from_its_cause(run: RunProgress):
    hops = list(run.record_messages([heard(COLLECTED, 5), heard(VALIDATED, 7)]))
    assert [(hop.service, hop.seconds) for hop in hops] == [("collector", 5.0), ("validator", 2.0)]


def test_what_is_heard_before_its_cause_waits(run: RunProgress):
    assert list(run.record_messages([heard(VALIDATED, 7)])) == []
    assert [hop.service for hop in run.record_messages([heard(COLLECTED, 5)])] == ["collector", "validator"]


def test_a_dead_letter_is_no_hop(run: RunProgress):
    assert list(run.record_messages([heard(COLLECTED, 5, reason="Rejected: no")])) == []


def test_games_and_days_are_told(run: RunProgress):
    (hop,) = run.record_messages([heard(COLLECTED, 5)])
    assert hop.detail == "15 games of 2026-04-04"


def test_the_release_to_wait_for_is_known_by_its_number(run: RunProgress):
    chain = [COLLECTED, VALIDATED, LOADED, CREATED, DEPLOYED]
    last = list(run.record_messages([heard(event, seconds) for seconds, event in enumerate(chain)]))[-1]
    assert (last.service, last.seconds, run.release) == ("trainer", 1.0, "000002")
