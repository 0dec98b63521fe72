"""Remembers what was sent to whom: one object for each message, so that several processes send it once."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.errors import Rejected, Unavailable
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

FOLDER = "notifications"
REPEAT_AFTER = timedelta(
    hours=24
)  # the same message is not sent again before; at most a day: see claim_message
HOURLY_LIMIT = 20  # messages of one sort to one target


class SendLedger:
    """Claims of messages and of places in an hour; where the store fails, this process's memory decides."""

    def __init__(self, objects: ObjectStore, clock: Callable[[], datetime]) -> None:
        self._objects = objects
        self._clock = clock
        self._own: dict[str, datetime] = {}
        self._cleaned = ""

    def claim_message(self, target: str, fingerprint: str) -> str | None:
        """Return the name of a new claim, or None if this message was claimed within REPEAT_AFTER.

        A claim is in the folder of its day (UTC), so today's and yesterday's are all that count.
        """
        now = self._clock()
        self._forget_before(now - REPEAT_AFTER)
        earlier = self._time_of(_claim_name(now - REPEAT_AFTER, target, fingerprint))
        if earlier is not None and now - earlier < REPEAT_AFTER:
            return None
        name = _claim_name(now, target, fingerprint)
        return name if self._create(name, now) else None

    def release(self, name: str) -> None:
        """Give up a claim: the message was not sent, so it may be sent later."""
        self._own.pop(name, None)
        try:
            self._objects.delete(name)
        except (Rejected, Unavailable) as error:
            log.warning("notifications: could not delete %s: %s", name, error)

    def take_place(self, target: str, sort: str) -> int | None:
        """Return which message of this hour and sort this is, from 1; None beyond HOURLY_LIMIT."""
        now = self._clock()
        places = (f"{FOLDER}/{now:%Y-%m-%d}/{target}/{now:%H}-{sort}-{n}" for n in range(1, HOURLY_LIMIT + 1))
        return next((number for number, name in enumerate(places, 1) if self._create(name, now)), None)

    def _create(self, name: str, now: datetime) -> bool:
        if name in self._own:
            return False
        self._own[name] = now
        try:
            return self._objects.create_if_absent(name, now.isoformat().encode())
        except (Rejected, Unavailable) as error:
            log.warning("notifications: could not write %s: %s", name, error)
            return True

    def _time_of(self, name: str) -> datetime | None:
        if name in self._own:
            return self._own[name]
        try:
            stored = self._objects.read_bytes(name) if self._objects.exists(name) else b""
            return datetime.fromisoformat(stored.decode()) if stored else None
        except (Rejected, Unavailable, ValueError) as error:
            log.warning("notifications: could not read %s: %s", name, error)
            return None

    def _forget_before(self, oldest: datetime) -> None:
        """Delete the folders of earlier days, once a day."""
        day = f"{oldest:%Y-%m-%d}"
        if day == self._cleaned:
            return
        self._cleaned = day
        first_kept = f"{FOLDER}/{day}"
        self._own = {name: time for name, time in self._own.items() if name >= first_kept}
        try:
            for name in self._objects.list_names(f"{FOLDER}/"):
                if name < first_kept:
                    self._objects.delete(name)
        except (Rejected, Unavailable) as error:
            log.warning("notifications: could not delete claims before %s: %s", day, error)


def _claim_name(at: datetime, target: str, fingerprint: str) -> str:
    return f"{FOLDER}/{at:%Y-%m-%d}/{target}/{fingerprint}"
