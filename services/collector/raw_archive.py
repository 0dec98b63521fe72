"""Archives every response once, compressed, under its hash; feeds are read back when a source fails."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from services.collector.http_source import FetchedResponse
from services.collector.mlb import feed
from services.collector.mlb.feed import ExpectedGame
from services.collector.mlb.wire.feed import Feed
from services.collector.response_body import MB
from shared.errors import ObjectCorrupted, SourceUnavailable
from shared.ports import ObjectStore
from shared.storage.compression import compress_frame, decompress_frame
from shared.storage.staging import RawBody

BODY_LIMIT = 64 * MB  # of an archived body, as of the largest that a source may send


class RawArchive:
    """Raw bodies under raw/<source>/<date>/<id>/<sha16>.json.zst."""

    def __init__(self, objects: ObjectStore, now: datetime) -> None:
        self._objects, self._now = objects, now

    def save_response(self, response: FetchedResponse[object], day: date, what: str) -> RawBody:
        """Store a response's body, compressed, and return its record; safe to call from threads."""
        digest = hashlib.sha256(response.body).hexdigest()
        name = f"raw/{response.source}/{day.isoformat()}/{what}/{digest[:16]}.json.zst"
        self._objects.write_once(name, compress_frame(response.body))
        size = len(response.body)
        return RawBody(response.source, response.url, response.status, digest, size, name, self._now)

    def load_body(self, name: str) -> bytes:
        """Return an archived body; raises ObjectMissing, ObjectCorrupted."""
        try:
            return decompress_frame(self._objects.read_bytes(name), BODY_LIMIT)
        except ValueError as error:
            raise ObjectCorrupted(f"{name}: {error}") from None

    def load_latest_feed(self, game: ExpectedGame) -> tuple[FetchedResponse[Feed], RawBody]:
        """Return the latest archived final feed of a game, dated by its own time stamp.

        Raises SourceUnavailable when there is none.
        """
        prefix = f"raw/mlb_stats_api/{game.day.isoformat()}/{game.game_pk}/"
        archived = [
            read for name in self._objects.list_names(prefix) if (read := self._load_final_feed(name, game))
        ]
        if not archived:
            raise SourceUnavailable(f"{prefix}: expected an archived feed of a final game, found none")
        return max(archived, key=lambda pair: pair[1].fetched_at)

    def _load_final_feed(self, name: str, game: ExpectedGame) -> tuple[FetchedResponse[Feed], RawBody] | None:
        try:
            body = self.load_body(name)
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
