"""The validator's story: read a batch, sort its rows, grade it, say what goes on and what is asked again."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import polars as pl

from services.validator.batch_reader import read_frames, read_manifest
from services.validator.grading import phase
from services.validator.report import page
from services.validator.validate import Examined, examine
from shared.errors import Rejected
from shared.messaging.events import DataCollected, DataRetry, DataValidated, Event, Grade, RetryReason
from shared.ports import ObjectStore, Ports, Warehouse
from shared.storage.staging import Manifest, Report, stage, write_struct

ROUNDS = 3  # re-collections of a batch before it is given up
_HISTORY = timedelta(days=30)
_SQL = (Path(__file__).parent / "recent_history.sql").read_text()
_SHOWN_ISSUES = 3  # in an alert; the report has all of them


def step(event: DataCollected, ports: Ports, now: datetime) -> list[Event]:
    """Validate the batch of `event`; A, B and C go on, F is asked again, at most three times.

    Raises:
        Rejected: the batch is empty or unreadable, or got an F in its last round.
    """
    manifest = read_manifest(ports.objects, event.manifest)
    frames = read_frames(ports.objects, manifest)
    examined = examine(manifest, frames, _recent(ports.warehouse, manifest))
    report = _report(event, manifest, examined, ports.objects)
    name = _write(report, ports.objects)
    _say(report, name, ports, now)
    _alert(report, name, examined, ports)
    return [*_validated(event, report, name, now), *_retries(event, report, examined, now)]


def _recent(warehouse: Warehouse, manifest: Manifest) -> pl.DataFrame:
    first = min(manifest.dates)
    return warehouse.query(_SQL, first=first - _HISTORY, last=first - timedelta(days=1))


def _report(event: DataCollected, manifest: Manifest, examined: Examined, objects: ObjectStore) -> Report:
    place = f"{event.run_id}/{event.attempt}"
    stopped = examined.verdict.grade is Grade.F
    staged = {dataset.table: dataset for dataset in manifest.datasets}
    aside = {name: rows for name, rows in examined.tables.items() if rows.quarantined.height}
    accepted = [
        stage(objects, f"staging/{place}", name, rows.accepted) if name in aside else staged[name]
        for name, rows in examined.tables.items()
        if rows.accepted.height and not stopped
    ]
    quarantined = [
        stage(objects, f"quarantine/{place}", name, rows.quarantined) for name, rows in aside.items()
    ]
    return Report(
        run_id=event.run_id,
        attempt=event.attempt,
        manifest=event.manifest,
        dates=manifest.dates,
        season_phase=manifest.season_phase,
        grade=examined.verdict.grade,
        scores=examined.verdict.scores,
        issues=examined.issues,
        accepted=tuple(accepted),
        quarantined=tuple(quarantined),
        games=() if stopped else examined.games,
    )


def _write(report: Report, objects: ObjectStore) -> str:
    name = write_struct(objects, f"reports/{report.run_id}/{report.attempt}", "report", report)
    objects.put(name.removesuffix(".json") + ".md", page(report).encode())
    return name


def _say(report: Report, name: str, ports: Ports, now: datetime) -> None:
    told = {
        "at": now,
        "run_id": report.run_id,
        "attempt": report.attempt,
        "dates": report.dates,
        "grade": report.grade,
        "scores": report.scores,
        "games": len(report.games),
        "accepted": {dataset.table: dataset.rows for dataset in report.accepted},
        "quarantined": {dataset.table: dataset.rows for dataset in report.quarantined},
        "errors": sum(issue.severity == "error" for issue in report.issues),
        "warnings": sum(issue.severity == "warning" for issue in report.issues),
        "report": name,
    }
    ports.objects.replace("status/validator.json", msgspec.json.encode(told))


def _validated(event: DataCollected, report: Report, name: str, now: datetime) -> list[Event]:
    if report.grade == Grade.F:
        return []
    fact = DataValidated(
        run_id=event.run_id,
        attempt=event.attempt,
        occurred_at=now,
        dates=event.dates,
        report=name,
        grade=Grade(report.grade),
        accepted=tuple(dataset.object for dataset in report.accepted),
        trigger=event.trigger,
    )
    return [fact]


def _retries(event: DataCollected, report: Report, examined: Examined, now: datetime) -> list[Event]:
    """Return what to ask again; a fourth round for single games is the collector's to refuse and park."""
    if report.grade == Grade.F and event.attempt >= ROUNDS:
        errors = "; ".join(issue.message for issue in report.issues if issue.severity == "error")
        raise Rejected(f"grade F after {ROUNDS} rounds of collecting {_days(report)} again: {errors}")
    return [_retry(event, reason, games, now) for reason, games in examined.again.items()]


def _retry(event: DataCollected, reason: RetryReason, games: tuple[int, ...], now: datetime) -> Event:
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


def _alert(report: Report, name: str, examined: Examined, ports: Ports) -> None:
    detail = {"run_id": report.run_id, "dates": _days(report), "report": name, "issues": _issues(report)}
    if report.grade == Grade.F:
        ports.notifier.alert("critical", "batch graded F: stopped", detail)
    elif examined.held:
        ports.notifier.alert("warning", "games held back", detail | {"games": examined.held})
    elif report.grade == Grade.C or (report.issues and phase(report.season_phase).strict):
        ports.notifier.alert("warning", "batch loaded with issues", detail | {"grade": report.grade})


def _issues(report: Report) -> str:
    """Return the worst issues in words, and how many more there are."""
    ordered = sorted(report.issues, key=lambda issue: issue.severity)  # "error" comes before "warning"
    words = [f"{issue.table}: {issue.message}" for issue in ordered]
    more = len(words) - _SHOWN_ISSUES
    return "; ".join(words[:_SHOWN_ISSUES] + ([f"and {more} more"] if more > 0 else []))


def _days(report: Report) -> str:
    return f"{min(report.dates)} to {max(report.dates)}"
