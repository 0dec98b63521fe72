"""What a tick could not have of the days around the games: owed, and asked for again by the next daily look.

A debt is an object, owed/<dataset>/<day>.json. What a run had may still be lost on its way to the warehouse,
with a batch that is torn or that nobody heard of: so a second run asks for it too. A debt stays for a week
with the runs that had it: should the event of one be delivered again, it asks again.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta

import msgspec

from services.collector.mlb import daily_datasets
from services.collector.run_context import Desk
from shared.errors import ObjectCorrupted

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
ENOUGH = 2  # runs that had it
_FOLDER = "owed/"
_TAKES: Mapping[str, Callable[[Desk, tuple[date, ...]], Collection[date]]] = {
    "rosters": daily_datasets.take_rosters,
    "transactions": daily_datasets.take_transactions,
    "standings": daily_datasets.take_standings,
}


class Debt(msgspec.Struct, frozen=True):
    """Since when a dataset of a day is owed, or by which runs and when it was had."""

    since: datetime
    had_by: tuple[str, ...] = ()


Debts = dict[tuple[str, date], Debt]  # by dataset and day


def take_days(desk: Desk, days: tuple[date, ...]) -> None:
    """Stage what surrounds the games of some days; what cannot be had is owed."""
    debts = standing(desk)
    for dataset, take in _TAKES.items():
        failed = take(desk, days)
        for day in days:
            _book(desk, debts, dataset, day, is_had=day not in failed)


def pay(desk: Desk, taken: Collection[date]) -> set[date]:
    """Ask for what is not settled of other days than those `taken`; return the days of which it was had."""
    paid, debts = set[date](), standing(desk)
    for (dataset, day), debt in debts.items():
        is_settled = len(debt.had_by) >= ENOUGH and desk.run_id not in debt.had_by
        if not is_settled and day not in taken:
            is_had = not _TAKES[dataset](desk, (day,))
            _book(desk, debts, dataset, day, is_had=is_had)
            paid.update({day} if is_had else ())
        elif is_settled and desk.now - debt.since > KEPT:
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
    if is_had and debt is None:
        return
    had_by = tuple(dict.fromkeys((*debt.had_by, desk.run_id))) if is_had and debt else ()
    if debt is None or debt.had_by != had_by:
        now_so = Debt(desk.now, had_by)
        desk.ports.objects.replace(_name(dataset, day), msgspec.json.encode(now_so))


def _name(dataset: str, day: date) -> str:
    return f"{_FOLDER}{dataset}/{day}.json"
