"""The joint distribution of both clubs' runs, from the expected runs of their half-innings."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shared.modeling.distribution import Floats
from shared.sports.mlb.game_runs.half_innings import (
    AWAY,
    EARLY_INNINGS,
    HOME,
    MAX_RUNS,
    SCORING,
    Complexes,
    HalfInning,
    ScoringConstants,
    chances_of,
    factor_nodes,
)
from shared.sports.mlb.game_runs.rules import USUAL_INNINGS, GameRules

_EXTRA_COUNTS = 11  # counts of runs of an extra half-inning; the last holds the tail
_COUNTS = np.arange(MAX_RUNS + 1.0)
_HOME_LEADS = np.tri(MAX_RUNS + 1, k=-1, dtype=bool)
_INNINGS_BEFORE_NINTH = USUAL_INNINGS - 1


@dataclass(frozen=True)
class ScoringRates:
    """Expected runs of half-innings and where they fall, of some games."""

    runs: Floats  # [games, 2], of home and visitors in a half-inning, averaged over innings one to eight
    early_to_late: Floats  # [games, 2], runs of innings one to five over those of later ones

    def blocks(self) -> tuple[Floats, Floats]:
        """Return the expected runs of an early and of a late half-inning, [games, 2] each."""
        late_innings = _INNINGS_BEFORE_NINTH - EARLY_INNINGS
        weights = EARLY_INNINGS * self.early_to_late + late_innings
        late = self.runs * (_INNINGS_BEFORE_NINTH / weights)
        return late * self.early_to_late, late


@dataclass(frozen=True)
class RegulationScores:
    """Distributions of runs as innings go by, [games, runs].

    "Eight" are all innings but the last, also where seven are scheduled. The `scoreless` are home_eight,
    each times the chance of no run in the bottom of the last inning, level or behind.
    """

    home_five: Floats
    home_eight: Floats
    home_nine: Floats  # as if always behind
    scoreless_level: Floats
    scoreless_behind: Floats
    away_five: Floats
    away_nine: Floats

    @cached_property
    def level(self) -> Floats:
        """Return the chances that regulation ends level at 0 … MAX_RUNS, were the clubs to score apart."""
        return self.away_nine * (self.scoreless_level + self.home_nine - self.scoreless_behind)

    @cached_property
    def walk_off(self) -> Floats:
        """Return the chances of a walk-off in the last inning, by the visitors' runs."""
        level = self.home_eight - self.scoreless_level
        ahead_by_now = np.cumsum(self.home_eight - self.home_nine, axis=-1)
        behind = ahead_by_now - self.home_eight + self.scoreless_behind
        return np.asarray(np.maximum(self.away_nine * (level + behind), 0.0))


@dataclass(frozen=True)
class ExtraInning:
    """Chances of the runs scored in one extra inning; there are such innings until one decides."""

    level: Floats  # [games, runs]: it ends level after so many runs of each
    walk_off: Floats  # [games, runs]: the home club wins after so many runs of the visitors
    away_wins: Floats  # [games, runs of home, runs of the visitors]

    @property
    def decides(self) -> Floats:
        """Return the chance that the inning decides, [games]."""
        return np.asarray(1.0 - self.level.sum(axis=-1))

    @property
    def home_share(self) -> Floats:
        """Return the chance that the home club wins in extra innings, [games]."""
        return np.asarray(self.walk_off.sum(axis=-1) / self.decides)

    def expected_runs(self, walk_off_margin: float) -> tuple[Floats, Floats]:
        """Return the expected runs of home and visitors in all extra innings (Wald's identity), [games]."""
        counts = np.arange(_EXTRA_COUNTS)
        home = self.away_wins.sum(axis=-1) @ counts + self.walk_off @ (counts + walk_off_margin)
        away = self.away_wins.sum(axis=-2) @ counts + self.walk_off @ counts
        level = self.level @ counts
        return (home + level) / self.decides, (away + level) / self.decides


