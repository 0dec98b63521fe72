from datetime import timedelta

import pytest

from services.features import warehouse
from services.features.leak_check import check
from services.features.leak_check.check import LeakFound
from services.features.leak_check.frame_diff import ComparisonResult
from services.features.mlb import build
from services.features.step import step
from services.features.unbuilt_days import find_unbuilt_days
from shared.modeling import registry
from shared.sports.mlb import game_types
from shared.sports.mlb.snapshot_tables import TABLES, read_states
from shared.storage import coverage, snapshot
from shared.storage.coverage import SeasonCoverage
from tests.unit.services.features.league import (
    NOON,
    OPENING_DAY,
    copied,
    load,
    loaded,
    ports,
    season,
    standing,
)

DAYS = 4
LATER = NOON + timedelta(hours=1)
BOOK = season(DAYS)
LAST = (1000 + 2 * DAYS - 2, 1000 + 2 * DAYS - 1)


def closed(folder, book):
    """Build what a book tells in a folder and return what was announced."""
    world = ports(folder)
    load(world, book)
    announced = step(loaded(), world, NOON)
    world.warehouse.close()
    return announced


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A closed world of every day, and what its build announced."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, closed(folder, BOOK)


@pytest.fixture(scope="module")
def eve(tmp_path_factory):
    """A closed world of all days but the last."""
    folder = tmp_path_factory.mktemp("eve")
    closed(folder, BOOK.only(*range(1000, 1000 + 2 * DAYS - 2)))
    return folder


@pytest.fixture(scope="module")
def at_once(whole, tmp_path_factory):
    folder, announced = whole
    return copied(folder, tmp_path_factory.mktemp("at_once")), announced


