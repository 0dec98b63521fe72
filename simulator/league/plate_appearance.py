"""One game played out plate appearance by plate appearance, as a scorekeeper would write it down."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from simulator.game_record import Person, Play, Runner
from simulator.league.advances import BRANCHES, CUMULATIVE, Branch, walk_off
from simulator.league.fielding import describe
from simulator.league.half_inning import Half
from simulator.league.manager import Dugout
from simulator.league.outcomes import OUTCOMES
from simulator.league.people import Arsenal
from simulator.league.pitches import BattedBall, batted_ball, calls, unfinished
from simulator.league.plan import GamePlan
from simulator.league.statcast import Thrown, count, measure

_HITS = {"single", "double", "triple", "home_run"}
_INTENTIONAL = 0.09  # of walks with a runner on and first base open


class _Turn(NamedTuple):
    """What a turn at bat came to."""

    event_type: str
    outs_before: int
    runners: Sequence[Runner]
    calls: Sequence[str]
    hit: BattedBall | None = None


class _Odds:
    """One side's cumulative chances of the outcomes, by opposing pitcher and batter."""

    def __init__(self, plan: GamePlan, *, home_bats: bool) -> None:
        self._pitchers = {pitcher: n for n, pitcher in enumerate(plan.clubs[not home_bats].pitchers)}
        self._batters = {batter: n for n, batter in enumerate(plan.clubs[home_bats].batters)}
        self._cumulative = plan.chances[home_bats].cumsum(axis=-1).tolist()

    def draw(self, rng: Random, pitcher: int, batter: int) -> int:
        """Return the number of an outcome."""
        below = self._cumulative[self._pitchers[pitcher]][self._batters[batter]]
        return bisect(below, rng.random(), hi=len(OUTCOMES) - 1)


class Contest:
    """Plays one game; afterwards `plays` and `sides` (by is_home) tell the story."""

    def __init__(
        self, plan: GamePlan, people: Mapping[int, Person], arsenals: Mapping[int, Arsenal], rng: Random
    ) -> None:
        self.sides = {home: Dugout(club, home) for home, club in plan.clubs.items()}
        self.plays: list[Play] = []
        self._thrown: list[Thrown] = []
        self._people, self._arsenals, self._rng = people, arsenals, rng
        self._rules = plan.rules
        self._odds = {home: _Odds(plan, home_bats=home) for home in plan.clubs}

    @property
    def winners(self) -> Dugout | None:
        """Return the side that has more runs; None of a game that ended level."""
        if self.sides[False].score == self.sides[True].score:
            return None
        return max(self.sides.values(), key=lambda side: side.score)

    @property
    def workload(self) -> dict[int, int]:
        """Return how many pitches everybody threw."""
        return {outing.pitcher: outing.pitches for side in self.sides.values() for outing in side.outings}

    def play(self) -> None:
        """Play until somebody has won, or the game may end level."""
        inning, away, home = 0, self.sides[False], self.sides[True]
        while inning < self._rules.innings or not (self.winners or self._rules.may_tie):
            inning += 1
            self._half(Half(inning, True, away, home, self._rules))
            if inning < self._rules.innings or home.score <= away.score:
                self._half(Half(inning, False, home, away, self._rules))

    def measure(self, rng: np.random.Generator) -> None:
        """Add what the cameras read to every pitch of the plays, until then without any."""
        measure(rng, self._thrown)

    def count(self) -> None:
        """Add every pitch to the plays by its call alone."""
        count(self._thrown)

    def _half(self, half: Half) -> None:
        half.fielding.take_the_field(half.inning, half.behind)
        placed = self._rules.places_runners and half.inning > self._rules.innings
        runners = [half.place_runner()] if placed else []
        while not half.over:
            self._turn(half, runners)
            runners = []

    def _turn(self, half: Half, runners: Sequence[Runner]) -> None:
        self._managers_act(half)
        outs_before = half.outs
        runners = [*runners, *half.steal(self._rng)]
        if half.outs == 3:
            self._write(half, _Turn("caught_stealing_2b", outs_before, runners, unfinished(self._rng)))
            return
        branch = self._outcome(half)
        hit = self._hit(branch)
        half.credit(branch.event_type, hit)
        thrown = calls(self._rng, branch.event_type, branch.runs)
        turn = _Turn(branch.event_type, outs_before, [*runners, *half.move(branch)], thrown, hit)
        self._write(half, turn)
        half.batting.next_slot = (half.batting.next_slot + 1) % 9

    def _managers_act(self, half: Half) -> None:
        half.fielding.change_pitcher_if_due(half.inning, half.behind, len(half.bases))
        throws = self._people[half.fielding.outing.pitcher].throws
        if half.behind > 0:
            half.batting.pinch_hit_if_due(
                self._rng, half.inning, lambda player: self._people[player].bats != throws
            )

    def _outcome(self, half: Half) -> Branch:
        """Draw what the turn comes to and how the runners move on it."""
        outcome = self._odds[not half.is_top].draw(
            self._rng, half.fielding.outing.pitcher, half.batting.batter
        )
        ways = CUMULATIVE[outcome][half.mask][half.outs]
        branch = BRANCHES[outcome][half.mask][half.outs][bisect(ways, self._rng.random(), hi=len(ways) - 1)]
        if branch.event_type == "walk" and half.bases and 1 not in half.bases:
            intended = self._rng.random() < _INTENTIONAL
            return branch._replace(event_type="intent_walk") if intended else branch
        return walk_off(branch, half.behind + 1) if half.may_walk_off else branch

    def _hit(self, branch: Branch) -> BattedBall | None:
        if branch.trajectory is None and branch.event_type not in _HITS:
            return None
        return batted_ball(self._rng, branch.event_type, branch.trajectory)

    def _write(self, half: Half, turn: _Turn) -> None:
        half.fielding.outing.pitches += len(turn.calls)
        batter, pitcher = self._people[half.batting.batter], self._people[half.fielding.outing.pitcher]
        thrown = Thrown(self._arsenals[pitcher.id], turn.calls, turn.event_type, turn.hit)
        self._thrown.append(thrown)
        self.plays.append(
            Play(
                half.inning,
                half.is_top,
                batter.id,
                pitcher.id,
                _side(batter, pitcher),
                pitcher.throws,
                turn.event_type,
                sum(runner.rbi for runner in turn.runners),
                turn.outs_before,
                half.outs,
                self.sides[False].score,
                self.sides[True].score,
                thrown.pitches,
                turn.runners,
                turn.hit and turn.hit.trajectory,
                str(turn.hit.location) if turn.hit else None,
                self._described(half, turn, batter),
            )
        )

    def _described(self, half: Half, turn: _Turn, batter: Person) -> str:
        fielder = self._people[half.fielding.fielders[turn.hit.location]].full_name if turn.hit else ""
        return describe(turn.event_type, batter.full_name, turn.hit, fielder)


def _side(batter: Person, pitcher: Person) -> str:
    if batter.bats == "S":
        return "R" if pitcher.throws == "L" else "L"
    return batter.bats
