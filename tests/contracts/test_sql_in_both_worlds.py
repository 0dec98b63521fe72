"""Every question of the project, on DuckDB and on the BigQuery stand-in: equal, and as worked out by hand."""

import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from google.cloud.bigquery import LoadJobConfig, SourceFormat
from polars.testing import assert_frame_equal

from hankstank.dev.emulators.bigquery import create_datasets
from services.features.mlb.recent_games import recent_games_query
from services.loader.mlb.day_counts import grades_due_query
from services.loader.mlb.outcomes import outcomes_query
from services.loader.mlb.results import result_games_query, result_lines_query
from services.trainer.dataset import rows_query
from shared.adapters.local.duckdb_warehouse import DuckDbWarehouse
from shared.storage import merge as merging
from shared.storage.tables import get_table
from tests.contracts.bigquery import client_of, warehouse_of
from tests.contracts.sql_world import BATCH, ROWS, STALE, STORED_PLAYS, TONIGHT
from tests.contracts.warehouse import PLAYS, SetClock, hour
from tests.unit.services.loader.batches import FRIDAY, MONDAY, TUESDAY, collected

ROOT = Path(__file__).parents[2]
WEDNESDAY = date(2026, 4, 8)
TYPES = ["R"]
# The statements of a merge that change rows: the warehouse contract runs them, in both worlds.
CHANGING = {
    "shared/storage/sql/merge.sql",
    "shared/storage/sql/delete_vanished.sql",
    "shared/storage/sql/insert.sql",
}
SQLITE = {"shared/adapters/local/queue_records.sql"}


# Filled from the target records by the code that runs them.
GENERATED = {
    "services/features/sql/recent_games.sql": recent_games_query,
    "services/loader/sql/outcomes.sql": outcomes_query,
    "services/loader/sql/grades_due.sql": grades_due_query,
    "services/loader/sql/result_games.sql": result_games_query,
    "services/loader/sql/result_lines.sql": result_lines_query,
    "services/trainer/game_rows.sql": partial(rows_query, "game"),
    "services/trainer/player_rows.sql": partial(rows_query, "batter"),
}


@dataclass(frozen=True)
class Case:
    """What is asked, and the answer by hand: some columns of all rows, in the question's order."""

    columns: str
    rows: list[tuple]
    asked: dict[str, Any] = field(default_factory=dict)
    filled: dict[str, str] = field(default_factory=dict)


