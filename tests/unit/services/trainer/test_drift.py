"""A model's inputs are compared with the same time of year; what moves is named, what should move is not."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trainer.dataset import build_sample
from services.trainer.drift import drifted_features, feature_drift, profile_inputs
from shared.modeling.manifest import Margin
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league

BY_NAME = {target.name: target for target in TARGETS}
WIN = BY_NAME["home_win"]
SPECIFICATION = SimpleNamespace(
    features=("expected_run_difference", "starter_experience_difference"),
    margin=Margin("margin_home_win", "logit", is_linked=True),
    variants={},
)
THEN, NOW = (league(days=30, seed=seed).games for seed in (1, 2))
NOW_ENDS = NOW["game_date"].max()
FEATURE = pl.col("expected_run_difference")


def found(now, then=THEN):
    return feature_drift(made(then), build_sample(now, WIN))


def made(then, last=NOW_ENDS):
    return SimpleNamespace(
        profile=profile_inputs(SPECIFICATION, build_sample(then, WIN)), trained_on=SimpleNamespace(last=last)
    )


def test_same_league_does_not_drift():
    assert max(found(NOW).values()) < 0.2


@pytest.mark.parametrize(
    "changed",
    [FEATURE + 1.5, FEATURE * 10, pl.when(pl.col("game_pk") % 3 == 0).then(None).otherwise(FEATURE)],
)
def test_shifts_other_units_and_gaps_are_named(changed):
    moved = found(NOW.with_columns(changed.alias("expected_run_difference")))
    assert "expected_run_difference" in drifted_features(WIN, moved)[0]


def test_what_accumulates_is_not_watched():
    assert "starter_experience_difference" not in found(NOW)


def test_a_model_of_another_time_of_year_says_nothing():
    october = NOW_ENDS - timedelta(days=180)
    assert feature_drift(made(THEN, last=october), build_sample(NOW.with_columns(FEATURE + 5.0), WIN)) == {}


def test_surroundings_may_move_further():
    assert drifted_features(WIN, {"elo_difference": 1.2}, {"elo_difference": 0.7}) == []
    assert len(drifted_features(WIN, {"elo_difference": 1.2}, {"elo_difference": 0.5})) == 1
    assert drifted_features(WIN, {"park_factor_runs": 1.2, "elo_difference": 1.2}) == [
        "home_win: elo_difference 1.20"
    ]


def test_few_rows_say_nothing():
    assert found(NOW[:100]) == {}


def test_other_times_of_year_do_not_count():
    winter = THEN.with_columns(pl.col("game_date") - timedelta(days=180), pl.col("known_date"), FEATURE + 5.0)
    assert max(found(NOW, then=pl.concat([winter, THEN])).values()) < 0.2


def test_spring_games_do_not_count():
    spring = THEN.with_columns(FEATURE + 5.0, game_type=pl.lit("S"))
    assert max(found(NOW, then=pl.concat([spring, THEN])).values()) < 0.2


@given(st.lists(st.floats(-9, 9) | st.none(), min_size=1, max_size=40))
def test_shares_add_up_to_one(values):
    rows = build_sample(THEN[:1].drop("expected_run_difference").join(
        pl.DataFrame({"expected_run_difference": values}, schema={"expected_run_difference": pl.Float64}),
        how="cross",
    ), WIN)  # fmt: skip
    one = profile_inputs(SPECIFICATION, rows)["expected_run_difference"]
    assert sum(one.shares) + one.null_share == pytest.approx(1)
    assert (np.diff(one.deciles) > 0).all()
