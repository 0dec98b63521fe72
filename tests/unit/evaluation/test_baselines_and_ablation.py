"""What each family does: left out where it is read, added where it is not."""

from dataclasses import replace

import polars as pl
import pytest

from evaluation import baselines_and_ablation
from evaluation.requested_families import REQUESTED_FEATURES
from shared.sports.mlb.targets import TARGETS

OURS = {"park beyond the formula", "own appearances"}  # families nobody asked for
WIN = next(target for target in TARGETS if target.name == "home_win")


def test_family_left_out_is_read_nowhere():
    left = baselines_and_ablation._without_columns(WIN, ["starter_experience_difference"])
    assert "starter_experience_difference" not in (*left.terms, *left.features, *left.monotone_increasing)


@pytest.mark.parametrize(("form", "where"), [("fitted_terms", "terms"), ("boosted_formula", "features")])
def test_family_is_added_to_what_the_form_reads(form, where):
    assert "park_runs" in getattr(baselines_and_ablation._with_columns(WIN, form, ["park_runs"]), where)


def test_formula_with_added_terms_has_fitted_terms():
    bare = replace(WIN, terms=())
    assert baselines_and_ablation._ablated_form(bare, "fitted_formula") == "fitted_formula"
    assert (
        baselines_and_ablation._ablated_form(
            baselines_and_ablation._with_columns(bare, "formula", ["month"]), "formula"
        )
        == "fitted_terms"
    )


def test_scaling_knows_only_the_seasons_before():
    days = pl.Series(["2014-05-01", "2014-05-02", "2015-05-01"]).str.to_date()
    frame = pl.DataFrame({"game_date": days, "month": [1.0, 3.0, 99.0]})
    scaled = baselines_and_ablation._standardise_columns(frame, ["month"], 2015)["month"]
    assert scaled[:2].to_list() == pytest.approx([-(0.5**0.5), 0.5**0.5])


@pytest.mark.parametrize("kind", ["game", "batter", "starter"])
def test_families_are_features_of_their_rows(kind):
    from shared.sports.mlb import matchup  # noqa: PLC0415

    known = {
        "game": matchup.GAME_FEATURES,
        "batter": matchup.BATTER_FEATURES,
        "starter": matchup.STARTER_FEATURES,
    }
    named = {name for columns in baselines_and_ablation._GROUPS[kind].values() for name in columns}
    assert named <= set(known[kind])


@pytest.mark.parametrize("asked", REQUESTED_FEATURES)
@pytest.mark.parametrize("kind", ["game", "batter", "starter"])
def test_what_was_asked_for_is_in_a_family_or_has_a_reason(asked, kind):
    answer = REQUESTED_FEATURES[asked][kind]
    assert answer
    assert isinstance(answer, str) or set(answer) <= set(baselines_and_ablation.feature_groups(kind))


def test_every_family_was_asked_for():
    known = {
        name
        for one in REQUESTED_FEATURES.values()
        for answer in one.values()
        if isinstance(answer, list)
        for name in answer
    }
    assert known | OURS == {
        name for kind in ("game", "batter", "starter") for name in baselines_and_ablation.feature_groups(kind)
    }
