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

from shared.adapters.gcp.bigquery_staging import staged
from shared.adapters.gcp.bigquery_tables import ensure
from shared.adapters.gcp.bigquery_values import Parameter, answered, bound, inlined
from shared.adapters.gcp.failures import Asked, translated
from shared.errors import RowsNotStanding, StoreUnavailable, TableMismatch, TooManyBytes
from shared.ports import Merged
from shared.storage import merge as merging
from shared.storage.tables import Table

log = logging.getLogger(__name__)

_OVER_THE_CAP = "bytesBilledLimitExceeded"
_CONFLICTS = ("concurrent update", "could not serialize", "concurrent transaction")
_EXPECTED = "{expected}"
_LONGEST = 480.0  # seconds that one statement may take; a push must be answered within 600
_MISSING = "apply Terraform: the dataset or the job is not there"
_FORBIDDEN = "grant roles/bigquery.jobUser, and dataViewer to read or dataEditor to write the dataset"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BigQueryWarehouse:
    """The Warehouse port on BigQuery, first spoken to when the first question is asked.

    A query that would read more than `bytes_billed_cap` is refused before it reads. What passes (a used up
    quota, a failing server) is tried again by Google's client for `patience` seconds. Jobs carry the label
    `room`. `clock` dates `created_at` and `updated_at`; `client` is for tests.
    """

    def __init__(
        self,
        project: str,
        location: str,
        bytes_billed_cap: int,
        room: str,
        clock: Callable[[], datetime] = _utc_now,
        client: bigquery.Client | None = None,
        patience: float = 120.0,
    ) -> None:
        """Make no connection yet."""
        self._project, self._location, self._given = project, location, client
        self._cap, self._labels, self._clock = bytes_billed_cap, {"room": room}, clock
        self._retry = DEFAULT_RETRY.with_timeout(patience)
        self._ensured: set[Table] = set()

    def ensure(self, table: Table) -> None:
        """Create the table, or add the columns it lacks; asked once a process.

        Raises TableMismatch when a column stands with another type, or a required one is new.
        """
        if table not in self._ensured:
            with _asking(table.full_name):
                ensure(self._client, table, self._retry)
            self._ensured.add(table)

    def merge(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> Merged:
        """Replace whole scopes with newer rows, by natural key, in one transaction.

        Nothing is changed when another merge of the same scopes was faster: StoreUnavailable, and the
        delivery comes again.
        """
        given = merging.batch(table, rows, scopes)
        if given.scopes.is_empty():
            return Merged(0, 0, 0)
        with _asking(table.full_name):
            return self._merge(table, given)

    def query(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Run a SELECT with `@named` parameters.

        A parameter is a scalar, a list, or a frame for `unnest(@rows) as r`. Integers come back as Int64,
        fractions as Float64, instants as UTC. Raises TableMismatch for a table that does not exist,
        TooManyBytes for a query over the cap.
        """
        text, typed = bound(sql, parameters)
        with _asking(_title(sql)):
            return self._answer(text, typed)

    def _merge(self, table: Table, given: merging.Batch) -> Merged:
        sql = merging.statements(table)
        reach = merging.reach(table, given)
        with self._staged(table, given.rows, given.scopes) as named:
            plan = merging.plan(table, given, self._answer(*bound(named(sql.standing), reach)))
            if plan.scopes.is_empty():
                return Merged(0, 0, plan.outdated)
            if plan.scopes.height == given.scopes.height:
                return self._replace(table, named(_transaction(sql)), plan, reach)
        with self._staged(table, plan.rows, plan.scopes) as named:
            return self._replace(table, named(_transaction(sql)), plan, reach)

    def _replace(self, table: Table, sql: str, plan: merging.Plan, reach: dict[str, Any]) -> Merged:
        values = {**reach, "partitions": plan.partitions, "now": self._clock()}
        text = inlined(sql, values).replace(_EXPECTED, str(plan.rows.height))
        overtaken, deleted, standing = self._answer(text).row(0)
        if overtaken:
            message = f"{table.full_name}: {overtaken} rows of this batch's scopes were merged meanwhile"
            raise StoreUnavailable(f"{message}: nothing was changed, deliver it again")
        if standing != plan.rows.height:
            message = f"{table.full_name}: expected {plan.rows.height} rows to stand, counted {standing}"
            raise RowsNotStanding(f"{message}: nothing was changed, deliver it again")
        return Merged(standing, deleted, plan.outdated)

    @contextmanager
    def _staged(
        self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame
    ) -> Iterator[Callable[[str], str]]:
        """Stage rows and scopes; yield what puts their names into a statement."""
        frames = {merging.ROWS: rows, merging.SCOPES: scopes}
        with staged(self._client, table, frames, self._labels, self._retry) as names:

            def named(sql: str) -> str:
                for relation, name in names.items():
                    sql = sql.replace(relation, name)
                return sql

            yield named

    def _answer(self, sql: str, parameters: Sequence[Parameter] = ()) -> pl.DataFrame:
        config = bigquery.QueryJobConfig(
            query_parameters=list(parameters),
            maximum_bytes_billed=self._cap,
            labels=self._labels,
        )
        try:
            # A call is tried again under the same job's id; a job that failed comes again by the bus.
            job = self._client.query(sql, job_config=config, retry=self._retry, job_retry=None)
            rows = job.result(retry=self._retry, job_retry=None, timeout=_LONGEST)
        except GoogleAPICallError as error:
            if _OVER_THE_CAP in _reasons(error):
                raise self._too_many(sql, error) from None
            raise
        told = {"bytes_billed": job.total_bytes_billed or 0, "statement": _title(sql)}
        log.info("query", extra={"fields": told})
        return answered(rows)

    def _too_many(self, sql: str, error: GoogleAPICallError) -> TooManyBytes:
        advice = "filter on the partition, or raise HANKSTANK_BYTES_BILLED_CAP"
        return TooManyBytes(
            f"{_title(sql)}: would read more than the cap of {self._cap} bytes ({error.message}): {advice}"
        )

    @cached_property
    def _client(self) -> bigquery.Client:
        return self._given or connect(self._project, self._location)


def connect(project: str, location: str) -> bigquery.Client:
    """Return a client; anonymous where BIGQUERY_EMULATOR_HOST names a stand-in, which asks for no account."""
    is_emulated = os.environ.get("BIGQUERY_EMULATOR_HOST")
    credentials = AnonymousCredentials() if is_emulated else None  # type: ignore[no-untyped-call]
    return bigquery.Client(project, credentials=credentials, location=location)


def _transaction(sql: merging.Statements) -> str:
    """Return the script that replaces scopes, or changes nothing, and says what it counted."""
    return f"""-- Replace the scopes of a batch.
declare overtaken, deleted, standing int64 default 0;
begin transaction;
set overtaken = ({sql.overtaken});
if overtaken = 0 then
  set deleted = ({sql.touched});
  {sql.vanished};
  set deleted = deleted - ({sql.touched});
  {sql.merge};
  set standing = ({sql.count_standing});
end if;
if overtaken = 0 and standing = {_EXPECTED} then
  commit transaction;
else
  rollback transaction;
end if;
select overtaken, deleted, standing;
"""


@contextmanager
def _asking(of: str) -> Iterator[None]:
    """Tell what BigQuery refuses as our conditions, naming the table or the question."""
    try:
        with translated(Asked(of, _MISSING, _FORBIDDEN), StoreUnavailable):
            try:
                yield
            except NotFound as error:
                raise TableMismatch(f"{of}: {error.message}: {_MISSING}") from None
            except GoogleAPICallError as error:
                if _is_conflict(error):
                    raise StoreUnavailable(f"{of}: another merge was at it: {error.message}") from None
                raise
    except WaitedTooLong:
        raise StoreUnavailable(f"{of}: not done after {_LONGEST:.0f} s: try again later") from None


def _is_conflict(error: GoogleAPICallError) -> bool:
    return any(words in str(error).lower() for words in _CONFLICTS)


def _reasons(error: GoogleAPICallError) -> set[str]:
    return {one.get("reason", "") for one in error.errors if isinstance(one, dict)}


def _title(sql: str) -> str:
    """Return a statement's first line: the comment that says what it asks, in the project's own files."""
    return sql.strip().partition("\n")[0].removeprefix("--").strip()[:200]
