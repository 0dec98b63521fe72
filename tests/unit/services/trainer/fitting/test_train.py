"""The same rows give the same bytes, the line finds the formula's error, and trees find what it misses."""

import msgspec
import numpy as np
import polars as pl
import pytest

from services.trainer.dataset import build_sample
from services.trainer.fitting.boosting import RENEWAL_ROUNDS
from services.trainer.fitting.linear import fit_line
from services.trainer.fitting.train import fit_recipe, renew_model
from services.trainer.recipes import build_recipe, recipe_hyperparameters, recipe_of
from services.trainer.scores import score_rows
from services.trainer.selection.naive import naive_means
from shared.modeling.target import FORMS
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league
from tests.unit.shared.modeling.manifests import manifest

BY_NAME = {target.name: target for target in TARGETS}
WIN, HITS, STRIKEOUTS = (BY_NAME[name] for name in ("home_win", "batter_hits", "pitcher_strikeouts"))
SMALL = league(days=8)
FRAMES = {"game": SMALL.games, "batter": SMALL.batters, "starter": SMALL.starters}


def log_loss(fitted, target, rows):
    return score_rows(target, fitted.predict_means(rows), rows).log_loss.mean()


@pytest.mark.parametrize("form", ["boosted_formula", "blended"])
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_same_rows_give_the_same_bytes(target, form):
    rows = build_sample(FRAMES[target.rows], target)
    once, again = (fit_recipe(build_recipe(target, form), target, rows) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("form", FORMS)
def test_every_form_forecasts_plausible_means(form):
    rows = build_sample(SMALL.starters, STRIKEOUTS)
    means = fit_recipe(build_recipe(STRIKEOUTS, form), STRIKEOUTS, rows).predict_means(rows)
    assert means.mean() == pytest.approx(rows.label.mean(), rel=0.1)


def test_formula_is_left_as_it_is():
    rows = build_sample(SMALL.starters, STRIKEOUTS)
    means = fit_recipe(build_recipe(STRIKEOUTS, "formula"), STRIKEOUTS, rows).predict_means(rows)
    assert means == pytest.approx(SMALL.starters["expected_strikeouts"].to_numpy(), rel=1e-6)


def test_line_finds_an_overconfident_formula():
    line = fit_line(WIN, build_sample(league(days=120, formula=2.0).games, WIN))
    assert line.slope == pytest.approx(0.5, abs=0.1)


def test_few_rows_leave_the_line_near_the_formula():
    line = fit_line(WIN, build_sample(SMALL.games[:5], WIN))
    assert (line.intercept, line.slope) == pytest.approx((0, 1), abs=0.15)


def test_trees_find_what_the_formula_misses():
    past, future = (
        build_sample(league(days=40, signal=0.4, seed=seed).starters, STRIKEOUTS) for seed in (1, 2)
    )
    line, trees = (
        fit_recipe(build_recipe(STRIKEOUTS, form), STRIKEOUTS, past)
        for form in ("fitted_formula", "boosted_formula")
    )
    assert log_loss(trees, STRIKEOUTS, future) < log_loss(line, STRIKEOUTS, future) - 0.05


def test_more_expected_strikeouts_never_forecast_fewer():
    rows = build_sample(league(days=20, signal=-0.3).starters, STRIKEOUTS)
    fitted = fit_recipe(build_recipe(STRIKEOUTS, "boosted_formula"), STRIKEOUTS, rows)
    steps = pl.Series("strikeout_rate_vs_lineup", np.linspace(-3, 3, 41))
    ladder = rows.frame[:1].drop("strikeout_rate_vs_lineup").join(steps.to_frame(), how="cross")
    means = fitted.predict_means(build_sample(ladder, STRIKEOUTS))
    assert (np.diff(means) >= 0).all()


def made(fitted):
    """Return the parts of a manifest that a renewal reads."""
    fields = msgspec.structs.asdict(fitted.specification)
    changes = {name: fields[name] for name in ("margin", "features", "features_sha256")}
    changes |= {"form": fitted.recipe.form, "hyperparameters": recipe_hyperparameters(fitted.recipe)}
    changes |= {"rounds": fitted.rounds, "tree_weight": fitted.tree_weight}
    return manifest(fields["target"], "1.0.0", fitted.artifact, **changes)


def test_recipe_is_read_back_from_the_manifest():
    for form in FORMS:
        built = fit_recipe(build_recipe(HITS, form), HITS, build_sample(SMALL.batters, HITS))
        assert recipe_of(made(built), HITS) == build_recipe(HITS, form)


def test_renewal_learns_from_newer_rows():
    old, new = (build_sample(league(days=8, signal=signal).starters, STRIKEOUTS) for signal in (0.1, 0.5))
    built = fit_recipe(build_recipe(STRIKEOUTS, "boosted_formula"), STRIKEOUTS, old)
    renewed = renew_model(built.artifact, made(built), STRIKEOUTS, new)
    assert renewed.rounds == built.rounds + RENEWAL_ROUNDS
    assert log_loss(renewed, STRIKEOUTS, new) < log_loss(built, STRIKEOUTS, new)


@pytest.mark.parametrize("form", FORMS)
def test_renewal_gives_the_same_bytes(form):
    old, new = (build_sample(league(days=8, seed=seed).batters, HITS) for seed in (1, 2))
    built = fit_recipe(build_recipe(HITS, form), HITS, old)
    once, again = (renew_model(built.artifact, made(built), HITS, new) for _ in range(2))
    assert once == again


def test_formula_has_nothing_to_renew():
    old, new = (build_sample(league(days=8, seed=seed).batters, HITS) for seed in (1, 2))
    built = fit_recipe(build_recipe(HITS, "formula"), HITS, old)
    assert renew_model(built.artifact, made(built), HITS, new) == built


def test_naive_win_is_the_home_rate_so_far():
    rows = build_sample(SMALL.games, WIN)
    assert naive_means(rows, rows) == pytest.approx(np.full(len(rows), rows.label.mean()))
