"""The charts of the track record."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from services.predict_api.mlb.labels import TARGETS
from services.predict_api.pages import charts
from services.predict_api.serving.forecasts import HOME_WIN
from services.predict_api.web.track_record_responses import Tenth, TrackRecordAnswer


def charts_of(record: TrackRecordAnswer) -> dict[str, Any]:
    """Return the charts by name; one for which nothing is known is empty."""
    gains = [(TARGETS.get(name, name), held.gain, held.gain_se) for name, held in record.walk_forward.items()]
    evaluated = record.evaluation.targets.get(HOME_WIN) if record.evaluation else None
    return {
        "gains": charts.against(gains, "Gain in log loss over the naive forecast, with two standard errors"),
        "graded": _diagonal(record.reliability.get(HOME_WIN, []), "stored forecasts"),
        "evaluated": _diagonal(evaluated.reliability if evaluated else [], "seasons held out"),
    }


def _diagonal(tenths: Sequence[Tenth], of_what: str) -> Markup:
    if not tenths:
        return Markup()
    furthest = max(abs(one.promised - one.happened) for one in tenths)
    about = f"Home wins promised and happened, {of_what}: at most {100 * furthest:.0f} points apart"
    return charts.diagonal([(one.promised, one.happened, one.error) for one in tenths], about)