@dataclass(frozen=True)
class ScoreSummary:
    """What the joint distribution implies, without building it: [games] each."""

    home_win: Floats  # of the games that have a winner
    extra_innings: Floats  # of the games that may have them: the chance that regulation ends level
    home_runs: Floats
    away_runs: Floats


@dataclass(frozen=True)
class GameScores:
    """The parts that final scores are made of, of some games."""

    regulation: RegulationScores
    extra: ExtraInning
    rules: GameRules
    constants: ScoringConstants

    @classmethod
    def from_rates(
        cls, rates: ScoringRates, rules: GameRules, constants: ScoringConstants = SCORING
    ) -> "GameScores":
        """Return the scores that games with these expected runs of half-innings end with."""
        return cls(
            _regulation_scores(rates, rules, constants),
            _extra_inning(rates, rules, constants),
            rules,
            constants,
        )

    @cached_property
    def level_after_regulation(self) -> Floats:
        """Return the chances that regulation ends level at 0 … MAX_RUNS, [games, runs]."""
        return self.regulation.level * self.constants.level_after_nine

    @cached_property
    def summary(self) -> ScoreSummary:
        """Return the chance of a home win and the expected runs."""
        parts, margin = self.regulation, float(np.dot(self._margins, self.constants.walk_off_margins))
        scored_behind = np.cumsum(parts.home_nine * _COUNTS, axis=-1) - parts.home_nine * _COUNTS
        scored = _sum_above(parts.home_eight * _COUNTS) + scored_behind
        won = (parts.away_nine * _sum_above(parts.home_eight) + parts.walk_off).sum(axis=-1)
        home = (parts.away_nine * scored).sum(axis=-1) + parts.walk_off @ (_COUNTS + margin)
        away = (parts.away_nine - parts.level) @ _COUNTS
        level, decided = self.level_after_regulation, self._decided_scale
        at_level, level_runs = level.sum(axis=-1), level @ _COUNTS
        played_on = np.where(self.rules.may_end_level, 0.0, at_level)
        home_extra, away_extra = self.extra.expected_runs(margin)
        return ScoreSummary(
            (won * decided + played_on * self.extra.home_share) / (1.0 - at_level + played_on),
            played_on,
            home * decided + level_runs + played_on * home_extra,
            away * decided + level_runs + played_on * away_extra,
        )

    def joint(self) -> Floats:
        """Return the chances of final scores, [games, runs of the home club, runs of the visitors]."""
        parts, level = self.regulation, self.level_after_regulation
        away = parts.away_nine[:, None, :]
        joint = np.where(_HOME_LEADS, parts.home_eight[:, :, None], parts.home_nine[:, :, None]) * away
        _diagonal(joint, 0)[...] = 0.0
        self._add_walk_offs(joint, parts.walk_off, 0)
        joint *= self._decided_scale[:, None, None]
        ends_level = np.where(self.rules.may_end_level[:, None], level, 0.0)
        _diagonal(joint, 0)[...] = ends_level
        self._add_extra_innings(joint, level - ends_level)
        return np.asarray(joint / joint.sum(axis=(1, 2), keepdims=True))

    def first_five(self) -> Floats:
        """Return the chances of scores after five innings, shaped as `joint`."""
        joint = self.regulation.home_five[:, :, None] * self.regulation.away_five[:, None, :]
        return np.asarray(joint / joint.sum(axis=(1, 2), keepdims=True))

    @property
    def _decided_scale(self) -> Floats:
        """Return what multiplies the chances of games that regulation decides, [games]."""
        unlike = 1.0 - self.regulation.level.sum(axis=-1)
        return np.asarray((1.0 - self.level_after_regulation.sum(axis=-1)) / unlike)

    @property
    def _margins(self) -> Floats:
        return np.arange(1.0, len(self.constants.walk_off_margins) + 1)

    def _add_walk_offs(self, joint: Floats, chances: Floats, shift: int) -> None:
        """Add walk-offs by the visitors' runs less `shift`."""
        for margin, share in enumerate(self.constants.walk_off_margins, start=1):
            places = _diagonal(joint, margin)[:, shift:]
            places += share * chances[:, : places.shape[1]]

    def _add_extra_innings(self, joint: Floats, level: Floats) -> None:
        """Add the scores of games that are level at 0 … MAX_RUNS after regulation."""
        last = _level_before_last_inning(level, self.extra.level)
        for away in range(_EXTRA_COUNTS):
            self._add_walk_offs(joint, last * self.extra.walk_off[:, away, None], away)
            for home in range(away):
                places = _diagonal(joint, home - away)[:, home:]
                places += last[:, : places.shape[1]] * self.extra.away_wins[:, home, away, None]


