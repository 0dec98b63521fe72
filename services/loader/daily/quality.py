"""Watches how served forecasts do beside a guess: alerts when they become worse and when that ends."""

import logging
from datetime import date, datetime

import msgspec

from shared.modeling.forecast_quality import (
    ForecastQuality,
    TargetQuality,
    describe_days,
    load_quality,
    measure_quality,
    save_quality,
)
from shared.modeling.forecast_record import load_known_totals
from shared.ports import Notifier, Ports

log = logging.getLogger(__name__)


def watch_quality(ports: Ports, through: date, now: datetime) -> ForecastQuality:
    """Measure the scored forecasts up to a day, alert on what changed, store it and log it for metrics.

    It reads the sums of at most two seasons' days. Forecasts of challengers are in no sums. The result is
    stored after the alerts: where a crash lies in between, the same alert is raised again, and sent once.
    """
    before = load_quality(ports.objects)
    quality = measure_quality(load_known_totals(ports.objects, through), before, through, now)
    _alert_changes(ports.notifier, before, quality)
    save_quality(ports.objects, quality)
    log.info("forecast quality", extra={"fields": {"details": msgspec.to_builtins(quality.targets)}})
    return quality


def _alert_changes(notifier: Notifier, before: ForecastQuality | None, quality: ForecastQuality) -> None:
    known = before.worse if before else {}
    for target, one in quality.targets.items():
        if one.worse_since and target not in known:
            notifier.send_alert("warning", f"forecasts worse than a guess: {target}", _detail(one))
        if one.worse_since is None and target in known:
            detail = _detail(one) | {"worse since": str(known[target].worse_since)}
            notifier.send_alert("warning", f"forecasts no longer worse than a guess: {target}", detail)


def _detail(one: TargetQuality) -> dict[str, str]:
    record = one.fortnight
    return {
        "log loss": f"{record.compared_log_loss or 0.0:.4f}, guessing {record.guess_log_loss or 0.0:.4f}",
        "gain": describe_days(record),
    }
