"""The backlog: daily datasets that a tick could not fetch, retried by the next daily runs.

An item is an object, owed/<dataset>/<day>.json. Data that a run fetched may still be lost on its way to the
warehouse, with a truncated batch or an event that was never delivered: so a second run fetches it too. An
item stays for a week with the runs that fetched it: a run whose event is delivered again fetches again.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta

import msgspec

from services.collector.mlb import daily_datasets
from services.collector.mlb.run_context import MlbRunContext
from shared.errors import ObjectCorrupted

log = logging.getLogger(__name__)

RETENTION = timedelta(days=7)
CONFIRMATIONS = 2  # runs that must have fetched an item
_FOLDER = "owed/"
BY_DAY = ("rosters", "standings")  # datasets that are requested day by day
_COLLECTORS: Mapping[str, Callable[[MlbRunContext, tuple[date, ...]], Collection[date]]] = {
    "rosters": daily_datasets.collect_rosters,
    "transactions": daily_datasets.collect_transactions,
    "standings": daily_datasets.collect_standings,
}


class BacklogItem(msgspec.Struct, frozen=True):
    """A dataset of a day: since when it is missing, or which runs fetched it and when."""

    since: datetime
    fetched_by: tuple[str, ...] = msgspec.field(default=(), name="had_by")  # as earlier versions stored it


Backlog = dict[tuple[str, date], BacklogItem]  # by dataset and day


def collect_daily(context: MlbRunContext, days: tuple[date, ...]) -> None:
    """Stage the daily datasets of some days; what cannot be fetched goes to the backlog."""
    backlog = load_backlog(context)
    for dataset, collect_dataset in _COLLECTORS.items():
        failed = collect_dataset(context, days)
        for day in days:
            _record_result(context, backlog, dataset, day, is_fetched=day not in failed)


def add_to_backlog(
    context: MlbRunContext, days: Collection[date], datasets: Collection[str] = tuple(_COLLECTORS)
) -> None:
    """Leave the daily datasets of days to later runs: days that are not over yet, or too many for one run."""
    backlog = load_backlog(context)
    for dataset in datasets:
        for day in days:
            _record_result(context, backlog, dataset, day, is_fetched=False)


def retry_backlog(context: MlbRunContext, collected_days: Collection[date]) -> set[date]:
    """Fetch open items of days other than `collected_days`; return the days of which one was fetched."""
    fetched_days, backlog = set[date](), load_backlog(context)
    for (dataset, day), item in backlog.items():
        is_settled = len(item.fetched_by) >= CONFIRMATIONS and context.run_id not in item.fetched_by
        if not is_settled and day not in collected_days:
            is_fetched = not _COLLECTORS[dataset](context, (day,))
            _record_result(context, backlog, dataset, day, is_fetched=is_fetched)
            fetched_days.update({day} if is_fetched else ())
        elif is_settled and context.now - item.since > RETENTION:
            context.ports.objects.delete(_object_name(dataset, day))
    return fetched_days


def load_backlog(context: MlbRunContext) -> Backlog:
    """Return every item, recently fetched ones too; one whose object is corrupt counts as missing."""
    backlog: Backlog = {}
    for name in context.ports.objects.list_names(_FOLDER):
        _, dataset, day = name.removesuffix(".json").split("/")
        try:
            item = msgspec.json.decode(context.ports.objects.read_bytes(name), type=BacklogItem)
        except (ObjectCorrupted, msgspec.MsgspecError) as error:
            log.warning("%s: fetched again: %s", name, error)
            item = BacklogItem(context.now)
        backlog[dataset, date.fromisoformat(day)] = item
    return backlog


def _record_result(
    context: MlbRunContext, backlog: Backlog, dataset: str, day: date, *, is_fetched: bool
) -> None:
    """Store a change: a new item, one that was fetched, or a fetched one that could not be fetched again."""
    item = backlog.get((dataset, day))
    if is_fetched and item is None:
        return
    fetched_by = tuple(dict.fromkeys((*item.fetched_by, context.run_id))) if is_fetched and item else ()
    if item is None or item.fetched_by != fetched_by:
        updated = BacklogItem(context.now, fetched_by)
        context.ports.objects.overwrite(_object_name(dataset, day), msgspec.json.encode(updated))


def _object_name(dataset: str, day: date) -> str:
    return f"{_FOLDER}{dataset}/{day}.json"
