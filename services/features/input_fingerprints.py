"""What each day was computed from, as a chain of hashes: the first that differs is the first dirty day."""

import hashlib
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.features import warehouse
from shared.ports import Warehouse

COMPUTATION = "5"  # change it when states or rows are computed otherwise: every day becomes dirty


@dataclass(frozen=True)
class InputFingerprints:
    """Days with finished games in order, each with the hash of its games, notices and all days before it."""

    hashes: dict[date, str]

    @property
    def ordered_days(self) -> list[date]:
        """Return the days in order."""
        return list(self.hashes)

    @property
    def latest_hash(self) -> str:
        """Return the hash of everything known."""
        return next(reversed(self.hashes.values()), COMPUTATION)

    def hash_before(self, day: date) -> str:
        """Return the hash of everything known before `day`."""
        earlier = [known for known in self.hashes if known < day]
        return self.hashes[earlier[-1]] if earlier else COMPUTATION


def read_fingerprints(store: Warehouse) -> InputFingerprints:
    """Return what every day is computed from, as the warehouse has it now."""
    games = warehouse.query_named(store, "day_inputs", game_types=warehouse.GAME_TYPES)
    return chain_hashes(games, warehouse.query_named(store, "day_notices"))


def chain_hashes(days: pl.DataFrame, notices: pl.DataFrame) -> InputFingerprints:
    """Return the hashes of days in order (day, games, game_pks, collected).

    A link holds the link before it: a day that changed, came or went makes every later day another one,
    so that a build that stopped half-way is found unfinished by the next. Notices (day, notices, ids,
    collected) count for the first day after their own: they may come when its games have long been loaded.
    """
    link, hashes = COMPUTATION, {}
    notices_left = list(reversed(notices.select("day", "notices", "ids", "collected").rows()))
    for day, *inputs in days.select("day", "games", "game_pks", "collected").iter_rows():
        while notices_left and notices_left[-1][0] < day:
            inputs.extend(notices_left.pop())
        link = hashlib.sha256(f"{link}/{day}/{inputs}".encode()).hexdigest()
        hashes[day] = link
    return InputFingerprints(hashes)


def first_changed_day(inputs: InputFingerprints, stored: pl.DataFrame) -> date | None:
    """Return the first day whose states (as_of, inputs_sha256) are not those of `inputs`; None: all are."""
    stood = dict(stored.select("as_of", "inputs_sha256").iter_rows())
    differing = (day for day in {*stood, *inputs.hashes} if stood.get(day) != inputs.hashes.get(day))
    return min(differing, default=None)
