"""One build of a small league's features, to be run within a scratch copy of the repository.

Usage: python -m tests.pipeline.added_feature FOLDER COLUMN, where FOLDER keeps the stores between builds.
Prints as JSON how many stored games have a value of the column, and what the API's assembly gives for it.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl

from services.features.mlb import build
from services.features.step import step
from shared.modeling import registry
from shared.ports import Ports
from shared.sports.mlb import matchup
from shared.storage import snapshot, tables
from tests.unit.services.features.league import NOON, OPENING_DAY, load, loaded, ports, season

DAYS = 5


def main(folder: Path, column: str) -> None:
    """Build, and report on the column."""
    is_new = not (folder / "objects").exists()
    world = ports(folder, samples=4)
    if is_new:
        load(world, season(DAYS))
    step(loaded(), world, NOON)
    stored = world.warehouse.query_rows("select * from mlb_features.game_features_daily")
    report = {
        "code": str(Path(tables.__file__).parents[2]),
        "games": stored.height,
        "filled": stored[column].count() if column in stored.columns else 0,
        "served": served_value(world, column),
    }
    world.warehouse.close()
    sys.stdout.write(json.dumps(report))


def served_value(world: Ports, column: str) -> float | None:
    """Return the column of a game on the day after the released snapshot's."""
    released = registry.current_release(world.objects)
    assert released is not None
    states = snapshot.load_snapshot(released.snapshot, world.objects).to_states()
    inputs = build.read_season(world.warehouse, [OPENING_DAY + timedelta(days=DAYS - 1)])
    games = inputs.games.head(1).with_columns(pl.col("game_date") + timedelta(days=1))
    row = matchup.game_rows(states, games, build.project_lineups(inputs, games))
    return row[column].item() if column in row.columns else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
