"""The result of the last batch, stored as the validator's status object."""

from datetime import date, datetime

import msgspec

from shared.ports import ObjectStore
from shared.storage.staging import Report, StagedDataset

STATUS_OBJECT = "status/validator.json"


class ValidatorStatus(msgspec.Struct, frozen=True):
    """A batch's grade and counts; `report` names the object with every finding."""

    at: datetime
    run_id: str
    attempt: int
    dates: tuple[date, ...]
    grade: str
    scores: dict[str, float]
    games: int
    accepted: dict[str, int]  # rows by table
    quarantined: dict[str, int]  # rows by table
    errors: int
    warnings: int
    report: str


def summarize_report(report: Report, name: str, now: datetime) -> ValidatorStatus:
    """Return the status that a report stored as `name` leads to."""
    return ValidatorStatus(
        at=now,
        run_id=report.run_id,
        attempt=report.attempt,
        dates=report.dates,
        grade=report.grade,
        scores=report.scores,
        games=len(report.games),
        accepted=_rows_by_table(report.accepted),
        quarantined=_rows_by_table(report.quarantined),
        errors=sum(issue.severity == "error" for issue in report.issues),
        warnings=sum(issue.severity == "warning" for issue in report.issues),
        report=name,
    )


def save_status(objects: ObjectStore, status: ValidatorStatus) -> None:
    """Store the status where `hankstank status` reads it."""
    objects.overwrite(STATUS_OBJECT, msgspec.json.encode(status))


def load_last_status(objects: ObjectStore) -> ValidatorStatus:
    """Return the status of the last batch; raises ObjectMissing before the first."""
    return msgspec.json.decode(objects.read_bytes(STATUS_OBJECT), type=ValidatorStatus)


def _rows_by_table(datasets: tuple[StagedDataset, ...]) -> dict[str, int]:
    return {dataset.table: dataset.rows for dataset in datasets}
