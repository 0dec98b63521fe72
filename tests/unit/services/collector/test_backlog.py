"""What a day's tick could not have is asked for by the next, until it is had, whatever dies in between."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from services.collector import backlog
from services.collector.mlb.sources.registry import open_sources
from services.collector.run_context import RunContext
from services.collector.step import run_collection
from shared.messaging.events import Ticked
from shared.storage.staging import Manifest, read_struct
from tests.fakes import ports
from tests.unit.services.collector import sample_responses
from tests.unit.services.collector.fakes import StandingWarehouse, Waits, standing
from tests.unit.services.collector.loopback import Reply, ok, world
from tests.unit.services.collector.sample_responses import listing, schedule

DAY, NEXT = date(2026, 8, 5), date(2026, 8, 6)
NOW = datetime(2026, 8, 6, 6, tzinfo=UTC)
FEED = "/api/v1.1/game/1/feed/live"


@dataclass
class Takes:
    """Stands in for one dataset: remembers the days it was asked for, and fails while it is down."""

    is_down: bool = True
    asked: list[tuple[date, ...]] = field(default_factory=list)

    def __call__(self, _desk: RunContext, days: tuple[date, ...]) -> set[date]:
        self.asked.append(days)
        return set(days) if self.is_down else set()


@pytest.fixture
def takes(monkeypatch: pytest.MonkeyPatch) -> Takes:
    stand_in = Takes()
    monkeypatch.setattr(backlog, "_COLLECTORS", {"standings": stand_in})
    return stand_in


@pytest.fixture
def around():
    return ports(StandingWarehouse())


def context(around, run_id, now=NOW):
    return RunContext(run_id, 0, around, now, sources=None, pitch_source="feed")


def owing(around, takes):
    """Leave a debt of DAY, made by run r1, and the source up again."""
    backlog.collect_daily(context(around, "r1"), (DAY,))
    takes.is_down = False


def test_debt_is_paid_by_the_next_two_runs_and_then_left(around, takes):
    """The batch of the first may be lost on its way."""
    owing(around, takes)
    assert backlog.retry_backlog(context(around, "r2"), {NEXT}) == {DAY}
    assert backlog.retry_backlog(context(around, "r3"), ()) == {DAY}
    assert backlog.retry_backlog(context(around, "r4"), ()) == set()


def test_debt_is_asked_for_until_it_is_had(around, takes):
    owing(around, takes)
    takes.is_down = True
    assert backlog.retry_backlog(context(around, "r2"), ()) == set()
    takes.is_down = False
    assert backlog.retry_backlog(context(around, "r3"), ()) == {DAY}


def test_run_that_died_before_it_told_asks_again(around, takes):
    owing(around, takes)
    backlog.retry_backlog(context(around, "r2"), ())
    backlog.retry_backlog(context(around, "r3"), ())
    assert backlog.retry_backlog(context(around, "r3"), ()) == {DAY}


def test_run_that_died_and_finds_the_source_down_owes_again(around, takes):
    owing(around, takes)
    backlog.retry_backlog(context(around, "r2"), ())
    takes.is_down = True
    backlog.retry_backlog(context(around, "r2"), ())
    takes.is_down = False
    assert backlog.retry_backlog(context(around, "r3"), ()) == {DAY}


def test_day_that_is_taken_anyway_pays_its_debt(around, takes):
    owing(around, takes)
    backlog.collect_daily(context(around, "r2"), (DAY,))
    backlog.collect_daily(context(around, "r3"), (DAY,))
    assert backlog.retry_backlog(context(around, "r4"), ()) == set()


def test_spoilt_debt_is_owed(around, takes):
    around.objects.overwrite(f"owed/standings/{DAY}.json", b"spoi")
    takes.is_down = False
    assert backlog.retry_backlog(context(around, "r2"), ()) == {DAY}


def test_what_was_had_is_forgotten_after_a_week(around, takes):
    owing(around, takes)
    backlog.retry_backlog(context(around, "r2"), ())
    backlog.retry_backlog(context(around, "r3"), ())
    backlog.retry_backlog(context(around, "r4", NOW + backlog.RETENTION + timedelta(days=1)), ())
    assert around.objects.list_names("owed/") == []


def test_day_without_new_games_announces_what_was_owed():
    routes = {
        "/api/v1/schedule": ok(schedule(d20260805=[listing(1, "2026-08-05")])),
        "/api/v1/game/changes": ok(schedule()),
        "/api/v1/teams": ok({"teams": [sample_responses.club(110)]}),
        "/api/v1/teams/110/roster": ok({"roster": [sample_responses.rostered(1102)]}),
        "/api/v1/transactions": ok({"transactions": []}),
        "/api/v1/standings": Reply(500),
        FEED: ok(sample_responses.feed(1)),
    }
    warehouse = StandingWarehouse()
    with world(routes) as outside:
        around = ports(warehouse, mlb_api_url=outside.url, savant_url=outside.url, weather_url=outside.url)
        first = ticked("r1", NOW, around)
        warehouse.games = [standing(1, DAY, NOW)]
        outside.routes |= {"/api/v1/standings": ok({"records": [sample_responses.division(110)]})}
        second = ticked("r2", NOW + timedelta(days=1), around)
    assert "standings_historical" not in first.counts
    # A run of more than a week leaves all but the last day's rosters and standings to the next one.
    assert second.dates == tuple(DAY - timedelta(days=n) for n in range(7, -1, -1))
    assert second.counts["standings_historical"] == 8
    assert read_struct(around.objects, second.manifest, Manifest).games == ()


def ticked(run_id, now, around):
    with open_sources(around.settings, sleep=Waits()) as sources:
        (event,) = run_collection(Ticked(run_id=run_id, occurred_at=now), around, now, sources)
    return event
