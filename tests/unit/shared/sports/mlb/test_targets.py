"""Every target reads only what was known before the first pitch, and can be trained, requested and scored."""

import pytest

from services.trainer.dataset import rows_query
from shared.modeling.target import RUN_MARGIN_LABELS
from shared.sports.mlb.targets import TARGETS
from shared.storage import tables

by_name = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def fields_of(target):
    name = "game_features_daily" if target.rows == "game" else "player_features_daily"
    return {field.name: field for field in tables.get_table(name).fields}


@by_name
def test_inputs_are_features_known_before_the_game(target):
    fields = fields_of(target)
    learnt_from = {target.label, *RUN_MARGIN_LABELS}
    inputs = set(target.required_columns) - learnt_from
    assert all(fields[name].is_feature for name in inputs)


@by_name
def test_nothing_that_is_learnt_from_is_served(target):
    """What voices' lines and trees read must be known before the game; a label, such as runs, is not."""
    served = {*target.features, *(name for voice in target.pool for name in voice.terms)}
    assert not served & {target.label, *RUN_MARGIN_LABELS}


@by_name
def test_label_is_no_feature(target):
    assert not fields_of(target)[target.label].is_feature


@by_name
def test_columns_are_selected_by_the_sql(target):
    selected = rows_query(target.rows).replace(",", "").split()
    assert {f"f.{name}" for name in target.required_columns} <= set(selected)


@by_name
def test_margin_is_not_also_a_feature(target):
    assert target.margin.column not in target.features


@by_name
def test_rising_features_are_features(target):
    assert set(target.monotone_increasing) <= set(target.features)


@by_name
def test_binomials_name_their_trials(target):
    assert (target.family == "binomial") == (target.trials is not None)


@by_name
def test_players_statistics_have_a_name_a_unit_and_a_column_in_box_scores(target):
    if target.rows != "game":
        assert target.outcome in tables.get_table("player_stats_historical").schema
        assert {target.stat, target.unit} & {""} == set()


@by_name
def test_benchmarks_are_products_of_features(target):
    fields = fields_of(target)
    assert all(fields[name].is_feature for columns in target.benchmarks.values() for name in columns)


def test_names_and_statistics_of_a_role_are_unique():
    assert len({target.name for target in TARGETS}) == len(TARGETS)
    requested = [(target.rows, target.stat) for target in TARGETS if target.stat]
    assert len(set(requested)) == len(requested)
