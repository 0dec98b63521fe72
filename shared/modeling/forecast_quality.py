"""Whether the forecasts that were served are worse than a guess: measured each day, reported once."""

import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime

import msgspec

from shared.errors import ObjectCorrupted, ObjectMissing
from shared.modeling.forecast_record import RecentRecord, describe_gain, summarize_recent_days
from shared.ports import ObjectStore
from shared.storage.day_results import DayTotals

log = logging.getLogger(__name__)

QUALITY_OBJECT = "status/forecast-quality.json"
WEEK, FORTNIGHT = 7, 14  # days with scored forecasts
CONFIDENCE = 1.645  # standard errors: the 95 % quantile of the normal distribution, one-sided


class TargetQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How one target's served forecasts did on their newest 7 and 14 days.

    `highest_gain` is the gain of the fortnight and `CONFIDENCE` standard errors; None before 14 days are
    scored. `worse_since` is the first day whose fortnight shows that they are worse than a guess, None while
    they are not.
    """

    week: RecentRecord
    fortnight: RecentRecord
    highest_gain: float | None = None
    worse_since: date | None = None


class ForecastQuality(msgspec.Struct, frozen=True, kw_only=True):
    """The quality of each target's forecasts up to a day."""

    at: datetime
    through: date
    targets: dict[str, TargetQuality] = {}

    @property
    def worse(self) -> dict[str, TargetQuality]:
        """Return the targets whose forecasts are worse than a guess."""
        return {target: one for target, one in self.targets.items() if one.worse_since}


def measure_quality(
    days: Iterable[DayTotals], before: ForecastQuality | None, through: date, now: datetime
) -> ForecastQuality:
    """Return the quality up to a day; `before` is what was measured last, `days` are in order.

    A target becomes worse than a guess when the gain of its newest 14 days with scored forecasts lies more
    than `CONFIDENCE` standard errors below 0, so that noise around 0 seldom says so. It is worse until the
    gain is above 0, so that a gain near the bound does not begin again every other day, and while fewer days
    of a season are scored, because they say nothing.
    """
    totals, known = list(days), before.targets if before else {}
    weeks = summarize_recent_days(totals, through, WEEK)
    fortnights = summarize_recent_days(totals, through, FORTNIGHT)
    measured = {
        target: _measure_target(weeks[target], fortnight, known.get(target), through)
        for target, fortnight in sorted(fortnights.items())
    }
    unseen = {target: one for target, one in known.items() if one.worse_since and target not in measured}
    return ForecastQuality(at=now, through=through, targets=measured | unseen)


def _measure_target(
    week: RecentRecord, fortnight: RecentRecord, before: TargetQuality | None, through: date
) -> TargetQuality:
    worse_since = before.worse_since if before else None
    gain, error = fortnight.gain, fortnight.gain_se
    if fortnight.compared_days < FORTNIGHT or gain is None or error is None:
        return TargetQuality(week=week, fortnight=fortnight, worse_since=worse_since)
    highest = gain + CONFIDENCE * error
    if highest < 0:
        worse_since = worse_since or through
    elif gain > 0:
        worse_since = None
    return TargetQuality(week=week, fortnight=fortnight, highest_gain=highest, worse_since=worse_since)


def describe_worse(quality: ForecastQuality, titles: Mapping[str, str]) -> list[str]:
    """Return a phrase for each target whose forecasts are worse than a guess; titles are by target."""
    return [
        f"forecasts worse than a guess since {one.worse_since}: {titles.get(target, target)}, "
        f"{describe_days(one.fortnight)}"
        for target, one in quality.worse.items()
    ]


def describe_days(record: RecentRecord) -> str:
    """Return the gain of some days in words, with its standard error and the number of forecasts."""
    days = f"{record.compared_days} days from {record.first} to {record.last}"
    return f"gain {describe_gain(record)} over {record.compared:,} forecasts, {days}"


def load_quality(objects: ObjectStore) -> ForecastQuality | None:
    """Return what was measured last; None before the first time, or where it cannot be read."""
    try:
        return msgspec.json.decode(objects.read_bytes(QUALITY_OBJECT), type=ForecastQuality)
    except ObjectMissing:
        return None
    except (ObjectCorrupted, msgspec.MsgspecError) as error:
        log.warning("%s: passed over: %s", QUALITY_OBJECT, error)
        return None


def save_quality(objects: ObjectStore, quality: ForecastQuality) -> None:
    """Store what was measured, in place of the last."""
    objects.overwrite(QUALITY_OBJECT, msgspec.json.encode(quality, order="sorted"))
