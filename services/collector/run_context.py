"""What one collection uses and records: archived bodies, failed requests, staged rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from services.collector.backfill_ledger import Chunk
from services.collector.http_source import FetchedResponse
from services.collector.raw_archive import RawArchive
from services.collector.rows import Row
from services.collector.staging import Staging
from services.collector.steering import Steering
from shared.errors import SourceUnavailable
from shared.ports import Ports
from shared.storage.staging import Failure, Fallback, RawBody

SourcesT = TypeVar("SourcesT")  # the clients of one sport's sources


@dataclass(slots=True)
class RunContext(Generic[SourcesT]):
    """Lists here only grow, and appending to a list is safe from threads."""

    run_id: str
    attempt: int
    ports: Ports
    now: datetime
    sources: SourcesT
    pitch_source: str  # feed or savant: the first choice
    chunk: Chunk | None = None  # of a backfill
    steering: Steering | None = None  # of a backfill on this host
    archive: RawArchive = field(init=False)
    staging: Staging = field(default_factory=Staging)
    raw: list[RawBody] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unknown_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fallbacks: list[Fallback] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.archive = RawArchive(self.ports.objects, self.now)

    def archive_response(self, response: FetchedResponse[Any], day: date, what: str) -> RawBody:
        """Archive a response's body and record it."""
        raw = self.archive.save_response(response, day, what)
        self.raw.append(raw)
        return raw

    def lineage_columns(self, raw: RawBody) -> Row:
        """Return the lineage columns of rows read from a body."""
        return {
            "source": raw.source,
            "run_id": self.run_id,
            "raw_object": raw.object,
            "raw_sha256": raw.sha256,
            "collected_at": raw.fetched_at,
        }

    def record_failure(
        self, source: str, request: str, error: SourceUnavailable, game_pk: int | None = None
    ) -> None:
        """Record a request that every source failed for; the run continues."""
        self.failures.append(Failure(source, request, str(error), game_pk))
