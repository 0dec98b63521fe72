"""A warehouse in BigQuery: batches are staged by load jobs and merged in one transaction."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as WaitedTooLong
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import polars as pl
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_RETRY

from shared.adapters.gcp.bigquery_staging import staged_frames
from shared.adapters.gcp.bigquery_tables import ensure_table
from shared.adapters.gcp.bigquery_values import Parameter, bind_parameters, inline_parameters, to_frame
from shared.adapters.gcp.failures import GoogleRequest, translated_errors
from shared.errors import QueryTooLarge, RowsMissing, StoreUnavailable, TableMismatch
from shared.ports import MergeResult
from shared.storage import merge as merging
from shared.storage.tables import Table

log = logging.getLogger(__name__)

_OVER_THE_CAP = "bytesBilledLimitExceeded"
_CONFLICTS = ("concurrent update", "could not serialize", "concurrent transaction")
_EXPECTED = "{expected}"
_STATEMENT_TIMEOUT = 480.0  # seconds that one statement may take; a push must be answered within 600
_MISSING = "apply Terraform: the dataset or the job is not there"
_FORBIDDEN = "grant roles/bigquery.jobUser, and dataViewer to read or dataEditor to write the dataset"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BigQueryWarehouse:
    """The Warehouse port on BigQuery; the connection is made at the first query.

    A query that would read more than `bytes_billed_cap` is refused before it reads. Google's client
    retries transient errors (quota, server errors) for `patience` seconds. Jobs carry the label
    `service`. `clock` dates `created_at` and `updated_at`; `client` is for tests.
    """

    def __init__(
        self,
        project: str,
        location: str,
        bytes_billed_cap: int,
        service: str,
        clock: Callable[[], datetime] = _utc_now,
        client: bigquery.Client | None = None,
        patience: float = 120.0,
    ) -> None:
        """Make no connection yet."""
        self._project, self._location, self._given_client = project, location, client
        self._cap, self._labels, self._clock = bytes_billed_cap, {"service": service}, clock
        self._retry = DEFAULT_RETRY.with_timeout(patience)
        self._ensured: set[Table] = set()

    def ensure_table(self, table: Table) -> None:
        """Create the table, or add the columns it lacks; checked once a process.

        Raises TableMismatch when a column exists with another type, or a required one is new.
        """
        if table not in self._ensured:
            with _translated_errors(table.full_name):
                ensure_table(self._client, table, self._retry)
            self._ensured.add(table)

    def merge_rows(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> MergeResult:
        """Replace whole scopes with newer rows, by natural key, in one transaction.

        Nothing is changed when another merge of the same scopes was faster: raises StoreUnavailable, and
        the delivery is retried.
        """
        batch = merging.fit_batch(table, rows, scopes)
        if batch.scopes.is_empty():
            return MergeResult(0, 0, 0)
        with _translated_errors(table.full_name):
            return self._merge_batch(table, batch)

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Run a SELECT with `@named` parameters.

        A parameter is a scalar, a list, or a frame for `unnest(@rows) as r`. Integers come back as Int64,
        fractions as Float64, instants as UTC. Raises TableMismatch for a table that does not exist,
        QueryTooLarge for a query over the cap.
        """
        text, typed = bind_parameters(sql, parameters)
        with _translated_errors(_first_line(sql)):
            return self._run_query(text, typed)

    def _merge_batch(self, table: Table, batch: merging.MergeBatch) -> MergeResult:
        sql = merging.merge_statements(table)
        bounds = merging.partition_bounds(table, batch)
        with self._staged_batch(table, batch.rows, batch.scopes) as named:
            plan = merging.plan_merge(
                table, batch, self._run_query(*bind_parameters(named(sql.stored_scopes), bounds))
            )
            if plan.scopes.is_empty():
                return MergeResult(0, 0, plan.outdated)
            if plan.scopes.height == batch.scopes.height:
                return self._replace_scopes(table, named(_transaction_script(sql)), plan, bounds)
        with self._staged_batch(table, plan.rows, plan.scopes) as named:
            return self._replace_scopes(table, named(_transaction_script(sql)), plan, bounds)

    def _replace_scopes(
        self, table: Table, sql: str, plan: merging.MergePlan, bounds: dict[str, Any]
    ) -> MergeResult:
        values = {**bounds, "partitions": plan.partitions, "now": self._clock()}
        text = inline_parameters(sql, values).replace(_EXPECTED, str(plan.rows.height))
        overtaken, deleted, stored = self._run_query(text).row(0)
        if overtaken:
            message = f"{table.full_name}: {overtaken} rows of this batch's scopes were merged meanwhile"
            raise StoreUnavailable(f"{message}: nothing was changed, deliver it again")
        if stored != plan.rows.height:
            message = f"{table.full_name}: expected {plan.rows.height} rows stored, counted {stored}"
            raise RowsMissing(f"{message}: nothing was changed, deliver it again")
        return MergeResult(stored, deleted, plan.outdated)

    @contextmanager
    def _staged_batch(
        self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame
    ) -> Iterator[Callable[[str], str]]:
        """Stage rows and scopes; yield what puts their names into a statement."""
        frames = {merging.ROWS: rows, merging.SCOPES: scopes}
        with staged_frames(self._client, table, frames, self._labels, self._retry) as names:

            def named(sql: str) -> str:
                for relation, name in names.items():
                    sql = sql.replace(relation, name)
                return sql

            yield named

    def _run_query(self, sql: str, parameters: Sequence[Parameter] = ()) -> pl.DataFrame:
        config = bigquery.QueryJobConfig(
            query_parameters=list(parameters),
            maximum_bytes_billed=self._cap,
            labels=self._labels,
        )
        try:
            # A call is retried under the same job id; a failed job is retried by the bus.
            job = self._client.query(sql, job_config=config, retry=self._retry, job_retry=None)
            rows = job.result(retry=self._retry, job_retry=None, timeout=_STATEMENT_TIMEOUT)
        except GoogleAPICallError as error:
            if _OVER_THE_CAP in _error_reasons(error):
                raise self._too_large_error(sql, error) from None
            raise
        details = {"bytes_billed": job.total_bytes_billed or 0, "statement": _first_line(sql)}
        log.info("query", extra={"fields": details})
        return to_frame(rows)

    def _too_large_error(self, sql: str, error: GoogleAPICallError) -> QueryTooLarge:
        advice = "filter on the partition, or raise HANKSTANK_BYTES_BILLED_CAP"
        return QueryTooLarge(
            f"{_first_line(sql)}: would read more than the cap of {self._cap} bytes "
            f"({error.message}): {advice}"
        )

    @cached_property
    def _client(self) -> bigquery.Client:
        return self._given_client or create_client(self._project, self._location)


