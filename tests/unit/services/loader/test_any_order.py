"""Batches delivered twice, shuffled and late leave the tables that they leave in order and once."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from services.loader.step import step
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from tests.contracts.warehouse import SetClock
from tests.fakes import InMemoryObjectStore, ports
from tests.unit.services.loader.batches import FRIDAY, MONDAY, NOW, TUESDAY, Batch, game, line, plays
from tests.unit.services.loader.test_forecasts import forecast

TABLES = (
    ("mlb_historical_data.games_historical", "game_pk"),
    ("mlb_historical_data.plate_appearances", "game_pk, at_bat_index"),
    ("mlb_historical_data.player_stats_historical", "game_pk, player_id"),
    ("mlb_predictions.forecasts", "forecast_id"),
    ("mlb_predictions.grades", "forecast_id"),
)


@dataclass(frozen=True)
class Version:
    """A game as one batch states it: where it moved, how many plays it has, whether it is over."""

    pk: int
    on: date
    plays: int
    batters: int
    final: bool


versions = st.builds(
    Version,
    pk=st.integers(1, 3),
    on=st.sampled_from([MONDAY, TUESDAY, FRIDAY]),
    plays=st.integers(0, 4),
    batters=st.integers(0, 2),
    final=st.booleans(),
)
histories = st.lists(
    st.lists(versions, min_size=1, max_size=2, unique_by=lambda one: one.pk), min_size=1, max_size=4
)


def batch(number: int, stated: list[Version]) -> Batch:
    tables = {"games_historical": [], "plate_appearances": [], "player_stats_historical": []}
    for one in stated:
        state = {"status": "Final" if one.final else "Live"}
        tables["games_historical"].append(game(one.pk, one.on, number, home=one.plays, away=2, **state))
        tables["plate_appearances"] += plays(one.pk, one.plays, one.on, number)
        lines = (
            line(one.pk, 100 + n, one.on, number, plate_appearances=n, hits=n) for n in range(one.batters)
        )
        tables["player_stats_historical"] += lines
    return Batch(tables, run_id=f"run-{number}", dates=tuple(sorted({one.on for one in stated})))


def store_with_forecasts() -> InMemoryObjectStore:
    objects = InMemoryObjectStore()
    rows = [forecast(game_pk=pk, forecast_id=f"win-{pk}") for pk in (1, 2, 3)]
    rows += [forecast("batter_hits", game_pk=pk, player_id=101, forecast_id=f"hits-{pk}") for pk in (1, 2, 3)]
    objects.write_once("forecasts/2026-04-06/api-000001.jsonl", b"\n".join(map(msgspec.json.encode, rows)))
    return objects


def standing_after(warehouse: DuckDbWarehouse, history: list[Batch], order: list[int]) -> list[pl.DataFrame]:
    world = ports(warehouse, objects=store_with_forecasts())
    for number in order:
        step(history[number].validated(world.objects), world, NOW)
    return [warehouse.query_rows(f"select * from {name} order by {key}") for name, key in TABLES]


@settings(max_examples=6)
@given(data=st.data())
def test_order_and_repetition_do_not_matter(data):
    history = [batch(number, stated) for number, stated in enumerate(data.draw(histories))]
    once = list(range(len(history)))
    again = data.draw(st.lists(st.sampled_from(once), max_size=3))
    shuffled = data.draw(st.permutations(once + again))
    expected = standing_after(fresh(), history, once)
    for one, other in zip(expected, standing_after(fresh(), history, shuffled), strict=True):
        assert one.equals(other)


def fresh() -> DuckDbWarehouse:
    return DuckDbWarehouse(Path(":memory:"), clock=SetClock())
