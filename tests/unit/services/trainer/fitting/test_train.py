"""The same rows give the same bytes, a pool is the mean of its voices, and each line-up variant has its own."""

import msgspec
import numpy as np
import polars as pl
import pytest

from services.trainer.dataset import build_sample
from services.trainer.fitting.linear import fit_line, read_columns, start_of
from services.trainer.fitting.train import fit_pool, fit_recipe, means_of, renew_model
from services.trainer.recipes import FORMULA_VOICE, Recipe, build_recipe, recipe_of, successor_recipe
from services.trainer.scores import score_rows
from services.trainer.selection.naive import naive_means
from shared.modeling.manifest import TreeSettings
from shared.modeling.model import Model
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import league
from tests.unit.shared.modeling.manifests import manifest

BY_NAME = {target.name: target for target in TARGETS}
WIN, HITS, STRIKEOUTS = (BY_NAME[name] for name in ("home_win", "batter_hits", "pitcher_strikeouts"))
FORMS = ("formula", "pool")
SMALL = league(days=8)
FRAMES = {"game": SMALL.games, "batter": SMALL.batters, "starter": SMALL.starters}
TUNED = TreeSettings(rounds=5, max_depth=1, eta=0.1, min_child_weight=1, reg_lambda=1)


def log_loss(fitted, target, rows):
    return score_rows(target, fitted.predict_means(rows), rows, fitted.shape()).log_loss.mean()


def starters(**truth):
    return build_sample(league(**truth).starters, STRIKEOUTS)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_same_rows_give_the_same_bytes(target):
    rows = build_sample(FRAMES[target.rows], target)
    once, again = (fit_recipe(build_recipe(target), target, rows, {"projected": rows}) for _ in range(2))
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


@pytest.mark.parametrize("target", [WIN, STRIKEOUTS], ids=lambda target: target.name)
def test_served_pool_is_the_mean_of_its_voices_on_the_scale_of_the_link(target):
    rows = build_sample(FRAMES[target.rows], target)
    recipe = build_recipe(target)
    alone = [
        fit_recipe(Recipe("pool", (voice,), recipe.features), target, rows).predict_means(rows)
        for voice in recipe.voices
    ]
    links = [np.log(means / (1 - means)) if target is WIN else np.log(means) for means in alone]
    pooled = fit_recipe(recipe, target, rows).predict_means(rows)
    served = np.log(pooled / (1 - pooled)) if target is WIN else np.log(pooled)
    assert served == pytest.approx(np.mean(links, axis=0), abs=1e-5)


def test_voices_fitted_together_say_what_the_served_model_says():
    rows, recipe = starters(days=40), build_recipe(STRIKEOUTS)
    pool, data = fit_pool(recipe, STRIKEOUTS, rows)
    served = fit_recipe(recipe, STRIKEOUTS, rows).predict_means(rows)
    assert means_of(STRIKEOUTS, pool.margins(rows, data)) == pytest.approx(served, rel=1e-5)
    assert means_of(STRIKEOUTS, pool.margins(rows)) == pytest.approx(served, rel=1e-5)


def test_every_variant_is_learnt_on_its_own_rows():
    confirmed, unknown = starters(days=30, formula=1.0), starters(days=30, formula=3.0)
    both = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, confirmed, {"unknown": unknown})
    for variant, rows in {"confirmed": confirmed, "unknown": unknown}.items():
        alone = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, rows)
        assert both.predict_means(rows, variant) == pytest.approx(alone.predict_means(rows), rel=1e-6)
        assert both.shape(variant) == alone.shape()


def test_variant_without_rows_of_its_own_is_forecast_as_confirmed():
    rows = starters(days=8)
    fitted = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, rows)
    assert (fitted.predict_means(rows, "projected") == fitted.predict_means(rows)).all()


def test_rows_of_several_variants_are_forecast_each_by_its_own_part():
    confirmed, unknown = starters(days=30, formula=1.0), starters(days=30, formula=3.0)
    fitted = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, confirmed, {"unknown": unknown})
    model = Model.from_artifact(fitted.artifact, fitted.specification)
    status = np.where(np.arange(len(confirmed)) % 3 == 0, "unknown", "confirmed")
    mixed = model.predict_mean(confirmed.frame.with_columns(lineup_status=pl.Series(status)))
    expected = np.where(
        status == "unknown",
        fitted.predict_means(confirmed, "unknown"),
        fitted.predict_means(confirmed),
    )
    assert (mixed == expected).all()


def test_line_finds_an_overconfident_formula():
    line = fit_line(WIN, build_sample(league(days=400, formula=2.0).games, WIN), FORMULA_VOICE)
    assert line.slope == pytest.approx(0.5, abs=0.1)


def test_few_rows_leave_the_line_near_the_formula():
    line = fit_line(WIN, build_sample(SMALL.games[:5], WIN), FORMULA_VOICE)
    assert (line.intercept, line.slope) == pytest.approx((0, 1), abs=0.15)


def test_line_finds_a_term_of_which_the_formula_knows_nothing():
    """The truth adds .3 a standard deviation; the prior, .05, gives way to thousands of starts."""
    rows = starters(days=120, signal=0.3)
    voice = build_recipe(STRIKEOUTS).voices[0]
    weights = dict(fit_line(STRIKEOUTS, rows, voice).terms)
    assert weights["strikeout_rate_vs_lineup"] == pytest.approx(0.3, abs=0.03)
    assert max(abs(weight) for name, weight in weights.items() if name != "strikeout_rate_vs_lineup") < 0.05


