"""What the track record tells of an evaluation: the report's heart, published beside the releases."""

from calendar import month_name
from collections.abc import Mapping
from typing import Any

import msgspec

from services.predict_api.serving.track_record import EVALUATION_OBJECT
from services.predict_api.web.track_record_responses import (
    BenchmarkScore,
    Evaluation,
    ReliabilityBin,
    TargetEvaluation,
)
from shared.ports import ObjectStore

CONFIRMED = "confirmed line-ups"
_DISPLAY_NAMES = {"fivethirtyeight": "FiveThirtyEight"}


def publish_evaluation(report: Mapping[str, Any], objects: ObjectStore) -> None:
    """Put the report where the API looks for it with its next release, in the place of an earlier one."""
    objects.overwrite(EVALUATION_OBJECT, msgspec.json.encode(build_evaluation(report)))


def build_evaluation(report: Mapping[str, Any]) -> Evaluation:
    """Return what is published of a report."""
    seasons = report["seasons"]
    return Evaluation(
        made_at=report["made_at"],
        first=seasons["first"],
        last=seasons["last"],
        history=seasons["history"],
        notice=report["notice"],
        targets={name: _build_target(told) for name, told in report["targets"].items()},
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
            _build_rival(name, rival) for name, rival in target_report["rivals"].items() if rival["rows"]
        ],
        by_month={month_name[int(n)]: one["log_loss"] for n, one in target_report["by_month"].items()},
        by_season={year: one["log_loss"] for year, one in target_report["by_season"].items()},
        reliability=[
            ReliabilityBin(
                forecasts=one["rows"], promised=one["promised"], happened=one["happened"], error=one["se"]
            )
            for one in ours["reliability"]
        ],
    )


def _build_rival(name: str, benchmark_report: Mapping[str, Any]) -> BenchmarkScore:
    paired = benchmark_report["ours_minus_theirs"]["log_loss"]
    return BenchmarkScore(
        name=_DISPLAY_NAMES.get(name, name.replace("_", " ")),
        rows=benchmark_report["rows"],
        log_loss=benchmark_report["log_loss"],
        gain=-paired["mean"],
        gain_se=paired["se"],
    )
