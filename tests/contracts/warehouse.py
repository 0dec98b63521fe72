"""What every warehouse promises; an adapter's test file subclasses this and says how to make one."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from shared.errors import TableMismatch
from shared.ports import MergeResult
from shared.storage.tables import Field, Table

MONDAY, TUESDAY, FRIDAY = date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 10)
NOON = datetime(2026, 4, 11, 12, tzinfo=UTC)

PLAYS = Table(
    name="contract_plays",
    dataset="mlb_historical_data",
    description="A small table that is replaced game by game.",
    key=("game_pk", "at_bat_index"),
    scope=("game_pk",),
    partition="game_date",
    cluster=(),
    fields=(
        Field("game_pk", "INTEGER", "game", required=True),
        Field("at_bat_index", "INTEGER", "order in the game", required=True),
        Field("game_date", "DATE", "the partition", required=True),
        Field("outcome", "STRING", "what it counts as", required=True),
        Field("rbi", "INTEGER", "runs batted in"),
        Field("launch_speed", "FLOAT", "mph"),
        Field("is_at_bat", "BOOLEAN", "counts in the average"),
        Field("started_at", "TIMESTAMP", "first pitch of it"),
    ),
)
ROSTERS = Table(
    name="contract_rosters",
    dataset="mlb_historical_data",
    description="A small table whose scope has two columns and which has no partition.",
    key=("team_id", "kind", "player_id"),
    scope=("team_id", "kind"),
    partition=None,
    cluster=(),
    fields=(
        Field("team_id", "INTEGER", "club", required=True),
        Field("kind", "STRING", "active or 40Man", required=True),
        Field("player_id", "INTEGER", "player", required=True),
    ),
)


@dataclass
class SetClock:
    """A clock that a test sets."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def hour(number: int) -> datetime:
    return datetime(2026, 4, 10, number, tzinfo=UTC)


def lineage(collected: int) -> dict:
    return {"source": "mlb_stats_api", "run_id": "run-1", "collected_at": hour(collected)}


def play(game: int, index: int, on: date = MONDAY, outcome: str = "out", collected: int = 1, **more) -> dict:
    row = {"game_pk": game, "at_bat_index": index, "game_date": on, "outcome": outcome}
    return row | lineage(collected) | more


def rostered(team: int, kind: str, player: int, collected: int = 1) -> dict:
    return {"team_id": team, "kind": kind, "player_id": player} | lineage(collected)


