"""Reads game feeds back from the raw archive when a source fails."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time

from services.collector.backfill_ledger import Chunk
from services.collector.http_source import FetchedResponse
from services.collector.mlb import feed
from services.collector.mlb.feed import ExpectedGame
from services.collector.mlb.wire.feed import Feed
from services.collector.raw_archive import RawArchive
from shared.errors import ObjectCorrupted, SourceUnavailable
from shared.storage.coverage import days_between
from shared.storage.staging import RawBody


def load_latest_feed(archive: RawArchive, game: ExpectedGame) -> tuple[FetchedResponse[Feed], RawBody]:
    """Return the latest archived final feed of a game, dated by its own time stamp.

    Raises SourceUnavailable when there is none.
    """
    names = archive.list_bodies("mlb_stats_api", game.day, str(game.game_pk))
    archived = [read for name in names if (read := _load_final_feed(archive, name, game))]
    if not archived:
        where = f"game {game.game_pk} of {game.day.isoformat()}"
        raise SourceUnavailable(f"raw archive, {where}: expected a feed of a final game, found none")
    return max(archived, key=lambda pair: pair[1].fetched_at)


def list_chunk_feeds(archive: RawArchive, chunk: Chunk | None) -> Mapping[int, tuple[str, ...]]:
    """Return the archived bodies, by game, that an interrupted attempt at the chunk fetched."""
    found: dict[int, tuple[str, ...]] = {}
    if chunk is None:
        return found
    for name in list_feed_names(archive, chunk.first, chunk.last):
        game_pk = int(name.split("/")[3])
        found[game_pk] = (*found.get(game_pk, ()), *(() if name in chunk.archived else (name,)))
    return {game_pk: names for game_pk, names in found.items() if names}


def list_feed_names(archive: RawArchive, first: date, last: date) -> list[str]:
    """Return the names of the archived feeds of some days."""
    names = (name for day in days_between(first, last) for name in archive.list_day("mlb_stats_api", day))
    return [name for name in names if name.split("/")[3].isdecimal()]


def load_chunk_feed(
    archive: RawArchive, game: ExpectedGame, names: Iterable[str], url: str, now: datetime
) -> tuple[FetchedResponse[Feed], RawBody]:
    """Return a feed that an interrupted attempt fetched, recorded as the source's own response.

    Raises SourceUnavailable when none of the bodies is a feed of the final game.
    """
    for name in names:
        if read := _load_final_feed(archive, name, game):
            response, raw = read
            own = FetchedResponse("mlb_stats_api", url, 200, response.body, response.value)
            return own, RawBody(own.source, url, 200, raw.sha256, raw.bytes, name, now)
    raise SourceUnavailable(f"raw archive, game {game.game_pk}: no interrupted attempt fetched it")


def _load_final_feed(
    archive: RawArchive, name: str, game: ExpectedGame
) -> tuple[FetchedResponse[Feed], RawBody] | None:
    try:
        body = archive.load_body(name)
        value = feed.decode_feed(body, game)
    except (SourceUnavailable, ObjectCorrupted):  # another body of the game may do; `verify` reports it
        return None
    if not feed.is_final(value):
        return None
    at = feed_written_at(value)
    digest = hashlib.sha256(body).hexdigest()
    raw = RawBody("archive", name, 200, digest, len(body), name, at)
    return FetchedResponse("archive", name, 200, body, value), raw


def feed_written_at(value: Feed) -> datetime:
    """Return when a feed was written, UTC; the end of its day where it has no time stamp."""
    time_stamp = value.meta_data.time_stamp
    if time_stamp is None:
        return datetime.combine(value.game_data.datetime.official_date, time.max, UTC)
    return datetime.strptime(time_stamp, "%Y%m%d_%H%M%S").replace(tzinfo=UTC)


def first_available(
    *fetchers: Callable[[], tuple[FetchedResponse[Feed], RawBody]],
) -> tuple[FetchedResponse[Feed], RawBody]:
    """Return the first fetcher's result that does not fail; raises SourceUnavailable naming every failure."""
    failures = []
    for fetch in fetchers:
        try:
            return fetch()
        except SourceUnavailable as error:
            failures.append(str(error))
    raise SourceUnavailable("; ".join(failures))
