"""The season calendar."""

from datetime import date

import pytest

from services.collector import season


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-02-19", None),
        ("2026-02-20", "spring"),
        ("2026-03-25", "spring"),
        ("2026-03-26", "regular"),
        ("2026-07-14", "all_star"),
        ("2026-09-30", "regular"),
        ("2026-10-01", "postseason"),
        ("2026-11-05", "postseason"),
        ("2026-11-06", None),
    ],
)
def test_each_day_has_its_phase(day, name):
    phase = season.phase(date.fromisoformat(day))
    assert (phase.name if phase else None) == name


def test_all_star_day_has_the_types_of_both_phases():
    assert season.game_types(date(2026, 7, 14)) == {"A", "R"}


def test_other_years_follow_the_usual_dates():
    assert season.game_types(date(2016, 10, 1)) == {"R", "F", "D", "L", "W"}


def test_range_leaves_out_the_winter():
    days = season.in_season(date(2025, 11, 4), date(2026, 2, 21))
    assert [day.isoformat() for day in days] == ["2025-11-04", "2025-11-05", "2026-02-20", "2026-02-21"]
