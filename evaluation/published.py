"""What the track record tells of an evaluation: the report's heart, published beside the releases."""

from calendar import month_name
from collections.abc import Mapping
from typing import Any

import msgspec

from services.predict_api.serving.track_record import EVALUATION
from services.predict_api.web.track_record_responses import Evaluated, Evaluation, Rival, Tenth
from shared.ports import ObjectStore

CONFIRMED = "confirmed line-ups"
_CALLED = {"fivethirtyeight": "FiveThirtyEight"}


def publish(report: Mapping[str, Any], objects: ObjectStore) -> None:
    """Put the report where the API looks for it with its next release, in the place of an earlier one."""
    objects.replace(EVALUATION, msgspec.json.encode(published(report)))


def published(report: Mapping[str, Any]) -> Evaluation:
    """Return what is published of a report."""
    seasons = report["seasons"]
    return Evaluation(
        made_at=report["made_at"],
        first=seasons["first"],
        last=seasons["last"],
        history=seasons["history"],
        notice=report["notice"],
        targets={name: _evaluated(told) for name, told in report["targets"].items()},
    )


def _evaluated(told: Mapping[str, Any]) -> Evaluated:
    ours = told["variants"][CONFIRMED]
    return Evaluated(
        rows=told["rows"],
        games=told["games"],
        log_loss=ours["log_loss"],
        log_loss_se=ours["log_loss_se"],
        calibration_slope=ours["calibration"]["slope"],
        rivals=[_rival(name, rival) for name, rival in told["rivals"].items() if rival["rows"]],
        by_month={month_name[int(n)]: one["log_loss"] for n, one in told["by_month"].items()},
        by_season={year: one["log_loss"] for year, one in told["by_season"].items()},
        reliability=[
            Tenth(forecasts=one["rows"], promised=one["promised"], happened=one["happened"], error=one["se"])
            for one in ours["reliability"]
        ],
    )


def _rival(name: str, told: Mapping[str, Any]) -> Rival:
    paired = told["ours_minus_theirs"]["log_loss"]
    return Rival(
        name=_CALLED.get(name, name.replace("_", " ")),
        rows=told["rows"],
        log_loss=told["log_loss"],
        gain=-paired["mean"],
        gain_se=paired["se"],
    )
