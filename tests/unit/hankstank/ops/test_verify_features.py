"""Feature columns that are null on days with rows are named by `verify`; expected nulls are not."""

from datetime import timedelta

import duckdb
import pytest

from hankstank.ops import verify_derived
from services.features.step import step
from tests.unit.services.features.league import NOON, OPENING_DAY, load, loaded, ports, season

DAYS = 3


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The warehouse of three days whose features are built."""
    folder = tmp_path_factory.mktemp("built")
    world = ports(folder)
    load(world, season(DAYS))
    step(loaded(), world, NOON)
    world.warehouse.close()
    return (folder / "warehouse.duckdb").read_bytes()


def found(built, tmp_path, *statements):
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(built)
    with duckdb.connect(str(warehouse)) as store:
        for statement in statements:
            store.execute(statement)
    return list(verify_derived.find_faults(warehouse))


def test_built_features_have_no_fault(built, tmp_path):
    assert found(built, tmp_path) == []


def test_column_that_is_null_before_the_last_day_is_named(built, tmp_path):
    last = OPENING_DAY + timedelta(days=DAYS - 1)
    update = f"update mlb_features.game_features_daily set park_factor_runs = null where game_date < '{last}'"
    ((table, wrong),) = found(built, tmp_path, update)
    assert table == "mlb_features.game_features_daily"
    assert wrong.startswith(
        f"park_factor_runs: null in every row of {DAYS - 1} of {DAYS} days, {OPENING_DAY} to "
    )


def test_column_that_the_store_does_not_have_yet_is_named(built, tmp_path):
    ((_, wrong),) = found(
        built, tmp_path, "alter table mlb_features.game_features_daily drop park_factor_runs"
    )
    assert wrong.startswith(f"park_factor_runs: null in every row of {DAYS} of {DAYS} days")


def test_column_of_one_role_is_expected_of_that_role_alone(built, tmp_path):
    update = "update mlb_features.player_features_daily set expected_hits = null where role = 'batter'"
    ((_, wrong),) = found(built, tmp_path, update)
    assert wrong.startswith("expected_hits: null in every row")


def test_values_of_projected_line_ups_do_not_stand_in_for_those_of_posted_ones(built, tmp_path):
    where = "where variant = 'confirmed'"
    update = f"update mlb_features.game_features_daily set park_factor_runs = null {where}"
    ((_, wrong),) = found(built, tmp_path, update)
    assert wrong.startswith(f"park_factor_runs: null in every row of {DAYS} of {DAYS} days")


def test_column_whose_input_has_no_rows_is_not_named(built, tmp_path):
    update = "update mlb_features.game_features_daily set park_factor_runs = null"
    assert found(built, tmp_path, update, "delete from mlb_features.park_states") == []
