from datetime import date, timedelta

import polars as pl

from services.features.rolling import team_windows

DAY = date(2026, 5, 31)


def played(*days_ago, runs=5):
    counts = {
        "hits": 8,
        "walks": 3,
        "hit_by_pitch": 1,
        "plate_appearances": 40,
        "total_bases": 12,
        "at_bats": 36,
    }
    rows = [
        {"day": DAY - timedelta(days=n), "team_id": 1, "runs_for": runs, "runs_against": 3} | counts
        for n in days_ago
    ]
    return pl.DataFrame(rows)


def test_leaves_out_the_day_itself():
    assert team_windows(played(0), [DAY])["games_60"].item() == 0


def test_counts_strictly_within_the_window():
    assert team_windows(played(0, 1, 7, 8), [DAY])["games_7"].item() == 2


def test_averages_runs_by_game():
    assert team_windows(played(0, 1, 1, 2), [DAY])["runs_for_7"].item() == 5


def test_adds_on_base_and_slugging():
    assert team_windows(played(0, 1), [DAY])["on_base_plus_slugging_7"].item() == 12 / 40 + 12 / 36


def test_states_only_the_days_asked_for():
    assert team_windows(played(0, 1, 2), [DAY])["as_of"].to_list() == [DAY]
