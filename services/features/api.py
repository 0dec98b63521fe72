"""The features service's public face: what code outside the services may use of it."""

from services.features.mlb.build import SeasonInputs, build_days
from services.features.mlb.labels import BOX_LABELS
from services.features.mlb.pitch_counts import THROWN as PITCH_COUNTS
from services.features.mlb.pitch_counts import pitcher_pitch_counts
from services.features.mlb.rates import THROWN as PITCH_RATES
from services.features.step import step as build_features

__all__ = [
    "BOX_LABELS",
    "PITCH_COUNTS",
    "PITCH_RATES",
    "SeasonInputs",
    "build_days",
    "build_features",
    "pitcher_pitch_counts",
]
