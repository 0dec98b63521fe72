"""Every answer kept once, compressed, under its hash; and the last resort when a source fails."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from services.collector.http_source import Fetched
from services.collector.mlb import feed
from services.collector.mlb.feed import Asked
from services.collector.mlb.wire.feed import Feed
from services.collector.response_body import MB
from shared.errors import ObjectCorrupted, SourceUnavailable
from shared.ports import ObjectStore
from shared.storage.compression import compress, decompress
from shared.storage.staging import RawBody

LIMIT = 64 * MB  # of an archived body, as of the largest that a source may send


class Archive:
    """Raw bodies under raw/<source>/<date>/<id>/<sha16>.json.zst."""

    def __init__(self, objects: ObjectStore, now: datetime) -> None:
        self._objects, self._now = objects, now

    def keep(self, answer: Fetched[object], day: date, what: str) -> RawBody:
        """Write an answer's body, compressed, and return the record of it; safe to call from threads."""
        digest = hashlib.sha256(answer.body).hexdigest()
        name = f"raw/{answer.source}/{day.isoformat()}/{what}/{digest[:16]}.json.zst"
        self._objects.put(name, compress(answer.body))
        size = len(answer.body)
        return RawBody(answer.source, answer.url, answer.status, digest, size, name, self._now)

    def body(self, name: str) -> bytes:
        """Return an archived body; raises ObjectMissing, ObjectCorrupted."""
        try:
            return decompress(self._objects.get(name), LIMIT)
        except ValueError as error:
            raise ObjectCorrupted(f"{name}: {error}") from None

    def feed(self, asked: Asked) -> tuple[Fetched[Feed], RawBody]:
        """Return the latest final feed that was ever fetched of a game, dated by its own time stamp.

        Raises SourceUnavailable when there is none.
        """
        prefix = f"raw/mlb_stats_api/{asked.day.isoformat()}/{asked.game_pk}/"
        kept = [read for name in self._objects.names(prefix) if (read := self._read(name, asked))]
        if not kept:
            raise SourceUnavailable(f"{prefix}: expected an archived feed of a final game, found none")
        return max(kept, key=lambda pair: pair[1].fetched_at)

    def _read(self, name: str, asked: Asked) -> tuple[Fetched[Feed], RawBody] | None:
        try:
            body = self.body(name)
            value = feed.decode(body, asked)
        except (SourceUnavailable, ObjectCorrupted):  # another body of the game may serve; `verify` tells
            return None
        if not feed.is_final(value):
            return None
        at = written_at(value)
        digest = hashlib.sha256(body).hexdigest()
        raw = RawBody("archive", name, 200, digest, len(body), name, at)
        return Fetched("archive", name, 200, body, value), raw


def written_at(value: Feed) -> datetime:
    """Return when a feed says it was written, UTC; at the latest the end of its day where it does not say."""
    said = value.meta_data.time_stamp
    if said is None:
        return datetime.combine(value.game_data.datetime.official_date, time.max, UTC)
    return datetime.strptime(said, "%Y%m%d_%H%M%S").replace(tzinfo=UTC)


def first_that_answers(*ways: Callable[[], tuple[Fetched[Feed], RawBody]]) -> tuple[Fetched[Feed], RawBody]:
    """Return the first way's answer that does not fail; raises SourceUnavailable naming every failure."""
    failures = []
    for way in ways:
        try:
            return way()
        except SourceUnavailable as error:
            failures.append(str(error))
    raise SourceUnavailable("; ".join(failures))
