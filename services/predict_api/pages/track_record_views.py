"""The charts of the track record."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from services.predict_api.mlb.labels import TARGET_LABELS
from services.predict_api.pages import charts
from services.predict_api.schemas.track_record_responses import ReliabilityBin, TrackRecordAnswer
from services.predict_api.serving.forecasts import HOME_WIN


def build_charts(record: TrackRecordAnswer) -> dict[str, Any]:
    """Return the charts by name; one for which nothing is known is empty."""
    gains = [
        (TARGET_LABELS.get(name, name), holdout.gain, holdout.gain_se)
        for name, holdout in record.walk_forward.items()
    ]
    evaluated = record.evaluation.targets.get(HOME_WIN) if record.evaluation else None
    return {
        "gains": charts.gain_chart(
            gains, "Gain in log loss over the naive forecast, with two standard errors"
        ),
        "graded": _reliability_chart(record.reliability.get(HOME_WIN, []), "stored forecasts"),
        "evaluated": _reliability_chart(evaluated.reliability if evaluated else [], "seasons held out"),
    }


def _reliability_chart(tenths: Sequence[ReliabilityBin], of_what: str) -> Markup:
    if not tenths:
        return Markup()
    furthest = max(abs(one.promised - one.happened) for one in tenths)
    about = f"Home wins promised and happened, {of_what}: at most {100 * furthest:.0f} points apart"
    return charts.reliability_diagram([(one.promised, one.happened, one.error) for one in tenths], about)
