"""Archives every response once, compressed, under its hash."""

import hashlib
from datetime import date, datetime

from services.collector.http_source import FetchedResponse
from services.collector.response_body import MB
from shared.errors import ObjectCorrupted
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
        name = f"{_body_prefix(response.source, day, what)}/{digest[:16]}.json.zst"
        self._objects.write_once(name, compress_frame(response.body))
        size = len(response.body)
        return RawBody(response.source, response.url, response.status, digest, size, name, self._now)

    def load_body(self, name: str) -> bytes:
        """Return an archived body; raises ObjectMissing, ObjectCorrupted."""
        try:
            return decompress_frame(self._objects.read_bytes(name), BODY_LIMIT)
        except ValueError as error:
            raise ObjectCorrupted(f"{name}: {error}") from None

    def list_bodies(self, source: str, day: date, what: str) -> list[str]:
        """Return the names of the archived bodies of one thing on a day, such as a game's feed."""
        return list(self._objects.list_names(f"{_body_prefix(source, day, what)}/"))

    def list_day(self, source: str, day: date) -> list[str]:
        """Return the names of all archived bodies of a source on a day."""
        return list(self._objects.list_names(f"raw/{source}/{day.isoformat()}/"))


def _body_prefix(source: str, day: date, what: str) -> str:
    return f"raw/{source}/{day.isoformat()}/{what}"
