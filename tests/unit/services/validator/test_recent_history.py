"""The query for recent daily means, against numbers worked out by hand."""

from datetime import date

import pytest

from services.validator.step import _SQL
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.storage.tables import get_table
from tests.unit.services.validator.batches import FETCHED, club_rows, frame

# day -> runs of the two clubs of its one game
PLAYED = {1: (3, 5), 2: (6, 6), 3: (0, 4), 9: (50, 50)}
UNCOUNTED = {"pitches_thrown": None}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = DuckDbWarehouse(tmp_path_factory.mktemp("history") / "warehouse.duckdb", clock=lambda: FETCHED)
    rows = [
        club | {"game_date": date(2026, 4, day), "runs": scored, "strikeouts": 2 * day} | UNCOUNTED
        for day, runs in PLAYED.items()
        for club, scored in zip(club_rows(day), runs, strict=True)
    ]
    made.merge_rows(get_table("team_stats_historical"), frame("team_stats_historical", rows))
    yield made
    made.close()


def recent(warehouse, first, last):
    return warehouse.query_rows(_SQL, first=date(2026, 4, first), last=date(2026, 4, last)).row(0, named=True)


def test_means_and_deviations_are_of_days(warehouse):
    found = recent(warehouse, 1, 3)  # daily means of runs 4, 6, 2; of strikeouts 2, 4, 6
    assert (found["days"], found["runs_mean"], found["runs_deviation"]) == (3, 4.0, 2.0)
    assert (found["strikeouts_mean"], found["strikeouts_deviation"]) == (4.0, 2.0)


def test_what_was_never_counted_has_no_mean(warehouse):
    assert recent(warehouse, 1, 3)["pitches_thrown_mean"] is None


def test_one_day_has_no_deviation(warehouse):
    assert recent(warehouse, 9, 9)["runs_deviation"] is None


def test_no_history_is_no_days(warehouse):
    assert recent(warehouse, 20, 30)["days"] == 0
