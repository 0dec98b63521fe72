import pytest

from services.features import catalogue
from services.features.mlb.player_windows import SPANS
from services.features.mlb.running_totals import WINDOWS
from shared.sports.mlb import matchup

ENTRIES = catalogue.feature_entries()


def test_explains_every_model_feature():
    explained = {entry.name for entry in ENTRIES}
    assert explained >= {*matchup.GAME_FEATURES, *matchup.BATTER_FEATURES, *matchup.STARTER_FEATURES}


@pytest.mark.parametrize("part", ["meaning", "unit", "window", "inputs"])
def test_says_everything_of_each(part):
    assert all(getattr(entry, part) for entry in ENTRIES)


def test_names_each_feature_of_a_table_once():
    names = [(entry.table, entry.name) for entry in ENTRIES]
    assert len(names) == len(set(names))


def test_labels_are_no_features():
    assert not {"home_win", "hits", "strikeouts", "home_score"} & {entry.name for entry in ENTRIES}


def test_shows_every_window():
    shown = {entry.name for entry in ENTRIES if entry.table == "team_rolling_features"}
    assert {f"wins_{window}" for window in WINDOWS} <= shown


WINDOWED = [table for table in catalogue.FEATURE_TABLES if not table.endswith("_daily")]


@pytest.mark.parametrize("table", WINDOWED)
def test_names_the_family_of_what_people_look_at(table):
    assert all(entry.family for entry in ENTRIES if entry.table == table)


@pytest.mark.parametrize("role", ["batter", "pitcher"])
def test_shows_every_span_of_players(role):
    shown = {entry.name for entry in ENTRIES if entry.table == f"{role}_rolling_features"}
    assert {f"woba_{span}" for span in SPANS} <= shown
