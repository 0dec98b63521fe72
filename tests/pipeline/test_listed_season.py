"""Every game that a season's schedule lists as played is stored, wherever in the year it lies.

The league of 2025 opens in Tokyo amid spring, has its All-Star Game on 15 July, not 14, and begins October with
Wild Card games on 30 September.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from hankstank.local.run_plan import tick_time
from simulator.league import SimulatedLeague
from tests.pipeline.machine import Machine, Outside, machine, outside

WINDOWS = {
    "Opening Night abroad": (date(2025, 3, 17), date(2025, 3, 19)),
    "the All-Star Game": (date(2025, 7, 14), date(2025, 7, 16)),
    "a late Wild Card": (date(2025, 9, 29), date(2025, 10, 1)),
}
PLAYED = (
    "select game_pk, game_type, game_date from mlb_historical_data.games_historical where status = 'Final'"
)
CONTENTS = {
    "plate_appearances": "select distinct game_pk from mlb_historical_data.plate_appearances",
    "player lines": "select distinct game_pk from mlb_historical_data.player_stats_historical",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outside, Machine]]:
    """The league of 2025, and a machine that has collected the windows."""
    folder = tmp_path_factory.mktemp("season")
    with (
        outside(folder / "outside", SimulatedLeague(7, [2025])) as around,
        machine(folder / "home", around) as held,
    ):
        for name, (first, last) in WINDOWS.items():
            around.bodies.now = tick_time(last)
            held.rooms.run_tick(name, first, last, "daily", "backfill")
        yield around, held


def listed(around: Outside, first: date, last: date) -> list[dict[str, Any]]:
    """Return the games that the schedule itself lists as played, as it answers anybody."""
    days = {"sportId": 1, "startDate": str(first), "endDate": str(last)}
    answer = httpx.get(f"{around.url}/api/v1/schedule", params=days, timeout=60).json()
    games = [game for day in answer["dates"] for game in day["games"]]
    return [game for game in games if game["status"]["codedGameState"] == "F"]


@pytest.mark.parametrize("window", WINDOWS)
def test_every_listed_game_is_stored_with_its_contents(world: tuple[Outside, Machine], window: str) -> None:
    around, held = world
    expected = {game["gamePk"] for game in listed(around, *WINDOWS[window])}
    warehouse = held.rooms.ports.warehouse
    first, last = WINDOWS[window]
    stored = [
        row for row in warehouse.query_rows(PLAYED).iter_rows(named=True) if first <= row["game_date"] <= last
    ]
    assert {row["game_pk"] for row in stored} == expected
    for contents, sql in CONTENTS.items():
        assert expected <= set(warehouse.query_rows(sql)["game_pk"]), contents


def test_windows_hold_the_games_they_are_named_for(world: tuple[Outside, Machine]) -> None:
    """Opening Night stands amid spring games, and none of the three would pass a calendar of usual dates."""
    around, _ = world
    kinds = {
        name: {(game["gameType"], game["officialDate"]) for game in listed(around, *days)}
        for name, days in WINDOWS.items()
    }
    assert {("R", "2025-03-18"), ("R", "2025-03-19"), ("S", "2025-03-18")} <= kinds["Opening Night abroad"]
    assert kinds["the All-Star Game"] == {("A", "2025-07-15")}
    assert {("F", "2025-09-30"), ("F", "2025-10-01")} <= kinds["a late Wild Card"]


def test_nothing_was_refused(world: tuple[Outside, Machine]) -> None:
    _, held = world
    assert held.reasons() == []
    assert not [one for one in held.alerts() if one["severity"] == "critical"]
