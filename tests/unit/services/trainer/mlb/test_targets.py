"""Targets read only what was known before the first pitch, and the SQL selects all they read."""

from pathlib import Path

import pytest

from services.trainer.mlb import targets
from services.trainer.mlb.targets import TARGETS
from shared.storage import tables

FOLDER = Path(targets.__file__).parent
by_name = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def fields_of(target):
    name = "game_features_daily" if target.rows == "game" else "player_features_daily"
    return {field.name: field for field in tables.get_table(name).fields}


@by_name
def test_inputs_are_features_known_before_the_game(target):
    fields = fields_of(target)
    inputs = set(target.columns) - {target.label}
    assert all(fields[name].is_feature for name in inputs)


@by_name
def test_label_is_no_feature(target):
    assert not fields_of(target)[target.label].is_feature


@by_name
def test_columns_are_selected_by_the_sql(target):
    sql = (FOLDER / f"{'game' if target.rows == 'game' else 'player'}_rows.sql").read_text()
    assert {name for name in target.columns if f"f.{name}" not in sql} == set()


@by_name
def test_margin_is_not_also_a_feature(target):
    assert target.margin.column not in target.features


@by_name
def test_rising_features_are_features(target):
    assert set(target.rising) <= set(target.features)


@by_name
def test_binomials_name_their_trials(target):
    assert (target.family == "binomial") == (target.trials is not None)
