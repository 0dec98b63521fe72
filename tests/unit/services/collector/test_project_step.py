"""The collector's step on a project: what it records of a backfill's chunk, and which control it follows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.collector import backfill_ledger, project_step, steering
from services.collector.backfill_ledger import Chunk, ChunkCollection
from services.collector.steering import Control
from shared.errors import SourceUnavailable
from shared.messaging.events import DataCollected, DataRetry, RetryReason, Ticked
from shared.ports import Ports
from tests.fakes import ports
from tests.unit.services.collector import sample_responses
from tests.unit.services.collector.fakes import StandingWarehouse
from tests.unit.services.collector.loopback import Reply, listed, ok, world
from tests.unit.services.collector.sample_responses import listing, schedule

DAY = date(2026, 8, 5)
NOW = datetime(2026, 9, 6, 6, tzinfo=UTC)
CHUNK = Chunk("backfill-0001-2026-08-05-2026-08-05", "mlb", DAY, DAY)
TICK = Ticked(run_id=CHUNK.run_id, occurred_at=NOW, first=DAY, last=DAY, trigger="manual")
FEED = "/api/v1.1/game/1/feed/live"


@pytest.fixture
def outside() -> Iterator[Any]:
    with world(
        {
            "/api/v1/schedule": listed(schedule(d20260805=[listing(1, "2026-08-05")])),
            "/api/v1/seasons": ok({"seasons": [sample_responses.season(2026)]}),
            "/api/v1/teams": ok({"teams": []}),
            "/api/v1/transactions": ok({"transactions": []}),
            "/api/v1/standings": ok({"records": []}),
            FEED: ok(sample_responses.feed(1)),
        }
    ) as it:
        yield it


@pytest.fixture
def around(outside: Any) -> Ports:
    return ports(
        StandingWarehouse(), mlb_api_url=outside.url, savant_url=outside.url, weather_url=outside.url
    )


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.collector.http_source.INITIAL_BACKOFF", 0.0)
    monkeypatch.setattr("services.collector.http_source.MAX_BACKOFF", 0.0)


def recorded(around: Ports) -> ChunkCollection | None:
    return backfill_ledger.load_collection(around.objects, CHUNK)


def test_result_of_a_chunk_is_recorded_before_its_event_is_published(around: Ports, outside: Any):
    backfill_ledger.begin_chunk(around.objects, CHUNK)
    (event,) = project_step.step(TICK, around, NOW)
    assert isinstance(event, DataCollected)
    found = recorded(around)
    assert found is not None
    assert (found.is_staged, found.fetched, found.failed, found.from_archive) == (True, (1,), (), 0)
    assert found.requests == len(outside.asked)
    assert found.feed_bytes > 0


def test_redelivered_tick_changes_no_record(around: Ports):
    backfill_ledger.begin_chunk(around.objects, CHUNK)
    project_step.step(TICK, around, NOW)
    first = recorded(around)
    project_step.step(TICK, around, NOW)
    assert recorded(around) == first


def test_chunk_without_games_stages_nothing_and_says_so(around: Ports, outside: Any):
    outside.routes["/api/v1/schedule"] = ok(schedule())
    backfill_ledger.begin_chunk(around.objects, CHUNK)
    assert project_step.step(TICK, around, NOW) == []
    found = recorded(around)
    assert found is not None
    assert not found.is_staged


def test_chunk_that_no_source_gives_is_left_to_the_next_delivery(around: Ports, outside: Any):
    outside.routes[FEED] = Reply(404, b"{}")
    backfill_ledger.begin_chunk(around.objects, CHUNK)
    with pytest.raises(SourceUnavailable):
        project_step.step(TICK, around, NOW)
    assert recorded(around) is None


def test_tick_of_a_live_day_records_nothing(around: Ports):
    live = Ticked(run_id="r1", occurred_at=NOW, first=DAY, last=DAY)
    assert len(project_step.step(live, around, NOW)) == 1
    retry = DataRetry(
        run_id=CHUNK.run_id, occurred_at=NOW, dates=(DAY,), reason=RetryReason.UNAVAILABLE, manifest="m"
    )
    assert len(project_step.step(retry, around, NOW)) == 1
    assert around.objects.list_names("backfill/") == []


@pytest.mark.parametrize("order", ["pause", "stop"])
def test_chunk_under_way_follows_workers_and_pace_but_no_order(
    around: Ports, order: steering.Order, monkeypatch: pytest.MonkeyPatch
):
    seen: list[steering.Steering] = []
    opened = steering.Steering.__init__

    def remember(self: steering.Steering, *given: Any, **named: Any) -> None:
        opened(self, *given, **named)
        seen.append(self)

    monkeypatch.setattr(steering.Steering, "__init__", remember)
    control = Control("backfill-0001", order=order, workers=17, pace=500.0)
    steering.save_control(around.objects, "mlb", control)
    backfill_ledger.begin_chunk(around.objects, CHUNK)
    assert len(project_step.step(TICK, around, NOW)) == 1
    assert [one.control for one in seen] == [control]
