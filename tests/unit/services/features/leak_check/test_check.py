"""A leak of one day in any family of features, or in any kind of state, is found by the build itself."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from services.features import feature_groups
from services.features.catalogue import FEATURE_TABLES
from services.features.leak_check.check import LeakFound
from services.features.mlb import build, club_windows, strikeout_vector, windows
from services.features.step import step
from shared.modeling import registry
from shared.storage import tables
from tests.unit.services.features.league import NOON, copied, load, loaded, ports, season

BOOK = season(6)
KINDS = ("batters", "pitchers", "clubs", "parks", "catchers", "umpires", "series", "leagues")
NOT_IN_THIS_LEAGUE = {"player_availability"}  # nobody moves
FAMILIES = sorted(
    {
        (table, feature_groups.family_of(table, one))
        for table in FEATURE_TABLES
        for one in tables.get_table(table).fields
        if one.is_feature and table not in NOT_IN_THIS_LEAGUE
    }
)


def one_of_each_table():
    """Give every family, those that are not their table's first to the long proofs."""
    seen = set()
    for table, family in FAMILIES:
        yield pytest.param(table, family, marks=[pytest.mark.real] if table in seen else [])
        seen.add(table)


@pytest.fixture(scope="module")
def loaded_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loaded")
    held = ports(folder)
    load(held, BOOK)
    held.warehouse.close()
    return folder


@pytest.fixture
def world(loaded_folder, tmp_path):
    held = copied(loaded_folder, tmp_path)
    yield held
    held.warehouse.close()


def assert_found(world):
    with pytest.raises(LeakFound):
        step(loaded(), world, NOON)
    assert registry.current_release(world.objects) is None
    assert world.notifier.told == ["features know the future"]


def runs_of(season, days):
    """Return the runs scored on each of `days`: what nobody knows in the morning."""
    scored = season.games.group_by("game_date").agg(
        runs=pl.col("home_score").sum() + pl.col("away_score").sum()
    )
    known = dict(scored.iter_rows())
    return {day: known.get(day, 0) for day in days}


def leaking(rows, table, family, season, days):
    """Return rows whose features of a family say how many runs their day had."""
    when = "game_date" if "game_date" in rows.columns else "as_of"
    runs = pl.col(when).replace_strict(runs_of(season, days), default=0, return_dtype=pl.Float64)
    claimed = [
        one.name
        for one in tables.get_table(table).fields
        if one.is_feature and feature_groups.family_of(table, one) == family
    ]
    return rows.with_columns(pl.col(name).cast(pl.Float64).fill_null(0) + runs for name in claimed)


@pytest.mark.parametrize(("table", "family"), [*one_of_each_table()])
def test_feature_that_knows_its_own_day_is_found(world, monkeypatch, table, family):
    honest = build.build_days

    def peeking(states, season, days, hashes, *variants):
        after, rows = honest(states, season, days, hashes, *variants)
        if table in rows:
            rows[table] = leaking(rows[table], table, family, season, days)
        return after, rows

    def early(own):
        def compute(store, season, states, days):
            rows = own(store, season, states, days)
            return rows | {table: leaking(rows[table], table, family, season, days)}

        return compute

    monkeypatch.setattr(build, "build_days", peeking)
    for names, own in windows.PARTS.items():
        if table in names:
            monkeypatch.setitem(windows.PARTS, names, early(own))
    assert_found(world)


@pytest.mark.parametrize("kind", KINDS)
def test_state_that_knows_tomorrow_is_found(world, monkeypatch, kind):
    honest, by_day, seen = build.advance_states, build._by_day, []

    def reading(rows):
        seen[:] = [*seen, by_day(rows)][-2:]
        return seen[-1]

    def peeking(states, plays, games, day):
        after, tomorrow = honest(states, plays, games, day), (day + timedelta(days=1),)
        results, events = seen
        if tomorrow not in results:
            return after
        early = honest(after, events[tomorrow], results[tomorrow], day)
        return replace(after, **{kind: getattr(early, kind)})

    monkeypatch.setattr(build, "_by_day", reading)
    monkeypatch.setattr(build, "advance_states", peeking)
    assert_found(world)


def test_window_that_ends_a_day_late_is_found(world, monkeypatch):
    honest = club_windows.team_windows

    def late(games, *more):
        return honest(games.with_columns(pl.col("day") - timedelta(days=1)), *more)

    monkeypatch.setattr(club_windows, "team_windows", late)
    assert_found(world)


def test_vector_that_knows_its_own_day_is_found(world, monkeypatch):
    honest = strikeout_vector._known_before

    def late(when, *more):
        return honest(when.with_columns(pl.col("game_date") + timedelta(days=1)), *more)

    monkeypatch.setattr(strikeout_vector, "_known_before", late)
    assert_found(world)


def test_vector_that_reads_a_label_is_found(world, monkeypatch):
    honest = strikeout_vector.strikeout_vectors

    def peeking(inputs):
        labels = inputs.starts.select("game_pk", "pitcher_id", label="strikeouts")
        found = honest(inputs).join(labels, on=["game_pk", "pitcher_id"], maintain_order="left")
        return found.with_columns(pl.col("starter_strikeout_rate") + pl.col("label")).drop("label")

    monkeypatch.setattr(strikeout_vector, "strikeout_vectors", peeking)
    assert_found(world)


def test_every_feature_has_one_family():
    for table in FEATURE_TABLES:
        for one in tables.get_table(table).fields:
            assert not one.is_feature or feature_groups.family_of(table, one)


def test_every_pattern_claims_something():
    for family in feature_groups.load_feature_groups().families.values():
        for table, patterns in family.columns.items():
            names = [one.name for one in tables.get_table(table).fields if one.is_feature]
            assert all(
                any(feature_groups.fnmatchcase(name, pattern) for name in names) for pattern in patterns
            )
