"""Grades a batch from four scores: weights and thresholds in `grades.json`, requirements of a season phase in
`phases.json`.

schema: 1 when every frame fits its table, else 0. completeness: the least of three shares, complete games,
final games with their pitches (where Statcast is required), final games whose totals agree. players: the
share of expected lines that are present. ranges: the worst table's share of good rows.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import fsum
from pathlib import Path

import msgspec

from shared.errors import Rejected
from shared.messaging.events import Grade, RetryReason
from shared.storage.staging import Issue

_FOLDER = Path(__file__).parent
_TOTALS = {"club_totals", "line_score", "runs_by_play", "played_games", "pitch_totals"}


class PhaseRequirements(msgspec.Struct, frozen=True):
    """A phase's least shares of players and of final games with pitches; `strict`: B is collected again."""

    players: float
    statcast: float
    exit_velocity: bool
    strict: bool


class GradeThreshold(msgspec.Struct, frozen=True):
    """One grade: the minimum overall score, and the players' score to exceed."""

    grade: Grade
    overall: float
    players_above: float


class GradeScale(msgspec.Struct, frozen=True):
    """The weights of the scores and the grades from the best down."""

    weights: dict[str, float]
    thresholds: tuple[GradeThreshold, ...]


class BatchCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The counts that the scores are computed from."""

    games: int  # that the batch should contain
    complete_games: int  # of those
    final_games: tuple[int, ...]
    players: int  # lines of players in box scores
    missing_lines: int  # of players who appeared
    rows: Mapping[str, tuple[int, int]]  # table -> (good, all)


class GradeResult(msgspec.Struct, frozen=True):
    """The scores, with their weighted sum as `overall`, the grade, and the main reason to collect again."""

    scores: dict[str, float]
    grade: Grade
    reason: RetryReason


def phase_requirements(name: str) -> PhaseRequirements:
    """Return a season phase's requirements; raises Rejected with the known phases."""
    phases = _load_phases()
    if name not in phases:
        raise Rejected(f"expected a season phase among {sorted(phases)}, got {name!r}")
    return phases[name]


def grade_batch(
    counts: BatchCounts, issues: Sequence[Issue], requirements: PhaseRequirements, *, schema_fits: bool
) -> GradeResult:
    """Return scores and grade; `schema_fits`: whether every frame fits its table's schema."""
    pitch_share = share_with_pitches(counts, issues, requirements)
    agreeing = _share_without(counts.final_games, issues, _TOTALS)
    complete = counts.complete_games / counts.games if counts.games else 1.0
    lines = counts.players + counts.missing_lines
    scores = {
        "schema": float(schema_fits),
        "completeness": min(complete, pitch_share, agreeing),
        "players": counts.players / lines if lines else 1.0,
        "ranges": min((good / total for good, total in counts.rows.values() if total), default=1.0),
    }
    scores["overall"] = fsum(weight * scores[name] for name, weight in _load_grade_scale().weights.items())
    is_passing = (
        schema_fits
        and complete > 0
        and scores["players"] >= requirements.players
        and pitch_share >= requirements.statcast
    )
    return GradeResult(
        scores,
        _select_grade(scores) if is_passing else Grade.F,
        _select_retry_reason(scores, pitch_share, requirements),
    )


def share_with_pitches(
    counts: BatchCounts, issues: Sequence[Issue], requirements: PhaseRequirements
) -> float:
    """Return the share of final games with their pitches; 1 where the phase does not require them."""
    return _share_without(counts.final_games, issues, {"pitch_counts"}) if requirements.statcast else 1.0


def _share_without(final_games: tuple[int, ...], issues: Sequence[Issue], rules: set[str]) -> float:
    errors = [issue for issue in issues if issue.rule in rules and issue.severity == "error"]
    bad_games = {game for issue in errors for game in issue.games}
    return 1 - len(bad_games & set(final_games)) / len(final_games) if final_games else 1.0


def _select_grade(scores: Mapping[str, float]) -> Grade:
    for threshold in _load_grade_scale().thresholds:
        # rounding: 0.3 + 0.2 + 0.4 + 0.1 must be 1
        if round(scores["overall"], 9) >= threshold.overall and scores["players"] > threshold.players_above:
            return threshold.grade
    return Grade.F


def _select_retry_reason(
    scores: Mapping[str, float], pitch_share: float, requirements: PhaseRequirements
) -> RetryReason:
    if scores["schema"] < 1:
        return RetryReason.SCHEMA_MISMATCH
    if scores["players"] < max(requirements.players, 0.95):
        return RetryReason.MISSING_PLAYERS
    return RetryReason.STATCAST if pitch_share < 1 else RetryReason.UNAVAILABLE


@cache
def _load_phases() -> dict[str, PhaseRequirements]:
    return msgspec.json.decode((_FOLDER / "phases.json").read_bytes(), type=dict[str, PhaseRequirements])


@cache
def _load_grade_scale() -> GradeScale:
    return msgspec.json.decode((_FOLDER / "grades.json").read_bytes(), type=GradeScale)
