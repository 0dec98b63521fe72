"""What a tick could not have of the days around the games: owed, and asked for again by the next daily look.

A debt is an object, owed/<dataset>/<day>.json. One that was had stays for a week with the run that had it:
should that run's event be delivered again, because it died before it told anybody, it asks again too.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta

import msgspec

from services.collector import surroundings
from services.collector.desk import Desk
from shared.errors import ObjectCorrupted

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
_FOLDER = "owed/"
_TAKES: Mapping[str, Callable[[Desk, tuple[date, ...]], Collection[date]]] = {
    "rosters": surroundings.take_rosters,
    "transactions": surroundings.take_transactions,
    "standings": surroundings.take_standings,
}


class Debt(msgspec.Struct, frozen=True):
    """Since when a dataset of a day is owed, or by which run and when it was had."""

    since: datetime
    had_by: str | None = None


Debts = dict[tuple[str, date], Debt]  # by dataset and day


def take_days(desk: Desk, days: tuple[date, ...]) -> None:
    """Stage what surrounds the games of some days; what cannot be had is owed."""
    debts = standing(desk)
    for dataset, take in _TAKES.items():
        failed = take(desk, days)
        for day in days:
            _book(desk, debts, dataset, day, is_had=day not in failed)


def pay(desk: Desk, taken: Collection[date]) -> set[date]:
    """Ask for what is owed of other days than those `taken`; return the days of which it was had."""
    paid, debts = set[date](), standing(desk)
    for (dataset, day), debt in debts.items():
        if debt.had_by in (None, desk.run_id) and day not in taken:
            is_had = not _TAKES[dataset](desk, (day,))
            _book(desk, debts, dataset, day, is_had=is_had)
            paid.update({day} if is_had else ())
        elif debt.had_by is not None and desk.now - debt.since > KEPT:
            desk.ports.objects.delete(_name(dataset, day))
    return paid


def standing(desk: Desk) -> Debts:
    """Return every debt, those had of late among them; one whose object is spoilt is owed."""
    debts: Debts = {}
    for name in desk.ports.objects.names(_FOLDER):
        _, dataset, day = name.removesuffix(".json").split("/")
        try:
            debt = msgspec.json.decode(desk.ports.objects.get(name), type=Debt)
        except (ObjectCorrupted, msgspec.MsgspecError) as error:
            log.warning("%s: asked for again: %s", name, error)
            debt = Debt(desk.now)
        debts[dataset, date.fromisoformat(day)] = debt
    return debts


def _book(desk: Desk, debts: Debts, dataset: str, day: date, *, is_had: bool) -> None:
    """Write down what changes: a new debt, one that was had, or one had that could not be had again."""
    debt = debts.get((dataset, day))
    is_owed = debt is not None and debt.had_by is None
    if is_had == is_owed:
        now_so = Debt(desk.now, desk.run_id if is_had else None)
        desk.ports.objects.replace(_name(dataset, day), msgspec.json.encode(now_so))


def _name(dataset: str, day: date) -> str:
    return f"{_FOLDER}{dataset}/{day}.json"
