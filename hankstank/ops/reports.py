"""Reads the morning reports of the stores, writes one as a page, and sends one to the targets."""

from datetime import date
from pathlib import Path
from typing import Any

from hankstank.local.stores import objects_of
from services.loader.daily.report import send_report
from shared.adapters.local.output_files import output_file
from shared.errors import UserError
from shared.ports import ObjectStore
from shared.reporting.page import render_document
from shared.runtime.ports_factory import create_notifier, create_target_senders, load_settings
from shared.storage.daily_reports import DailyReport, list_report_days, load_report
from shared.storage.files import write_atomically

_SEND_WITHIN_S = 60.0


def list_reports(home: Path) -> list[dict[str, Any]]:
    """Return every stored report, newest first: its morning, whether all was well, and its headline."""
    objects = objects_of(home)
    reports = (load_report(objects, day) for day in list_report_days(objects))
    return [{"day": one.day, "all_well": one.is_all_well, "headline": one.headline} for one in reports if one]


def find_report(home: Path, day: date | None) -> DailyReport:
    """Return the report of a morning, by default the newest; raises UserError without one."""
    objects = objects_of(home)
    wanted = day or next(iter(list_report_days(objects)), None)
    if wanted is None:
        raise UserError(f"{home}: no report is stored yet: the first comes at 07:00 after a collection")
    report = load_report(objects, wanted)
    if report is None:
        raise UserError(f"expected a morning with a report, got {wanted}: {_nearest_days(objects, wanted)}")
    return report


def write_page(report: DailyReport, path: Path, *, force: bool) -> dict[str, Any]:
    """Write a report as one HTML document and return its file; raises UserError for an existing one."""
    file = output_file(path, force=force)
    write_atomically(file, render_document(report).encode())
    return {"file": str(file)}


def send_stored_report(home: Path, report: DailyReport) -> dict[str, Any]:
    """Send a report to every target of HANKSTANK_NOTIFY; raises UserError without targets.

    A target that got the same report within 24 hours does not get it again.
    """
    settings = load_settings().model_copy(update={"home": home})
    targets = create_target_senders(settings)
    if not targets:
        raise UserError("expected targets in HANKSTANK_NOTIFY, got none: see docs/console.md")
    notifier = create_notifier(settings)
    send_report(notifier, report)
    if not notifier.wait_until_sent(_SEND_WITHIN_S):
        raise UserError(f"not sent to every target within {_SEND_WITHIN_S:.0f} s: the log says to which")
    return {"report": str(report.day), "targets": len(targets)}


def _nearest_days(objects: ObjectStore, day: date) -> str:
    days = sorted(list_report_days(objects), key=lambda one: abs(one - day))[:3]
    return f"the nearest are {', '.join(map(str, sorted(days)))}" if days else "none is stored"