def test_line_learnt_from_run_margins_finds_who_scores_more():
    """Runs, not wins, depend on the term here: only a line that learns from margins can see it so clearly."""
    games = league(days=150).games
    edge = games["elo_difference"].to_numpy()
    dice = np.random.default_rng(5)
    home, away = dice.poisson(4.4 * np.exp(0.1 * edge)), dice.poisson(4.4 * np.exp(-0.1 * edge))
    rows = build_sample(games.with_columns(home_score=pl.Series(home), away_score=pl.Series(away)), WIN)
    line = fit_line(WIN, rows, build_recipe(WIN).voices[0])
    weights = dict(line.terms)
    assert weights["elo_difference"] > 3 * max(abs(weights[name]) for name in list(weights)[1:])


def test_missing_term_counts_as_its_mean():
    rows = starters(days=20, signal=0.3)
    voice = build_recipe(STRIKEOUTS).voices[0]
    line = fit_line(STRIKEOUTS, rows, voice)
    mean = rows.frame["strikeout_rate_vs_lineup"].mean()
    missing, usual = (
        build_sample(rows.frame.with_columns(strikeout_rate_vs_lineup=pl.lit(value, pl.Float64)), STRIKEOUTS)
        for value in (None, mean)
    )
    said, expected, known = (
        start_of(read_columns(STRIKEOUTS, one, [voice]), line) for one in (missing, usual, rows)
    )
    assert said == pytest.approx(expected)
    assert not np.allclose(said, known)


def test_trees_find_what_the_formula_misses():
    past, future = (starters(days=40, signal=0.4, seed=seed) for seed in (1, 2))
    formula, pool = (fit_recipe(build_recipe(STRIKEOUTS, form), STRIKEOUTS, past) for form in FORMS)
    assert log_loss(pool, STRIKEOUTS, future) < log_loss(formula, STRIKEOUTS, future) - 0.05


def test_more_expected_strikeouts_never_forecast_fewer():
    """Of trees: their feature may only raise the forecast."""
    rows = starters(days=20, signal=-0.3)
    trees_alone = Recipe("pool", STRIKEOUTS.pool[1:], STRIKEOUTS.features)
    fitted = fit_recipe(trees_alone, STRIKEOUTS, rows)
    steps = pl.Series("strikeout_rate_vs_lineup", np.linspace(-3, 3, 41))
    ladder = rows.frame[:1].drop("strikeout_rate_vs_lineup").join(steps.to_frame(), how="cross")
    assert (np.diff(fitted.predict_means(build_sample(ladder, STRIKEOUTS))) >= 0).all()


def made(fitted):
    """Return the parts of a manifest that a renewal reads."""
    fields = msgspec.structs.asdict(fitted.specification)
    del fields["target"], fields["version"], fields["artifact_sha256"]
    return manifest(
        fitted.specification.target,
        "1.0.0",
        fitted.artifact,
        **fields,
        form=fitted.recipe.form,
        voices=fitted.recipe.voices,
        rounds=fitted.rounds,
    )


def test_recipe_is_read_back_from_the_manifest():
    for form in FORMS:
        built = fit_recipe(build_recipe(HITS, form), HITS, build_sample(SMALL.batters, HITS))
        assert recipe_of(made(built), HITS) == build_recipe(HITS, form)


def test_tuned_voice_is_carried_on_by_the_next_full_build():
    recipe = build_recipe(HITS).with_tuned_trees(TUNED)
    built = made(fit_recipe(recipe, HITS, build_sample(SMALL.batters, HITS)))
    assert successor_recipe(built, HITS) == recipe


def test_model_of_an_unknown_form_is_carried_on_as_the_pool():
    built = made(fit_recipe(build_recipe(HITS), HITS, build_sample(SMALL.batters, HITS)))
    older = msgspec.structs.replace(built, form="boosted_formula", voices=())
    assert successor_recipe(older, HITS) == recipe_of(older, HITS) == build_recipe(HITS)


def test_renewal_learns_from_newer_rows_and_keeps_the_trees():
    old, new = (starters(days=20, signal=signal) for signal in (0.1, 0.5))
    built = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, old, {"unknown": old})
    renewed = renew_model(built.artifact, made(built), STRIKEOUTS, new, {"unknown": new})
    assert renewed.artifact == built.artifact
    assert log_loss(renewed, STRIKEOUTS, new) < log_loss(built, STRIKEOUTS, new)
    parts = [one.specification.variants["unknown"] for one in (built, renewed)]
    assert parts[0].rounds == parts[1].rounds


@pytest.mark.parametrize("form", FORMS)
def test_renewal_gives_the_same_bytes(form):
    old, new = (build_sample(league(days=8, seed=seed).batters, HITS) for seed in (1, 2))
    built = fit_recipe(build_recipe(HITS, form), HITS, old)
    once, again = (renew_model(built.artifact, made(built), HITS, new) for _ in range(2))
    assert once == again


def test_renewal_on_the_same_rows_changes_nothing():
    rows = starters(days=20)
    built = fit_recipe(build_recipe(STRIKEOUTS), STRIKEOUTS, rows)
    renewed = renew_model(built.artifact, made(built), STRIKEOUTS, rows)
    assert renewed.specification.margin == built.specification.margin
    assert renewed.predict_means(rows) == pytest.approx(built.predict_means(rows))


def test_naive_win_is_the_home_rate_so_far():
    rows = build_sample(SMALL.games, WIN)
    assert naive_means(rows, rows) == pytest.approx(np.full(len(rows), rows.label.mean()))
