"""The morning report: built from what the services stored, kept in three forms, and sent once."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeVar

import msgspec

from services.loader.daily import report_forecasts, report_inputs, report_outputs
from shared.errors import Rejected
from shared.modeling.forecast_quality import describe_worse, load_quality
from shared.ports import Notifier, ObjectStore, Ports
from shared.reporting.page import render_document
from shared.reporting.text import render_text, report_title
from shared.reporting.words import count
from shared.runtime.data_world import read_world
from shared.sports.mlb.ballpark_time import BALLPARK_TIME
from shared.storage.daily_reports import (
    Collection,
    DailyReport,
    Outlook,
    list_report_days,
    newest_report,
    save_report,
)

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_WRITTEN_AT = time(7)  # in New York
_QUIET_DAYS = 7  # without news a report comes once a week
_NEVER = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")


def write_report(ports: Ports, today: date, now: datetime) -> DailyReport | None:
    """Build, store and send the report of a day; return it, or None on a day without news.

    Built again it takes the place of the stored one if its content differs, as the next edition. It is sent
    once: a later edition is only stored. A target that fails does not fail the report.
    """
    days = list_report_days(ports.objects)
    before = newest_report(ports.objects, [day for day in days if day < today])
    stored = newest_report(ports.objects, [day for day in days if day == today])
    report = build_report(ports, before, today, now)
    if stored is None and not _has_news(report, before):
        _log_outcome("no_news", today)
        return None
    if stored is not None:
        report = _next_edition(stored, report)
    if report != stored:
        _save(ports.objects, report)
    if not report.sent_at:
        report = _send_once(ports, report, now)
    _log_outcome("made" if report != stored else "unchanged", today)
    return report


def restore_report(ports: Ports, day: date) -> None:
    """Store the lost forms of a day's report again; one lost as a whole is built again and not sent."""
    stored = newest_report(ports.objects, [day])
    if stored is None:
        days = [one for one in list_report_days(ports.objects) if one < day]
        written_at = datetime.combine(day, _WRITTEN_AT, BALLPARK_TIME).astimezone(UTC)
        built = build_report(ports, newest_report(ports.objects, days), day, written_at)
        stored = msgspec.structs.replace(built, sent_at=written_at)
    _save(ports.objects, stored)


def send_report(notifier: Notifier, report: DailyReport) -> None:
    """Queue a report for every target; one that got it within 24 hours does not get it again."""
    notifier.send_message(report_title(report), render_text(report), render_document(report))


def build_report(ports: Ports, before: DailyReport | None, today: date, now: datetime) -> DailyReport:
    """Return the report on the days since the report before; an input that is missing becomes a note."""
    objects, inputs = ports.objects, _Inputs()
    after, last = before.created_at if before else now - _DAY, today - _DAY
    first = min(before.last_day + _DAY, last) if before else last
    sizes = {one.kind: one.bytes for one in before.stores} if before else {}
    holes = report_outputs.list_open_holes(objects, first, last)
    report = DailyReport(
        day=today,
        first_day=first,
        last_day=last,
        created_at=now,
        headline="",
        world=read_world(objects).label,
        collection=inputs.take(
            "what was collected",
            lambda: report_inputs.describe_collection(objects, after, now),
            Collection(),
        ),
        model_changes=inputs.take("new models", lambda: report_inputs.find_model_changes(objects, after), ()),
        stores=report_inputs.measure_stores(ports.settings, sizes),
        outlook=inputs.take(
            "today's games", lambda: report_inputs.describe_outlook(ports.warehouse, today, now), Outlook()
        ),
        healed=report_outputs.list_repairs(objects, after),
        outputs=report_outputs.describe_outputs(objects, today),
        **report_forecasts.describe_forecasts(objects, first, last),
    )
    if not report.outputs.rows:
        inputs.notes.append("What each day must have is not counted yet.")
    quality = load_quality(objects)
    worse = describe_worse(quality, report_inputs.TITLES) if quality else ()
    attention = (*_attention(report), *holes, *worse)
    headline = _headline(report, attention)
    return msgspec.structs.replace(report, attention=attention, headline=headline, notes=tuple(inputs.notes))


def _log_outcome(outcome: Literal["made", "unchanged", "no_news"], today: date) -> None:
    """Log that the task was done: an alert policy counts these lines."""
    log.info("report", extra={"fields": {"outcome": outcome, "day": str(today)}})


@dataclass
class _Inputs:
    notes: list[str] = field(default_factory=list)

    def take(self, what: str, read: Callable[[], T], otherwise: T) -> T:
        """Return an input; where it cannot be read, note that and return `otherwise`."""
        try:
            return read()
        except Rejected as error:
            self.notes.append(f"Not known, {what}: {error}.")
            return otherwise


def _attention(report: DailyReport) -> Iterator[str]:
    """Yield what needs a person, the worst first."""
    collection = report.collection
    for reason in dict.fromkeys(collection.dead_letters):
        yield f"a delivery failed for good: {reason}"
    if collection.failed_loads:
        yield f"{count(collection.failed_loads, 'load')} failed and waits: `hankstank failed-loads list`"
    for run_id in collection.unresolved:
        yield f"the batch of {run_id} was graded F and is not loaded"


def _headline(report: DailyReport, attention: tuple[str, ...]) -> str:
    if attention:
        needed = count(len(attention), "thing needs", "things need")
        return f"{needed} you: {attention[0]}."
    forecast = sum(one.forecast for one in report.day_scores)
    won = sum(one.favourites_won for one in report.day_scores)
    collected = f"{count(report.collection.games, 'game')} collected"
    return (
        f"All well: {collected}, {won} of {count(forecast, 'favourite')} won."
        if forecast
        else f"All well: {collected}."
    )


def _has_news(report: DailyReport, before: DailyReport | None) -> bool:
    """Return whether a report is worth sending: something was played, is played today, changed or failed."""
    if before is None or (report.day - before.day).days >= _QUIET_DAYS:
        return True
    played = any(one.games for one in report.day_scores)
    return bool(played or report.outlook.games or report.attention or report.healed or report.model_changes)


def _next_edition(stored: DailyReport, built: DailyReport) -> DailyReport:
    """Return what was built as the next edition; the stored one if nothing but times and sizes differs."""
    if _content(stored) == _content(built):
        return stored
    return msgspec.structs.replace(built, edition=stored.edition + 1, sent_at=stored.sent_at)


def _content(report: DailyReport) -> DailyReport:
    outlook = msgspec.structs.replace(report.outlook, next_jobs=())
    varying: dict[str, Any] = {"created_at": _NEVER, "sent_at": None, "edition": 1, "stores": ()}
    return msgspec.structs.replace(report, outlook=outlook, **varying)


def _save(objects: ObjectStore, report: DailyReport) -> None:
    save_report(objects, report, render_document(report), render_text(report))


def _send_once(ports: Ports, report: DailyReport, now: datetime) -> DailyReport:
    """Send the stored report and note that; a crash in between sends the same text, which arrives once."""
    send_report(ports.notifier, report)
    sent = msgspec.structs.replace(report, sent_at=now)
    _save(ports.objects, sent)
    return sent
