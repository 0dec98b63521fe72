"""Rows of every game with posted, projected and unknown line-ups, and an old store that has the posted ones alone."""

import json
from collections import Counter
from datetime import timedelta

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from services.features import warehouse
from services.features.leak_check.check import LeakFound
from services.features.mlb import build, projected_lineups
from services.features.step import step
from shared.adapters.local.duckdb_reader import select_rows
from shared.modeling.lineup_variants import VARIANTS
from shared.storage import tables
from tests.unit.services.features.league import (
    CLUBS,
    NOON,
    OPENING_DAY,
    batters,
    copied,
    load,
    loaded,
    ports,
    season,
    standing,
)

DAYS = 5
TABLES = ("game_features_daily", "player_features_daily")
SLOT = 9
LABELS = ["plate_appearances", "strikeouts", "walks", "hits", "home_runs", "total_bases", "rbis"]


def bench(club, day_number):
    """Return the bench player who starts for a club on a day."""
    return club * 100 + 20 + day_number


def rotating(days=DAYS):
    """Return a season in which every club starts another bench player in the last slot each day."""
    book = season(days)
    for name, player in (("lineups_historical", "player_id"), ("plate_appearances", "batter_id")):
        for row in book.rows[name]:
            club = row[player] // 100
            if row[player] == batters(club)[SLOT - 1]:
                row[player] = bench(club, (row["game_date"] - OPENING_DAY).days)
    return book


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """The closed stores of a season whose features are built."""
    folder = tmp_path_factory.mktemp("closed")
    world = ports(folder)
    load(world, rotating())
    step(loaded(), world, NOON)
    world.warehouse.close()
    return folder


@pytest.fixture(scope="module")
def rows(closed, tmp_path_factory):
    """Every table of features as stored."""
    world = copied(closed, tmp_path_factory.mktemp("rows"))
    stored = standing(world)
    world.warehouse.close()
    return stored


def nine(rows, variant, day_number, club):
    """Return the batters of a club's rows of a day, by slot."""
    day = OPENING_DAY + timedelta(days=day_number)
    of_club = rows["player_features_daily"].filter(
        variant=variant, role="batter", game_date=day, team_id=club
    )
    return of_club.sort("batting_slot")["player_id"].to_list()


def test_every_game_has_a_row_for_each_variant(rows):
    counted = Counter(rows["game_features_daily"]["variant"])
    assert counted == dict.fromkeys(VARIANTS, 2 * DAYS)
    players = Counter(rows["player_features_daily"].select("variant", "role").rows())
    assert players == {
        ("confirmed", "batter"): 18 * 2 * DAYS,
        ("projected", "batter"): 18 * 2 * (DAYS - 1),  # of the first day nothing is known
        **{(variant, "starter"): 2 * 2 * DAYS for variant in VARIANTS},
    }


def test_statuses_say_where_line_ups_come_from(rows):
    found = rows["game_features_daily"].select("variant", "home_lineup_status", "away_lineup_status")
    first = rows["game_features_daily"]["game_date"] == OPENING_DAY
    assert set(found.filter(~first).rows()) == {(variant, variant, variant) for variant in VARIANTS}
    assert set(found.filter(first).filter(variant="projected").rows()) == {
        ("projected", "unknown", "unknown")
    }


def test_starters_are_known_in_every_variant(rows):
    games = rows["game_features_daily"]
    assert games["starters_known"].unique().to_list() == [2.0]
    starters = games.group_by("game_pk").agg(pl.col("home_starter_id", "away_starter_id").n_unique())
    assert set(starters.drop("game_pk").rows()) == {(1, 1)}


@pytest.mark.parametrize("club", CLUBS)
def test_projected_nine_is_that_of_the_clubs_last_game(rows, club):
    for day_number in range(1, DAYS):
        posted = [*batters(club)[: SLOT - 1], bench(club, day_number)]
        assert nine(rows, "confirmed", day_number, club) == posted
        assert nine(rows, "projected", day_number, club) == nine(rows, "confirmed", day_number - 1, club)
        assert nine(rows, "unknown", day_number, club) == []


def test_projected_batter_who_did_not_play_has_no_label(rows):
    players = rows["player_features_daily"].filter(variant="projected", role="batter")
    absent = players.filter(pl.col("batting_slot") == SLOT)
    assert absent.height == 2 * 2 * (DAYS - 1)
    assert absent.select(LABELS).null_count().row(0) == (absent.height,) * len(LABELS)
    assert absent["expected_hits"].null_count() == 0


def test_labels_of_who_played_are_those_of_the_posted_row(rows):
    players = rows["player_features_daily"].filter(pl.col("plate_appearances").is_not_null())
    key = ["game_pk", "player_id", "role"]
    posted = players.filter(variant="confirmed").select(*key, *LABELS)
    for variant in ("projected", "unknown"):
        guessed = players.filter(variant=variant).select(*key, *LABELS)
        assert_frame_equal(guessed, guessed.select(key).join(posted, on=key, how="left"))
    starters = players.filter(role="starter")
    assert Counter(starters["variant"]) == dict.fromkeys(VARIANTS, 2 * 2 * DAYS)


