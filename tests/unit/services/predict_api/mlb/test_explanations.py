"""Reasons: what each part of the match-up adds, and that together they make the forecast."""

import numpy as np
import polars as pl
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from services.predict_api.app import create_app
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.game_forecasts import GameForecaster
from services.predict_api.serving.release_manager import ReleaseManager
from shared.modeling import registry
from shared.sports.mlb.matchup import fill_lineups
from shared.sports.mlb.states import (
    BATTER,
    CATCHER,
    CLUB,
    LEAGUE,
    PARK,
    PITCHER,
    SERIES,
    UMPIRE,
    Layout,
    States,
)
from shared.storage import snapshot
from shared.storage.snapshot import Snapshot
from tests.fakes import InMemoryObjectStore
from tests.unit.services.predict_api.release_store import (
    AS_OF,
    BOS,
    BOS_BATTERS,
    BOS_STARTER,
    NOW,
    NYY,
    NYY_BATTERS,
    NYY_STARTER,
    TOMORROW,
    fill,
)

UMPIRE_ID = 427000
GAME = {"home_team": "NYY", "away_team": "BOS", "game_date": str(TOMORROW)}


def sluggers(players: tuple[int, ...]) -> pl.DataFrame:
    """Return batters who hit twice as many home runs as was expected of them."""
    row = np.zeros((len(players), len(BATTER.columns)))
    row[:, :30] = np.tile([100.0, 400.0, 50.0], (len(players), 10))
    frame = {"as_of": [AS_OF] * len(players), BATTER.key: players, "season": [2026] * len(players)}
    return pl.DataFrame(frame).hstack(pl.DataFrame(row, schema=list(BATTER.column_names)))


@pytest.fixture
def slugging() -> FlaskClient:
    objects = InMemoryObjectStore()
    first = fill(objects)
    result = snapshot.load_snapshot(first.snapshot, objects)
    tables = {**result.tables, "batter_states": sluggers(NYY_BATTERS)}
    name = snapshot.save_snapshot(Snapshot(AS_OF, "sluggers", tables), objects)
    registry.publish_release(objects, snapshot=name, models=None, run_id="r", now=NOW, reason="test")
    return create_app(objects, lambda: NOW).test_client()


def reasons(answer: dict[str, object]) -> dict[str, float]:
    return {one["feature"]: one["effect"] for one in answer["feature_importance"]}


def test_the_strongest_part_comes_first(slugging: FlaskClient) -> None:
    result = slugging.post("/predict/game", json=GAME).json
    assert result["feature_importance"][0]["feature"] == "home_lineup"
    assert reasons(result)["home_lineup"] > 0.05


def test_an_average_part_weighs_nothing(slugging: FlaskClient) -> None:
    result = reasons(slugging.post("/predict/game", json=GAME).json)
    assert result["away_lineup"] == pytest.approx(0, abs=1e-6)


def test_a_batter_is_told_of_his_own_bat(slugging: FlaskClient) -> None:
    requested = {"player_id": NYY_BATTERS[0], "game_date": str(TOMORROW), "stats": ["home_runs"]}
    result = slugging.post("/predict/player", json=requested).json["predictions"]["home_runs"]
    assert result["feature_importance"][0]["feature"] == "own_batting"
    assert 0 < reasons(result)["own_batting"] < result["mean"]


def test_reasons_may_be_left_out(client: FlaskClient) -> None:
    requested = {"player_id": BOS_BATTERS[0], "game_date": str(TOMORROW), "reasons": False}
    result = client.post("/predict/player", json=requested).json["predictions"]
    assert all("feature_importance" not in one for one in result.values())
    assert (
        not {"baseline", "feature_importance"}
        & client.post("/predict/game", json={**GAME, "reasons": False}).json.keys()
    )


def random_states(seed: int) -> States:
    """Return states in which everybody is as far from average as chance would have it."""
    dice = np.random.default_rng(seed)
    everybody = {
        BATTER: [*BOS_BATTERS, *NYY_BATTERS],
        PITCHER: [BOS_STARTER, NYY_STARTER],
        CLUB: [BOS, NYY],
        PARK: [3313],
        CATCHER: [BOS_BATTERS[1], NYY_BATTERS[1]],
        UMPIRE: [UMPIRE_ID],
        SERIES: [],
    }
    return States.from_tables(
        AS_OF,
        {layout.table: random_rows(dice, layout, ids) for layout, ids in everybody.items()}
        | {LEAGUE.table: States.empty(AS_OF).to_tables()[LEAGUE.table]},
    )


def random_rows(dice: np.random.Generator, layout: Layout, ids: list[int]) -> pl.DataFrame:
    rows = dice.uniform(0, 40, (len(ids), len(layout.columns)))
    for place, name in enumerate(layout.column_names):
        if "trials" in name or "plate_appearances" in name or "batters_faced" in name:
            rows[:, place] += 200
        elif "expected" in name:
            rows[:, place] += 20
    frame = {"as_of": [AS_OF] * len(ids), layout.key: ids, "season": [2026] * len(ids)}
    return pl.DataFrame(frame).hstack(pl.DataFrame(rows, schema=list(layout.column_names)))


@pytest.fixture(scope="module")
def stored() -> Forecaster:
    objects = InMemoryObjectStore()
    fill(objects, shift=0.1)
    return ReleaseManager(objects).require_forecaster()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_base_and_reasons_add_up_to_the_forecast(stored: Forecaster, seed: int) -> None:
    tables = stored.snapshot.tables
    games = tables["schedule"]
    lineups = fill_lineups(games, tables["lineups"], tables["recent_lineups"], tables["people"])
    called = games.with_columns(home_plate_umpire_id=pl.lit(UMPIRE_ID), forecast_temperature_f=pl.lit(95.0))
    caught = pl.when(pl.col("batting_slot") == 2).then(pl.lit("C")).otherwise("position").alias("position")
    dealer = GameForecaster(
        random_states(seed), stored.models, {}, "000001", tables["recent_lineups"].clear()
    )
    cards = dealer.forecast_games(called, lineups.with_columns(caught))
    result = [(card.home_win.mean, card.win_explanation) for card in cards]
    result += [
        (one.mean, card.explain_player(player, target))
        for card in cards
        for player, mine in card.by_player.items()
        for target, one in mine.items()
    ]
    gaps = [
        abs(mean - story.baseline - sum(one.effect for one in story.contributions)) for mean, story in result
    ]
    assert (len(gaps), max(gaps) < 2e-6) == (3 + 3 * 38, True)  # XGBoost answers in single precision
    assert max(abs(one.effect) for _, story in result for one in story.contributions) > 0.01
    assert "home_catcher" in {one.component for one in cards[0].win_explanation.contributions if one.effect}
    assert (
        np.ptp([card.win_explanation.baseline for card in cards]) < 1e-6
    )  # a game of averages is the same everywhere


@pytest.mark.parametrize("stats", [["hits"], ["home_runs"]])
def test_what_is_told_adds_up_to_what_is_told(slugging: FlaskClient, stats: list[str]) -> None:
    game = slugging.post("/predict/game", json=GAME).json
    assert game["baseline"]["value"] + sum(reasons(game).values()) == pytest.approx(
        game["predictions"]["home_win_probability"], abs=1e-5
    )
    requested = {"player_id": NYY_BATTERS[0], "game_date": str(TOMORROW), "stats": stats}
    result = slugging.post("/predict/player", json=requested).json["predictions"][stats[0]]
    assert result["baseline"]["value"] + sum(reasons(result).values()) == pytest.approx(
        result["mean"], abs=1e-5
    )
