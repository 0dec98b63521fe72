"""Reads game feeds back from the raw archive when a source fails."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, time

from services.collector.http_source import FetchedResponse
from services.collector.mlb import feed
from services.collector.mlb.feed import ExpectedGame
from services.collector.mlb.wire.feed import Feed
from services.collector.raw_archive import RawArchive
from shared.errors import ObjectCorrupted, SourceUnavailable
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
