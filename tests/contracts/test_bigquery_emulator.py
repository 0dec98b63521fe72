"""What the BigQuery stand-in gets wrong, so that nobody takes its word for it; a test that passes is news."""

from datetime import UTC, datetime
from functools import partial

import polars as pl
import pytest
from google.api_core.exceptions import BadRequest, GoogleAPICallError
from google.cloud import bigquery

from shared.storage.tables import get_table
from tests.contracts.bigquery import client_of, warehouse_of
from tests.contracts.emulated import present
from tests.contracts.warehouse import PLAYS, SetClock, play
from tests.emulators import bigquery_emulator
from tests.patience import PATIENCE


def wrong(reason: str):
    return pytest.mark.xfail(strict=True, reason=f"bqemulator 1.4.0 {reason}")


@pytest.fixture
def warehouse(bigquery_client):
    warehouse = warehouse_of(bigquery_client, SetClock())
    warehouse.ensure_table(PLAYS)
    warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    return warehouse


@pytest.fixture
def request_once(warehouse, bigquery_client):
    def requested(sql: str, **config) -> list[tuple]:
        job = bigquery_client.query(
            sql, job_config=bigquery.QueryJobConfig(**config), retry=None, job_retry=None, timeout=PATIENCE
        )
        return [tuple(row) for row in job.result(retry=None, job_retry=None, timeout=PATIENCE)]

    return requested


def test_rows_outlive_the_server(tmp_path):
    for _ in range(2):
        with present(partial(bigquery_emulator, "test", tmp_path / "data")) as url:
            warehouse = warehouse_of(client_of(url), SetClock())
            warehouse.ensure_table(PLAYS)
            earlier = warehouse.query_rows(f"select count(*) as n from {PLAYS.full_name}").item()
            warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    assert earlier == 1


@wrong("bills nothing: the cap is proved against refusals in BigQuery's words instead")
def test_bytes_are_billed(request_once, bigquery_client):
    job = bigquery_client.query(f"select count(distinct outcome) from {PLAYS.full_name}")
    job.result()
    assert job.total_bytes_billed


@wrong("reads as much as it is asked to")
def test_cap_on_bytes_is_enforced(request_once):
    with pytest.raises(GoogleAPICallError):
        request_once(f"select * from {PLAYS.full_name}", maximum_bytes_billed=1)


@wrong("reads whole tables that demand a filter on the partition")
def test_partition_filter_is_demanded(warehouse, bigquery_client, request_once):
    warehouse.ensure_table(get_table("statcast_pitches"))
    with pytest.raises(BadRequest):
        request_once("select count(*) as n from mlb_historical_data.statcast_pitches")


@wrong("counts the boundaries crossed, not whole units: no question of the project counts them in SQL")
def test_whole_days_are_counted(request_once):
    noon = "timestamp '2026-04-06 23:00:00+00'"
    assert request_once(f"select timestamp_diff(timestamp '2026-04-07 01:00:00+00', {noon}, day)") == [(0,)]


@wrong("merges a key that comes twice; BigQuery refuses, and the adapter gives each key once")
def test_key_twice_in_a_merge_is_refused(request_once):
    source = "(select * from unnest([struct(1 as pk, 'a' as o), struct(1 as pk, 'b' as o)]))"
    on = f"merge into {PLAYS.full_name} t using {source} s on t.game_pk = s.pk"
    with pytest.raises(BadRequest):
        request_once(f"{on} when matched then update set outcome = s.o")


@wrong("knows no parameters in scripts: the adapter writes its dates out, which BigQuery prunes as well")
def test_scripts_take_parameters(request_once):
    given = [bigquery.ScalarQueryParameter("n", "INT64", 3)]
    assert request_once("declare x int64 default 0; set x = @n; select x as x", query_parameters=given) == [
        (3,)
    ]


@wrong("does not say how many rows the last statement changed: the adapter counts before and after")
def test_scripts_know_the_rows_changed(request_once):
    script = f"declare n int64; delete from {PLAYS.full_name} where true; set n = @@row_count; select n as n"
    assert request_once(script) == [(1,)]


@wrong("forgets a column added by tables.update: the adapter adds columns in SQL")
def test_columns_are_added_by_the_api(request_once, bigquery_client):
    stored = bigquery_client.get_table(PLAYS.full_name)
    stored.schema = [*stored.schema, bigquery.SchemaField("balls", "INTEGER")]
    bigquery_client.update_table(stored, ["schema"])
    assert request_once(f"select balls from {PLAYS.full_name}") == [(None,)]


@wrong("lets a table outlive its expiration: staging tables are deleted by the merge itself")
def test_tables_expire(bigquery_client):
    over = bigquery.Table(
        f"{bigquery_client.project}.mlb_staging.over", [bigquery.SchemaField("x", "INTEGER")]
    )
    over.expires = datetime(2026, 1, 1, tzinfo=UTC)
    bigquery_client.create_table(over)
    assert [one.table_id for one in bigquery_client.list_tables("mlb_staging")] == []
