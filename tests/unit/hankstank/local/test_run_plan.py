"""Which days a run plays."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hankstank.local.run_plan import DAY, RunPlan, league_plan, season_plan, tick_time

OPENING = date(2026, 3, 26)


def test_day_is_collected_the_morning_after():
    assert tick_time(OPENING) == datetime(2026, 3, 27, 6, tzinfo=UTC)


def test_new_league_backfills_sixty_days():
    plan = league_plan(7, 2026, None, 3)
    assert plan.backfill == (OPENING, date(2026, 5, 24))
    assert plan.live == (date(2026, 5, 25), date(2026, 5, 26), date(2026, 5, 27))


def test_known_league_lives_on():
    plan = league_plan(7, 2026, date(2026, 5, 27), 2)
    assert (plan.backfill, plan.live) == (None, (date(2026, 5, 28), date(2026, 5, 29)))


def test_slate_is_the_day_nobody_knows():
    assert league_plan(7, 2026, None, 3).forecast_day == date(2026, 5, 28)


def test_season_keeps_its_last_day_to_predict():
    plan = season_plan("2016", date(2016, 4, 3), date(2016, 10, 2), None, 3)
    assert plan.backfill == (date(2016, 4, 3), date(2016, 9, 28))
    assert plan.forecast_day == date(2016, 10, 2)


def test_season_that_is_over_has_no_day_to_live():
    plan = season_plan("2016", date(2016, 4, 3), date(2016, 10, 2), date(2016, 10, 1), 3)
    assert plan.live == ()


def test_nothing_to_backfill_has_no_chunks():
    assert list(RunPlan("league", "", None, (OPENING,)).backfill_chunks()) == []


@given(st.integers(0, 200), st.integers(1, 40))
def test_chunks_cover_every_day_once(days: int, chunk_days: int):
    plan = RunPlan("league", "", (OPENING, OPENING + days * DAY), (), chunk_days)
    chunks = list(plan.backfill_chunks())
    assert (chunks[0][0], chunks[-1][1]) == plan.backfill
    assert all(after == before + DAY for (_, before), (after, _) in pairwise(chunks))
    assert all(0 <= (last - first).days < chunk_days for first, last in chunks)


def test_named_days_of_the_league_are_played():
    plan = league_plan(7, 2026, None, 3, date(2026, 4, 1), date(2026, 4, 20))
    assert plan.backfill == (date(2026, 4, 1), date(2026, 4, 17))
    assert plan.live == (date(2026, 4, 18), date(2026, 4, 19), date(2026, 4, 20))
    assert plan.forecast_day == date(2026, 4, 21)


def test_a_first_day_alone_has_sixty_days_backfilled():
    assert league_plan(7, 2026, None, 1, date(2026, 4, 1)).backfill == (date(2026, 4, 1), date(2026, 5, 30))


def test_a_league_that_has_played_goes_on_until_the_last_day():
    plan = league_plan(7, 2026, date(2026, 5, 27), 3, last=date(2026, 6, 1))
    assert (plan.backfill, plan.live[0], plan.live[-1]) == (None, date(2026, 5, 28), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("played", "first", "last", "why"),
    [
        (None, date(2025, 4, 1), None, "expected --from in the season 2026"),
        (None, None, date(2027, 4, 1), "expected --to in the season 2026"),
        (None, date(2026, 5, 2), date(2026, 5, 1), "not after --to"),
        (None, date(2026, 5, 1), date(2026, 5, 3), "expected more than 3 days"),
        (date(2026, 5, 27), date(2026, 4, 1), None, "expected --from 2026-05-28"),
        (date(2026, 5, 27), None, date(2026, 5, 1), "expected --to 2026-05-28 or later"),
    ],
)
def test_days_that_cannot_be_played_are_refused(
    played: date | None, first: date | None, last: date | None, why: str
):
    with pytest.raises(ValueError, match=why):
        league_plan(7, 2026, played, 3, first, last)
