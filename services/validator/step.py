"""The validator's step: validates and grades a batch, publishes what to load and what to collect again."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from services.validator.batch_reader import read_frames, read_manifest
from services.validator.grading import phase_requirements
from services.validator.report import render_report
from services.validator.status import save_status, summarize_report
from services.validator.validate import ValidationResult, validate_batch
from shared.errors import Rejected
from shared.messaging.events import (
    MAX_RECOLLECTIONS,
    DataCollected,
    DataRetry,
    DataValidated,
    Event,
    Grade,
    RetryReason,
)
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage.batch_log import BatchRecord, record_batch
from shared.storage.staging import Manifest, Report, stage_frame, write_struct

_HISTORY = timedelta(days=30)
_SQL = (Path(__file__).parent / "recent_history.sql").read_text()
_SHOWN_ISSUES = 3  # in an alert; the report has all of them


def step(event: DataCollected, ports: Ports, now: datetime) -> list[Event]:
    """Validate the batch of `event`: A, B and C are loaded, F is collected again, at most three times.

    Raises:
        Rejected: the batch is empty or unreadable, or got an F at its last attempt.
    """
    manifest = read_manifest(ports.objects, event.manifest)
    frames = read_frames(ports.objects, manifest)
    result = validate_batch(manifest, frames, _recent_history(ports.warehouse, manifest))
    report = _build_report(event, manifest, result, ports.objects)
    name = _write_report(report, ports.objects)
    save_status(ports.objects, summarize_report(report, name, now))
    record_batch(ports.objects, _batch_record(event, manifest, report, now))
    _send_alert(report, name, result, ports)
    return [*_validated_events(event, report, name, now), *_retry_events(event, report, result, now)]


def _recent_history(warehouse: Warehouse, manifest: Manifest) -> pl.DataFrame:
    first = min(manifest.dates)
    return warehouse.query_rows(_SQL, first=first - _HISTORY, last=first - timedelta(days=1))


def _build_report(
    event: DataCollected, manifest: Manifest, result: ValidationResult, objects: ObjectStore
) -> Report:
    run_folder = f"{event.run_id}/{event.attempt}"
    is_rejected = result.grading.grade is Grade.F
    staged = {dataset.table: dataset for dataset in manifest.datasets}
    with_quarantined = {name: rows for name, rows in result.tables.items() if rows.quarantined.height}
    accepted = [
        stage_frame(objects, f"staging/{run_folder}", name, rows.accepted)
        if name in with_quarantined
        else staged[name]
        for name, rows in result.tables.items()
        if rows.accepted.height and not is_rejected
    ]
    quarantined = [
        stage_frame(objects, f"quarantine/{run_folder}", name, rows.quarantined)
        for name, rows in with_quarantined.items()
    ]
    return Report(
        run_id=event.run_id,
        attempt=event.attempt,
        manifest=event.manifest,
        dates=manifest.dates,
        season_phase=manifest.season_phase,
        grade=result.grading.grade,
        scores=result.grading.scores,
        issues=result.issues,
        accepted=tuple(accepted),
        quarantined=tuple(quarantined),
        games=() if is_rejected else result.games,
    )


def _batch_record(event: DataCollected, manifest: Manifest, report: Report, now: datetime) -> BatchRecord:
    return BatchRecord(
        at=now,
        run_id=event.run_id,
        attempt=event.attempt,
        trigger=event.trigger,
        dates=report.dates,
        grade=report.grade,
        games=tuple(sorted({*report.games} & {*manifest.final_games})),
        rows=sum(dataset.rows for dataset in report.accepted),
        quarantined=sum(dataset.rows for dataset in report.quarantined),
        requests=len(manifest.raw),
        failures=len(manifest.failures),
    )


def _write_report(report: Report, objects: ObjectStore) -> str:
    name = write_struct(objects, f"reports/{report.run_id}/{report.attempt}", "report", report)
    objects.write_once(name.removesuffix(".json") + ".md", render_report(report).encode())
    return name


def _validated_events(event: DataCollected, report: Report, name: str, now: datetime) -> list[Event]:
    if report.grade == Grade.F:
        return []
    validated = DataValidated(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=now,
        dates=event.dates,
        report=name,
        grade=Grade(report.grade),
        accepted=tuple(dataset.object for dataset in report.accepted),
        trigger=event.trigger,
    )
    return [validated]


def _retry_events(
    event: DataCollected, report: Report, result: ValidationResult, now: datetime
) -> list[Event]:
    """Return what to collect again; the collector rejects a fourth attempt for single games."""
    if report.grade == Grade.F and event.attempt >= MAX_RECOLLECTIONS:
        errors = "; ".join(issue.message for issue in report.issues if issue.severity == "error")
        raise Rejected(
            f"grade F after {MAX_RECOLLECTIONS} re-collections of {_format_days(report)}: {errors}"
        )
    return [_retry_event(event, reason, games, now) for reason, games in result.recollect.items()]


def _retry_event(event: DataCollected, reason: RetryReason, games: tuple[int, ...], now: datetime) -> Event:
    return DataRetry(
        run_id=event.run_id,
        attempt=event.attempt + 1,
        occurred_at=now,
        dates=event.dates,
        games=games,
        reason=reason,
        manifest=event.manifest,
        trigger=event.trigger,
    )


def _send_alert(report: Report, name: str, result: ValidationResult, ports: Ports) -> None:
    detail = {
        "run_id": report.run_id,
        "dates": _format_days(report),
        "report": name,
        "issues": _format_issues(report),
    }
    if report.grade == Grade.F:
        ports.notifier.send_alert("critical", "batch graded F: not loaded", detail)
    elif result.quarantined_games:
        ports.notifier.send_alert(
            "warning", "games quarantined", detail | {"games": result.quarantined_games}
        )
    elif report.grade == Grade.C or (report.issues and phase_requirements(report.season_phase).strict):
        ports.notifier.send_alert("warning", "batch loaded with issues", detail | {"grade": report.grade})


def _format_issues(report: Report) -> str:
    """Return the worst issues as text, and how many more there are."""
    ordered = sorted(report.issues, key=lambda issue: issue.severity)  # "error" comes before "warning"
    lines = [f"{issue.table}: {issue.message}" for issue in ordered]
    more = len(lines) - _SHOWN_ISSUES
    return "; ".join(lines[:_SHOWN_ISSUES] + ([f"and {more} more"] if more > 0 else []))


def _format_days(report: Report) -> str:
    return f"{min(report.dates)} to {max(report.dates)}"
