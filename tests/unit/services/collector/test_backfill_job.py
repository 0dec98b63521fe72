"""How a backfill divides days into chunks and what a limit leaves of a plan."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.collector.backfill_job import (
    BackfillPlan,
    ChunkPlan,
    estimate_backfill,
    group_into_chunks,
    plan_backfill,
)
from shared.storage.coverage import Span, days_between

APRIL = date(2016, 4, 3)


def april(number: int) -> date:
    return APRIL + timedelta(days=number)


@dataclass
class TwoGamesADay:
    """A sport with two games on every day of the spans."""

    idle: frozenset[date] = frozenset()
    now: datetime = datetime(2017, 1, 1, tzinfo=UTC)
    planning_requests: int = 4

    def season_span(self, season: int) -> Span:
        return date(season, 4, 3), date(season, 10, 2)

    def due_days(self, spans: Sequence[Span]) -> list[date]:
        return [day for span in spans for day in days_between(*span)]

    def days_without_games(self, spans: Sequence[Span]) -> Collection[date]:
        return self.idle

    def count_games(self) -> tuple[int, int]:
        return 50, 10

    def plan_chunk(self, first: date, last: date, limit: int | None) -> ChunkPlan:
        games = min(2 * len(days_between(first, last)), 1000 if limit is None else limit)
        return ChunkPlan(first, last, games // 2, games, games + 3)

    def estimate_feed_bytes(self) -> int:
        return 7

    def archived_bodies(self, first: date, last: date) -> tuple[str, ...]:
        return ()

    def missing_games(self, first: date, last: date) -> tuple[int, ...]:
        return ()


def test_chunk_has_at_most_ten_days():
    days = list(days_between(april(0), april(24)))
    assert group_into_chunks(days) == [(april(0), april(9)), (april(10), april(19)), (april(20), april(24))]


def test_chunk_ends_with_a_gap():
    assert group_into_chunks([april(0), april(1), april(30)]) == [
        (april(0), april(1)),
        (april(30), april(30)),
    ]


def test_days_of_two_years_are_never_one_chunk():
    days = [date(2015, 12, 31), date(2016, 1, 1)]
    assert group_into_chunks(days) == [(days[0], days[0]), (days[1], days[1])]


def test_days_without_games_belong_to_the_chunk_that_follows():
    days = [april(0), april(9), *days_between(april(14), april(22))]
    idle = days_between(april(10), april(13))
    assert group_into_chunks(days, idle) == [
        (april(0), april(9)),
        (april(10), april(19)),
        (april(20), april(22)),
    ]


def test_of_a_winter_only_its_last_days_belong_to_the_first_chunk():
    idle = days_between(date(2016, 1, 1), date(2016, 4, 2))
    assert group_into_chunks([april(0), april(1)], idle) == [
        (date(2016, 3, 25), april(0)),
        (april(1), april(1)),
    ]


def test_limit_ends_the_plan():
    plan = plan_backfill(TwoGamesADay(), [(april(0), april(24))], 24)
    assert ([chunk.to_fetch for chunk in plan.chunks], plan.to_fetch) == ([20, 4], 24)
    assert len(plan_backfill(TwoGamesADay(), [(april(0), april(24))], 20).chunks) == 1


def test_estimate_adds_requests_of_planning_and_divides_by_the_pace():
    plan = BackfillPlan(50, 10, (ChunkPlan(april(0), april(1), 2, 40, 116),))
    dry = estimate_backfill(TwoGamesADay(), plan, pace=2.0)
    assert (dry.requests, dry.minutes_at_pace, dry.games_expected, dry.feed_bytes) == (120, 1.0, 50, 7)
    assert estimate_backfill(TwoGamesADay(), plan, pace=None).minutes_at_pace is None