def day_of(game_pk):
    return OPENING_DAY + timedelta(days=(game_pk - 1000) // 2)


def test_states_what_was_recomputed(at_once):
    (created,) = at_once[1]
    assert created.dates == tuple(OPENING_DAY + timedelta(days=n) for n in range(DAYS))
    assert (created.as_of, created.mismatches) == (OPENING_DAY + timedelta(days=DAYS - 1), 0)


def test_built_days_count_the_loaded_games(at_once):
    assert find_unbuilt_days(at_once[0].warehouse, OPENING_DAY, day_of(LAST[0])) == []


def test_days_from_a_newer_game_on_are_unbuilt(eve, tmp_path):
    world, first, last = copied(eve, tmp_path), OPENING_DAY, day_of(LAST[0])
    load(world, BOOK.only(*LAST), LATER)
    assert find_unbuilt_days(world.warehouse, first, last) == [last]
    assert find_unbuilt_days(world.warehouse, first, first) == [last]
    step(loaded(), world, LATER)
    assert find_unbuilt_days(world.warehouse, first, last) == []


def test_changed_day_leaves_all_days_after_it_unbuilt(eve, tmp_path):
    world, second = copied(eve, tmp_path), OPENING_DAY + timedelta(days=1)
    load(world, BOOK.only(1002), LATER)
    assert find_unbuilt_days(world.warehouse, second, second) == [second, second + timedelta(days=1)]
    step(loaded(), world, LATER)
    assert find_unbuilt_days(world.warehouse, second, second) == []


def test_proves_at_least_the_rows_asked_for(at_once):
    assert at_once[1][0].rows_sampled >= 20


def test_releases_the_snapshot_it_announces(at_once):
    world, (created,) = at_once
    assert registry.current_release(world.objects).snapshot == created.snapshot


def test_redelivery_announces_the_same(at_once):
    world, created = at_once
    assert step(loaded(), world, NOON) == created


def test_every_feature_has_a_value(at_once):
    games = standing(at_once[0])["game_features_daily"]
    assert games.drop("extra", "raw_object", "raw_sha256").null_count().sum_horizontal().item() == 0


def test_rows_know_only_days_before(at_once):
    players = standing(at_once[0])["player_features_daily"]
    assert (players["as_of"] < players["game_date"]).all()


def test_labels_are_what_happened(at_once):
    players = standing(at_once[0])["player_features_daily"].filter(role="batter", variant="confirmed")
    plays = BOOK.frame("plate_appearances")
    assert players["home_runs"].sum() == (plays["outcome"] == "home_run").sum()


def test_day_by_day_equals_at_once(at_once, tmp_path):
    world = ports(tmp_path, samples=1)
    for game_pk in range(1000, 1000 + 2 * DAYS, 2):
        load(world, BOOK.only(game_pk, game_pk + 1))
        step(loaded(), world, NOON)
    assert_equal(standing(world), standing(at_once[0]))


def test_late_games_converge(at_once, tmp_path):
    world = ports(tmp_path)
    load(world, BOOK.without(1004))
    step(loaded(), world, NOON)
    load(world, BOOK.only(1004))
    (created,) = step(loaded("late"), world, LATER)
    assert created.dates[0] == day_of(1004)
    assert_equal(standing(world), standing(at_once[0]))


def test_snapshot_gone_starts_from_the_warehouse(at_once, eve, tmp_path):
    world = copied(eve, tmp_path)
    world.objects.delete("status/features.json")
    load(world, BOOK.only(*LAST))
    step(loaded(), world, LATER)
    assert_equal(standing(world), standing(at_once[0]))


def test_spoilt_snapshot_starts_from_the_warehouse(at_once, eve, tmp_path):
    world = copied(eve, tmp_path)
    for corrupt in (tmp_path / "objects" / "snapshot").rglob("*.parquet"):
        corrupt.write_bytes(b"torn")
    load(world, BOOK.only(*LAST))
    step(loaded(), world, LATER)
    assert_equal(standing(world), standing(at_once[0]))


def test_correction_recomputes_from_its_day(whole, tmp_path):
    world = copied(whole[0], tmp_path, samples=1)
    load(world, BOOK.only(1004), LATER)
    (created,) = step(loaded("corrected"), world, LATER)
    assert created.dates == tuple(day_of(pk) for pk in range(1004, 1000 + 2 * DAYS, 2))


def test_lost_partitions_are_built_again_on_request(whole, at_once, tmp_path):
    world = copied(whole[0], tmp_path)
    on = day_of(1004)
    with world.warehouse._open_cursor() as cursor:
        cursor.execute("delete from mlb_features.batter_states where as_of = ?", [on])
    step(loaded("refresh"), world, LATER)
    assert on not in standing(world)["batter_states"]["as_of"].to_list()
    step(loaded("repair").model_copy(update={"rebuild_from": on}), world, LATER)
    assert_equal(standing(world), standing(at_once[0]))


def test_day_that_lost_its_games_is_emptied(whole, tmp_path):
    world = copied(whole[0], tmp_path, samples=1)
    for game_pk in (1004, 1005):
        moved = BOOK.only(game_pk)
        moved.rows["games_historical"] = [
            row | {"status": "Preview", "completed_date": None} for row in moved.rows["games_historical"]
        ]
        load(world, moved, LATER)
    step(loaded("postponed"), world, LATER)
    assert all(
        day_of(1004) not in frame.get_column("as_of" if "as_of" in frame.columns else "game_date").to_list()
        for name, frame in standing(world).items()
        if name.endswith("states")
    )


def test_suspended_game_is_labelled_once_known(tmp_path):
    world = ports(tmp_path)
    resumed = day_of(1006)
    suspended = season(DAYS)
    game = next(row for row in suspended.rows["games_historical"] if row["game_pk"] == 1002)
    game["completed_date"] = resumed
    load(world, suspended)
    step(loaded(), world, NOON)
    row = standing(world)["game_features_daily"].filter(game_pk=1002, variant="confirmed")
    assert row.select("game_date", "as_of").row(0) == (day_of(1002), OPENING_DAY)
    assert row["home_score"].item() == game["home_score"]


def test_planted_leak_stops_the_build(tmp_path, monkeypatch):
    world = ports(tmp_path)
    load(world, BOOK)
    honest = build.advance_states

    def peeking(states, plays, games, day):
        eve = day + timedelta(days=1)
        requested = {"first": eve, "last": eve, "game_types": list(game_types.FORECAST)}
        tomorrow = warehouse.query_named(world.warehouse, "finished_games", **requested)
        seen = honest(states, plays, games, day)
        return honest(seen, BOOK.frame("plate_appearances"), tomorrow, day) if day > OPENING_DAY else seen

    monkeypatch.setattr(build, "advance_states", peeking)
    with pytest.raises(LeakFound):
        step(loaded(), world, NOON)
    assert registry.current_release(world.objects) is None
    assert world.notifier.told == ["features know the future"]


def test_leaking_build_is_repeated_by_the_next(at_once, tmp_path, monkeypatch):
    world = ports(tmp_path)
    load(world, BOOK)
    with monkeypatch.context() as patch:
        patch.setattr(check, "recompute_and_compare", lambda *_: ComparisonResult(1, ("planted",)))
        with pytest.raises(LeakFound):
            step(loaded(), world, NOON)
    step(loaded(), world, NOON)
    assert_equal(standing(world), standing(at_once[0]))


def test_nothing_loaded_gives_an_empty_snapshot(tmp_path):
    world = ports(tmp_path)
    (created,) = step(loaded(), world, NOON)
    assert created.dates == ()
    assert read_states(snapshot.load_snapshot(created.snapshot, world.objects)).batters.ids.size == 0


def test_a_gap_in_the_season_is_told_with_the_snapshot(tmp_path):
    world = ports(tmp_path)
    lost = {OPENING_DAY: {7: "missing"}}
    coverage.save_coverage(world.objects, SeasonCoverage(OPENING_DAY.year, open_games=lost))
    load(world, BOOK)
    (created,) = step(loaded(), world, NOON)
    told = snapshot.load_snapshot(created.snapshot, world.objects).status
    assert coverage.schedule_from_status(told).gaps == {OPENING_DAY: (7,)}


def test_snapshot_holds_what_the_api_needs(at_once):
    world, (created,) = at_once
    assert set(snapshot.load_snapshot(created.snapshot, world.objects).tables) == set(TABLES)


def assert_equal(found, expected):
    for name, frame in expected.items():
        assert found[name].equals(frame, null_equal=True), name
