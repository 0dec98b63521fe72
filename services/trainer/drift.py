"""Whether a model still sees what it was made on: each feature's latest rows against its deciles then.

A model's profile is of its training rows *of the same time of year*, so that April, when nobody has pitched
yet, is compared with Aprils. What counts up through a season or a career is left out (`accumulating` in
drift.json, regular expressions): it is never again as it was. What `surroundings` make of a fortnight (who
was at home, how warm it was, who had a day off) moves more than what players do, and has its own bound.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from services.trainer.dataset import Sample, as_date
from shared.modeling.distribution import Floats
from shared.modeling.manifest import FeatureProfile, ModelManifest, ModelSpecification
from shared.modeling.model import input_columns, matrix_of
from shared.modeling.target import Target

_BOUNDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
_GAME_CONDITIONS = re.compile("|".join(_BOUNDS["surroundings"]))
_ACCUMULATING = re.compile("|".join(_BOUNDS["accumulating"]))
_MIN_SHARE = 0.001  # what was never seen has no logarithm
_YEAR = 365


def profile_inputs(specification: ModelSpecification, rows: Sample) -> dict[str, FeatureProfile]:
    """Return how each input of a model lies in the games of the last day's time of year that count whole."""
    alike = _of_that_season(rows)
    names = _watched_features(specification)
    matrix = matrix_of(alike.frame, names)
    return {name: _profile_column(matrix[:, place]) for place, name in enumerate(names) if len(alike)}


def feature_drift(manifest: ModelManifest, rows: Sample) -> dict[str, float]:
    """Return each feature's population stability index on the latest days.

    None on too few rows, nor where the model's rows end so long ago that it was another time of year.

    The sum over bins of (now - then) ln(now / then), nulls being a bin of their own: Siddiqi, Credit Risk
    Scorecards (2006).
    """
    last = int(rows.days.max())
    latest = _regular_weight_rows(rows.rows_between(last - _BOUNDS["days"] + 1, last))
    known = [name for name in manifest.profile if name in latest.frame.columns]
    age = as_date(last) - manifest.trained_on.last
    if len(latest) < _BOUNDS["fewest_rows"] or age.days > _BOUNDS["oldest_days"]:
        return {}
    matrix = matrix_of(latest.frame, tuple(known))
    return {
        name: _stability_index(manifest.profile[name], matrix[:, place]) for place, name in enumerate(known)
    }


def drifted_features(
    target: Target, indices: Mapping[str, float], before: Mapping[str, float] | None = None
) -> list[str]:
    """Return what left its deciles by more than the bound, in words; not what had done so `before`."""
    known = before or {}
    return [
        f"{target.name}: {name} {index:.2f}"
        for name, index in sorted(indices.items())
        if index > _alert_bound(name) >= known.get(name, 0.0)
    ]


def _alert_bound(name: str) -> float:
    bound: float = _BOUNDS["alert_of_surroundings" if _GAME_CONDITIONS.search(name) else "alert"]
    return bound


def _watched_features(specification: ModelSpecification) -> tuple[str, ...]:
    read = dict.fromkeys(input_columns(specification))
    return tuple(name for name in read if not _ACCUMULATING.search(name))


def _of_that_season(rows: Sample) -> Sample:
    apart = np.abs(rows.days - rows.days.max()) % _YEAR
    near = np.minimum(apart, _YEAR - apart) <= _BOUNDS["season_days"]
    return _regular_weight_rows(rows.filter_rows(near))


def _regular_weight_rows(rows: Sample) -> Sample:
    """Leave out spring games: other players take part, with other aims."""
    return rows.filter_rows(rows.weight == 1.0)


def _profile_column(column: Floats) -> FeatureProfile:
    known = column[np.isfinite(column)]
    deciles = np.unique(np.quantile(known, np.arange(1, 10) / 10)) if len(known) else np.empty(0)
    *shares, null_share = _bin_shares(deciles, column)
    return FeatureProfile(tuple(map(float, deciles)), tuple(shares), null_share)


def _bin_shares(deciles: Floats, column: Floats) -> list[float]:
    """Return the share of rows at or below each decile, above the last, and null."""
    known = column[np.isfinite(column)]
    places = np.searchsorted(deciles, known, side="left")
    counts = np.bincount(places, minlength=len(deciles) + 1)
    shares = np.append(counts, len(column) - len(known)) / len(column)
    return [float(share) for share in shares]


def _stability_index(then: FeatureProfile, column: Floats) -> float:
    now = np.array(_bin_shares(np.array(then.deciles), column))
    before = np.array([*then.shares, then.null_share])
    now, before = np.maximum(now, _MIN_SHARE), np.maximum(before, _MIN_SHARE)
    return round(float(((now - before) * np.log(now / before)).sum()), 4)