def _regulation_scores(
    rates: ScoringRates, rules: GameRules, constants: ScoringConstants
) -> RegulationScores:
    early, late = rates.blocks()
    sums = [
        weight * _innings_sums(early * factor, late * factor, rules, constants)
        for factor, weight in zip(*factor_nodes(constants.club_spread), strict=True)
    ]
    return RegulationScores(*chances_of(np.sum(sums, axis=0)))


def _innings_sums(early: Floats, late: Floats, rules: GameRules, constants: ScoringConstants) -> Complexes:
    """Return the transforms of the fields of RegulationScores, [fields, games, roots]."""
    five = _fifth_power(HalfInning.from_expected_runs(early, constants).transform())
    late_inning = HalfInning.from_expected_runs(late, constants)
    inning = late_inning.transform()
    is_short = (rules.innings < USUAL_INNINGS)[:, None, None]
    between = np.where(is_short, inning, inning * inning * inning)
    home, away = np.moveaxis(five * between, 1, 0)
    behind = HalfInning.from_expected_runs(late[:, HOME] * constants.bottom_when_behind, constants)
    top = HalfInning.from_expected_runs(late[:, AWAY] * constants.top_of_ninth, constants)
    return np.stack(
        [
            five[:, HOME],
            home,
            home * behind.transform(),
            home * (1.0 - late_inning.score[:, HOME, None]),
            home * (1.0 - behind.score[:, None]),
            five[:, AWAY],
            away * top.transform(),
        ]
    )


def _extra_inning(rates: ScoringRates, rules: GameRules, constants: ScoringConstants) -> ExtraInning:
    _, late = rates.blocks()
    inning = HalfInning.from_expected_runs(late, constants).with_placed_runner(
        rules.has_placed_runner, constants.placed_runner_scores
    )
    home, away = np.moveaxis(inning.chances(_EXTRA_COUNTS), 1, 0)
    return ExtraInning(home * away, away * _sum_above(home), np.triu(home[:, :, None] * away[:, None, :], 1))


def _level_before_last_inning(level: Floats, added: Floats) -> Floats:
    """Return the chances, by runs of each, that an inning begins level: after regulation and after others.

    Solves x = level + x * added (a convolution) count by count.
    """
    found = np.empty_like(level)
    for runs in range(level.shape[1]):
        steps = min(runs, added.shape[1] - 1)
        before = found[:, runs - steps : runs][:, ::-1]
        carried = (before * added[:, 1 : steps + 1]).sum(axis=1)
        found[:, runs] = (level[:, runs] + carried) / (1.0 - added[:, 0])
    return found


def _fifth_power(transform: Complexes) -> Complexes:
    square = transform * transform
    return square * square * transform


def _sum_above(values: Floats) -> Floats:
    """Return for each place of the last axis the sum of the values after it."""
    return np.asarray(values.sum(axis=-1, keepdims=True) - np.cumsum(values, axis=-1))


def _diagonal(joint: Floats, offset: int) -> Floats:
    """Return a writable view of the scores with `offset` runs between the clubs, by the lower count."""
    games, size, _ = joint.shape
    flat = joint.reshape(games, size * size)
    first = offset * size if offset > 0 else -offset
    return flat[:, first : first + (size - abs(offset)) * (size + 1) : size + 1]
