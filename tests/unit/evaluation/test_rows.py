"""Rows of an evaluation are those that the features service stores, whatever the seasons they are split into."""

from datetime import timedelta

from polars.testing import assert_frame_equal

from evaluation.rows import model_rows
from evaluation.seasons import RealSeason
from services.features.mlb import build
from services.features.step import step
from shared.modeling.lineup_variants import VARIANTS
from tests.unit.services.features.league import NOON, OPENING_DAY, load, loaded, ports, standing
from tests.unit.services.features.test_variants import rotating

DAYS = 4
MADE_BY = ["source", "run_id", "collected_at", "extra", "raw_object", "raw_sha256", "known_date"]


def halves(store) -> list[RealSeason]:
    """Return two seasons of two days each."""
    days = [OPENING_DAY + timedelta(days=n) for n in range(DAYS)]
    inputs = [build.read_season(store, of_half) for of_half in (days[:2], days[2:])]
    return [RealSeason(2026, one.games, one.plays, one.lineups, one.hands, one.box_lines) for one in inputs]


def test_rows_are_those_that_the_features_service_stores(tmp_path):
    world = ports(tmp_path, samples=1)
    load(world, rotating(DAYS))
    step(loaded(), world, NOON)
    stored, judged = standing(world), model_rows(halves(world.warehouse), VARIANTS)
    for name, rows in (("game_features_daily", judged.games), ("player_features_daily", judged.players)):
        columns = [column for column in rows.columns if column not in MADE_BY]
        key = (
            ["game_pk", "variant"]
            if "player_id" not in columns
            else ["game_pk", "player_id", "role", "variant"]
        )
        assert_frame_equal(rows.select(columns).sort(key), stored[name].select(columns).sort(key))


def test_variants_are_told_apart(tmp_path):
    world = ports(tmp_path)
    load(world, rotating(DAYS))
    rows = model_rows(halves(world.warehouse), VARIANTS)
    games, starters = 2 * DAYS, 2 * 2 * DAYS
    batters = {"confirmed": 18 * games, "projected": 18 * (games - 2), "unknown": 0}
    for variant in VARIANTS:
        of_variant = rows.select_variant(variant)
        kinds = {kind: of_variant.select_kind(kind).height for kind in ("game", "starter", "batter")}
        assert kinds == {"game": games, "starter": starters, "batter": batters[variant]}
    assert model_rows(halves(world.warehouse)).games["variant"].unique().to_list() == ["confirmed"]
