"""How far the first start of the live service is, as its API shows it until there are forecasts."""

import logging
from typing import Literal

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.ports import ObjectStore

log = logging.getLogger(__name__)

_NAME = "live/first_start.json"
_PHASES = {
    "backfill": "the games of past days are collected",
    "features": "the features are built",
    "training": "the models are trained",
}
Phase = Literal["backfill", "features", "training"]


class FirstStart(msgspec.Struct, frozen=True):
    """A first start under way; `begin` is the season or the day from which it fills the stores.

    `chunk` is the chunk of days under way, from 1 (0: the chunks are not planned yet); `waiting` says why
    nothing happens just now.
    """

    begin: str
    phase: Phase = "backfill"
    days: str = ""
    chunk: int = 0
    of_chunks: int = 0
    games: int = 0
    of_games: int = 0
    seconds_left: float | None = None
    waiting: str = ""

    @property
    def minutes_left(self) -> int | None:
        """Return the whole minutes that are left, at least one; None while that is unknown."""
        return None if self.seconds_left is None else max(1, round(self.seconds_left / 60))

    def describe(self) -> str:
        """Return what is being done in a sentence.

        Example:
            >>> FirstStart("2025", days="2025-03-18 to 2025-03-27", chunk=1, of_chunks=20).describe()
            'this is the first start: the games of past days are collected, chunk 1 of 20'
        """
        parts = [f"this is the first start: {_PHASES[self.phase]}"]
        if self.phase == "backfill" and self.of_chunks:
            parts.append(f"chunk {self.chunk} of {self.of_chunks}")
        if self.phase == "backfill" and self.of_games:
            parts.append(f"{self.games} of {self.of_games} games")
        if minutes := self.minutes_left:
            parts.append(f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left")
        if self.waiting:
            parts.append(f"waiting: {self.waiting}")
        return ", ".join(parts)


def load_first_start(objects: ObjectStore) -> FirstStart | None:
    """Return the first start under way; None without one, or where its object cannot be read."""
    try:
        return msgspec.json.decode(objects.read_bytes(_NAME), type=FirstStart)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: expected a first start: %s", _NAME, error)
        return None


def save_first_start(objects: ObjectStore, first_start: FirstStart) -> None:
    """Store how far a first start is."""
    objects.overwrite(_NAME, msgspec.json.encode(first_start))


def remove_first_start(objects: ObjectStore) -> None:
    """Record that the first start is over."""
    objects.delete(_NAME)
