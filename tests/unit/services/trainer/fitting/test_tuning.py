"""Tuning finds better trees, is the same every time, and never sees the days that judge its find."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from msgspec.structs import asdict

from services.trainer import step as room
from services.trainer.dataset import build_sample
from services.trainer.fitting import tuning
from services.trainer.fitting.train import fit_recipe
from services.trainer.fitting.tuning import TuningFold, trials_for, tune_trees, usual_trees
from services.trainer.folds import forward_folds, judged_days
from services.trainer.recipes import TUNED_VOICE, Recipe
from shared.messaging.events import FeaturesCreated
from shared.modeling import registry
from shared.modeling.manifest import Voice
from shared.sports.mlb.targets import TARGETS
from tests.fakes import ports
from tests.unit.services.trainer.league import league

BY_NAME = {target.name: target for target in TARGETS}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
STRIKEOUTS = BY_NAME["pitcher_strikeouts"]
PLAYED = league(days=40, games_a_day=32, signal=0.4)
ROWS = build_sample(PLAYED.starters, STRIKEOUTS)


@pytest.fixture(scope="module")
def found():
    return tune_trees(STRIKEOUTS, ROWS)


def test_monthly_training_gives_the_same_objects(monkeypatch):
    monkeypatch.setattr(room, "TARGETS", (STRIKEOUTS,))
    first, month = (
        FeaturesCreated(
            run_id=trigger,
            occurred_at=NOW,
            dates=(as_of,),
            snapshot=f"snapshot/{trigger}",
            as_of=as_of,
            rows_sampled=20,
            mismatches=0,
            trigger=trigger,
        )
        for trigger, as_of in (("daily", PLAYED.last - timedelta(days=1)), ("monthly", PLAYED.last))
    )
    worlds = [ports(PLAYED) for _ in range(2)]
    for world in worlds:
        room.step(first, world, NOW)
        room.step(month, world, NOW)
    once, again = (
        {name: one.objects.read_bytes(name) for name in one.objects.list_names("")} for one in worlds
    )
    assert once == again
    challengers = registry.current_release(worlds[0].objects).challengers
    made = registry.load_manifest(
        worlds[0].objects, "pitcher_strikeouts", challengers["pitcher_strikeouts"].version
    )
    assert made.voices[-1].name == TUNED_VOICE


def test_same_rows_find_the_same_trees_and_judged_days_are_not_seen(found):
    judged = pl.col("game_date").cast(pl.Int32) >= judged_days(ROWS).first
    corrupt = PLAYED.starters.with_columns(
        strikeouts=pl.when(judged).then(20).otherwise(pl.col("strikeouts"))
    )
    assert tune_trees(STRIKEOUTS, build_sample(corrupt, STRIKEOUTS)) == found


def test_found_trees_did_no_worse_than_the_usual_where_they_were_sought(found):
    past = ROWS.known_before(judged_days(ROWS).first)
    courses = [TuningFold.from_fold(STRIKEOUTS, past, fold) for fold in forward_folds(past)]
    usual = usual_trees(STRIKEOUTS)
    ours, theirs = (
        sum(course.loss_curve(STRIKEOUTS, one)[-1] for course in courses) for one in (found, usual)
    )
    assert ours <= theirs


def test_a_tilted_count_is_tuned_on_the_loss_it_is_served_with():
    outs = BY_NAME["pitcher_outs"]
    rows = build_sample(PLAYED.starters, outs)
    (fold, *_), usual = forward_folds(rows), usual_trees(outs)
    past, held = fold.split_rows(rows)
    alone = Recipe("pool", (Voice(name="trees", trees=usual),), outs.features)
    served = fit_recipe(alone, outs, past).score_forecasts(outs, held).log_loss.mean()
    assert TuningFold.from_fold(outs, rows, fold).loss_curve(outs, usual)[-1] == pytest.approx(
        served, abs=0.02
    )


def test_few_rows_are_not_tuned():
    assert tune_trees(STRIKEOUTS, build_sample(league(days=20).starters, STRIKEOUTS)) is None


@pytest.mark.parametrize(("rows", "trials"), [(0, 0), (1999, 0), (2000, 4), (14_000, 24), (100_000, 15)])
def test_trials_follow_the_rows(rows, trials):
    assert trials_for(rows) == trials


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_usual_trees_lie_within_the_space(target):
    bounds, usual = tuning._BOUNDS["space"], asdict(usual_trees(target))
    assert all(one["low"] <= usual[name] <= one["high"] for name, one in bounds.items())
