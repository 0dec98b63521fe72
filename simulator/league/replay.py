"""Replays one game thousands of times at once, for the home club's true win probability.

The vectorised version of `plate_appearance`: same probabilities, same table of advances, same managers, but
without pinch-hitters; each outcome counts its mean number of pitches.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.league import manager
from simulator.league.advances import BRANCHES, HOME, OUT, Branch
from simulator.league.plan import ClubPlan, GamePlan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MEAN_PITCHES = np.array([4.85, 5.85, 3.6, 3.55, 3.55, 3.55, 3.55, 3.55])  # by outcome
_MOST_OUTS = 99  # of one pitcher
_SHORT_OF_LIMIT = np.array(
    [manager.SHORT_OF_LIMIT[min(outs // 3, len(manager.SHORT_OF_LIMIT) - 1)] for outs in range(_MOST_OUTS)]
)
_LINEUP_SIZE = 9
_NO_RUN_LIMIT = 1000  # runs: relievers leave by pitches and outs alone
_MAX_BRANCHES = max(len(branches) for by_bases in BRANCHES for by_outs in by_bases for branches in by_outs)


def _bases_after(bases: int, branch: Branch) -> int:
    vacated = sum(1 << (start - 1) for start, _ in branch.moves if start)
    reached = sum(1 << (to - 1) for _, to in branch.moves if to not in {HOME, OUT})
    return bases - vacated + reached


def _branch_table(read: Callable[[int, Branch], float]) -> Floats:
    """Return a property of every branch, with axes (outcome, bases, outs, branch), padded with 0."""
    table = np.zeros((len(BRANCHES), 8, 3, _MAX_BRANCHES))
    for outcome, bases, outs in np.ndindex(table.shape[:3]):
        branches = BRANCHES[outcome][bases][outs]
        table[outcome, bases, outs, : len(branches)] = [read(bases, branch) for branch in branches]
    return table


_CUMULATIVE = _branch_table(lambda _, branch: branch.probability).cumsum(axis=-1)
# By branch, without the last (whose probability is the rest), over flattened (outcome, bases, outs)
_CUMULATIVE = (
    np.moveaxis(_CUMULATIVE / _CUMULATIVE[..., -1:], -1, 0)[:-1].reshape(_MAX_BRANCHES - 1, -1).copy()
)
_BASES_AFTER = _branch_table(_bases_after).astype(np.int64)
_OUTS = _branch_table(lambda _, branch: branch.outs).astype(np.int64)
_RUNS = _branch_table(lambda _, branch: branch.runs).astype(np.int64)


@dataclass(slots=True)
class _PitchingState:
    """One club's pitching in all replays: the current pitcher (0: the starter) and available relievers."""

    plan: ClubPlan
    current: Ints
    available: NDArray[np.bool_]
    pitches: Floats
    outs: Ints
    runs: Ints
    pitch_limit: Floats  # pitches at which the current pitcher leaves in mid-inning
    run_limit: Ints  # runs at which the current pitcher leaves

    @classmethod
    def at_first_pitch(cls, plan: ClubPlan, games: int) -> "_PitchingState":
        """Return the state of every replay with the starter pitching."""
        zeros = np.zeros(games, dtype=np.int64)
        available = np.ones((games, len(plan.bullpen)), dtype=bool)
        pitch_limit = np.full(games, plan.pitch_limit + manager.OVER_LIMIT)
        run_limit = zeros + manager.STARTER_RUNS
        pitches, outs, runs = zeros.astype(float), zeros.copy(), zeros.copy()
        return cls(plan, zeros, available, pitches, outs, runs, pitch_limit, run_limit)

    def change_pitchers(
        self, here: NDArray[np.bool_], fresh: NDArray[np.bool_], inning: Ints, lead: Ints
    ) -> None:
        """Relieve pitchers by the manager's rules in the replays `here`; `fresh` ones begin a half-inning."""
        leaves = here & ((self.pitches >= self.pitch_limit) | (self.runs >= self.run_limit))
        begins = np.flatnonzero(here & fresh)
        leaves[begins] |= self._are_done(begins)
        due = np.flatnonzero(leaves)
        due = due[self.available[due].any(axis=1)]
        if len(due):
            self._bring_in_relievers(due, inning[due], lead[due])

    def _are_done(self, begins: Ints) -> NDArray[np.bool_]:
        """Return in which of the replays `begins` the pitcher does not start another inning."""
        outs = self.outs[begins]
        is_tired = self.pitches[begins] + _SHORT_OF_LIMIT[outs] >= self.plan.pitch_limit
        return np.where(self.current[begins] == 0, is_tired, outs >= manager.RELIEVER_OUTS)

    def _bring_in_relievers(self, due: Ints, inning: Ints, lead: Ints) -> None:
        bullpen = self.available[due]
        best = bullpen.argmax(axis=1)
        second = (
            np.where(bullpen[:, 1:].any(axis=1), bullpen[:, 1:].argmax(axis=1) + 1, 0)
            if bullpen.shape[1] > 1
            else best
        )
        last = bullpen.shape[1] - 1 - bullpen[:, ::-1].argmax(axis=1)
        close = (inning >= manager.LATE_INNING) & (lead >= 0) & (lead <= manager.CLOSE_LEAD)
        chosen = np.where(close, np.where((best == 0) & (inning < manager.LAST_INNING), second, best), last)
        self.available[due, chosen] = False
        self.current[due] = chosen + 1
        self.pitches[due], self.outs[due], self.runs[due] = 0, 0, 0
        self.pitch_limit[due], self.run_limit[due] = manager.RELIEVER_PITCHES, _NO_RUN_LIMIT


