"""The BigQuery warehouse keeps a warehouse's promises, and tells apart what BigQuery refuses."""

import json
from contextlib import AbstractContextManager
from dataclasses import replace

import polars as pl
import pytest

from shared.adapters.gcp import bigquery_tables
from shared.adapters.gcp.bigquery_staging import DATASET
from shared.errors import QueryTooLarge, Rejected, RowsMissing, StoreUnavailable, TableMismatch
from shared.storage import merge as merging
from shared.storage.tables import Table, get_table
from tests.contracts.bigquery import CAP, client_of, warehouse_of
from tests.contracts.refusing_server import Asked, Reply, google_error, serving
from tests.contracts.warehouse import FRIDAY, PLAYS, SetClock, WarehouseContract, play


class TestBigQueryWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, bigquery_client, clock):
        return warehouse_of(bigquery_client, clock)


SIMPLE = "-- How many plays.\nselect count(*) as n from mlb_historical_data.contract_plays"
COUNT = f"select count(*) as n from {PLAYS.full_name}"


@pytest.fixture
def warehouse(bigquery_client):
    warehouse = warehouse_of(bigquery_client, SetClock())
    warehouse.ensure_table(PLAYS)
    return warehouse


def staging_tables(client) -> list[str]:
    return [table.table_id for table in client.list_tables(DATASET)]


def refusing(status: int, reason: str, message: str = "as told") -> AbstractContextManager[str]:
    """Serve nothing but one refusal."""
    return serving(lambda _asked: google_error(status, message, reason))


@pytest.mark.parametrize(
    ("status", "reason", "condition"),
    [
        (403, "accessDenied", Rejected),
        (403, "quotaExceeded", StoreUnavailable),
        (403, "rateLimitExceeded", StoreUnavailable),
        (429, "rateLimitExceeded", StoreUnavailable),
        (500, "backendError", StoreUnavailable),
        (503, "backendError", StoreUnavailable),
        (404, "notFound", TableMismatch),
        (400, "invalidQuery", Rejected),
        (400, "bytesBilledLimitExceeded", QueryTooLarge),
    ],
)
def test_refusals_are_told_apart(status, reason, condition):
    with refusing(status, reason) as url, pytest.raises(condition) as raised:
        warehouse_of(client_of(url), SetClock(), patience=0.2).query_rows(SIMPLE)
    assert raised.type is condition


def test_server_that_hangs_up_is_unavailable():
    with serving(lambda _asked: Reply(0)) as url, pytest.raises(StoreUnavailable, match="How many plays"):
        warehouse_of(client_of(url), SetClock(), patience=0.2).query_rows(SIMPLE)


def test_missing_permission_says_what_to_grant():
    with refusing(403, "accessDenied", "User has no bigquery.jobs.create") as url:
        warehouse = warehouse_of(client_of(url), SetClock(), patience=0.2)
        with pytest.raises(Rejected, match=r"(?s)bigquery\.jobs\.create.*grant roles/bigquery\.jobUser"):
            warehouse.query_rows(SIMPLE)


def test_query_over_the_cap_says_what_was_asked_and_the_cap():
    with refusing(400, "bytesBilledLimitExceeded", "Query exceeded limit for bytes billed") as url:
        warehouse = warehouse_of(client_of(url), SetClock(), patience=0.2)
        with pytest.raises(
            QueryTooLarge, match=r"(?s)How many plays\.: would read .* the cap of 1000000000 bytes"
        ):
            warehouse.query_rows(SIMPLE)


def test_merge_that_lost_a_race_comes_again():
    message = "Transaction is aborted due to concurrent update against table contract_plays"
    with (
        refusing(400, "invalidQuery", message) as url,
        pytest.raises(StoreUnavailable, match="another merge"),
    ):
        warehouse_of(client_of(url), SetClock(), patience=0.2).merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))


def test_every_query_is_capped_and_labelled():
    requested = []

    def answer(request: Asked) -> Reply:
        requested.append(json.loads(request.body))
        return google_error(400, "as told", "invalidQuery")

    with serving(answer) as url, pytest.raises(Rejected):
        warehouse_of(client_of(url), SetClock(), patience=0.2).query_rows(SIMPLE)
    configuration = requested[0]["configuration"]
    assert configuration["query"]["maximumBytesBilled"] == str(CAP)
    assert configuration["labels"] == {"service": "loader"}


def test_bytes_billed_are_logged_with_the_statement(warehouse, caplog):
    with caplog.at_level("INFO"):
        warehouse.query_rows(SIMPLE)
    reported = [record for record in caplog.records if record.message == "query"]
    assert [one.fields for one in reported] == [{"bytes_billed": 0, "statement": "How many plays."}]


def test_staging_is_empty_after_a_merge(warehouse, bigquery_client):
    warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    assert staging_tables(bigquery_client) == []


def test_failure_between_load_and_merge_leaves_nothing_half(warehouse, bigquery_client, monkeypatch):
    warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    with monkeypatch.context() as broken:
        broken.setattr(
            "shared.adapters.gcp.bigquery_warehouse._transaction_script", lambda _sql: "select wrong"
        )
        with pytest.raises(Rejected):
            warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0, collected=2), play(1, 1, collected=2)]))
    assert warehouse.query_rows(COUNT).item() == 1
    assert staging_tables(bigquery_client) == []


def test_rows_that_do_not_stand_are_noticed_and_undone(warehouse, monkeypatch):
    warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    statements = merging.merge_statements(PLAYS)
    broken = replace(statements, merge="select 1")
    monkeypatch.setattr(merging, "merge_statements", lambda _table: broken)
    with pytest.raises(RowsMissing, match="expected 1 rows stored, counted 0: nothing was changed"):
        warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 1, collected=2)]))
    assert warehouse.query_rows(f"select at_bat_index from {PLAYS.full_name}").rows() == [(0,)]