SPAN = {"first": MONDAY, "last": FRIDAY}
OF_PLAYS = {"first": MONDAY, "last": FRIDAY, "partitions": [MONDAY]}
CASES = {
    "services/collector/sql/stored_games.sql": Case(
        "game_pk rows_sha256 appearances pitches players incomplete",
        [
            (1, "abc", 2, 1, 2, False),
            (2, None, 1, 0, 1, True),
            (4, None, 0, 0, 0, False),
            (3, None, 0, 0, 0, True),
        ],
        {**SPAN, "stale_before": STALE},
    ),
    "services/collector/sql/season_games.sql": Case(
        "game_pk plate_appearances pitches lineup_slots starts starts_agreeing players",
        [(1, 2, 1, 1, 0, 0, 2), (2, 1, 0, 1, 0, 0, 1), (4, 0, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0, 0)],
        SPAN,
    ),
    "services/collector/sql/first_day.sql": Case("first", [(MONDAY,)], {"season": MONDAY.year, "last": FRIDAY}),
    "services/validator/recent_history.sql": Case(
        "days runs_mean runs_deviation strikeouts_mean", [(2, 6.0, 8**0.5, 7.0)], SPAN
    ),
    "services/loader/sql/stored_games.sql": Case(
        "game_pk game_date collected_at", [(1, MONDAY, collected(1)), (3, FRIDAY, collected(1))],
        {"games": [3, 1, 99]},
    ),
    "services/loader/sql/outcomes.sql": Case(
        "forecast_id actual game_date", [("a", 1, MONDAY), ("b", 2, MONDAY), ("c", 7, MONDAY), ("d", None, MONDAY)],
        {"dates": [MONDAY]},
    ),
    "services/loader/sql/result_games.sql": Case(
        "game_pk status is_tie outcome_home_win outcome_home_score outcome_away_score",
        [(2, "Final", False, 0, 2, 4), (4, "Other", None, None, None, None)], {"dates": [TUESDAY]},
    ),
    "services/loader/sql/result_lines.sql": Case(
        "player_id plate_appearances hits outs_recorded has_pitched",
        [(101, 4, 2, None, False), (209, None, None, 18, True)], {"dates": [MONDAY]},
    ),
    "services/loader/sql/result_forecasts.sql": Case(
        "game_pk player_id target actual log_loss", [(1, None, "home_win", 1, 0.25), (1, 101, "batter_hits", 1, 0.75)],
        {"first": MONDAY, "last": FRIDAY, "games": [1, 2]},
    ),
    "services/loader/sql/outlook.sql": Case(
        "games starters_announced lineups_posted first_start", [(1, 0, 1, datetime(2026, 4, 6, 23, 5, tzinfo=UTC))], {"day": MONDAY},
    ),
    "services/loader/sql/day_games.sql": Case(
        "game_pk status is_called_off clubs players plays pitches in_time",
        [(1, "Final", False, 2, 2, 2, 1, True), (2, "Final", False, 1, 1, 1, 0, False),
         (4, "Other", True, 0, 0, 0, 0, False), (3, "Preview", False, 0, 0, 0, 0, False)],
        SPAN,
    ),
    "services/loader/sql/day_rows.sql": Case(
        "name day rows_of_day", [("game_features_daily", MONDAY, 1)], {"first": MONDAY, "last": MONDAY},
        {"table": "game_features_daily", "dataset": "mlb_features", "day": "game_date"}
        | {"which": "variant = 'confirmed'"},
    ),
    "services/loader/sql/grades_due.sql": Case("day forecasts", [(MONDAY, 3)], {"dates": [MONDAY]}),
    "services/loader/sql/objective_scores.sql": Case("forecasts won brier", [(2, 0, 0.75)], SPAN),
    "services/loader/sql/loaded_forecasts.sql": Case("raw_object", [("forecasts/a",)], {"dates": [MONDAY]}),
    "services/trainer/selection/scored_forecasts.sql": Case(
        "target game_pk player_id model_version is_challenger release_id log_loss",
        [("home_win", 1, None, "1.0.0", False, "000001", 0.25), ("home_win", 1, None, "1.0.0", False, "000002", 0.75)],
        {"first": MONDAY, "as_of": FRIDAY},
    ),
    "services/trainer/game_rows.sql": Case(
        "game_pk known_date home_win expected_run_difference",
        [(1, MONDAY, 1, 0.5), (2, FRIDAY, 0, -0.25)], {"first": MONDAY, "as_of": FRIDAY, "variant": "confirmed"},
    ),
    "services/trainer/player_rows.sql": Case(
        "game_pk player_id known_date hits expected_hits strikeouts", [(1, 101, MONDAY, 2, 1.25, None)],
        {"first": MONDAY, "as_of": FRIDAY, "role": "batter", "variant": "confirmed"},
    ),
    "services/features/sql/league_history.sql": Case(
        "as_of runs", [(MONDAY, 8.5), (TUESDAY, 9.5)], {"day": WEDNESDAY}, {"columns": "as_of, runs"}
    ),
    "services/features/sql/latest_states.sql": Case(
        "team_id as_of elo", [(10, TUESDAY, 1510.5), (20, MONDAY, 1490.25)], {"day": WEDNESDAY},
        {"columns": "as_of, team_id, elo", "table": "club_states", "key": "team_id"},
    ),
    "services/features/sql/states_of.sql": Case(
        "team_id as_of elo", [(10, TUESDAY, 1510.5)], {"day": WEDNESDAY, "ids": [10]},
        {"columns": "as_of, team_id, elo", "table": "club_states", "key": "team_id"},
    ),
    "services/features/sql/stored_games.sql": Case(
        "game_pk variant home_win", [(1, "confirmed", 1), (1, "projected", 1)], {"first": MONDAY, "last": MONDAY}
    ),
    "services/features/sql/stored_players.sql": Case(
        "player_id role variant",
        [(101, "batter", "confirmed"), (101, "batter", "projected"), (209, "starter", "confirmed")],
        {"first": MONDAY, "last": MONDAY},
    ),
    "services/features/sql/newest_inputs.sql": Case(
        "input newest",
        [
            ("lineups_historical", TUESDAY),
            ("plate_appearances", TUESDAY),
            ("player_stats_historical", TUESDAY),
            ("statcast_pitches", MONDAY),
            ("team_stats_historical", TUESDAY),
            ("transactions_historical", MONDAY),
            ("weather_forecasts", FRIDAY),
        ],
        SPAN,
    ),
    "services/features/sql/played_days.sql": Case(
        "scheduled finished", [(MONDAY, MONDAY)], {"first": MONDAY, "last": MONDAY, "game_types": TYPES}
    ),
    "services/features/sql/known_days.sql": Case("as_of inputs_sha256", [(MONDAY, "a"), (TUESDAY, "b")]),
    "services/features/sql/venues.sql": Case("venue_id name elevation", [(7, "Park", 5190), (8, "Dome", None)]),
    "services/features/sql/clubs.sql": Case("team_id season name", [(10, 2026, "New"), (20, 2026, "Others")]),
    "services/features/sql/hands.sql": Case(
        "person_id bat_side pitch_hand", [(101, "L", "R"), (209, "S", "L")]
    ),
    "services/features/sql/people.sql": Case(
        "person_id full_name team_id last_seen",
        [(101, "José Uno", 11, TUESDAY), (209, "Two", 20, MONDAY)], {"as_of": FRIDAY},
    ),
    "services/features/sql/club_games.sql": Case(
        "day team_id venue_id runs_for runs_against hits walks",
        [(MONDAY, 10, 7, 5, 3, 9, 3), (FRIDAY, 10, 8, 4, 2, 8, 2), (MONDAY, 20, 7, 3, 5, 6, 1)],
        {**SPAN, "game_types": TYPES},
    ),
    "services/features/sql/pen_days.sql": Case(
        "day team_id bullpen_pitches bullpen_outs", [(MONDAY, 20, 90, 18)], {**SPAN, "game_types": TYPES}
    ),
    "services/features/sql/club_ratings.sql": Case(
        "as_of team_id elo", [(TUESDAY, 10, 1510.5)], {"first": TUESDAY, "last": FRIDAY}
    ),
    "services/features/sql/notices.sql": Case(
        "transaction_id player_id type_code words", [(5, 101, "OPT", "optioned to b")], SPAN
    ),
    "services/features/sql/pair_days.sql": Case(
        "day batter_id pitcher_id plate_appearances walks strikeouts", [(MONDAY, 101, 209, 1, 1, 0)],
        {"day": FRIDAY, "game_types": TYPES, "pairs": pl.DataFrame({"batter_id": [101], "pitcher_id": [209]})},
    ),
    "services/features/sql/venue_places.sql": Case("venue_id latitude", [(7, 39.75), (8, None)]),
    "services/features/sql/box_lines.sql": Case(
        "game_pk player_id runs earned_runs", [(1, 101, None, None), (1, 209, 5, 4)],
        {**SPAN, "game_pks": [1]},
    ),
    "services/features/sql/box_labels.sql": Case(
        "game_pk player_id hits", [(1, 101, 2), (1, 209, None)],
        {**SPAN, "game_pks": [1]}, {"columns": "game_pk, game_date, player_id, sum(hits) as hits"},
    ),
    "services/features/sql/pitches.sql": Case(
        "game_pk batter_id call_code", [(1, 201, "X")], {**SPAN, "game_pks": [1]}
    ),
    "services/features/sql/last_known_day.sql": Case("as_of", [(MONDAY,)], {"day": TUESDAY}),
    "services/features/sql/lines.sql": Case(
        "as_of batter_id season_hits", [(TUESDAY, 101, 3), (MONDAY, 102, 1)],
        {"first": MONDAY, "last": FRIDAY, "stretches": pl.DataFrame({"since": [MONDAY], "until": [FRIDAY]})},
        {"columns": "as_of, batter_id, season_hits", "lines": "batter_lines", "key": "batter_id"},
    ),
    "services/features/sql/starter_lines.sql": Case(
        "as_of pitcher_id season_strikeouts", [(MONDAY, 209, 7), (TUESDAY, 209, 9)],
        {"first": MONDAY, "last": TUESDAY, "pitchers": [209]},
        {"columns": "as_of, pitcher_id, season_strikeouts"},
    ),
    "services/features/sql/club_strikeouts.sql": Case(
        "day team_id pitch_hand plate_appearances strikeouts",
        [(MONDAY, 10, "L", 1, 0), (FRIDAY, 10, "L", 1, 1), (MONDAY, 20, "R", 1, 0)],
        {**SPAN, "game_types": TYPES},
    ),
    "services/features/sql/built_days.sql": Case(
        "day collected_at built_at",
        [
            (MONDAY, collected(1), collected(1)),
            (TUESDAY, collected(1), collected(1)),
            (FRIDAY, collected(1), None),
        ],
        {"first": MONDAY, "game_types": TYPES},
    ),
    "services/features/sql/schedule.sql": Case(
        "game_pk game_date scheduled_start home_team_id", [(3, FRIDAY, TONIGHT, 10)], {"as_of": WEDNESDAY}
    ),
    "services/features/sql/plays.sql": Case(
        "game_pk at_bat_index outcome rbi is_top", [(1, 0, "single", 1, True), (1, 1, "walk", 0, False)],
        {**SPAN, "game_pks": [1]},
    ),
    "services/features/sql/lineups.sql": Case(
        "game_pk team_id player_id batting_slot", [(1, 10, 101, 1), (1, 20, 209, None)],
        {**SPAN, "game_pks": [1]},
    ),
    "services/features/sql/recent_lineups.sql": Case(
        "team_id player_id game_date", [(10, 101, MONDAY), (10, 102, TUESDAY)], {"first": TUESDAY, "last": FRIDAY}
    ),
    "services/features/sql/finished_games.sql": Case(
        "game_pk completed_date home_score away_catcher_id home_catcher_id roof_type forecast_temperature_f",
        [(2, FRIDAY, 2, 102, None, None, None)],
        {"first": TUESDAY, "last": WEDNESDAY, "game_types": TYPES},
    ),
    "services/features/sql/history_games.sql": Case(
        "game_pk completed_date away_score venue_id", [(1, MONDAY, 3, 7)],
        {"since": date.min, "day": FRIDAY, "game_types": TYPES},
    ),
    "services/features/sql/history_plays.sql": Case(
        "game_pk at_bat_index batter_id outcome",
        [(1, 0, 201, "single"), (1, 1, 101, "walk")],
        {"since": date.min, "first": MONDAY, "day": FRIDAY, "game_types": TYPES, "batters": [201]}
        | {"pitchers": [], "catchers": [], "clubs": [], "umpires": [], "venues": [8]},
    ),
    "services/features/sql/day_expectations.sql": Case(
        "team_id as_of elo",
        [(10, MONDAY, 1500.0), (10, TUESDAY, 1510.5)],
        {"since": date.min, "day": WEDNESDAY, "ids": [10]},
        {"columns": "as_of, team_id, elo", "table": "club_states", "key": "team_id"},
    ),
    "services/features/sql/day_notices.sql": Case(
        "day notices ids collected", [(MONDAY, 2, 11, 2 * 1775545200000000)]
    ),
    "services/features/sql/day_inputs.sql": Case(
        "day games game_pks collected",
        [
            (MONDAY, 1, 1, 1775545200000000),
            (TUESDAY, 1, 2, 1775545200000000),
            (FRIDAY, 1, 2, 1775545200000000),
        ],
        {"game_types": TYPES},
    ),
    "services/features/sql/track_record.sql": Case(
        "target forecasts log_loss squared_error month first_date",
        [("home_win", 2, 0.5, 0.75, date(2026, 4, 1), MONDAY)], {"as_of": FRIDAY},
    ),
    "services/features/sql/reliability.sql": Case(
        "target tenth forecasts promised happened", [("home_win", 1, 1, 0.5, 1.0), ("home_win", 2, 1, 0.5, 1.0)],
        {"as_of": FRIDAY},
    ),
    "services/features/sql/recent_games.sql": Case(
        "player_id game_pk batter_hits pitcher_strikeouts expected_batter_hits",
        [(101, 1, 2, None, None), (101, 2, 0, None, None), (209, 1, None, 7, None)], {"as_of": FRIDAY},
    ),
    "shared/sports/mlb/views/k_rates.sql": Case(
        "season role player_id player_name team_id team games plate_appearances strikeouts strikeout_rate walk_rate "
        "strikeout_rate_vs_left strikeout_rate_vs_right",
        [
            (2026, "batter", 101, "José Uno", 10, "x", 2, 2, 1, 0.5, 0.5, 0.5, None),
            (2026, "batter", 201, None, 20, "x", 1, 1, 0, 0.0, 0.0, None, 0.0),
            (2026, "pitcher", 109, None, 10, "x", 1, 1, 0, 0.0, 0.0, None, 0.0),
            (2026, "pitcher", 209, "Two", 20, "x", 2, 2, 1, 0.5, 0.5, 0.5, None),
        ],
    ),
    "shared/sports/mlb/views/team_k_rates.sql": Case(
        "season role team_id team_name games plate_appearances strikeouts walks strikeout_rate_vs_left",
        [
            (2026, "batting", 10, "New", 2, 2, 1, 1, 0.5),
            (2026, "batting", 20, "Others", 1, 1, 0, 0, None),
            (2026, "pitching", 10, "New", 1, 1, 0, 0, None),
            (2026, "pitching", 20, "Others", 2, 2, 1, 1, 0.5),
        ],
    ),
    "shared/storage/sql/stored_scopes.sql": Case(
        "game_pk stored_on stored_since", [(1, MONDAY, hour(1)), (1, FRIDAY, hour(2))], OF_PLAYS
    ),
    "shared/storage/sql/count_overtaken.sql": Case("overtaken", [(1,)], OF_PLAYS),
    "shared/storage/sql/count_partition_rows.sql": Case("touched", [(2,)], OF_PLAYS),
    "shared/storage/sql/count_stored.sql": Case("stored", [(1,)], OF_PLAYS),
}  # fmt: skip


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory):
    warehouse = DuckDbWarehouse(tmp_path_factory.mktemp("duckdb") / "warehouse.duckdb", clock=SetClock())
    warehouse.ensure_table(PLAYS)
    for name, rows in ROWS.items():
        warehouse.merge_rows(get_table(name), pl.DataFrame(rows, infer_schema_length=None))
    elsewhere = pl.DataFrame({"game_pk": [9], "collected_at": [hour(1)]})
    for one in STORED_PLAYS:  # a game on two dates, as a crash may leave it
        warehouse.merge_rows(PLAYS, pl.DataFrame([one]), elsewhere)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def emulated(bigquery_url, duckdb):
    """Give a BigQuery warehouse with the very rows that stand on DuckDB."""
    client = client_of(bigquery_url, f"test-{uuid4().hex[:12]}")
    create_datasets(bigquery_url, client.project)
    warehouse = warehouse_of(client, SetClock())
    for definition in (PLAYS, *map(get_table, ROWS)):
        warehouse.ensure_table(definition)
        rows = io.BytesIO()
        duckdb.query_rows(f"select * from {definition.full_name}").write_parquet(rows)
        parquet = LoadJobConfig(source_format=SourceFormat.PARQUET)
        client.load_table_from_file(rows, definition.full_name, rewind=True, job_config=parquet).result()
    yield warehouse
    client.close()


