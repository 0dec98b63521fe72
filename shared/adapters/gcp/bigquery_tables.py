"""Creates and migrates BigQuery tables to match the definitions in `shared/sports/mlb/tables`."""

import json
from collections.abc import Iterable

from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.api_core.retry import Retry
from google.cloud import bigquery

from shared.errors import TableMismatch
from shared.storage.migration import (
    AddedColumn,
    ColumnChange,
    RelaxedColumn,
    RenamedColumn,
    WidenedColumn,
    plan_changes,
)
from shared.storage.tables import Field, Table

# What BigQuery calls a type depends on how the column was made.
_SQL = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
_SAME = {name: kind for kind, name in _SQL.items()}


def ensure_table(client: bigquery.Client, table: Table, retry: Retry) -> None:
    """Create the table, or rename columns, add missing ones and relax required ones.

    Another process may do the same at the same time: what it has done already is not done again.
    Raises TableMismatch, with the statement for a person to run, if a column was widened. Client errors pass
    through.
    """
    done: set[str] = set()
    while needed := [one for one in _needed_statements(client, table, retry) if one not in done]:
        try:
            # Not by tables.update, which would undo what another process adds at the same time.
            client.query(needed[0], retry=retry, job_retry=None).result(retry=retry, job_retry=None)
        except GoogleAPICallError:
            if not _is_done(client, table, needed[0], retry):
                raise
        done.add(needed[0])


def _is_done(client: bigquery.Client, table: Table, statement: str, retry: Retry) -> bool:
    """Return whether another process has made the change of a statement that failed."""
    if statement not in _needed_statements(client, table, retry):
        return True
    _, is_rename, name = statement.partition(" to ")
    if not is_rename:
        return False
    try:  # the emulator goes on to list a renamed column under its former name
        probe = f"select {name} from {table.full_name} limit 0"  # noqa: S608
        client.query(probe, retry=retry, job_retry=None).result(retry=retry, job_retry=None)
    except GoogleAPICallError:
        return False
    return True


def _needed_statements(client: bigquery.Client, table: Table, retry: Retry) -> list[str]:
    """Return what makes the table, as it is stored now, fit its definition; creates it if it is missing."""
    target = table_reference(client, table.dataset, table.name)
    try:
        existing = client.get_table(target, retry=retry)
    except NotFound:
        existing = client.create_table(_table_definition(target, table), exists_ok=True, retry=retry)
    types = {field.name: _SAME.get(field.field_type, field.field_type) for field in existing.schema}
    required = [field.name for field in existing.schema if field.mode == "REQUIRED"]
    return _alter_statements(table, plan_changes(table, types, required))


def table_reference(client: bigquery.Client, dataset: str, name: str) -> bigquery.TableReference:
    """Return the table's full reference in the client's project."""
    return bigquery.DatasetReference(client.project, dataset).table(name)


def schema_fields(fields: Iterable[Field]) -> list[bigquery.SchemaField]:
    """Return the columns as BigQuery defines them."""
    return [
        bigquery.SchemaField(
            field.name,
            field.type,
            mode="REQUIRED" if field.refuses_null else "NULLABLE",
            description=field.description,
        )
        for field in fields
    ]


def _table_definition(reference: bigquery.TableReference, table: Table) -> bigquery.Table:
    definition = bigquery.Table(reference, schema_fields(table.all_fields))
    definition.description = table.description
    definition.clustering_fields = list(table.cluster) or None
    if table.partition:
        definition.time_partitioning = bigquery.TimePartitioning(field=table.partition)
        definition.require_partition_filter = table.require_partition_filter
    return definition


def _alter_statements(table: Table, needed: Iterable[ColumnChange]) -> list[str]:
    """Return one script for all new columns, for BigQuery counts alterations, and one a further change."""
    changes = list(needed)
    added = [change for change in changes if isinstance(change, AddedColumn)]
    clauses = [_alter_clause(table, change) for change in changes if change not in added]
    first = ", ".join(_alter_clause(table, change) for change in added)
    alterations = [f"alter table {table.full_name} {clause}" for clause in [first, *clauses] if clause]
    fills = [_fill_statement(table, one.field) for one in added if one.field.earlier_value]
    return [";\n".join([alterations[0], *fills]), *alterations[1:]] if alterations else []


def _fill_statement(table: Table, field: Field) -> str:
    """Return what gives stored rows their value of a new column: BigQuery adds none with a default.

    Rows of a crash between both statements stay null until they are stored again.
    """
    reached = f" and {table.partition} >= '0001-01-01'" if table.partition else ""
    value = f"set {field.name} = '{field.earlier_value}' where {field.name} is null"
    return f"update {table.full_name} {value}{reached}"


def _alter_clause(table: Table, change: ColumnChange) -> str:
    match change:
        case AddedColumn(field):
            options = f"options (description = {json.dumps(field.description)})"
            return f"add column if not exists {field.name} {_SQL.get(field.type, field.type)} {options}"
        case RelaxedColumn(name):
            return f"alter column {name} drop not null"
        case RenamedColumn(field, was):
            return f"rename column {was} to {field.name}"
        case WidenedColumn(field):
            wider = _SQL.get(field.type, field.type)
            raise _manual_change_error(table, field, f"alter column {field.name} set data type {wider}")


def _manual_change_error(table: Table, field: Field, change: str) -> TableMismatch:
    advice = f"pause the ticks and run `alter table {table.full_name} {change}` (docs/cloud.md)"
    return TableMismatch(f"{table.full_name}.{field.name}: expected the definition's column: {advice}")
