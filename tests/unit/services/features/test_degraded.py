"""When a build fails, the last good snapshot stays; without something dispensable it goes on and says so."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from services.features import feature_groups, publish
from services.features.feature_groups import CriticalGroupMissing
from services.features.leak_check.check import LeakFound
from services.features.leak_check.frame_diff import ComparisonResult
from services.features.mlb import build, windows
from services.features.step import step
from shared.errors import StoreUnavailable
from shared.modeling import registry
from shared.storage import snapshot, tables
from tests.unit.services.features.league import OPENING_DAY, copied, load, loaded, ports, season, standing
from tests.unit.services.features.test_step import assert_equal

DAYS = 3
BOOK = season(DAYS)
YESTERDAY_WAS_THE_LAST = datetime(2026, 4, 1 + DAYS, 12, tzinfo=UTC)
TODAY = (1000 + 2 * DAYS - 2, 1000 + 2 * DAYS - 1)


@pytest.fixture(scope="module")
def eve(tmp_path_factory):
    """A closed world whose snapshot knows all days but the last, which is loaded."""
    folder = tmp_path_factory.mktemp("eve")
    held = ports(folder, samples=1)
    load(held, BOOK.without(TODAY[0]).without(TODAY[1]))
    built(held)
    load(held, BOOK.only(*TODAY))
    held.warehouse.close()
    return folder


@pytest.fixture
def world(eve, tmp_path):
    held = copied(eve, tmp_path, samples=1)
    yield held
    held.warehouse.close()


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """What stands where nothing failed."""
    other = ports(tmp_path_factory.mktemp("unbroken"), samples=1)
    load(other, BOOK)
    built(other)
    return standing(other)


def built(world, run_id="run"):
    return step(loaded(run_id), world, YESTERDAY_WAS_THE_LAST)


def reported(world):
    return json.loads(world.objects.read_bytes(publish.STATUS_OBJECT))


def raising(error):
    def fail(*_args, **_more):
        raise error

    return fail


FAILURES = {
    "exception": (ValueError("planted"), "services.features.mlb.build.matchup.build_slate"),
    "full disk": (StoreUnavailable("disk full"), "services.features.publish.snapshot.save_snapshot"),
    "leak": (LeakFound("planted"), "services.features.leak_check.check.recompute_and_compare"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_last_good_snapshot_stays_until_the_next_build_mends_what_failed(
    world, unbroken, monkeypatch, failure
):
    error, place = FAILURES[failure]
    before, good = registry.current_release(world.objects), reported(world)["standing"]
    with monkeypatch.context() as broken:
        broken.setattr(place, raising(error))
        with pytest.raises(type(error)):
            built(world, "failing")
    assert registry.current_release(world.objects) == before
    assert (reported(world)["standing"], reported(world)["failed"]["run_id"]) == (good, "failing")
    built(world)
    assert reported(world)["failed"] is None
    assert_equal(standing(world), unbroken)


def test_first_build_that_fails_says_so_too(tmp_path, monkeypatch):
    world = ports(tmp_path)
    load(world, BOOK)
    monkeypatch.setattr("services.features.mlb.build.read_season", raising(ValueError("planted")))
    with pytest.raises(ValueError, match="planted"):
        built(world)
    assert reported(world)["standing"] is None


def test_disk_too_full_to_say_so_hides_no_reason(world, monkeypatch):
    monkeypatch.setattr("services.features.mlb.build.read_season", raising(ValueError("planted")))
    monkeypatch.setattr(world.objects, "overwrite", raising(StoreUnavailable("disk full")))
    with pytest.raises(ValueError, match="planted"):
        built(world)


@pytest.mark.parametrize(
    ("part", "tables_missing", "family"),
    [
        ("_club_rows", ["team_rolling_features"], "club form"),
        ("_vector_rows", ["strikeouts_v1"], "strikeout vector"),
        (
            "_player_tables",  # the vector needs their running sums
            [
                *("batter_lines", "pitcher_lines", "batter_rolling_features", "pitcher_rolling_features"),
                "strikeouts_v1",
            ],
            "pitching form",
        ),
    ],
)
def test_dispensable_family_is_done_without_told_and_made_up_for(
    world, unbroken, monkeypatch, part, tables_missing, family
):
    with monkeypatch.context() as broken:
        broken.setattr(windows, part, raising(ValueError("planted")))
        (created,) = built(world)
    assert created.as_of == OPENING_DAY + timedelta(days=DAYS - 1)
    assert reported(world)["missing"] == dict.fromkeys(tables_missing, str(created.as_of))
    assert world.notifier.told == ["features are missing"]
    told = snapshot.load_snapshot(created.snapshot, world.objects).status["features"]["missing_families"]
    assert family in told
    built(world)
    assert reported(world)["missing"] == {}
    assert_equal(standing(world), unbroken)


def test_critical_family_without_input_blocks_the_snapshot(world, monkeypatch):
    before = registry.current_release(world.objects)
    world.notifier.told.clear()
    monkeypatch.setattr(feature_groups, "read_input_coverage", lambda *_: seen(plays=None))
    with pytest.raises(CriticalGroupMissing, match=r"rates \(input up to None\)"):
        built(world)
    assert registry.current_release(world.objects) == before
    assert world.notifier.told == ["features miss a critical family"]


def test_critical_family_without_values_blocks_the_snapshot(world, monkeypatch):
    honest = build.build_days

    def hollow(*requested):
        states, rows = honest(*requested)
        rows["game_features_daily"] = rows["game_features_daily"].with_columns(
            elo_difference=pl.lit(None, pl.Float64),
            home_season_win_pct=pl.lit(None, pl.Float64),
            away_season_win_pct=pl.lit(None, pl.Float64),
        )
        return states, rows

    monkeypatch.setattr(build, "build_days", hollow)
    monkeypatch.setattr(
        "services.features.leak_check.check.recompute_and_compare", lambda *_: ComparisonResult()
    )
    before = standing(world)
    with pytest.raises(CriticalGroupMissing, match="ratings"):
        built(world)
    assert_equal(standing(world), before)


def test_late_input_is_told_once(world, monkeypatch):
    late = OPENING_DAY - timedelta(days=3)
    monkeypatch.setattr(feature_groups, "read_input_coverage", lambda *_: seen(team_stats=late))
    for _build in range(2):
        built(world)
        assert world.notifier.told == ["features are late"]
    assert reported(world)["families"]["club form"]["days_late"] == DAYS + 2


def test_column_without_values_and_its_incomplete_family_are_named(world, monkeypatch):
    honest = build.build_days

    def hollow(*requested):
        states, rows = honest(*requested)
        rows["game_features_daily"] = rows["game_features_daily"].with_columns(
            elo_difference=pl.lit(None, pl.Float64)
        )
        return states, rows

    monkeypatch.setattr(build, "build_days", hollow)
    monkeypatch.setattr(
        "services.features.leak_check.check.recompute_and_compare", lambda *_: ComparisonResult()
    )
    built(world)
    assert world.notifier.told == ["features have no value", "features are incomplete"]
    assert reported(world)["without_values"] == ["game_features_daily.elo_difference"]
    assert reported(world)["families"]["ratings"]["null_rate"] == pytest.approx(1 / 3)


@pytest.fixture(scope="module")
def good(eve, tmp_path_factory):
    """A world whose last day was built without failure."""
    held = copied(eve, tmp_path_factory.mktemp("good"), samples=1)
    built(held)
    yield held
    held.warehouse.close()


def test_good_build_alarms_nobody(good):
    assert good.notifier.told == []


def test_families_share_a_builds_rows_and_seconds(good):
    told = reported(good)
    spent = sum(told["seconds"][part] for part in ("read", "compute", "windows", "merge"))
    assert told["families"]["ratings"]["rows"] == 2
    assert sum(one["seconds"] for one in told["families"].values()) == pytest.approx(spent, abs=0.01)


def test_inputs_reach_as_far_as_the_schedule(good):
    late = {name: one["days_late"] for name, one in reported(good)["families"].items() if one["newest_input"]}
    assert set(late.values()) == {0}


def seen(plays=OPENING_DAY + timedelta(days=DAYS - 1), team_stats=OPENING_DAY + timedelta(days=DAYS - 1)):
    last = OPENING_DAY + timedelta(days=DAYS - 1)
    inputs = {
        table for family in feature_groups.load_feature_groups().families.values() for table in family.inputs
    }
    newest = dict.fromkeys(inputs, last) | {"plate_appearances": plays, "team_stats_historical": team_stats}
    return feature_groups.InputCoverage(last, last, newest)


def test_every_input_of_a_family_is_asked_for():
    inputs = {
        table for family in feature_groups.load_feature_groups().families.values() for table in family.inputs
    }
    requested = (build.warehouse._SQL / "newest_inputs.sql").read_text()
    assert all(f"'{table}'" in requested and table in tables.list_tables() for table in inputs)
