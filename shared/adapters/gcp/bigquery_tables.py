"""BigQuery's tables, made and widened to fit the definitions in `shared/tables`."""

import json
from collections.abc import Iterable

from google.api_core.exceptions import NotFound
from google.api_core.retry import Retry
from google.cloud import bigquery

from shared.errors import TableMismatch
from shared.tables import Field, Table

# What BigQuery calls a type depends on how the column was made.
_SQL = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
_SAME = {name: kind for kind, name in _SQL.items()}


def ensure(client: bigquery.Client, table: Table, retry: Retry) -> None:
    """Create the table, or add the columns it lacks; raises TableMismatch, and what the client raises."""
    wanted = reference(client, table.dataset, table.name)
    try:
        standing = client.get_table(wanted, retry=retry)
    except NotFound:
        standing = client.create_table(_definition(wanted, table), exists_ok=True, retry=retry)
    types = {field.name: _SAME.get(field.field_type, field.field_type) for field in standing.schema}
    lacking = [field for field in table.all_fields if _is_lacking(table, field, types.get(field.name))]
    if lacking:
        # Not by tables.update, which would undo what another process adds at the same time.
        client.query(_widened(table, lacking), retry=retry, job_retry=None).result(
            retry=retry, job_retry=None
        )


def reference(client: bigquery.Client, dataset: str, name: str) -> bigquery.TableReference:
    """Return the table's full reference in the client's project."""
    return bigquery.DatasetReference(client.project, dataset).table(name)


def schema(fields: Iterable[Field]) -> list[bigquery.SchemaField]:
    """Return the columns as BigQuery defines them."""
    return [
        bigquery.SchemaField(
            field.name,
            field.type,
            mode="REQUIRED" if field.required else "NULLABLE",
            description=field.description,
        )
        for field in fields
    ]


def _definition(wanted: bigquery.TableReference, table: Table) -> bigquery.Table:
    made = bigquery.Table(wanted, schema(table.all_fields))
    made.description = table.description
    made.clustering_fields = list(table.cluster) or None
    if table.partition:
        made.time_partitioning = bigquery.TimePartitioning(field=table.partition)
        made.require_partition_filter = table.require_partition_filter
    return made


def _widened(table: Table, fields: Iterable[Field]) -> str:
    columns = ", ".join(
        f"add column if not exists {field.name} {_SQL.get(field.type, field.type)}"
        f" options (description = {json.dumps(field.description)})"
        for field in fields
    )
    return f"alter table {table.full_name} {columns}"


def _is_lacking(table: Table, field: Field, standing: str | None) -> bool:
    where = f"{table.full_name}.{field.name}"
    if standing is None and field.required:
        raise TableMismatch(f"{where}: expected a nullable column, a required one is new: make it nullable")
    if standing not in {None, field.type}:
        advice = "give the changed column a new name, or rebuild the warehouse from the archive"
        raise TableMismatch(f"{where}: expected {field.type}, the table has {standing}: {advice}")
    return standing is None
