"""The ports: protocols for everything outside a service."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import polars as pl

from shared.messaging.events import Event
from shared.messaging.topology import Lane
from shared.runtime.settings import Settings
from shared.storage.tables import Table


class ObjectStore(Protocol):
    """Named bytes. Names use `/`; what `write_once` and `create_if_absent` wrote never changes."""

    def write_once(self, name: str, data: bytes) -> None:
        """Write once; the same bytes again are no error.

        Raises ObjectConflict when the name holds other bytes, StoreUnavailable when it cannot write.
        """

    def create_if_absent(self, name: str, data: bytes) -> bool:
        """Write if absent and return whether this call wrote it: one winner among many callers."""

    def overwrite(self, name: str, data: bytes) -> None:
        """Write whether or not it exists: only for status objects and leases that nobody builds on."""

    def read_bytes(self, name: str) -> bytes:
        """Return the bytes. Raises ObjectMissing, ObjectCorrupted (checksum), StoreUnavailable."""

    def exists(self, name: str) -> bool:
        """Return whether the name is taken."""

    def list_names(self, prefix: str) -> list[str]:
        """Return the names that begin with `prefix`, sorted."""

    def delete(self, name: str) -> None:
        """Remove an object; an absent one is no error."""


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The result of a merge: stored rows of the batch, deleted rows, and rows older than stored ones."""

    stored: int
    deleted: int
    outdated: int


class Warehouse(Protocol):
    """Tables that are merged into and queried in BigQuery's SQL."""

    def ensure_table(self, table: Table) -> None:
        """Create the table, or add the columns it lacks."""

    def merge_rows(self, table: Table, rows: pl.DataFrame, scopes: pl.DataFrame | None = None) -> MergeResult:
        """Replace whole scopes with newer rows, by natural key.

        `rows` have the table's columns and lineage (`collected_at` among them); unknown columns are kept
        as JSON in `extra`. `scopes` has the table's scope columns and `collected_at`, one row for each
        scope that the batch contains completely (default: those of `rows`); stored rows of such a scope
        that the batch lacks are deleted. A scope that is stored with a later `collected_at` is not changed.
        Raises TableMismatch, RowsMissing, StoreUnavailable.
        """

    def query_rows(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """Run a SELECT in BigQuery's dialect with `@named` parameters (scalars, lists, dates, times)."""


class EventBus(Protocol):
    """Publishes events."""

    def publish(self, event: Event) -> None:
        """Publish durably; raises Unavailable."""

    def dead_letter(self, body: bytes, reason: str, subscription: str) -> None:
        """Store a delivery that failed for good as a dead letter; raises Unavailable."""


class Notifier(Protocol):
    """Sends alerts and messages to people. It never raises, and only `wait_until_sent` waits."""

    def send_alert(
        self, severity: Literal["warning", "critical"], title: str, detail: Mapping[str, Any]
    ) -> None:
        """Record an alert and send it to every target; the same alert once within 24 hours."""

    def send_message(self, title: str, text: str, html: str | None = None) -> None:
        """Send a message, such as the morning report; `html` is for e-mail.

        Adapters put the product's name before the title.
        """

    def wait_until_sent(self, seconds: float) -> bool:
        """Wait until nothing is left to send; return whether that is so after `seconds`."""


class JobRunner(Protocol):
    """Runs work that takes longer than the deadline of a push."""

    def start_job(self, body: bytes) -> None:
        """Start a job on a push body, without waiting for it; raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a step may touch."""

    objects: ObjectStore
    warehouse: Warehouse
    bus: EventBus
    notifier: Notifier
    settings: Settings
    lane: Lane = "live"


class Step(Protocol):
    """A service's handler: one event in, events out; its results are stored before it returns."""

    def __call__(self, event: Any, ports: Ports, now: datetime) -> Iterable[Event] | Sequence[Event]:
        """Handle `event` as of `now` (UTC) and return the events to publish."""