def test_projected_batter_who_comes_in_has_the_label_their_forecast_is_graded_with(tmp_path):
    """They did not start but took one turn: a forecast of them is graded, with what they did in it."""
    book, second = rotating(2), OPENING_DAY + timedelta(days=1)
    turns = [
        row for row in book.rows["plate_appearances"]
        if row["game_date"] == second and row["batter_id"] == bench(CLUBS[0], 1)
    ]  # fmt: skip
    turns[-1].update(batter_id=bench(CLUBS[0], 0), outcome="double")
    world = ports(tmp_path)
    load(world, book)
    step(loaded(), world, NOON)
    players = standing(world)["player_features_daily"]
    (row,) = players.filter(player_id=bench(CLUBS[0], 0), game_date=second).rows(named=True)
    assert (row["variant"], row["plate_appearances"], row["total_bases"]) == ("projected", 1, 2)


def test_both_games_of_a_doubleheader_are_projected_from_the_day_before(tmp_path):
    """And the next day from the second of them."""
    book, second = rotating(4), OPENING_DAY + timedelta(days=1)
    for found in book.rows.values():
        for row in found:
            if row["game_date"] == OPENING_DAY + timedelta(days=2):
                row["game_date"] = second
            if row.get("completed_date") == OPENING_DAY + timedelta(days=2):
                row["completed_date"] = second
    world = ports(tmp_path)
    load(world, book)
    step(loaded(), world, NOON)
    stored = standing(world)
    for club in CLUBS:
        last = Counter(nine(stored, "projected", 1, club))
        assert last == Counter([*batters(club)[: SLOT - 1], bench(club, 0)] * 2)
        assert nine(stored, "projected", 3, club)[-1] == bench(club, 2)


def test_tables_of_posted_line_ups_have_no_more_rows_than_before(rows):
    assert rows["strikeouts_v1"].height == 2 * 2 * DAYS
    assert rows["matchup_history"].select("game_pk", "batter_id").is_duplicated().sum() == 0


def test_report_on_families_counts_posted_rows(closed, tmp_path):
    world = copied(closed, tmp_path)
    families = json.loads(world.objects.read_bytes("status/features.json"))["families"]
    games, starts = 2 * DAYS, 2 * 2 * DAYS
    assert families["calendar"]["rows"] == games + 18 * games + starts


def test_nines_of_a_quarter_are_read_once(tmp_path, monkeypatch):
    """And once more for the snapshot."""
    world, requested, honest = ports(tmp_path, samples=1), Counter(), warehouse.query_named

    def counting(store, name, **parameters):
        requested[name] += 1
        return honest(store, name, **parameters)

    monkeypatch.setattr(warehouse, "query_named", counting)
    load(world, rotating())
    step(loaded(), world, NOON)
    assert requested["recent_lineups"] == 2


def from_the_days_own_nines(club_days, posted, absent):
    """Project from the nine that was posted for the game itself."""
    early = club_days.with_columns(pl.col("day") + timedelta(days=1))
    found = HONEST_NINES(early, posted, absent.with_columns(pl.col("day") + timedelta(days=1)))
    return found.with_columns(pl.col("day") - timedelta(days=1))


def from_the_games_line_ups(season, games):
    """Take the posted line-ups of the games for projections."""
    batting = season.lineups.filter(pl.col("batting_slot").is_not_null())
    return batting.select("game_pk", "team_id", "player_id", "batting_slot", "position")


HONEST_NINES = projected_lineups.project_nines
LEAKS = {
    "nines": (projected_lineups, "project_nines", from_the_days_own_nines),
    "line-ups": (build, "_projected_nines", from_the_games_line_ups),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_projection_from_the_games_own_nine_is_found(tmp_path, monkeypatch, leak):
    world = ports(tmp_path)
    load(world, rotating())
    monkeypatch.setattr(*LEAKS[leak])
    with pytest.raises(LeakFound):
        step(loaded(), world, NOON)
    assert world.notifier.told == ["features know the future"]
    assert standing(world)["game_features_daily"].is_empty()


@pytest.fixture
def old(closed, tmp_path):
    """The folder of stores as a release before the variants left them: another computation's rows."""
    copied(closed, tmp_path).warehouse.close()
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as store:
        for name in TABLES:
            store.execute(f"delete from mlb_features.{name} where variant <> 'confirmed'")
            store.execute(f"alter table mlb_features.{name} drop column variant")
        store.execute("update mlb_features.league_states set inputs_sha256 = 'of another computation'")
    return tmp_path


def test_rows_of_an_old_store_are_read_as_posted_ones(old):
    for name in TABLES:
        counted = select_rows(
            old / "warehouse.duckdb", f"select variant, count(*) as n from {name} group by all"
        )
        assert counted["variant"].to_list() == ["confirmed"]


def test_old_store_has_its_rows_as_posted_ones_until_they_are_built_again(old, rows):
    world = ports(old)
    stored = standing(world)
    for name in TABLES:
        posted = rows[name].filter(variant="confirmed")
        assert_frame_equal(stored[name], posted, check_column_order=False)


def test_next_build_of_an_old_store_leaves_what_a_new_store_has(old, rows):
    world = ports(old)
    step(loaded("next"), world, NOON + timedelta(hours=1))
    stored = standing(world)
    for name in TABLES:
        assert not stored[name].select(tables.get_table(name).key).is_duplicated().any()
        assert stored[name]["variant"].null_count() == 0
        assert_frame_equal(stored[name], rows[name], check_column_order=False)
