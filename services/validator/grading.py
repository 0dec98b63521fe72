"""Four scores, one grade: weights and ladder in `grades.json`, what a season phase asks in `phases.json`.

schema: 1 when every frame fits its table, else 0. completeness: the least of three shares, games stated
whole, final games with their pitches (where Statcast is required), final games whose totals agree.
players: lines that are there among those that should be. ranges: the worst table's share of good rows.
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


class Phase(msgspec.Struct, frozen=True):
    """What a phase asks: least share of players and of final games with pitches; `strict`: B asks again."""

    players: float
    statcast: float
    exit_velocity: bool
    strict: bool


class Rung(msgspec.Struct, frozen=True):
    """One grade: the overall score it takes, and the players' score it must exceed."""

    grade: Grade
    overall: float
    players_above: float


class Ladder(msgspec.Struct, frozen=True):
    """The weights of the scores and the grades from the best down."""

    weights: dict[str, float]
    ladder: tuple[Rung, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the scores are made of."""

    games: int  # that the batch was to state
    games_whole: int  # that it states
    finals: tuple[int, ...]
    players: int  # lines
    players_absent: int
    rows: Mapping[str, tuple[int, int]]  # table -> (good, all)


class Verdict(msgspec.Struct, frozen=True):
    """The scores, their weighted sum among them as `overall`, the grade, and what most needs asking again."""

    scores: dict[str, float]
    grade: Grade
    reason: RetryReason


def phase(name: str) -> Phase:
    """Return what a season phase asks; raises Rejected with the known phases."""
    phases = _phases()
    if name not in phases:
        raise Rejected(f"expected a season phase among {sorted(phases)}, got {name!r}")
    return phases[name]


def judge(counts: Counts, issues: Sequence[Issue], asked: Phase, *, fits: bool) -> Verdict:
    """Return scores and grade; `fits` says whether every frame fits its table's schema."""
    pitched = pitched_share(counts, issues, asked)
    agreeing = _share_without(counts.finals, issues, _TOTALS)
    stated = counts.games_whole / counts.games if counts.games else 1.0
    lines = counts.players + counts.players_absent
    scores = {
        "schema": float(fits),
        "completeness": min(stated, pitched, agreeing),
        "players": counts.players / lines if lines else 1.0,
        "ranges": min((good / every for good, every in counts.rows.values() if every), default=1.0),
    }
    scores["overall"] = fsum(weight * scores[name] for name, weight in _ladder().weights.items())
    stands = fits and stated > 0 and scores["players"] >= asked.players and pitched >= asked.statcast
    return Verdict(scores, _grade(scores) if stands else Grade.F, _reason(scores, pitched, asked))


def pitched_share(counts: Counts, issues: Sequence[Issue], asked: Phase) -> float:
    """Return the share of final games with their pitches; 1 where the phase does not ask for them."""
    return _share_without(counts.finals, issues, {"pitch_counts"}) if asked.statcast else 1.0


def _share_without(finals: tuple[int, ...], issues: Sequence[Issue], rules: set[str]) -> float:
    errors = [issue for issue in issues if issue.rule in rules and issue.severity == "error"]
    named = {game for issue in errors for game in issue.games}
    return 1 - len(named & set(finals)) / len(finals) if finals else 1.0


def _grade(scores: Mapping[str, float]) -> Grade:
    for rung in _ladder().ladder:
        # rounding: 0.3 + 0.2 + 0.4 + 0.1 must be 1
        if round(scores["overall"], 9) >= rung.overall and scores["players"] > rung.players_above:
            return rung.grade
    return Grade.F


def _reason(scores: Mapping[str, float], pitched: float, asked: Phase) -> RetryReason:
    if scores["schema"] < 1:
        return RetryReason.SCHEMA_MISMATCH
    if scores["players"] < max(asked.players, 0.95):
        return RetryReason.MISSING_PLAYERS
    return RetryReason.STATCAST if pitched < 1 else RetryReason.UNAVAILABLE


@cache
def _phases() -> dict[str, Phase]:
    return msgspec.json.decode((_FOLDER / "phases.json").read_bytes(), type=dict[str, Phase])


@cache
def _ladder() -> Ladder:
    return msgspec.json.decode((_FOLDER / "grades.json").read_bytes(), type=Ladder)
