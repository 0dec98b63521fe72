"""Which days' features do not count loaded games yet, whatever the version of the code that reads them."""

from datetime import date

from services.features import warehouse
from shared.ports import Warehouse
from shared.sports.mlb import game_types


def find_unbuilt_days(store: Warehouse, first: date, last: date) -> list[date]:
    """Return the days from `first` on whose features lack games of `first` to `last`, in order.

    A changed day changes all days after it. Times decide and not fingerprints: those of another version of
    the code would never be equal.
    """
    rows = warehouse.query_named(store, "built_days", first=first, game_types=list(game_types.FORECAST))
    unbuilt, newest = list[date](), None
    for day, collected_at, built_at in rows.select("day", "collected_at", "built_at").iter_rows():
        if day <= last:
            newest = max(filter(None, (newest, collected_at)))
        if newest and (built_at is None or built_at < newest):
            unbuilt.append(day)
    return unbuilt
