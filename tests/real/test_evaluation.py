"""Real seasons without a wire: the same rows as the collector's, honest figures, and a planted leak found out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import msgspec
import numpy as np
import polars as pl
import pytest

from evaluation import measures
from evaluation.rows import ModelRows, model_rows
from evaluation.season_rows import extract_rows
from evaluation.seasons import RealSeason, read_seasons
from evaluation.walk_forward import WalkForwardResult, walk_forward
from services.collector.mlb.feed import decode_feed, game_rows
from services.features.mlb.build import build_days
from services.features.mlb.build import model_rows as model_rows_of
from services.trainer.dataset import build_sample
from services.trainer.drift import drifted_features, feature_drift, profile_inputs
from services.trainer.fitting.train import fit_recipe
from services.trainer.recipes import build_recipe
from shared.sports.mlb.states import States, advance_states
from shared.sports.mlb.targets import TARGETS
from simulator.retrosheet import RetrosheetWorld
from simulator.wire.feed import render_feed
from simulator.wire.reference_data import ReferenceData
from tests.data import DATA, needs_data

TARGET = {target.name: target for target in TARGETS}
SEASONS = (2014, 2015, 2016)
FAMILIES = ("batters", "pitchers", "clubs", "parks", "catchers", "umpires", "series", "leagues")

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800), needs_data("mlb", "retrosheet")]


@pytest.fixture(scope="module")
def seasons(tmp_path_factory: pytest.TempPathFactory) -> list[RealSeason]:
    return read_seasons(DATA, SEASONS, tmp_path_factory.mktemp("seasons"))


@pytest.fixture(scope="module")
def rows(seasons: list[RealSeason]) -> ModelRows:
    return model_rows(seasons)


@pytest.fixture(scope="module")
def leaky(seasons: list[RealSeason]) -> ModelRows:
    """Every game is forecast a day late: the states know what happened in it."""
    late = pl.col("game_date") + timedelta(days=1)
    moved = [
        replace(
            one, **{name: getattr(one, name).with_columns(late) for name in ("games", "plays", "lineups")}
        )
        for one in seasons
    ]
    return model_rows(moved)


def judged(name: str, known: ModelRows) -> WalkForwardResult:
    return walk_forward(TARGET[name], known.select_kind(TARGET[name].rows), [2016])


def score(one: WalkForwardResult, name: str) -> float:
    happened = measures.observed_counts(one.rows, one.target.max_count)
    return float(measures.row_scores(one.ours, happened)[name].mean())


def test_rows_are_the_collectors():
    world = RetrosheetWorld(DATA, [2016])
    games = list(world.games_on(date(2016, 4, 3), date(2016, 4, 4)))
    almanac = ReferenceData(
        2016, {club.id: club for club in world.list_clubs(2016)}, world.venues_by_id(), world.people_by_id()
    )
    collected = [game_rows(decode_feed(msgspec.json.encode(render_feed(game, almanac)))) for game in games]
    ours = extract_rows(iter(games), world.venues_by_id())
    for name, table in (("plays", "plate_appearances"), ("games", "games_historical")):
        theirs = pl.DataFrame(
            [one.game_columns | row for one in collected for row in one.tables[table]],
            infer_schema_length=None,
        ).sort(["game_pk", "at_bat_index"] if name == "plays" else ["game_pk"])
        result = [column for column in ours[name].columns if column in theirs.columns]
        assert (
            ours[name]
            .select(result)
            .equals(theirs.select(result).cast(dict(ours[name].select(result).schema)))
        )


def test_win_is_as_good_as_it_can_honestly_be(rows: ModelRows, tell: Callable[[str], None]):
    found = score(judged("home_win", rows), "log_loss")
    tell(f"2016, learnt from 2014 on: log loss of a home win {found:.4f}")
    assert 0.672 <= found <= 0.68


@pytest.mark.parametrize("family", FAMILIES)
def test_family_a_day_late_is_found_out(seasons: list[RealSeason], family: str):
    """The rows of games that a state already knows are not those of the day before."""
    season = seasons[-1].features_input()
    days = sorted(set(season.games["game_date"]))[:40]
    states, _ = build_days(States.empty(days[0]), season, days[:-1], dict.fromkeys(days, ""))
    games = season.games.filter(pl.col("game_date") == days[-1])
    late = advance_states(states, season.plays, games, days[-1])
    leaking = replace(states, **{family: getattr(late, family)})
    honest, leaked = (model_rows_of(known, season, games) for known in (states, leaking))
    assert any(not honest[name].equals(leaked[name]) for name in honest)


def test_planted_leak_is_too_good_to_be_true(leaky: ModelRows, tell: Callable[[str], None]):
    win, strikeouts = (
        score(judged("home_win", leaky), "log_loss"),
        score(judged("pitcher_strikeouts", leaky), "absolute"),
    )
    tell(f"2016, a day late: log loss {win:.4f}, strikeouts missed by {strikeouts:.3f}")
    assert win < 0.672
    assert strikeouts < 1.7


def test_shuffled_outcomes_score_like_the_base_rate(rows: ModelRows):
    dice = np.random.default_rng(20160403)
    games = rows.games.filter(pl.col("home_win").is_not_null())
    shuffled = games.with_columns(home_win=pl.Series(dice.permutation(games["home_win"].to_numpy())))
    one = judged("home_win", ModelRows(shuffled, rows.players))
    happened = measures.observed_counts(one.rows, 1)
    ours, naive = (measures.row_scores(each, happened)["log_loss"] for each in (one.ours, one.naive))
    result = measures.paired_difference(ours, naive, one.rows.games)
    assert result["mean"] + 2 * result["se"] > 0


@pytest.mark.parametrize("name", ["home_win", "batter_hits", "pitcher_outs"])
def test_a_season_rings_no_alarm_of_drift_and_a_planted_shift_does(rows: ModelRows, name: str):
    target, day = TARGET[name], date(2016, 8, 20)
    known = rows.select_kind(target.rows).filter(pl.col("game_date") <= day)
    past = build_sample(known.filter(pl.col("known_date") < day - timedelta(days=7)), target)
    model = fit_recipe(build_recipe(target), target, past).specification
    made = SimpleNamespace(
        profile=profile_inputs(model, past), trained_on=SimpleNamespace(last=past.last_day)
    )
    shifted = known.with_columns(pl.col(column) + 3 * pl.col(column).std() for column in made.profile)
    assert drifted_features(target, feature_drift(made, build_sample(known, target))) == []
    assert len(drifted_features(target, feature_drift(made, build_sample(shifted, target)))) == len(
        made.profile
    )


def test_same_rows_give_the_same_models(rows: ModelRows):
    once, again = (judged("pitcher_strikeouts", rows) for _ in range(2))
    assert once.models[2016].artifact == again.models[2016].artifact
