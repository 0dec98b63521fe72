"""The phase that a batch is judged by: the season's dates and the types of the games decide."""

from datetime import date

import pytest

from services.collector.mlb import season
from shared.storage.coverage import SeasonDates

# As /api/v1/seasons has them.
OF_2022 = SeasonDates(
    2022,
    (date(2022, 3, 17), date(2022, 4, 6)),
    (date(2022, 4, 7), date(2022, 10, 5)),
    date(2022, 7, 19),
    (date(2022, 10, 7), date(2022, 11, 5)),
)
OF_2025 = SeasonDates(
    2025,
    (date(2025, 2, 20), date(2025, 3, 25)),
    (date(2025, 3, 18), date(2025, 9, 28)),
    date(2025, 7, 15),
    (date(2025, 9, 30), date(2025, 11, 1)),
)
OF_2026 = SeasonDates(
    2026,
    (date(2026, 2, 20), date(2026, 3, 24)),
    (date(2026, 3, 25), date(2026, 9, 27)),
    date(2026, 7, 14),
    (date(2026, 9, 28), date(2026, 10, 31)),
)


@pytest.mark.parametrize(
    ("day", "types", "dates", "phase"),
    [
        ("2026-03-25", "R", OF_2026, "regular"),  # Opening Night
        ("2022-10-05", "R", OF_2022, "regular"),
        ("2025-03-18", "RS", OF_2025, "regular"),  # Tokyo, while others are in spring
        ("2025-03-20", "S", OF_2025, "spring"),
        ("2022-07-19", "A", OF_2022, "all_star"),
        ("2026-09-28", "F", OF_2026, "postseason"),
        ("2026-03-26", "E", OF_2026, "spring"),
        ("2026-07-16", "", OF_2026, "regular"),
        ("2026-11-20", "", OF_2026, "off_season"),
        ("2026-11-20", "R", OF_2026, "regular"),  # the games say otherwise
        ("2018-03-29", "R", None, "regular"),  # nobody says when
        ("2018-10-02", "F", None, "postseason"),
        ("2018-12-24", "", None, "off_season"),
    ],
)
def test_a_days_games_have_their_phase(day, types, dates, phase):
    assert season.phase_of_day(date.fromisoformat(day), types, dates) == phase
