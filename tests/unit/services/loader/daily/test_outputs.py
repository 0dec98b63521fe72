"""What each day must have and what it has, counted from stores written by hand."""

from datetime import date, timedelta

import msgspec
import pytest

from services.loader.daily.outputs import RECENT_DAYS, count_outputs
from services.loader.forecasts import load_and_score
from shared.storage import coverage, daily_outputs
from shared.storage.coverage import SeasonCoverage
from shared.storage.daily_outputs import DailyOutputs, load_daily_outputs, save_daily_outputs
from shared.storage.daily_reports import report_name
from shared.storage.day_results import results_object_name
from tests.unit.services.loader.batches import MONDAY, TUESDAY, game, row
from tests.unit.services.loader.daily.days import (
    DAY,
    MORNING,
    WEDNESDAY,
    empty,
    merge,
    store_coverage,
    store_days,
)

SUNDAY = MONDAY - DAY


@pytest.fixture
def stored(ports):
    store_days(ports)
    load_and_score(ports, [MONDAY, TUESDAY])
    return ports


def counted(ports, known=None, now=MORNING) -> DailyOutputs:
    return count_outputs(ports, known, WEDNESDAY, now)


def of_day(outputs: DailyOutputs, day: date) -> dict[str, tuple[int, int, str]]:
    one = next(one for one in outputs.days if one.day == day)
    return {name: (count.expected, count.actual, count.state) for name, count in one.outputs.items()}


def reason(outputs: DailyOutputs, day: date) -> str:
    return next(one.reason for one in outputs.days if one.day == day)


def test_day_with_everything_is_complete(stored):
    assert of_day(counted(stored), MONDAY) == {
        "games": (2, 2, "complete"),
        "lines": (2, 2, "complete"),
        "plays": (2, 2, "complete"),
        "features": (2, 2, "complete"),
        "forecasts": (2, 2, "complete"),
        "grades": (2, 2, "complete"),
        "results": (1, 1, "complete"),
        "report": (0, 0, "none_expected"),
    }
    assert counted(stored).holes() == []


@pytest.mark.parametrize(
    ("table", "holes"),
    [
        ("games_historical", {"games": (2, 0), "lines": (2, 0), "plays": (2, 0)}),
        ("team_stats_historical", {"lines": (2, 0)}),
        ("player_stats_historical", {"lines": (2, 0)}),
        ("plate_appearances", {"plays": (2, 0)}),
        ("statcast_pitches", {"plays": (2, 0)}),
        ("game_features_daily", {"features": (2, 0)}),
        ("batter_states", {"features": (2, 1)}),
        ("grades", {"grades": (2, 0)}),
    ],
)
def test_partition_that_is_lost_is_a_hole(stored, table, holes):
    empty(stored.warehouse, table, MONDAY)
    found = {name: (count.expected, count.actual) for _, name, count in counted(stored).holes()}
    assert found == holes


def test_rows_of_projected_line_ups_do_not_stand_in_for_those_of_posted_ones(stored):
    empty(stored.warehouse, "game_features_daily", MONDAY)
    kept = [
        row("game_features_daily", game_pk=pk, game_date=MONDAY, variant=variant)
        for pk in (1, 2) for variant in ("projected", "unknown")
    ]  # fmt: skip
    merge(stored.warehouse, "game_features_daily", kept)
    assert of_day(counted(stored), MONDAY)["features"] == (2, 0, "missing")


def test_table_that_had_rows_and_has_none_is_named(stored):
    before = counted(stored)
    empty(stored.warehouse, "umpire_states", MONDAY)
    assert [one.missing_tables for one in counted(stored, before).days if one.missing_tables] == [
        ("umpire_states",)
    ]
    assert of_day(counted(stored, before), MONDAY)["features"] == (2, 1, "partial")


