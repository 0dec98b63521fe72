"""One build of a small league's features, to be run within a scratch copy of the repository.

Usage: python -m tests.pipeline.added_feature FOLDER COLUMN, where FOLDER keeps the stores between builds.
Prints as JSON how many stored games have a value of the column, what the API's assembly gives for it, and
which features a model of home wins was trained on and forecasts with.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl

from services.features.mlb import build
from services.features.step import step
from services.trainer.dataset import build_sample, training_rows
from services.trainer.fitting.train import fit_recipe
from services.trainer.recipes import build_recipe
from shared.modeling import registry
from shared.modeling.model import Model
from shared.ports import Ports
from shared.sports.mlb import matchup
from shared.sports.mlb.snapshot_tables import read_states
from shared.sports.mlb.targets import BY_NAME
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
    stored = world.warehouse.query_rows(
        "select * from mlb_features.game_features_daily where variant = 'confirmed'"
    )
    report = {
        "code": str(Path(tables.__file__).parents[2]),
        "games": stored.height,
        "filled": stored[column].count() if column in stored.columns else 0,
        "served": None,
        "trained_on": [],
    }
    row = next_game(world)
    if column in row.columns:
        model = home_win_model(world)
        assert 0 < model.predict_mean(row)[0] < 1
        report |= {"served": row[column].item(), "trained_on": list(model.manifest.features)}
    world.warehouse.close()
    sys.stdout.write(json.dumps(report))


def home_win_model(world: Ports) -> Model:
    """Return a model with trees of the home win, fitted to everything stored."""
    target = BY_NAME["home_win"]
    rows = build_sample(training_rows(world.warehouse, "game", NOON.date(), 400), target)
    fitted = fit_recipe(build_recipe(target), target, rows)
    return Model.from_artifact(fitted.artifact, fitted.specification)


def next_game(world: Ports) -> pl.DataFrame:
    """Return the row of a game on the day after the released snapshot's, as the API assembles it."""
    released = registry.current_release(world.objects)
    assert released is not None
    states = read_states(snapshot.load_snapshot(released.snapshot, world.objects))
    inputs = build.read_season(world.warehouse, [OPENING_DAY + timedelta(days=DAYS - 1)])
    games = inputs.games.head(1).with_columns(pl.col("game_date") + timedelta(days=1))
    return matchup.game_rows(states, games, build.variant_lineups(inputs, games, "confirmed"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
