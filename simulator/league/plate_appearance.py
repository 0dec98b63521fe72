"""Simulates one game plate appearance by plate appearance, and records its plays."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from simulator.game_record import Person, Play, RunnerMovement
from simulator.league.advances import BRANCHES, CUMULATIVE_PROBABILITIES, Branch, score_walk_off
from simulator.league.fielding import describe_play
from simulator.league.half_inning import HalfInning
from simulator.league.manager import TeamGameState
from simulator.league.outcomes import OUTCOMES
from simulator.league.people import Arsenal
from simulator.league.pitches import BattedBall, draw_batted_ball, draw_calls, draw_unfinished_calls
from simulator.league.plan import GamePlan
from simulator.league.statcast import PitchSequence, add_unmeasured_pitches, measure_pitches

_HITS = {"single", "double", "triple", "home_run"}
_INTENTIONAL = 0.09  # of walks with a runner on and first base open


class _PlateAppearance(NamedTuple):
    """The result of a plate appearance."""

    event_type: str
    outs_before: int
    runners: Sequence[RunnerMovement]
    calls: Sequence[str]
    hit: BattedBall | None = None


class _OutcomeSampler:
    """One side's cumulative outcome probabilities by opposing pitcher and batter."""

    def __init__(self, plan: GamePlan, *, home_bats: bool) -> None:
        self._pitchers = {pitcher: n for n, pitcher in enumerate(plan.clubs[not home_bats].pitchers)}
        self._batters = {batter: n for n, batter in enumerate(plan.clubs[home_bats].batters)}
        self._cumulative = plan.chances[home_bats].cumsum(axis=-1).tolist()

    def draw_outcome(self, rng: Random, pitcher: int, batter: int) -> int:
        """Return a random index in `OUTCOMES`."""
        cumulative = self._cumulative[self._pitchers[pitcher]][self._batters[batter]]
        return bisect(cumulative, rng.random(), hi=len(OUTCOMES) - 1)


