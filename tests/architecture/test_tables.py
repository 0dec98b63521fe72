"""What every table's definition must have."""

import pytest

from shared.storage import tables

ALL = [tables.get_table(name) for name in tables.list_tables()]


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_column_is_described(table: tables.Table) -> None:
    assert [field.name for field in table.all_fields if len(field.description) < 3] == []


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_keys_scopes_and_partitions_are_columns(table: tables.Table) -> None:
    named = {*table.key, *table.scope, *table.cluster, *filter(None, [table.partition])}
    assert named <= {field.name for field in table.all_fields}


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_keys_are_required(table: tables.Table) -> None:
    required = {field.name for field in table.all_fields if field.required}
    assert {*table.key, *table.scope} <= required


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_earlier_names_are_no_columns_now(table: tables.Table) -> None:
    earlier = [name for field in table.all_fields for name in field.formerly]
    assert len(set(earlier)) == len(earlier)
    assert not {*earlier} & {field.name for field in table.all_fields}


def test_former_feature_names_mean_one_feature_each() -> None:
    """A model names its features without their table."""
    with_features = [table for table in ALL if any(field.is_feature for field in table.fields)]
    current = {field.name for table in with_features for field in table.all_fields}
    renamed = {pair for table in with_features for pair in table.current_names.items()}
    assert tables.current_feature_names() == dict(renamed)
    assert len(dict(renamed)) == len(renamed)
    assert not dict(renamed).keys() & current


def test_the_founding_tables_are_there() -> None:
    founding = {
        "games_historical", "plate_appearances", "statcast_pitches", "player_stats_historical",
        "team_stats_historical", "lineups_historical", "transactions_historical", "rosters_historical",
        "standings_historical", "teams_historical", "venues", "people",
    }  # fmt: skip
    assert founding <= set(tables.list_tables("mlb_historical_data"))
