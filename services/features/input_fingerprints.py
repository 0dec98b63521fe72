"""What each day was computed from, as a chain of hashes: the first that differs is the first stale day."""

import hashlib
from dataclasses import dataclass
from datetime import date

import polars as pl

from services.features import warehouse
from services.features.computation_fingerprint import computation_fingerprint
from shared.ports import Warehouse
from shared.sports.mlb import game_types


@dataclass(frozen=True)
class InputFingerprints:
    """Days with finished games in order, each with the hash of its games, notices and all days before it."""

    computation: str  # the hash of how days are computed: the chain begins with it
    hashes: dict[date, str]

    @property
    def ordered_days(self) -> list[date]:
        """Return the days in order."""
        return list(self.hashes)

    @property
    def latest_hash(self) -> str:
        """Return the hash of everything known."""
        return next(reversed(self.hashes.values()), self.computation)

    def hash_before(self, day: date) -> str:
        """Return the hash of everything known before `day`."""
        earlier = [one for one in self.hashes if one < day]
        return self.hashes[earlier[-1]] if earlier else self.computation


def read_fingerprints(store: Warehouse) -> InputFingerprints:
    """Return the hashes of what every day is computed from, as the warehouse has it now."""
    games = warehouse.query_named(store, "day_inputs", game_types=list(game_types.FORECAST))
    return chain_hashes(games, warehouse.query_named(store, "day_notices"), computation_fingerprint())


def chain_hashes(days: pl.DataFrame, notices: pl.DataFrame, computation: str) -> InputFingerprints:
    """Return the hashes of days in order.

    Each hash includes the one before it, so a day that changed, appeared or disappeared changes every later
    day, and a build that stopped half-way is continued by the next. The chain begins with `computation`, so
    a changed formula or column changes every day.

    Args:
        days: day, games, game_pks, collected, in order.
        notices: day, notices, ids, collected. They count for the first day after their own, because they may
            arrive when its games have long been loaded.
        computation: the hash of how days are computed.
    """
    link, hashes = computation, {}
    notices_left = list(reversed(notices.select("day", "notices", "ids", "collected").rows()))
    for day, *inputs in days.select("day", "games", "game_pks", "collected").iter_rows():
        while notices_left and notices_left[-1][0] < day:
            inputs.extend(notices_left.pop())
        link = hashlib.sha256(f"{link}/{day}/{inputs}".encode()).hexdigest()
        hashes[day] = link
    return InputFingerprints(computation, hashes)


def first_changed_day(inputs: InputFingerprints, stored: pl.DataFrame) -> date | None:
    """Return the first day whose states (as_of, inputs_sha256) are not those of `inputs`; None: all are."""
    known = dict(stored.select("as_of", "inputs_sha256").iter_rows())
    differing = (day for day in {*known, *inputs.hashes} if known.get(day) != inputs.hashes.get(day))
    return min(differing, default=None)
