"""The phase that a batch is judged by: the season's dates and the types of the games decide."""

from datetime import date

import pytest

from services.collector.mlb import season
from shared.storage.coverage import SeasonDates

# As /api/v1/seasons?seasonId=2026 has them: test_recorded_days.py compares them with the recorded body.
OF_2026 = SeasonDates(
    2026,
    (date(2026, 2, 20), date(2026, 3, 24)),
    (date(2026, 3, 25), date(2026, 9, 27)),
    date(2026, 7, 14),
    (date(2026, 9, 28), date(2026, 10, 31)),
)
# Made up: a regular season that begins abroad while other clubs are still in spring training.
BEGINS_ABROAD = SeasonDates(
    2041,
    (date(2041, 2, 20), date(2041, 3, 25)),
    (date(2041, 3, 18), date(2041, 9, 28)),
    date(2041, 7, 16),
    (date(2041, 9, 30), date(2041, 11, 1)),
)


@pytest.mark.parametrize(
    ("day", "types", "dates", "phase"),
    [
        ("2026-03-24", "S", OF_2026, "spring"),
        ("2026-03-25", "R", OF_2026, "regular"),  # Opening Night
        ("2026-09-27", "R", OF_2026, "regular"),  # the last day
        ("2026-09-28", "F", OF_2026, "postseason"),
        ("2026-10-31", "W", OF_2026, "postseason"),
        ("2026-07-14", "A", OF_2026, "all_star"),
        ("2026-03-26", "E", OF_2026, "spring"),  # an exhibition game, whatever the dates are
        ("2026-07-16", "", OF_2026, "regular"),
        ("2026-11-20", "", OF_2026, "off_season"),
        ("2026-11-20", "R", OF_2026, "regular"),  # the games decide against the dates
        ("2041-03-18", "RS", BEGINS_ABROAD, "regular"),
        ("2041-03-20", "S", BEGINS_ABROAD, "spring"),
        ("2041-03-20", "", BEGINS_ABROAD, "spring"),
        ("2018-03-29", "R", None, "regular"),  # no dates are known
        ("2018-10-02", "F", None, "postseason"),
        ("2018-12-24", "", None, "off_season"),
    ],
)
def test_a_days_games_have_their_phase(day, types, dates, phase):
    assert season.phase_of_day(date.fromisoformat(day), types, dates) == phase
