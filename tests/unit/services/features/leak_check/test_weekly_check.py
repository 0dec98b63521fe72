"""Once a week every game of the week is counted again from the first play known."""

import json
from datetime import timedelta

import polars as pl
import pytest

from services.features.leak_check.check import LeakFound
from services.features.step import step
from shared.modeling import registry
from shared.storage import tables
from tests.unit.services.features.league import NOON, OPENING_DAY, copied, load, loaded, ports, season

DAYS = 9
BOOK = season(DAYS)
LAST = (1000 + 2 * DAYS - 2, 1000 + 2 * DAYS - 1)
WEEKLY = loaded("weekly").model_copy(update={"trigger": "weekly"})


@pytest.fixture(scope="module")
def eve(tmp_path_factory):
    """A closed world that knows all days but the last."""
    folder = tmp_path_factory.mktemp("eve")
    world = ports(folder, samples=1)
    load(world, BOOK.without(LAST[0]).without(LAST[1]))
    step(loaded(), world, NOON)
    load(world, BOOK.only(*LAST))
    world.warehouse.close()
    return folder


@pytest.fixture
def almost(eve, tmp_path):
    world = copied(eve, tmp_path, samples=1)
    yield world
    world.warehouse.close()


def seconds(world):
    return json.loads(world.objects.read_bytes("status/features.json"))["seconds"]


def test_weekly_run_proves_every_game_of_the_week(almost):
    (created,) = step(WEEKLY, almost, NOON)
    assert created.rows_sampled > 7 * 2 * 20
    assert seconds(almost)["leak_proof_weekly"] > 0


def test_daily_run_within_the_week_does_not(almost):
    step(loaded("daily"), almost, NOON)
    assert "leak_proof_weekly" not in seconds(almost)


def test_week_gone_by_is_proved_without_being_asked(almost):
    reported = json.loads(almost.objects.read_bytes("status/features.json"))
    reported["week_proved_on"] = str(OPENING_DAY)
    almost.objects.overwrite("status/features.json", json.dumps(reported).encode())
    step(loaded("daily"), almost, NOON)
    assert seconds(almost)["leak_proof_weekly"] > 0


def test_standing_row_that_knows_too_much_is_found(almost):
    table = tables.get_table("game_features_daily")
    row = almost.warehouse.query_rows("select * from mlb_features.game_features_daily").sort("game_date")[
        -5:-4
    ]
    other = almost.warehouse.query_rows(
        "select * from mlb_features.game_features_daily where game_date = @day", day=row["game_date"].item()
    )
    corrupt = other.select(list(table.schema)).with_columns(pl.col("home_rest_days") + 1)
    almost.warehouse.merge_rows(table, corrupt.with_columns(pl.col("collected_at") + timedelta(seconds=1)))
    stored = registry.current_release(almost.objects)
    with pytest.raises(LeakFound, match="home_rest_days"):
        step(WEEKLY, almost, NOON)
    assert registry.current_release(almost.objects) == stored


def test_first_build_starts_the_week(tmp_path):
    world = ports(tmp_path, samples=1)
    load(world, BOOK.only(1000, 1001))
    step(loaded(), world, NOON)
    reported = json.loads(world.objects.read_bytes("status/features.json"))
    assert reported["week_proved_on"] == str(OPENING_DAY)


def test_starter_who_is_not_posted_is_counted_as_who_was_announced(tmp_path):
    world, late = ports(tmp_path, samples=50), season(4)
    announced = {game["game_pk"]: game["home_team_id"] for game in late.rows["games_historical"]}
    for game in late.rows["games_historical"]:
        game["home_probable_pitcher_id"] = game["home_team_id"] * 100 + 50
    late.rows["lineups_historical"] = [
        man
        for man in late.rows["lineups_historical"]
        if not man["is_starting_pitcher"] or man["team_id"] != announced[man["game_pk"]]
    ]
    load(world, late)
    (created,) = step(WEEKLY, world, NOON)
    assert created.mismatches == 0