def create_client(project: str, location: str) -> bigquery.Client:
    """Return a client; anonymous where BIGQUERY_EMULATOR_HOST names an emulator, which needs no account."""
    is_emulated = os.environ.get("BIGQUERY_EMULATOR_HOST")
    credentials = AnonymousCredentials() if is_emulated else None  # type: ignore[no-untyped-call]
    return bigquery.Client(project, credentials=credentials, location=location)


def _transaction_script(sql: merging.MergeStatements) -> str:
    """Return the script that replaces scopes, or changes nothing, and returns its counts."""
    return f"""-- Replace the scopes of a batch.
declare overtaken, deleted, stored int64 default 0;
begin transaction;
set overtaken = ({sql.count_overtaken});
if overtaken = 0 then
  set deleted = ({sql.count_partition_rows});
  {sql.delete_vanished};
  set deleted = deleted - ({sql.count_partition_rows});
  {sql.merge};
  set stored = ({sql.count_stored});
end if;
if overtaken = 0 and stored = {_EXPECTED} then
  commit transaction;
else
  rollback transaction;
end if;
select overtaken, deleted, stored;
"""


@contextmanager
def _translated_errors(of: str) -> Iterator[None]:
    """Translate BigQuery's errors into ours, naming the table or the query."""
    try:
        with translated_errors(GoogleRequest(of, _MISSING, _FORBIDDEN), StoreUnavailable):
            try:
                yield
            except NotFound as error:
                raise TableMismatch(f"{of}: {error.message}: {_MISSING}") from None
            except GoogleAPICallError as error:
                if _is_conflict(error):
                    raise StoreUnavailable(f"{of}: another merge was running: {error.message}") from None
                raise
    except WaitedTooLong:
        raise StoreUnavailable(f"{of}: not done after {_STATEMENT_TIMEOUT:.0f} s: try again later") from None


def _is_conflict(error: GoogleAPICallError) -> bool:
    return any(words in str(error).lower() for words in _CONFLICTS)


def _error_reasons(error: GoogleAPICallError) -> set[str]:
    return {one.get("reason", "") for one in error.errors if isinstance(one, dict)}


def _first_line(sql: str) -> str:
    """Return a statement's first line: in the project's files a comment that describes it."""
    return sql.strip().partition("\n")[0].removeprefix("--").strip()[:200]
