"""Stages frames as temporary BigQuery tables for a merge, by Parquet load jobs."""

import io
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import polars as pl
from google.api_core.exceptions import GoogleAPICallError
from google.api_core.retry import Retry
from google.cloud import bigquery

from shared.adapters.gcp.bigquery_tables import table_reference
from shared.storage.tables import Table

log = logging.getLogger(__name__)

DATASET = "mlb_staging"
_EXPIRES_AFTER = timedelta(hours=6)  # in case a process dies before it deletes them
_FIRST_POLL_DELAYS = (0.02, 0.05, 0.1, 0.2, 0.4)  # seconds
_TYPES: dict[pl.DataType, str] = {
    pl.Int64(): "INTEGER",
    pl.Float64(): "FLOAT",
    pl.String(): "STRING",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMP",
}


@contextmanager
def staged_frames(
    client: bigquery.Client,
    table: Table,
    frames: Mapping[str, pl.DataFrame],
    labels: dict[str, str],
    retry: Retry,
) -> Iterator[dict[str, str]]:
    """Load each frame into a temporary table, in parallel; yield relation -> table name."""
    unique = uuid4().hex
    staging_tables = {key: table_reference(client, DATASET, f"{table.name}_{key}_{unique}") for key in frames}
    try:
        jobs = [
            _start_load(client, staging_tables[key], frame, labels, retry) for key, frame in frames.items()
        ]
        for job in jobs:
            if job:
                _wait_for_load(job, retry)
        yield {key: f"{DATASET}.{of.table_id}" for key, of in staging_tables.items()}
    finally:
        for of in staging_tables.values():
            _delete_table(client, of, retry)


def _start_load(
    client: bigquery.Client,
    to: bigquery.TableReference,
    frame: pl.DataFrame,
    labels: dict[str, str],
    retry: Retry,
) -> bigquery.LoadJob | None:
    """Create the table and start loading the frame; None if it has no rows."""
    columns = [bigquery.SchemaField(name, _TYPES[kind]) for name, kind in frame.schema.items()]
    table = bigquery.Table(to, columns)
    table.expires = datetime.now(UTC) + _EXPIRES_AFTER
    client.create_table(table, exists_ok=True, retry=retry)
    if frame.is_empty():
        return None
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET,
        schema=columns,
        create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
        write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,  # a repeated load does not duplicate rows
        labels=labels,
    )
    return client.load_table_from_file(parquet, to, rewind=True, job_config=config)


def _wait_for_load(job: bigquery.LoadJob, retry: Retry) -> None:
    """Wait for a load. Google's client polls once a second; small loads are done sooner."""
    for pause in _FIRST_POLL_DELAYS:
        if job.done(retry=retry):
            break
        time.sleep(pause)
    job.result(retry=retry)


def _delete_table(client: bigquery.Client, table: bigquery.TableReference, retry: Retry) -> None:
    try:
        client.delete_table(table, not_found_ok=True, retry=retry)
    except GoogleAPICallError as error:
        log.warning("%s: left to expire: %s", table.table_id, error.message)