@pytest.mark.parametrize("changed", [{"game_type": "S"}, {"completed_date": TUESDAY}])
def test_day_without_completed_games_that_count_needs_no_states(stored, changed):
    games = [game(pk, MONDAY, version=2, **changed) for pk in (1, 2)]
    merge(stored.warehouse, "games_historical", games)
    for table in ("batter_states", "club_states", "pitcher_states"):
        empty(stored.warehouse, table, MONDAY)
    assert [name for day, name, _ in counted(stored).holes() if day == MONDAY] == []


def test_days_without_games_say_why(stored):
    outputs = counted(stored)
    assert (reason(outputs, SUNDAY), reason(outputs, date(2026, 4, 1))) == ("day_off", "off_season")
    assert {state for _, _, state in of_day(outputs, SUNDAY).values()} == {"none_expected"}


def test_day_that_nobody_looked_at_is_a_hole(stored):
    store_coverage(stored, checked=((date(2026, 4, 1), SUNDAY),), listed={})
    outputs = count_outputs(stored, None, WEDNESDAY + DAY, MORNING + DAY)
    assert reason(outputs, WEDNESDAY) == "not_collected"
    assert of_day(outputs, WEDNESDAY)["games"] == (0, 0, "missing")


def test_postponed_game_is_not_expected(stored):
    postponed = game(9, SUNDAY, status="Other", detailed_state="Postponed: Rain", completed_date=None)
    merge(stored.warehouse, "games_historical", [postponed])
    outputs = counted(stored)
    assert (reason(outputs, SUNDAY), of_day(outputs, SUNDAY)["games"]) == (
        "called_off",
        (0, 0, "none_expected"),
    )


def test_today_is_due_only_for_forecasts(stored):
    merge(stored.warehouse, "games_historical", [game(4, WEDNESDAY, status="Preview", completed_date=None)])
    today = of_day(counted(stored), WEDNESDAY)
    assert today["games"] == (1, 0, "not_due")
    assert today["forecasts"] == (1, 0, "missing")


def test_listed_game_that_was_never_stored_is_a_hole(stored):
    store_coverage(stored, listed={MONDAY: (1, 2, 7), TUESDAY: (3,)})
    assert of_day(counted(stored), MONDAY)["games"] == (3, 2, "partial")


def test_results_and_reports_that_cannot_be_read_are_missing(stored):
    stored.objects.overwrite(results_object_name(MONDAY), b"torn")
    stored.objects.overwrite(report_name(TUESDAY), b"torn")
    outputs = counted(stored)
    assert of_day(outputs, MONDAY)["results"] == of_day(outputs, TUESDAY)["report"] == (1, 0, "missing")


def test_days_before_the_last_month_stay_as_counted(stored):
    known = counted(stored)
    later = WEDNESDAY + (RECENT_DAYS + 2) * DAY
    fresh = msgspec.structs.replace(known, recounted_on=later)
    empty(stored.warehouse, "games_historical", MONDAY)
    assert of_day(count_outputs(stored, fresh, later, MORNING), MONDAY)["games"] == (2, 2, "complete")
    weekly = msgspec.structs.replace(known, recounted_on=later - timedelta(days=7))
    again = count_outputs(stored, weekly, later, MORNING)
    assert (of_day(again, MONDAY)["games"], again.recounted_on) == ((2, 0, "missing"), later)


def test_count_is_stored_and_a_damaged_one_is_none(stored):
    outputs = counted(stored)
    save_daily_outputs(stored.objects, outputs)
    assert load_daily_outputs(stored.objects) == outputs
    stored.objects.overwrite(daily_outputs.OUTPUTS_OBJECT, b"{")
    assert load_daily_outputs(stored.objects) is None


def test_stores_that_were_never_collected_have_nothing_due(ports):
    outputs = counted(ports)
    assert [one.day for one in outputs.days] == [WEDNESDAY]
    assert outputs.holes() == []
    coverage.save_coverage(ports.objects, SeasonCoverage(2026))
    assert counted(ports).holes() == []