def scopes(*games: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame([{"game_pk": game, "collected_at": hour(at)} for game, at in games])


class WarehouseContract:
    """Subclasses bring a fixture `warehouse` that gives one without our rows, dated by `clock`."""

    @pytest.fixture
    def clock(self) -> SetClock:
        return SetClock()

    @pytest.fixture
    def plays(self, warehouse):
        warehouse.ensure_table(PLAYS)

        def merge(*rows: dict, scopes: pl.DataFrame | None = None) -> MergeResult:
            return warehouse.merge_rows(PLAYS, pl.DataFrame(rows, infer_schema_length=None), scopes)

        return merge

    def standing(self, warehouse, *columns: str, table: Table = PLAYS) -> list[tuple]:
        requested = ", ".join(columns)
        keys = ", ".join(table.key)
        return warehouse.query_rows(f"select {requested} from {table.full_name} order by {keys}").rows()

    # -- rows and keys

    def test_rows_stand_and_are_counted(self, warehouse, plays):
        assert plays(play(1, 0), play(1, 1, outcome="walk")) == MergeResult(stored=2, deleted=0, outdated=0)
        assert self.standing(warehouse, "at_bat_index", "outcome") == [(0, "out"), (1, "walk")]

    def test_same_batch_again_changes_nothing(self, warehouse, plays, clock):
        plays(play(1, 0), play(1, 1))
        before = warehouse.query_rows(f"select * from {PLAYS.full_name} order by at_bat_index")
        clock.now += timedelta(hours=1)
        assert plays(play(1, 0), play(1, 1)) == MergeResult(2, 0, 0)
        assert warehouse.query_rows(f"select * from {PLAYS.full_name} order by at_bat_index").equals(before)

    def test_later_version_overwrites(self, warehouse, plays):
        plays(play(1, 0, outcome="error"))
        plays(play(1, 0, outcome="single", collected=2))
        assert self.standing(warehouse, "outcome") == [("single",)]

    def test_correction_keeps_when_the_row_was_created(self, warehouse, plays, clock):
        plays(play(1, 0, outcome="error"))
        clock.now += timedelta(days=1)
        plays(play(1, 0, outcome="single", collected=2))
        assert self.standing(warehouse, "created_at", "updated_at") == [(NOON, NOON + timedelta(days=1))]

    def test_earlier_version_is_left_out_whole(self, warehouse, plays):
        plays(play(1, 0, outcome="single", collected=2))
        assert plays(play(1, 0, outcome="error"), play(1, 1)) == MergeResult(0, 0, outdated=2)
        assert self.standing(warehouse, "outcome") == [("single",)]

    def test_key_given_twice_keeps_the_later(self, warehouse, plays):
        plays(play(1, 0, outcome="single", collected=2), play(1, 0, outcome="error", collected=1))
        assert self.standing(warehouse, "outcome") == [("single",)]

    def test_tie_between_same_keys_is_decided_by_the_values(self, warehouse, plays):
        twice = [play(1, 0, outcome="single"), play(1, 0, outcome="error")]
        plays(*twice)
        first = self.standing(warehouse, "outcome")
        plays(*reversed(twice))
        assert self.standing(warehouse, "outcome") == first

    def test_nothing_given_changes_nothing(self, warehouse):
        warehouse.ensure_table(PLAYS)
        assert warehouse.merge_rows(PLAYS, pl.DataFrame()) == MergeResult(0, 0, 0)

    # -- whole games

    def test_play_that_vanished_is_deleted(self, warehouse, plays):
        plays(play(1, 0), play(1, 1), play(2, 0))
        assert plays(play(1, 0, collected=2)) == MergeResult(stored=1, deleted=1, outdated=0)
        assert self.standing(warehouse, "game_pk", "at_bat_index") == [(1, 0), (2, 0)]

    def test_game_stated_without_rows_is_emptied(self, warehouse, plays):
        plays(play(1, 0), play(2, 0))
        assert plays(scopes=scopes((1, 2))) == MergeResult(stored=0, deleted=1, outdated=0)
        assert self.standing(warehouse, "game_pk") == [(2,)]

    def test_older_statement_empties_nothing(self, warehouse, plays):
        plays(play(1, 0, collected=2))
        plays(scopes=scopes((1, 1)))
        assert self.standing(warehouse, "game_pk") == [(1,)]

    def test_rows_outside_the_stated_games_delete_nothing(self, warehouse, plays):
        plays(play(1, 0), play(2, 0))
        plays(play(1, 0, collected=2), play(2, 1, collected=2), scopes=scopes((1, 2)))
        assert self.standing(warehouse, "game_pk", "at_bat_index") == [(1, 0), (2, 0), (2, 1)]

    def test_postponed_game_moves(self, warehouse, plays):
        plays(play(1, 0, on=MONDAY), play(1, 1, on=MONDAY))
        moved = plays(play(1, 0, on=FRIDAY, collected=2))
        assert moved == MergeResult(stored=1, deleted=1, outdated=0)
        assert self.standing(warehouse, "game_date") == [(FRIDAY,)]

    def test_game_on_two_dates_after_a_crash_is_gathered(self, warehouse, plays):
        plays(play(1, 0, on=MONDAY))
        plays(play(1, 1, on=TUESDAY), scopes=scopes((9, 1)))
        plays(play(1, 0, on=FRIDAY, collected=2))
        assert self.standing(warehouse, "at_bat_index", "game_date") == [(0, FRIDAY)]

    def test_older_date_does_not_come_back(self, warehouse, plays):
        plays(play(1, 0, on=FRIDAY, collected=2))
        plays(play(1, 0, on=MONDAY, collected=1))
        assert self.standing(warehouse, "game_date") == [(FRIDAY,)]

    def test_scope_of_two_columns_is_replaced_alone(self, warehouse):
        warehouse.ensure_table(ROSTERS)
        first = [
            rostered(1, "active", 10),
            rostered(1, "active", 11),
            rostered(1, "40Man", 10),
            rostered(2, "active", 12),
        ]
        warehouse.merge_rows(ROSTERS, pl.DataFrame(first))
        warehouse.merge_rows(ROSTERS, pl.DataFrame([rostered(1, "active", 10, collected=2)]))
        standing = self.standing(warehouse, "team_id", "kind", "player_id", table=ROSTERS)
        assert standing == [(1, "40Man", 10), (1, "active", 10), (2, "active", 12)]

    # -- columns

    def test_unknown_columns_are_kept_aside(self, warehouse, plays):
        plays(play(1, 0, arm_angle=41.5, tags=["a"], extra='{"arm_angle": 40, "old": 1}'))
        assert self.standing(warehouse, "extra") == [('{"arm_angle":40,"old":1,"tags":["a"]}',)]

    def test_columns_that_lack_are_null(self, warehouse, plays):
        plays(play(1, 0))
        assert self.standing(warehouse, "rbi", "raw_object", "extra") == [(None, None, None)]

    def test_required_column_that_lacks_is_named(self, plays):
        row = play(1, 0)
        del row["outcome"]
        with pytest.raises(
            TableMismatch, match=r"contract_plays\.outcome: expected STRING, got no such column"
        ):
            plays(row)

    def test_null_in_a_required_column_is_counted(self, plays):
        with pytest.raises(TableMismatch, match=r"outcome: expected STRING, got null in 1 of 2 rows"):
            plays(play(1, 0), play(1, 1, outcome=None))

    def test_whole_number_written_as_fraction_is_taken(self, warehouse, plays):
        plays(play(1, 0, rbi=2.0, launch_speed=101))
        assert self.standing(warehouse, "rbi", "launch_speed") == [(2, 101.0)]

    @pytest.mark.parametrize(
        "wrong", [{"rbi": 0.5}, {"rbi": "two"}, {"launch_speed": 2**53 + 1}, {"started_at": MONDAY}]
    )
    def test_value_that_would_change_is_refused(self, warehouse, plays, wrong):
        with pytest.raises(TableMismatch, match=rf"contract_plays\.{next(iter(wrong))}: expected nullable"):
            plays(play(1, 0, **wrong))
        assert self.standing(warehouse, "game_pk") == []

    def test_not_a_number_is_null(self, warehouse, plays):
        plays(play(1, 0, launch_speed=float("nan")))
        assert self.standing(warehouse, "launch_speed") == [(None,)]

    def test_instants_come_back_in_utc(self, warehouse, plays):
        eastern = datetime.fromisoformat("2026-04-06T19:05:00-04:00")
        plays(play(1, 0, started_at=eastern))
        answer = warehouse.query_rows(f"select started_at, game_date from {PLAYS.full_name}")
        assert answer.schema == {"started_at": pl.Datetime("us", "UTC"), "game_date": pl.Date}
        assert answer.item(0, 0) == eastern

    # -- definitions that change

    def test_ensuring_again_keeps_the_rows(self, warehouse, plays):
        plays(play(1, 0))
        warehouse.ensure_table(PLAYS)
        assert self.standing(warehouse, "game_pk") == [(1,)]

    def test_new_nullable_column_is_added(self, warehouse, plays):
        plays(play(1, 0))
        wider = replace(PLAYS, fields=(*PLAYS.fields, Field("bat_speed", "FLOAT", "mph")))
        warehouse.ensure_table(wider)
        warehouse.merge_rows(wider, pl.DataFrame([play(1, 0, collected=2, bat_speed=71.5)]))
        assert self.standing(warehouse, "bat_speed") == [(71.5,)]

    def test_changed_type_is_refused(self, warehouse, plays):
        changed = replace(PLAYS, fields=(*PLAYS.fields[:-1], Field("started_at", "STRING", "first pitch")))
        with pytest.raises(TableMismatch, match=r"contract_plays\.started_at: expected .*, the table has"):
            warehouse.ensure_table(changed)

    def test_new_required_column_is_refused(self, warehouse, plays):
        wider = replace(PLAYS, fields=(*PLAYS.fields, Field("balls", "INTEGER", "balls", required=True)))
        with pytest.raises(TableMismatch, match=r"contract_plays\.balls"):
            warehouse.ensure_table(wider)

    def test_new_required_column_has_its_earlier_value_in_stored_rows(self, warehouse, plays):
        plays(play(1, 0), play(2, 0, on=TUESDAY))
        side = Field("side", "STRING", "side", required=True, earlier_value="left")
        wider = replace(PLAYS, key=(*PLAYS.key, "side"), fields=(*PLAYS.fields, side))
        warehouse.ensure_table(wider)
        assert self.standing(warehouse, "game_pk, side") == [(1, "left"), (2, "left")]
        both = [play(1, 0, collected=2, side=name) for name in ("left", "right")]
        warehouse.merge_rows(wider, pl.DataFrame(both))
        assert self.standing(warehouse, "game_pk, side") == [(1, "left"), (1, "right"), (2, "left")]

    # -- questions

    def test_parameters_are_bound_by_name(self, warehouse, plays):
        plays(play(1, 0), play(2, 0, on=TUESDAY), play(3, 0, on=FRIDAY))
        sql = f"select game_pk from {PLAYS.full_name} where game_date >= @since and game_pk in unnest(@games)"
        assert warehouse.query_rows(sql, since=TUESDAY, games=[1, 2]).rows() == [(2,)]

    def test_empty_list_holds_nothing(self, warehouse, plays):
        plays(play(1, 0))
        sql = f"select game_pk from {PLAYS.full_name} where game_date in unnest(@dates)"
        assert warehouse.query_rows(sql, dates=[]).rows() == []

    def test_rows_are_joined_as_parameters(self, warehouse, plays):
        plays(play(1, 0), play(2, 0))
        sql = f"select t.game_pk, r.name from unnest(@rows) as r join {PLAYS.full_name} t on t.game_pk = r.pk"
        assert warehouse.query_rows(sql, rows=[{"pk": 2, "name": "two"}]).rows() == [(2, "two")]

    def test_whole_numbers_come_back_as_int64(self, warehouse, plays):
        plays(play(1, 0, rbi=2), play(1, 1, rbi=1))
        answer = warehouse.query_rows(
            f"select sum(rbi) as rbi, count(*) as plays, countif(rbi > 1) as big from {PLAYS.full_name}"
        )
        assert answer.schema == {"rbi": pl.Int64, "plays": pl.Int64, "big": pl.Int64}
        assert answer.rows() == [(3, 2, 1)]

    def test_missing_table_is_named(self, warehouse):
        with pytest.raises(TableMismatch, match="nowhere"):
            warehouse.query_rows("select 1 from mlb_historical_data.nowhere")
