"""Publishes the parts of an evaluation's report that the API's track record shows."""

from calendar import month_name
from collections.abc import Mapping
from typing import Any

import msgspec

from services.predict_api.api import (
    EVALUATION_OBJECT,
    BenchmarkScore,
    Evaluation,
    ReliabilityBin,
    TargetEvaluation,
)
from shared.ports import ObjectStore

CONFIRMED = "confirmed line-ups"
_DISPLAY_NAMES = {"fivethirtyeight": "FiveThirtyEight"}


def publish_evaluation(report: Mapping[str, Any], objects: ObjectStore) -> None:
    """Store the report where the API reads it with its next release; it replaces an earlier one."""
    objects.overwrite(EVALUATION_OBJECT, msgspec.json.encode(build_evaluation(report)))


def build_evaluation(report: Mapping[str, Any]) -> Evaluation:
    """Return the published part of a report."""
    seasons = report["seasons"]
    return Evaluation(
        made_at=report["made_at"],
        first=seasons["first"],
        last=seasons["last"],
        history=seasons["history"],
        notice=report["notice"],
        targets={name: _build_target(target) for name, target in report["targets"].items()},
    )


def _build_target(target_report: Mapping[str, Any]) -> TargetEvaluation:
    ours = target_report["variants"][CONFIRMED]
    return TargetEvaluation(
        rows=target_report["rows"],
        games=target_report["games"],
        log_loss=ours["log_loss"],
        log_loss_se=ours["log_loss_se"],
        calibration_slope=ours["calibration"]["slope"],
        rivals=[
            _build_benchmark(name, scores)
            for name, scores in target_report["rivals"].items()
            if scores["rows"]
        ],
        by_month={
            month_name[int(month)]: scores["log_loss"] for month, scores in target_report["by_month"].items()
        },
        by_season={season: scores["log_loss"] for season, scores in target_report["by_season"].items()},
        reliability=[
            ReliabilityBin(
                forecasts=group["rows"],
                promised=group["promised"],
                happened=group["happened"],
                error=group["se"],
            )
            for group in ours["reliability"]
        ],
    )


def _build_benchmark(name: str, benchmark_report: Mapping[str, Any]) -> BenchmarkScore:
    paired = benchmark_report["ours_minus_theirs"]["log_loss"]
    return BenchmarkScore(
        name=_DISPLAY_NAMES.get(name, name.replace("_", " ")),
        rows=benchmark_report["rows"],
        log_loss=benchmark_report["log_loss"],
        gain=-paired["mean"],
        gain_se=paired["se"],
    )
