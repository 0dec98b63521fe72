"""Scores to grades, by phase."""

import pytest

from services.validator.grading import BatchCounts, grade_batch, phase_requirements
from shared.messaging.events import Grade, RetryReason
from shared.storage.staging import Issue


def counts(**changed):
    known = {
        "games": 10,
        "complete_games": 10,
        "final_games": tuple(range(10)),
        "players": 1000,
        "missing_lines": 0,
    }
    return BatchCounts(**(known | {"rows": {"statcast_pitches": (100, 100)}} | changed))


def verdict(name="regular", issues=(), schema_fits=True, **changed):
    return grade_batch(counts(**changed), issues, phase_requirements(name), schema_fits=schema_fits)


def pitchless(*games):
    return [Issue("pitch_counts", "statcast_pitches", "error", "", 0, (game,)) for game in games]


def test_weights_add_up_to_one():
    assert verdict().scores["overall"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("changed", "grade"),
    [
        ({}, Grade.A),
        ({"complete_games": 9}, Grade.B),
        ({"players": 960, "missing_lines": 40}, Grade.B),
        ({"players": 950, "missing_lines": 50}, Grade.C),
        ({"players": 900, "missing_lines": 100}, Grade.C),
        ({"players": 899, "missing_lines": 101}, Grade.F),
        ({"complete_games": 1}, Grade.C),
        ({"complete_games": 1, "rows": {"statcast_pitches": (0, 100)}}, Grade.F),
        ({"rows": {"statcast_pitches": (85, 100), "games_historical": (10, 10)}}, Grade.B),
        ({"complete_games": 0}, Grade.F),
        ({"schema_fits": False}, Grade.F),
    ],
)
def test_regular_season_grades(changed, grade):
    assert verdict(**changed).grade is grade


@pytest.mark.parametrize(
    ("name", "absent", "grade"),
    [
        ("spring", 200, Grade.C),
        ("spring", 201, Grade.F),
        ("regular", 100, Grade.C),
        ("postseason", 0, Grade.A),
        ("postseason", 1, Grade.F),
    ],
)
def test_players_needed_by_phase(name, absent, grade):
    assert verdict(name, players=1000 - absent, missing_lines=absent).grade is grade


@pytest.mark.parametrize(
    ("name", "without", "grade"),
    [
        ("spring", 10, Grade.A),
        ("regular", 1, Grade.B),
        ("regular", 5, Grade.C),
        ("regular", 6, Grade.F),
        ("postseason", 1, Grade.F),
    ],
)
def test_pitches_needed_by_phase(name, without, grade):
    assert verdict(name, pitchless(*range(without))).grade is grade


def test_completeness_is_its_least_part():
    totals = [Issue("line_score", "games_historical", "error", "", 1, (1,))]
    found = verdict(issues=[*totals, *pitchless(1, 2)], complete_games=9)
    assert found.scores["completeness"] == pytest.approx(0.8)


def test_warnings_cost_nothing():
    warning = Issue("pitch_counts", "statcast_pitches", "warning", "", 180, (1,))
    assert verdict(issues=[warning]).grade is Grade.A


def test_ranges_are_the_worst_table():
    rows = {"statcast_pitches": (90, 100), "venues": (1, 2), "people": (0, 0)}
    assert verdict(rows=rows).scores["ranges"] == pytest.approx(0.5)


def test_nothing_expected_is_nothing_missed():
    nothing = {"games": 0, "complete_games": 0, "final_games": (), "players": 0, "rows": {}}
    assert verdict("off_season", **nothing).grade is Grade.A


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"schema_fits": False, "players": 0, "missing_lines": 9}, RetryReason.SCHEMA_MISMATCH),
        ({"players": 800, "missing_lines": 200, "issues": pitchless(1)}, RetryReason.MISSING_PLAYERS),
        ({"issues": pitchless(*range(9))}, RetryReason.STATCAST),
        ({"complete_games": 0}, RetryReason.UNAVAILABLE),
    ],
)
def test_reason_is_what_is_worst(changed, reason):
    assert verdict(**changed).reason is reason
