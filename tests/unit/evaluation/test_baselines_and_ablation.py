"""The ablation removes the columns a model uses, adds those of unused groups, and covers every request."""

from dataclasses import replace

import polars as pl
import pytest

from evaluation import baselines_and_ablation
from evaluation.requested_families import REQUESTED_FEATURES
from shared.sports.mlb.targets import TARGETS

NOT_REQUESTED = {"park beyond the formula", "own appearances"}
WIN = next(target for target in TARGETS if target.name == "home_win")


def test_removed_column_is_used_noattribute():
    bare = baselines_and_ablation._without_columns(WIN, ["starter_experience_difference"])
    assert "starter_experience_difference" not in (*bare.terms, *bare.features, *bare.monotone_increasing)


@pytest.mark.parametrize(("form", "attribute"), [("fitted_terms", "terms"), ("boosted_formula", "features")])
def test_column_is_added_where_the_form_uses_it(form, attribute):
    assert "park_factor_runs" in getattr(
        baselines_and_ablation._with_columns(WIN, form, ["park_factor_runs"]), attribute
    )


def test_formula_with_added_terms_has_fitted_terms():
    bare = replace(WIN, terms=())
    assert baselines_and_ablation._ablated_form(bare, "fitted_formula") == "fitted_formula"
    assert (
        baselines_and_ablation._ablated_form(
            baselines_and_ablation._with_columns(bare, "formula", ["month"]), "formula"
        )
        == "fitted_terms"
    )


def test_scaling_uses_only_earlier_seasons():
    days = pl.Series(["2014-05-01", "2014-05-02", "2015-05-01"]).str.to_date()
    frame = pl.DataFrame({"game_date": days, "month": [1.0, 3.0, 99.0]})
    scaled = baselines_and_ablation._standardise_columns(frame, ["month"], 2015)["month"]
    assert scaled[:2].to_list() == pytest.approx([-(0.5**0.5), 0.5**0.5])


@pytest.mark.parametrize("kind", ["game", "batter", "starter"])
def test_groups_are_features_of_their_rows(kind):
    from shared.sports.mlb import matchup  # noqa: PLC0415

    known = {
        "game": matchup.GAME_FEATURES,
        "batter": matchup.BATTER_FEATURES,
        "starter": matchup.STARTER_FEATURES,
    }
    named = {name for columns in baselines_and_ablation._GROUPS[kind].values() for name in columns}
    assert named <= set(known[kind])


@pytest.mark.parametrize("requested", REQUESTED_FEATURES)
@pytest.mark.parametrize("kind", ["game", "batter", "starter"])
def test_requested_feature_is_in_a_group_or_has_a_reason(requested, kind):
    groups = REQUESTED_FEATURES[requested][kind]
    assert groups
    assert isinstance(groups, str) or set(groups) <= set(baselines_and_ablation.feature_groups(kind))


def test_every_other_group_is_requested():
    known = {
        name
        for by_kind in REQUESTED_FEATURES.values()
        for groups in by_kind.values()
        if isinstance(groups, list)
        for name in groups
    }
    assert known | NOT_REQUESTED == {
        name for kind in ("game", "batter", "starter") for name in baselines_and_ablation.feature_groups(kind)
    }
