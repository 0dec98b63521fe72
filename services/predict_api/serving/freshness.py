"""Describes how fresh the served release is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.predict_api.mlb.labels import TARGET_LABELS
from services.predict_api.schemas.responses import StatusAnswer
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.release_manager import ReleaseManager
from shared.storage.coverage import describe_gaps, schedule_from_status

LATE_AFTER_DAYS = 2  # days behind: yesterday's games arrive by the morning
BROKEN_AFTER_DAYS = 4
SCHEDULE_HORIZON = timedelta(days=3)  # without a game so soon, no new results are expected


def build_status(release_manager: ReleaseManager, *, now: datetime, is_cache_fallback: bool) -> StatusAnswer:
    """Return what is served, its age and the services' last statuses; raises NotReady."""
    forecaster, swap = release_manager.require_forecaster(), release_manager.last_swap
    age = (now.date() - forecaster.as_of).days
    state = _freshness_state(forecaster, age, swap.refused)
    return StatusAnswer(
        world=forecaster.world,
        release=forecaster.release.id,
        as_of=forecaster.as_of,
        schedule_known_until=forecaster.schedule_days.known_until,
        published_at=forecaster.release.published_at,
        age_days=age,
        state=state,
        messages=[
            _STATE_SENTENCES[state].format(day=forecaster.as_of, age=age),
            *_refusal_lines(swap.refused),
            *_omission_lines(forecaster),
            *_damage_lines(release_manager.damaged_files),
            *_missing_group_lines(forecaster.snapshot.status),
            *_gap_lines(forecaster.snapshot.status),
            *_redis_lines(is_cache_fallback=is_cache_fallback),
        ],
        refused=swap.refused,
        degraded=list_degradations(release_manager, is_cache_fallback=is_cache_fallback),
        last_swap=swap.to_dict(),
        services=dict(forecaster.snapshot.status),
    )


def list_degradations(release_manager: ReleaseManager, *, is_cache_fallback: bool) -> list[str]:
    """Return degradations, in sentences; `is_cache_fallback`: Redis does not answer."""
    refused, served = release_manager.last_swap.refused_release, release_manager.served_forecaster
    instead = f"release {served.release.id} is served" if served else "no other release can be served"
    found = [f"Release {refused} is refused, {instead}."] if refused else []
    return [*found, *_redis_lines(is_cache_fallback=is_cache_fallback)]


def _redis_lines(*, is_cache_fallback: bool) -> list[str]:
    return ["Redis does not answer: limits and cache are kept by each worker."] if is_cache_fallback else []


_STATE_SENTENCES = {
    "fresh": "Games up to {day} are known.",
    "late": "Games up to {day} are known: {age} days ago, later than usual.",
    "broken": "Nothing newer than {day} is known, {age} days ago: an earlier service has failed.",
    "resting": "Games up to {day} are known, and no game is scheduled soon.",
    "refused": "Games up to {day} are known; a newer release did not pass its checks and is not served.",
}


def _freshness_state(forecaster: Forecaster, age: int, refused: str | None) -> str:
    if refused:
        return "refused"
    if age >= LATE_AFTER_DAYS and not _plays_soon(forecaster):
        return "resting"
    return "fresh" if age <= LATE_AFTER_DAYS else "late" if age <= BROKEN_AFTER_DAYS else "broken"


def _plays_soon(forecaster: Forecaster) -> bool:
    last = forecaster.as_of + SCHEDULE_HORIZON
    return any(day <= last for day in forecaster.directory.scheduled_days())


def _refusal_lines(refused: str | None) -> list[str]:
    return [f"Refused: release {refused}"] if refused else []


def _damage_lines(damage: Mapping[str, str]) -> list[str]:
    """Return which files are damaged; the copy in memory still serves."""
    return [f"Damaged in the store, served from memory: {'; '.join(sorted(damage))}."] if damage else []


def _omission_lines(forecaster: Forecaster) -> list[str]:
    """Return what the release is served without."""
    older = ", ".join(name.replace("_", " ") for name in forecaster.outdated_tables)
    broken = "; ".join(f"{target} {why}" for target, why in forecaster.left_out.items())
    omissions = {
        "Left out, a challenger is broken": broken,
        "Older than this program, and read in part": older,
    }
    return [f"{what}: {which}." for what, which in omissions.items() if which]


def _missing_group_lines(reports: Mapping[str, Any]) -> list[str]:
    """Return the feature groups that the build left out, from the services' statuses."""
    groups = [one.get("missing_families") for one in reports.values() if isinstance(one, Mapping)]
    families = sorted(
        {str(one).replace("_", " ") for some in groups if isinstance(some, list) for one in some}
    )
    return [f"Forecasts are made without: {', '.join(families)}."] if families else []


def _gap_lines(reports: Mapping[str, Any]) -> list[str]:
    """Return every day of the season of which games are not stored."""
    gaps = describe_gaps(schedule_from_status(reports).gaps)
    return [f"Not stored: {', '.join(gaps)}."] if gaps else []


def service_summaries(reports: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return each service, the time of its last status, and a summary."""
    service_reports = ((name, report) for name, report in reports.items() if name != "schedule")
    return [
        (name, _report_time(report), _summarize_report(report))
        for name, report in service_reports
        if isinstance(report, Mapping)
    ]


def _report_time(report: Mapping[str, Any]) -> str:
    return str(report.get("finished_at") or report.get("at") or "")[:16].replace("T", " ")


def _summarize_report(report: Mapping[str, Any]) -> str:
    if "grade" in report:
        return f"grade {report['grade']}"
    if "targets" in report:
        deployed = [
            TARGET_LABELS.get(name, name)
            for name, outcome in report["targets"].items()
            if outcome.get("deployed")
        ]
        return f"New models: {'; '.join(deployed)}" if deployed else "no new model was better"
    if "games" in report:
        return f"{len(report['games'])} games, {report.get('failures', 0)} failures"
    if "rows" in report:
        return f"{sum(report['rows'].values()):,} rows"
    return str(report.get("status", ""))
