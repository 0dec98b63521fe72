"""Forecasts of one target, with their quality flags."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import polars as pl

from services.predict_api.mlb.labels import BATTER_STATS, STARTER_STATS
from services.predict_api.mlb.quality_flags import QualityFlag
from shared.modeling.distribution import Floats, central_interval
from shared.modeling.model import Model, lineup_variants
from shared.modeling.target import Rows
from shared.sports.mlb.targets import BY_NAME

HOME_WIN = "home_win"
STALE_AFTER_DAYS = 2  # days between the last known results and the game
MIN_LOG_EXPERIENCE = 4.0  # ln(1 + plate appearances): below some 54, the league's average speaks

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Forecast:
    """One target's forecast: its mean, P(0), P(1) …, the model's version and quality flags."""

    target: str
    version: str
    features_sha256: str  # of the model's features, in its order
    mean: float
    chances: Floats
    row: Row  # the model's row: features, ids, sources
    flags: tuple[QualityFlag, ...]
    release_id: str
    is_challenger: bool = False

    @cached_property
    def rounded_chances(self) -> list[float]:
        """Return the chances as answers have them: six decimals."""
        return [round(float(chance), 6) for chance in self.chances]

    @cached_property
    def lineup_status(self) -> Literal["confirmed", "projected", "unknown"]:
        """Return which line-ups it uses; of both clubs, where either counts."""
        statuses = _lineup_statuses(self.row)
        if "unknown" in statuses:
            return "unknown"
        return "projected" if "projected" in statuses else "confirmed"

    @cached_property
    def interval_80(self) -> tuple[int, int]:
        """Return the central range that holds at least four in five."""
        return central_interval(self.chances)

    @cached_property
    def forecast_id(self) -> str:
        """Return the forecast's id: the same for the same release and subject."""
        row = self.row
        parts = [self.target, row["game_pk"], row.get("player_id"), self.release_id, row["as_of"]]
        if self.is_challenger:
            parts.append(self.version)
        return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


def role_of(target: str) -> Rows:
    """Return whose forecast a target is; an unknown one, of a later version, counts as the game's."""
    return BY_NAME[target].rows if target in BY_NAME else "game"


def targets_by_stat(targets: Iterable[str]) -> dict[str, str]:
    """Return statistics and targets of the roles of some targets; a starter's strikeouts are those thrown."""
    roles = {role_of(target) for target in targets}
    batting = BATTER_STATS if "batter" in roles else {}
    pitching = STARTER_STATS if "starter" in roles else {}
    return {**batting, **pitching}


def means_and_chances(model: Model, rows: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return the model's means and distributions of some rows."""
    means, variants = model.predict_mean(rows), lineup_variants(rows)
    trials = model.manifest.trials
    return means, model.count_distribution(means, rows[trials].to_numpy() if trials else None, variants)


def forecast_target(
    target: str,
    model: Model,
    rows: pl.DataFrame,
    mappings: Sequence[Row],
    release_id: str,
    *,
    is_challenger: bool = False,
) -> list[Forecast]:
    """Return the model's forecasts of some rows, in order; `mappings` are the same rows."""
    if rows.is_empty():
        return []
    means, chances = means_and_chances(model, rows)
    made_by = model.manifest.version, model.manifest.features_sha256
    return [
        Forecast(target, *made_by, float(mean), chance, row, _forecast_flags(row), release_id, is_challenger)
        for mean, chance, row in zip(means, chances, mappings, strict=True)
    ]


def _forecast_flags(row: Row) -> tuple[QualityFlag, ...]:
    statuses = _lineup_statuses(row)
    checks = {
        QualityFlag.LINEUP_PROJECTED: "projected" in statuses,
        QualityFlag.REGULAR_ABSENT: row["has_replacement"],
        QualityFlag.LINEUP_UNKNOWN: "unknown" in statuses,
        QualityFlag.STARTER_UNKNOWN: _is_starter_unknown(row),
        QualityFlag.STALE_INPUTS: _days_between(row["as_of"], row["game_date"]) > STALE_AFTER_DAYS,
        QualityFlag.FEW_GAMES: _least_experience(row) < MIN_LOG_EXPERIENCE,
    }
    return tuple(flag for flag, raised in checks.items() if raised)


def _lineup_statuses(row: Row) -> set[str | None]:
    return {row.get(name) for name in ("lineup_status", "home_lineup_status", "away_lineup_status")}


def _days_between(first: date, last: date) -> int:
    return (last - first).days


def _is_starter_unknown(row: Row) -> bool:
    if "starters_known" in row:
        return bool(row["starters_known"] < 2)
    return row["role"] == "batter" and row["opposing_starter_id"] is None


def _least_experience(row: Row) -> float:
    names = ("log_experience", "home_starter_log_experience", "away_starter_log_experience")
    known = (float(row[name]) for name in names if row.get(name) is not None)
    return min(known, default=MIN_LOG_EXPERIENCE)
