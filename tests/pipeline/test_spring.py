"""Spring games come through the whole chain, and what counts afterwards stands as if there had been none."""

from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest

from shared.storage import tables
from simulator.fixture_world import FixtureWorld
from tests.pipeline.machine import Machine, machine, outside
from tests.pipeline.worlds import FIRST, SEASON, league, small_world

SPRING = date(2026, 3, 23)  # the league's first tie is among its games
NUMBER = (SPRING - FIRST).days + 1  # as small worlds count their days
LABELS = ["home_score", "away_score", "home_win"]
STATES = [name for name in tables.list_tables("mlb_features") if name.endswith("_states")]
ROWS = ["game_features_daily", "player_features_daily"]


@pytest.fixture(scope="module")
def finished_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Machine, dict[str, pl.DataFrame]]]:
    """A machine that learns of a day of spring after one that counts, and what it had made of that one."""
    folder, (regular,) = tmp_path_factory.mktemp("spring"), small_world(1, 1).iter_games(SEASON)
    level = next(game for game in league().games_on(SPRING, SPRING) if game.winner is None)
    world = FixtureWorld("a day of spring and one that counts", league(), SEASON, [level, regular])
    with outside(folder / "outside", world) as around, machine(folder / "home", around) as held:
        held.collect("season", 1, 1)
        before = {name: held.rows(name) for name in (*STATES, *ROWS)}
        held.collect("spring", NUMBER, NUMBER)
        yield held, before


def of(machine: Machine, table: str, game_type: str) -> pl.DataFrame:
    return machine.rows(table).filter(game_type=game_type)


def test_a_tie_is_loaded_as_one_and_labels_nobody_a_winner(finished_run):
    machine, _ = finished_run
    assert machine.reasons() == []
    game = of(machine, "games_historical", "S").row(0, named=True)
    assert (game["is_tie"], game["status_reason"], game["winning_pitcher_id"]) == (True, "Tied", None)
    (labels,) = of(machine, "game_features_daily", "S").select(LABELS).unique().rows()
    assert labels == (game["home_score"], game["home_score"], None)


@pytest.mark.parametrize("table", STATES)
def test_spring_moves_no_state(finished_run, table):
    machine, before = finished_run
    after = machine.rows(table).filter(pl.col("as_of") >= FIRST)
    assert after.height > 0
    assert after.drop("inputs_sha256", strict=False).equals(before[table].drop("inputs_sha256", strict=False))


@pytest.mark.parametrize("table", ROWS)
def test_spring_moves_no_row_of_a_game_that_counts(finished_run, table):
    machine, before = finished_run
    after = of(machine, table, "R").drop("as_of")
    assert after.height > 0
    assert after.equals(before[table].drop("as_of"))