def files() -> list[str]:
    found = (path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.sql"))
    return sorted(str(path.relative_to(ROOT)) for path in found)


def statement(name: str, case: Case) -> tuple[str, dict[str, Any]]:
    """Return a file's SQL and its parameters, as the code that runs it fills them in."""
    path = ROOT / name
    if path.parent == ROOT / "shared/storage/sql":
        sql = getattr(merging.merge_statements(PLAYS), path.stem)
        batch = pl.DataFrame(BATCH)
        for relation in (merging.ROWS, merging.SCOPES):
            sql = sql.replace(
                relation, "(select r.game_pk, r.at_bat_index, r.collected_at from unnest(@batch) as r)"
            )
        given = {key: value for key, value in case.asked.items() if f"@{key}" in sql}
        return sql, given | ({"batch": batch} if "@batch" in sql else {})
    sql = GENERATED[name]() if name in GENERATED else path.read_text()
    for key, value in case.filled.items():
        sql = sql.replace(f"{{{key}}}", value)
    return sql, case.asked


@pytest.mark.parametrize("name", CASES)
def test_answer_is_as_worked_out_by_hand(name, duckdb):
    case = CASES[name]
    sql, asked = statement(name, case)
    answer = duckdb.query_rows(sql, **asked).select(case.columns.split())
    expected = pl.DataFrame(case.rows, schema=answer.schema, orient="row")
    assert_frame_equal(answer, expected, check_row_order=name.split("/")[0] == "services")


@pytest.mark.parametrize("name", CASES)
def test_both_worlds_answer_alike(name, duckdb, emulated):
    sql, asked = statement(name, CASES[name])
    ours, theirs = duckdb.query_rows(sql, **asked), emulated.query_rows(sql, **asked)
    stamps = [column for column in ("created_at", "updated_at") if column in ours.columns]
    assert_frame_equal(
        theirs.drop(stamps), ours.drop(stamps), check_row_order=name.split("/")[0] == "services"
    )


def test_every_file_has_a_case():
    assert set(files()) == {*CASES, *CHANGING, *SQLITE}