class GameSimulation:
    """Simulates one game; the results are in `plays` and in `sides`, by is_home."""

    def __init__(
        self, plan: GamePlan, people: Mapping[int, Person], arsenals: Mapping[int, Arsenal], rng: Random
    ) -> None:
        self.sides = {home: TeamGameState(club, home) for home, club in plan.clubs.items()}
        self.plays: list[Play] = []
        self._sequences: list[PitchSequence] = []
        self._people, self._arsenals, self._rng = people, arsenals, rng
        self._rules = plan.rules
        self._samplers = {home: _OutcomeSampler(plan, home_bats=home) for home in plan.clubs}

    @property
    def winning_side(self) -> TeamGameState | None:
        """Return the side with more runs; None if tied."""
        if self.sides[False].score == self.sides[True].score:
            return None
        return max(self.sides.values(), key=lambda side: side.score)

    @property
    def pitch_counts(self) -> dict[int, int]:
        """Return the number of pitches by pitcher."""
        return {outing.pitcher: outing.pitches for side in self.sides.values() for outing in side.outings}

    def play_game(self) -> None:
        """Play until a side has won, or the game may end in a tie."""
        inning, away, home = 0, self.sides[False], self.sides[True]
        while inning < self._rules.innings or not (self.winning_side or self._rules.may_tie):
            inning += 1
            self._play_half_inning(HalfInning(inning, True, away, home, self._rules))
            if inning < self._rules.innings or home.score <= away.score:
                self._play_half_inning(HalfInning(inning, False, home, away, self._rules))

    def add_measurements(self, rng: np.random.Generator) -> None:
        """Add measured pitches to the plays, which have none until then."""
        measure_pitches(rng, self._sequences)

    def add_calls_only(self) -> None:
        """Add pitches with only their calls to the plays."""
        add_unmeasured_pitches(self._sequences)

    def _play_half_inning(self, half: HalfInning) -> None:
        half.fielding.start_defensive_half(half.inning, half.deficit)
        has_placed_runner = self._rules.places_runners and half.inning > self._rules.innings
        runners = [half.place_runner()] if has_placed_runner else []
        while not half.is_over:
            self._play_plate_appearance(half, runners)
            runners = []

    def _play_plate_appearance(self, half: HalfInning, runners: Sequence[RunnerMovement]) -> None:
        self._make_substitutions(half)
        outs_before = half.outs
        runners = [*runners, *half.attempt_steal(self._rng)]
        if half.outs == 3:
            self._record_play(
                half,
                _PlateAppearance(
                    "caught_stealing_2b", outs_before, runners, draw_unfinished_calls(self._rng)
                ),
            )
            return
        branch = self._draw_branch(half)
        hit = self._draw_batted_ball(branch)
        half.credit_fielders(branch.event_type, hit)
        calls = draw_calls(self._rng, branch.event_type, branch.runs)
        plate_appearance = _PlateAppearance(
            branch.event_type, outs_before, [*runners, *half.advance_runners(branch)], calls, hit
        )
        self._record_play(half, plate_appearance)
        half.batting.next_slot = (half.batting.next_slot + 1) % 9

    def _make_substitutions(self, half: HalfInning) -> None:
        half.fielding.change_pitcher_if_due(half.inning, half.deficit, len(half.bases))
        throws = self._people[half.fielding.current_outing.pitcher].throws
        if half.deficit > 0:
            half.batting.pinch_hit_if_due(
                self._rng, half.inning, lambda player: self._people[player].bats != throws
            )

    def _draw_branch(self, half: HalfInning) -> Branch:
        """Draw the outcome of a plate appearance and how the runners move on it."""
        outcome = self._samplers[not half.is_top].draw_outcome(
            self._rng, half.fielding.current_outing.pitcher, half.batting.current_batter
        )
        cumulative = CUMULATIVE_PROBABILITIES[outcome][half.bases_mask][half.outs]
        index = bisect(cumulative, self._rng.random(), hi=len(cumulative) - 1)
        branch = BRANCHES[outcome][half.bases_mask][half.outs][index]
        if branch.event_type == "walk" and half.bases and 1 not in half.bases:
            is_intentional = self._rng.random() < _INTENTIONAL
            return branch._replace(event_type="intent_walk") if is_intentional else branch
        return score_walk_off(branch, half.deficit + 1) if half.may_walk_off else branch

    def _draw_batted_ball(self, branch: Branch) -> BattedBall | None:
        if branch.trajectory is None and branch.event_type not in _HITS:
            return None
        return draw_batted_ball(self._rng, branch.event_type, branch.trajectory)

    def _record_play(self, half: HalfInning, plate_appearance: _PlateAppearance) -> None:
        half.fielding.current_outing.pitches += len(plate_appearance.calls)
        batter = self._people[half.batting.current_batter]
        pitcher = self._people[half.fielding.current_outing.pitcher]
        sequence = PitchSequence(
            self._arsenals[pitcher.id],
            plate_appearance.calls,
            plate_appearance.event_type,
            plate_appearance.hit,
        )
        self._sequences.append(sequence)
        self.plays.append(
            Play(
                half.inning,
                half.is_top,
                batter.id,
                pitcher.id,
                _bat_side(batter, pitcher),
                pitcher.throws,
                plate_appearance.event_type,
                sum(runner.rbi for runner in plate_appearance.runners),
                plate_appearance.outs_before,
                half.outs,
                self.sides[False].score,
                self.sides[True].score,
                sequence.pitches,
                plate_appearance.runners,
                plate_appearance.hit and plate_appearance.hit.trajectory,
                str(plate_appearance.hit.location) if plate_appearance.hit else None,
                self._describe_play(half, plate_appearance, batter),
            )
        )

    def _describe_play(self, half: HalfInning, plate_appearance: _PlateAppearance, batter: Person) -> str:
        fielder = (
            self._people[half.fielding.fielders[plate_appearance.hit.location]].full_name
            if plate_appearance.hit
            else ""
        )
        return describe_play(plate_appearance.event_type, batter.full_name, plate_appearance.hit, fielder)


def _bat_side(batter: Person, pitcher: Person) -> str:
    if batter.bats == "S":
        return "R" if pitcher.throws == "L" else "L"
    return batter.bats
