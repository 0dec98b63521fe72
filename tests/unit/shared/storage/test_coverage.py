"""What readers of a snapshot are told of the days that the stores cover."""

from datetime import date

from shared.storage import coverage
from shared.storage.coverage import SeasonCoverage, SeasonDates
from tests.fakes import InMemoryObjectStore

LAST_YEAR = (date(2025, 3, 27), date(2025, 9, 28))
THIS_YEAR = (date(2026, 3, 26), date(2026, 5, 27))
AS_OF = date(2026, 5, 20)


def test_days_covered_are_those_of_every_season_up_to_the_snapshots_day() -> None:
    objects = InMemoryObjectStore()
    for season, span in ((2025, LAST_YEAR), (2026, THIS_YEAR)):
        dates = SeasonDates(season, regular=(span[0], date(season, 9, 28)))
        coverage.save_coverage(
            objects, SeasonCoverage(season, dates=dates, known_until=span[1], checked=(span,))
        )
    known = coverage.build_known_schedule(objects, AS_OF)
    assert known.covered == (LAST_YEAR, (THIS_YEAR[0], AS_OF))
    assert known.absence_reason(date(2024, 5, 1)) == "not_covered"
    assert known.absence_reason(date(2025, 12, 1)) == "off_season"
