"""Objects between services: staged datasets, the collector's manifest and the validator's report."""

import hashlib
import io
from datetime import date, datetime
from typing import TypeVar

import msgspec
import polars as pl

from shared.errors import ObjectCorrupted
from shared.ports import ObjectStore
from shared.storage.schema_cast import with_current_names
from shared.storage.tables import get_table, list_tables

T = TypeVar("T", bound=msgspec.Struct)


class StagedDataset(msgspec.Struct, frozen=True):
    """One Parquet object with rows for one table, and the SHA-256 of its bytes."""

    table: str
    object: str
    sha256: str
    rows: int


class RawBody(msgspec.Struct, frozen=True):
    """One archived response: its request, source, and the name of its compressed body (None: not kept)."""

    source: str
    url: str
    status: int
    sha256: str
    bytes: int
    object: str | None
    fetched_at: datetime


class Failure(msgspec.Struct, frozen=True):
    """A request that failed on every source; the collection continued without it."""

    source: str
    request: str
    error: str
    game_pk: int | None = None


class Fallback(msgspec.Struct, frozen=True):
    """A game whose pitches come from a fallback source, and why."""

    game_pk: int
    preferred: str = msgspec.field(name="asked")  # the field's stored name
    used: str
    reason: str


class Manifest(msgspec.Struct, frozen=True):
    """The result of one collection: datasets, their raw responses, failures and expectations."""

    run_id: str
    attempt: int
    dates: tuple[date, ...]
    season_phase: str
    games: tuple[int, ...]
    datasets: tuple[StagedDataset, ...]
    raw: tuple[RawBody, ...] = ()
    failures: tuple[Failure, ...] = ()
    final_games: tuple[int, ...] = ()
    without_plays: tuple[int, ...] = ()  # final games of which only the box score, or less, is known
    missing_players: dict[str, tuple[int, ...]] = {}  # game_pk -> in the box score without a line
    idle_rostered: tuple[int, ...] = ()  # on an active roster without a line in these games
    unknown_columns: dict[str, tuple[str, ...]] = {}
    fallbacks: tuple[Fallback, ...] = ()


class Issue(msgspec.Struct, frozen=True):
    """One finding of the validator; `severity` is error or warning."""

    rule: str
    table: str
    severity: str
    message: str
    rows: int = 0
    games: tuple[int, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """The validator's result for one batch."""

    run_id: str
    attempt: int
    manifest: str
    dates: tuple[date, ...]
    season_phase: str
    grade: str
    scores: dict[str, float]  # schema, completeness, players, ranges, overall: 0 to 1
    issues: tuple[Issue, ...]
    accepted: tuple[StagedDataset, ...]
    quarantined: tuple[StagedDataset, ...]
    games: tuple[
        int, ...
    ]  # every game that the batch contains completely, also where a table has no row for it


def to_parquet(frame: pl.DataFrame) -> bytes:
    """Return the frame as Parquet bytes: the same frame gives the same bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()


def stage_frame(objects: ObjectStore, prefix: str, table: str, frame: pl.DataFrame) -> StagedDataset:
    """Write a frame under a name that holds its hash and return its reference."""
    data = to_parquet(frame)
    digest = hashlib.sha256(data).hexdigest()
    name = f"{prefix}/{table}-{digest[:16]}.parquet"
    objects.write_once(name, data)
    return StagedDataset(table, name, digest, frame.height)


def read_staged(objects: ObjectStore, dataset: StagedDataset) -> pl.DataFrame:
    """Return a staged frame with current column names; raises ObjectMissing or ObjectCorrupted."""
    data = objects.read_bytes(dataset.object)
    if hashlib.sha256(data).hexdigest() != dataset.sha256:
        raise ObjectCorrupted(f"{dataset.object}: expected SHA-256 {dataset.sha256}, the bytes have another")
    rows = pl.read_parquet(io.BytesIO(data))
    return with_current_names(get_table(dataset.table), rows) if dataset.table in list_tables() else rows


def write_struct(objects: ObjectStore, prefix: str, kind: str, value: msgspec.Struct) -> str:
    """Write a manifest or report as JSON under a name that holds its hash and return the name."""
    data = msgspec.json.encode(value, order="sorted")
    name = f"{prefix}/{kind}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    objects.write_once(name, data)
    return name


def read_struct(objects: ObjectStore, name: str, kind: type[T]) -> T:
    """Return a manifest or report; raises ObjectMissing, ObjectCorrupted."""
    try:
        return msgspec.json.decode(objects.read_bytes(name), type=kind)
    except msgspec.MsgspecError as error:
        raise ObjectCorrupted(f"{name}: expected a {kind.__name__}, {error}") from None
