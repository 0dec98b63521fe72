"""The ledger of backfills: which chunks of days began and which ended, as objects created once.

A chunk is `backfill/<sport>/<run id>/begun.json` and `…/done.json`. One that began and did not end was
interrupted: its tick is still in the queue, or was never published. On a project, where nobody can look into
the queue, `published.json` says which, and `collected.json` what the collector did with it.
"""

import logging
import re
from datetime import date, datetime
from typing import TypeVar

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.messaging.events import Sport
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

T = TypeVar("T", bound=msgspec.Struct)

_BEGUN, _DONE = "begun.json", "done.json"
_PUBLISHED, _COLLECTED = "published.json", "collected.json"
_JOB = re.compile(r"/(backfill-(\d+))-[^/]*/")


class Chunk(msgspec.Struct, frozen=True):
    """Days that are collected and loaded together, and how.

    `games` are the only ones to collect (None: all that are missing), `archived` the bodies of these days
    that were archived before the chunk began: of an interrupted chunk, all others are its own.
    """

    run_id: str
    sport: Sport
    first: date
    last: date
    games: tuple[int, ...] | None = None
    is_fresh: bool = False  # stored games are collected again
    archived: tuple[str, ...] = ()


class ChunkResult(msgspec.Struct, frozen=True):
    """The result of a chunk: games fetched, and those that the source has but the stores did not take."""

    run_id: str
    finished_at: datetime
    games: int
    not_stored: tuple[int, ...] = ()


class ChunkPublication(msgspec.Struct, frozen=True):
    """When the tick of a chunk was published on a project."""

    run_id: str
    published_at: datetime


class ChunkCollection(msgspec.Struct, frozen=True):
    """What the collector of a project did for a chunk: games by result, and what it took.

    `is_staged` is False where nothing was new: no batch follows.
    """

    run_id: str
    collected_at: datetime
    is_staged: bool
    fetched: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    from_archive: int = 0
    feed_bytes: int = 0
    requests: int = 0


def next_job_id(objects: ObjectStore, sport: str) -> str:
    """Return the id of the next job, such as "backfill-0003"."""
    found = (_JOB.search(name) for name in objects.list_names(_folder(sport)))
    last = max((int(match[2]) for match in found if match), default=0)
    return f"backfill-{last + 1:04d}"


def begin_chunk(objects: ObjectStore, chunk: Chunk) -> None:
    """Record that a chunk begins; one that began before stays as it is."""
    objects.create_if_absent(_object_name(chunk.sport, chunk.run_id, _BEGUN), msgspec.json.encode(chunk))


def load_chunk(objects: ObjectStore, sport: str, run_id: str) -> Chunk | None:
    """Return a chunk by its run; None for a run that is no backfill's, or whose object is corrupt."""
    return _read(objects, _object_name(sport, run_id, _BEGUN), Chunk)


def record_publication(objects: ObjectStore, chunk: Chunk, at: datetime) -> None:
    """Record that the tick of a chunk was published."""
    name = _object_name(chunk.sport, chunk.run_id, _PUBLISHED)
    objects.overwrite(name, msgspec.json.encode(ChunkPublication(chunk.run_id, at)))


def is_published(objects: ObjectStore, chunk: Chunk) -> bool:
    """Return whether the tick of a chunk was published, as far as is recorded."""
    return objects.exists(_object_name(chunk.sport, chunk.run_id, _PUBLISHED))


def record_collection(objects: ObjectStore, chunk: Chunk, collection: ChunkCollection) -> None:
    """Record what was collected for a chunk; a redelivery of its tick changes nothing."""
    name = _object_name(chunk.sport, chunk.run_id, _COLLECTED)
    objects.create_if_absent(name, msgspec.json.encode(collection))


def load_collection(objects: ObjectStore, chunk: Chunk) -> ChunkCollection | None:
    """Return what was collected for a chunk; None until then."""
    return _read(objects, _object_name(chunk.sport, chunk.run_id, _COLLECTED), ChunkCollection)


def last_chunk(objects: ObjectStore, sport: str) -> Chunk | None:
    """Return the chunk that began last; None before the first."""
    runs = _run_ids(objects, sport)
    return load_chunk(objects, sport, runs[-1]) if runs else None


def finish_chunk(objects: ObjectStore, chunk: Chunk, result: ChunkResult) -> None:
    """Record that a chunk is collected and loaded."""
    objects.create_if_absent(_object_name(chunk.sport, chunk.run_id, _DONE), msgspec.json.encode(result))


def unfinished_chunks(objects: ObjectStore, sport: str) -> list[Chunk]:
    """Return the chunks that began and did not end, in order."""
    runs = {run_id: _object_name(sport, run_id, _BEGUN) for run_id in _run_ids(objects, sport)}
    begun = {run_id: _read(objects, name, Chunk) for run_id, name in runs.items()}
    return [
        chunk
        for run_id, chunk in begun.items()
        if chunk and _read(objects, _object_name(sport, run_id, _DONE), ChunkResult) is None
    ]


def remove_corrupt(objects: ObjectStore, sport: str) -> None:
    """Remove the ledger's corrupt objects: what they recorded is compared with the stores again."""
    kinds: dict[str, type[msgspec.Struct]] = {_BEGUN: Chunk, _DONE: ChunkResult}
    for run_id in _run_ids(objects, sport):
        for kind, struct in kinds.items():
            name = _object_name(sport, run_id, kind)
            if _read(objects, name, struct) is None:
                objects.delete(name)


def untaken_games(objects: ObjectStore, sport: str) -> frozenset[int]:
    """Return the games that ended chunks fetched and the stores did not take: only --fresh fetches them."""
    names = (_object_name(sport, run_id, _DONE) for run_id in _run_ids(objects, sport))
    results = (_read(objects, name, ChunkResult) for name in names)
    return frozenset(game for result in results if result for game in result.not_stored)


def _run_ids(objects: ObjectStore, sport: str) -> list[str]:
    names = objects.list_names(_folder(sport))
    return sorted({name.split("/")[-2] for name in names if name.endswith((f"/{_BEGUN}", f"/{_DONE}"))})


def _read(objects: ObjectStore, name: str, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(objects.read_bytes(name), type=kind)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: corrupt, its days are compared with the stores again: %s", name, error)
        return None


def _folder(sport: str) -> str:
    return f"backfill/{sport}/"


def _object_name(sport: str, run_id: str, kind: str) -> str:
    return f"{_folder(sport)}{run_id}/{kind}"
