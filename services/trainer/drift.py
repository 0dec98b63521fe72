"""Whether a model still sees what it was made on: each feature's latest rows against its deciles then.

A model's profile is of its training rows *of the same time of year*, so that April, when nobody has pitched
yet, is compared with Aprils. What counts up through a season or a career is left out (`accumulating` in
drift.json, regular expressions): it is never again as it was. What `surroundings` make of a fortnight (who
was at home, how warm it was, who had a day off) moves more than what men do, and has a bound of its own.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from services.trainer.dataset import Sample, as_date
from services.trainer.mlb.targets import Target
from shared.modeling.distribution import Floats
from shared.modeling.manifest import ModelManifest, Profile, Specification
from shared.modeling.model import columns, matrix_of

_BOUNDS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
_SURROUNDINGS = re.compile("|".join(_BOUNDS["surroundings"]))
_ACCUMULATING = re.compile("|".join(_BOUNDS["accumulating"]))
_LEAST_SHARE = 0.001  # what was never seen has no logarithm
_YEAR = 365


def profile(specification: Specification, rows: Sample) -> dict[str, Profile]:
    """Return how each input of a model lies in the games of the last day's time of year that count whole."""
    alike = _of_that_season(rows)
    names = _watched(specification)
    matrix = matrix_of(alike.frame, names)
    return {name: _profile(matrix[:, place]) for place, name in enumerate(names) if len(alike)}


def drift(manifest: ModelManifest, rows: Sample) -> dict[str, float]:
    """Return each feature's population stability index on the latest days.

    None on too few rows, nor where the model's rows end so long ago that it was another time of year.

    The sum over bins of (now - then) ln(now / then), nulls being a bin of their own: Siddiqi, Credit Risk
    Scorecards (2006).
    """
    last = int(rows.days.max())
    latest = _counting(rows.between(last - _BOUNDS["days"] + 1, last))
    known = [name for name in manifest.profile if name in latest.frame.columns]
    age = as_date(last) - manifest.trained_on.last
    if len(latest) < _BOUNDS["fewest_rows"] or age.days > _BOUNDS["oldest_days"]:
        return {}
    matrix = matrix_of(latest.frame, tuple(known))
    return {name: _index(manifest.profile[name], matrix[:, place]) for place, name in enumerate(known)}


def drifted(target: Target, indices: Mapping[str, float]) -> list[str]:
    """Return what left its deciles by more than the bound, in words."""
    return [
        f"{target.name}: {name} {index:.2f}"
        for name, index in sorted(indices.items())
        if index > _bound(name)
    ]


def _bound(name: str) -> float:
    bound: float = _BOUNDS["alert_of_surroundings" if _SURROUNDINGS.search(name) else "alert"]
    return bound


def _watched(specification: Specification) -> tuple[str, ...]:
    read = dict.fromkeys(columns(specification))
    return tuple(name for name in read if not _ACCUMULATING.search(name))


def _of_that_season(rows: Sample) -> Sample:
    apart = np.abs(rows.days - rows.days.max()) % _YEAR
    near = np.minimum(apart, _YEAR - apart) <= _BOUNDS["season_days"]
    return _counting(rows.where(near))


def _counting(rows: Sample) -> Sample:
    """Leave out spring games: other men play other games."""
    return rows.where(rows.weight == 1.0)


def _profile(column: Floats) -> Profile:
    known = column[np.isfinite(column)]
    deciles = np.unique(np.quantile(known, np.arange(1, 10) / 10)) if len(known) else np.empty(0)
    *shares, null_share = _shares(deciles, column)
    return Profile(tuple(map(float, deciles)), tuple(shares), null_share)


def _shares(deciles: Floats, column: Floats) -> list[float]:
    """Return the share of rows at or below each decile, above the last, and null."""
    known = column[np.isfinite(column)]
    places = np.searchsorted(deciles, known, side="left")
    counts = np.bincount(places, minlength=len(deciles) + 1)
    shares = np.append(counts, len(column) - len(known)) / len(column)
    return [float(share) for share in shares]


def _index(then: Profile, column: Floats) -> float:
    now = np.array(_shares(np.array(then.deciles), column))
    before = np.array([*then.shares, then.null_share])
    now, before = np.maximum(now, _LEAST_SHARE), np.maximum(before, _LEAST_SHARE)
    return round(float(((now - before) * np.log(now / before)).sum()), 4)
