"""A challenger is judged once, on what it and production forecast together; a broken champion is found out."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from services.trainer.dataset import build_sample
from services.trainer.selection.shadow import (
    BROKEN_GAMES,
    SHADOW_DAYS,
    SHADOW_GAMES,
    find_production_failure,
    judge_challenger,
    loss_difference,
)
from shared.sports.mlb.targets import TARGETS
from tests.unit.services.trainer.league import GRADED, OPENING_DAY, league
from tests.unit.shared.modeling.manifests import DAY, manifest

WIN = next(target for target in TARGETS if target.name == "home_win")
CHALLENGER = manifest("home_win", "1.1.0", b"")
PLAYED = league(days=30, games_a_day=10)


def scored_forecasts(losses, version="1.0.0", is_challenger=False, release="000002", first_pk=1):
    """Return scored forecasts of as many games as losses, from the day after the challenger was made."""
    games = first_pk + np.arange(len(losses))
    constant = {"target": "home_win", "player_id": None, "model_version": version, "release_id": release}
    days = [DAY + timedelta(days=1 + int(place) // 15) for place in range(len(losses))]
    columns = {"game_pk": games, "game_date": days, "is_challenger": is_challenger, "log_loss": losses}
    return pl.DataFrame(constant | columns, schema=GRADED)


def shadowed(games, gain, noise=0.05):
    dice = np.random.default_rng(1)
    theirs = dice.normal(0.69, 0.1, games)
    ours = theirs - gain + dice.normal(0, noise, games)
    return pl.concat([scored_forecasts(theirs), scored_forecasts(ours, "1.1.0", is_challenger=True)])


@pytest.mark.parametrize(("gain", "words"), [(0.02, "no worse"), (0.0, "no worse"), (-0.004, "no worse")])
def test_one_more_voice_joins_unless_it_is_clearly_worse_in_shadow(gain, words):
    """400 games with a noise of .05 have a standard error of .0025: .004 is no proof."""
    verdict = judge_challenger(CHALLENGER, shadowed(SHADOW_GAMES, gain), DAY + timedelta(days=30))
    assert verdict.deploy
    assert verdict.reason.startswith(f"challenger 1.1.0 {words} than production in shadow: ")


def test_clearly_worse_in_shadow_is_dropped():
    verdict = judge_challenger(CHALLENGER, shadowed(SHADOW_GAMES, -0.02), DAY + timedelta(days=30))
    assert not verdict.deploy
    assert verdict.reason.startswith("challenger 1.1.0 worse than production in shadow: +0.01")


def test_few_games_settle_nothing():
    assert judge_challenger(CHALLENGER, shadowed(SHADOW_GAMES - 1, 0.02), DAY + timedelta(days=30)) is None


def test_challenger_that_nobody_asks_goes():
    verdict = judge_challenger(CHALLENGER, shadowed(0, 0.0), DAY + timedelta(days=SHADOW_DAYS))
    assert (verdict.deploy, verdict.reason.split(": ")[1]) == (
        False,
        "0 games scored in 60 days, expected 400",
    )


def test_only_forecasts_of_one_release_are_compared():
    apart = pl.concat(
        [
            scored_forecasts([0.6], release="000001"),
            scored_forecasts([0.5], "1.1.0", is_challenger=True, release="000002"),
        ]
    )
    assert loss_difference(CHALLENGER, apart) is None


def test_last_release_before_the_game_counts():
    early, late = ((0.6, 0.7), (0.6, 0.5))
    both = [
        scored_forecasts([loss], version, is_challenger=version == "1.1.0", release=release)
        for release, losses in (("000001", early), ("000002", late))
        for version, loss in zip(("1.0.0", "1.1.0"), losses, strict=True)
    ]
    assert loss_difference(CHALLENGER, pl.concat(both)).mean == pytest.approx(-0.1)


def test_other_versions_of_challengers_do_not_count():
    assert loss_difference(CHALLENGER, shadowed(20, 0.1).with_columns(model_version=pl.lit("1.2.0"))) is None


def found_broken(loss, version="1.0.3", games=200):
    rows = build_sample(PLAYED.games, WIN)
    made = manifest("home_win", version, b"", as_of=PLAYED.last)
    own = scored_forecasts([loss] * games, first_pk=101).with_columns(
        game_date=pl.lit(OPENING_DAY + timedelta(days=20))
    )
    return find_production_failure(made, own, WIN, rows)


def test_worse_than_naive_is_broken():
    assert found_broken(0.9).startswith("scored forecasts worse than naive: +0.19")


def test_as_good_as_naive_is_not_broken():
    assert found_broken(0.69) == ""


def test_few_bad_games_break_nothing():
    assert found_broken(0.9, games=BROKEN_GAMES - 1) == ""


def test_sins_of_another_form_are_not_inherited():
    assert found_broken(0.9, version="1.1.0") == ""


def test_nothing_graded_is_not_broken():
    rows = build_sample(PLAYED.games, WIN)
    assert (
        find_production_failure(manifest("home_win", "1.0.0", b""), PLAYED.scored_forecasts, WIN, rows) == ""
    )
