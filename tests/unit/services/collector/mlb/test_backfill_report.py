"""The coverage report of a season: which games are missing, and why."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from services.collector.mlb.backfill_report import MissingGame, expected_games, report_season
from shared.storage.coverage import SeasonCoverage, SeasonDates, save_coverage
from tests.fakes import InMemoryObjectStore

REGULAR = date(2020, 7, 23), date(2020, 9, 27)
UNLISTED = MissingGame(None, None, "900 games: the source lists 0 of the 900 that a season has")


class NoGames:
    """A warehouse without a game."""

    def query_rows(self, _sql: str, **_parameters: Any) -> pl.DataFrame:
        return pl.DataFrame()


def missing_games(coverage: SeasonCoverage) -> tuple[MissingGame, ...]:
    objects = InMemoryObjectStore()
    save_coverage(objects, coverage)
    return report_season(NoGames(), objects, coverage.season).missing  # type: ignore[arg-type]


@pytest.mark.parametrize(("season", "games"), [(2016, 2430), (2020, 900), (2024, 2430)])
def test_length_of_a_season(season: int, games: int):
    assert expected_games(season) == games


def test_games_that_the_source_does_not_list_are_counted():
    dates = SeasonDates(2020, regular=REGULAR)
    assert missing_games(SeasonCoverage(2020, dates=dates, checked=(REGULAR,))) == (UNLISTED,)


def test_days_that_were_never_collected_come_before_any_other_reason():
    dates, half = SeasonDates(2020, regular=REGULAR), (REGULAR[0], date(2020, 8, 31))
    (missing,) = missing_games(SeasonCoverage(2020, dates=dates, checked=(half,)))
    assert missing == MissingGame(date(2020, 9, 1), None, "the days to 2020-09-27 were never collected")


def test_game_that_could_not_be_fetched_has_its_reason():
    known = SeasonCoverage(2020, open_games={REGULAR[0]: {630851: "missing"}})
    assert missing_games(known) == (
        MissingGame(REGULAR[0], 630851, "its feed could not be fetched, or was not yet"),
    )