def _cumulative_probabilities(chances: Floats) -> Floats:
    """Return cumulative probabilities (outcomes but the last, pitcher-batter pairs)."""
    return chances[:, :_LINEUP_SIZE].cumsum(axis=-1).reshape(-1, chances.shape[-1]).T[:-1]


class _ReplayBatch:
    """The state of all replays; a replay stops changing once it is over."""

    def __init__(self, plan: GamePlan, games: int, rng: np.random.Generator) -> None:
        zeros = np.zeros(games, dtype=np.int64)
        self.rng, self.games = rng, games
        self.rules = plan.rules
        self.pitching = {
            home: _PitchingState.at_first_pitch(club, games) for home, club in plan.clubs.items()
        }
        away, home = (_cumulative_probabilities(plan.chances[home]) for home in (False, True))
        self.cumulative, self.home_match_ups = np.hstack([away, home]), away.shape[1]
        self.inning, self.outs, self.bases = zeros + 1, zeros.copy(), zeros.copy()
        self.home_bats = np.zeros(games, dtype=bool)
        self.fresh = np.ones(games, dtype=bool)
        self.score = {False: zeros.copy(), True: zeros.copy()}
        self.slot = {False: zeros.copy(), True: zeros.copy()}
        self.live = np.ones(games, dtype=bool)

    def play_plate_appearances(self) -> None:
        """Play one plate appearance in every live replay."""
        self._change_pitchers()
        self._attempt_steals()
        at_bat = self.live & (self.outs < 3)
        outcome = self._draw_outcomes()
        outs = self.outs.clip(max=2)
        cell = (
            outcome,
            self.bases,
            outs,
            self._draw_from_columns(_CUMULATIVE, (outcome * 8 + self.bases) * 3 + outs),
        )
        outs_made, runs = np.where(at_bat, _OUTS[cell], 0), np.where(at_bat, _RUNS[cell], 0)
        self.bases = np.where(at_bat, _BASES_AFTER[cell], self.bases)
        self.outs += outs_made
        for home in (False, True):
            bats = self.home_bats == home
            self.score[home] += np.where(bats, runs, 0)
            self.slot[home] = np.where(bats & at_bat, (self.slot[home] + 1) % _LINEUP_SIZE, self.slot[home])
            self._charge_pitchers(self.pitching[not home], bats & at_bat, outcome, outs_made, runs)
        self._end_half_innings()

    def _change_pitchers(self) -> None:
        lead = self.score[True] - self.score[False]
        self.pitching[True].change_pitchers(self.live & ~self.home_bats, self.fresh, self.inning, lead)
        self.pitching[False].change_pitchers(self.live & self.home_bats, self.fresh, self.inning, -lead)
        self.fresh[:] = False

    def _attempt_steals(self) -> None:
        attempts = (
            self.live & (self.bases & 3 == 1) & (self.rng.random(self.games) < self.rules.steal_attempt)
        )
        safe = self.rng.random(self.games) < self.rules.steal_success
        self.bases = np.where(attempts, self.bases - 1 + np.where(safe, 2, 0), self.bases)
        caught = attempts & ~safe
        self.outs += caught
        for home, pitching in self.pitching.items():
            pitching.outs += caught & (self.home_bats != home)

    def _draw_outcomes(self) -> Ints:
        match_up = np.where(
            self.home_bats,
            self.pitching[False].current * _LINEUP_SIZE + self.slot[True] + self.home_match_ups,
            self.pitching[True].current * _LINEUP_SIZE + self.slot[False],
        )
        return self._draw_from_columns(self.cumulative, match_up)

    def _draw_from_columns(self, cumulative: Floats, column: Ints) -> Ints:
        """Draw an index by each replay's column of `cumulative` (indexes but the last, columns)."""
        drawn: Ints = (self.rng.random(self.games) > cumulative[:, column]).sum(axis=0)
        return drawn

    def _charge_pitchers(
        self, pitching: _PitchingState, here: NDArray[np.bool_], outcome: Ints, outs: Ints, runs: Ints
    ) -> None:
        pitching.pitches += np.where(here, _MEAN_PITCHES[outcome], 0)
        pitching.outs += np.where(here, outs, 0)
        pitching.runs += np.where(here, runs, 0)

    def _end_half_innings(self) -> None:
        """Change sides after three outs; end the replays that are decided."""
        lead, late = self.score[True] - self.score[False], self.inning >= self.rules.innings
        third_out = self.outs >= 3
        ends_after_top = third_out & ~self.home_bats & late & (lead > 0)
        ends_after_bottom = self.home_bats & late & (lead > 0) | third_out & self.home_bats & late & (
            lead != 0
        )
        self.live &= ~(ends_after_top | ends_after_bottom)
        swap = self.live & third_out
        self.inning += swap & self.home_bats
        self.home_bats ^= swap
        self.fresh |= swap
        placed = np.where((self.inning > self.rules.innings) & self.rules.places_runners, 2, 0)
        self.bases, self.outs = np.where(swap, placed, self.bases), np.where(swap, 0, self.outs)


def replayed_scores(plan: GamePlan, games: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the away and home runs of `games` replays; no two are equal."""
    replays = _ReplayBatch(plan, games, rng)
    while replays.live.any():
        replays.play_plate_appearances()
    return replays.score[False], replays.score[True]


def home_win_probability(plan: GamePlan, games: int, rng: np.random.Generator) -> float:
    """Return the share of `games` replays that the home club wins (standard error about .5/√games)."""
    away, home = replayed_scores(plan, games, rng)
    return float((home > away).mean())