def test_merge_that_was_overtaken_changes_nothing(warehouse, bigquery_client, monkeypatch):
    """Another delivery merges a later version after this one has asked what stands."""
    plan = merging.plan_merge
    other = warehouse_of(bigquery_client, SetClock())

    def slow(*requested):
        monkeypatch.setattr(merging, "plan_merge", plan)
        other.merge_rows(PLAYS, pl.DataFrame([play(1, 0, on=FRIDAY, collected=5)]))
        return plan(*requested)

    monkeypatch.setattr(merging, "plan_merge", slow)
    with pytest.raises(StoreUnavailable, match="merged meanwhile: nothing was changed, deliver it again"):
        warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0), play(1, 1)]))
    assert warehouse.query_rows(f"select game_date, at_bat_index from {PLAYS.full_name}").rows() == [
        (FRIDAY, 0)
    ]


def test_table_is_made_as_it_is_defined(bigquery_client):
    definition = get_table("statcast_pitches")
    warehouse_of(bigquery_client, SetClock()).ensure_table(definition)
    made = bigquery_client.get_table(definition.full_name)
    assert made.time_partitioning.field == "game_date"
    assert made.clustering_fields == ["pitcher_id", "batter_id"]
    assert {field.name: field.mode for field in made.schema}["game_pk"] == "REQUIRED"


def test_column_that_older_tables_lack_may_be_null_in_new_ones_too(bigquery_client):
    definition = get_table("game_features_daily")
    warehouse_of(bigquery_client, SetClock()).ensure_table(definition)
    made = {field.name: field.mode for field in bigquery_client.get_table(definition.full_name).schema}
    assert (made["variant"], made["game_pk"]) == ("NULLABLE", "REQUIRED")


def test_ensuring_again_asks_nobody(warehouse, bigquery_client):
    bigquery_client.delete_table(PLAYS.full_name)
    warehouse.ensure_table(PLAYS)
    with pytest.raises(TableMismatch, match="contract_plays"):
        warehouse.query_rows(COUNT)


def test_missing_dataset_says_to_apply_terraform():
    with refusing(404, "notFound", "Not found: Dataset test:mlb_historical_data") as url:
        warehouse = warehouse_of(client_of(url), SetClock(), patience=0.2)
        with pytest.raises(TableMismatch, match=r"(?s)contract_plays: .*Not found: Dataset.*apply Terraform"):
            warehouse.ensure_table(PLAYS)


def with_field(called: str, **changed: object) -> Table:
    return replace(
        PLAYS, fields=tuple(replace(one, **changed) if one.name == called else one for one in PLAYS.fields)
    )


def test_column_that_may_lack_now_is_relaxed(warehouse):
    nullable = with_field("outcome", required=False)
    warehouse.ensure_table(nullable)
    row = play(1, 0)
    del row["outcome"]
    assert warehouse.merge_rows(nullable, pl.DataFrame([row])).stored == 1


RENAMED = replace(
    PLAYS,
    fields=tuple(
        replace(one, name=f"{one.name}_now", formerly=(one.name,)) if one.name in {"rbi", "outcome"} else one
        for one in PLAYS.fields
    ),
)


READ_RENAMED = f"select rbi_now, outcome_now from {PLAYS.full_name}"


def test_renamed_columns_keep_their_values(warehouse):
    warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    before = warehouse.query_rows(f"select rbi, outcome from {PLAYS.full_name}").row(0)
    warehouse.ensure_table(RENAMED)
    assert warehouse.query_rows(READ_RENAMED).row(0) == before
    row = {RENAMED.current_names.get(name, name): value for name, value in play(2, 0).items()}
    assert warehouse.merge_rows(RENAMED, pl.DataFrame([row])).stored == 1


def test_column_that_another_process_renamed_first_is_no_failure(warehouse, bigquery_client, monkeypatch):
    """The other one is quicker between our look at the table and our statement."""
    warehouse.merge_rows(PLAYS, pl.DataFrame([play(1, 0)]))
    plan_changes, plans = bigquery_tables.plan_changes, []

    def overtaken(*given):
        plans.append(given)
        needed = plan_changes(*given)
        if len(plans) > 1:
            return needed
        for was, name in RENAMED.current_names.items():
            bigquery_client.query(f"alter table {PLAYS.full_name} rename column {was} to {name}").result()
        return needed

    monkeypatch.setattr(bigquery_tables, "plan_changes", overtaken)
    warehouse.ensure_table(RENAMED)
    assert len(plans) > 1
    assert warehouse.query_rows(READ_RENAMED).height == 1


def test_next_process_finds_columns_renamed(warehouse, bigquery_client):
    warehouse.ensure_table(RENAMED)
    warehouse_of(bigquery_client, SetClock()).ensure_table(RENAMED)
    assert warehouse.query_rows(READ_RENAMED).is_empty()


def test_rename_that_fails_is_a_failure(warehouse, bigquery_client):
    bigquery_client.query(f"alter table {PLAYS.full_name} drop column rbi").result()
    with pytest.raises(Rejected, match="rbi"):
        warehouse.ensure_table(RENAMED)


def test_widening_for_a_person_comes_with_its_statement(warehouse):
    statement = "alter column rbi set data type FLOAT64"
    with pytest.raises(TableMismatch, match=f"alter table {PLAYS.full_name} {statement}"):
        warehouse.ensure_table(with_field("rbi", type="FLOAT"))
