"""A half-inning in progress: runners, their advances, and who is charged with outs and runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from simulator.game_record import RunnerMovement
from simulator.league.advances import BATTER, HOME, OUT, Branch
from simulator.league.eras import GameRules
from simulator.league.fielding import fielding_credits
from simulator.league.manager import TeamGameState
from simulator.league.pitches import BattedBall

_BASES = {BATTER: None, 1: "1B", 2: "2B", 3: "3B", HOME: "score"}
_RBI_NEVER = {"grounded_into_double_play", "field_error"}


@dataclass(slots=True)
class RunnerOnBase:
    """A runner, the responsible pitcher, and whether the run would be earned."""

    runner: int
    pitcher: int
    earned: bool = True


@dataclass(slots=True)
class HalfInning:
    """The state of a half-inning; `errors` counts outs lost to errors."""

    inning: int
    is_top: bool
    batting: TeamGameState
    fielding: TeamGameState
    rules: GameRules
    bases: dict[int, RunnerOnBase] = field(default_factory=dict)
    outs: int = 0
    errors: int = 0

    @property
    def bases_mask(self) -> int:
        """Return the occupied bases, bit 0 for first."""
        bases = self.bases
        return (1 in bases) + 2 * (2 in bases) + 4 * (3 in bases)

    @property
    def deficit(self) -> int:
        """Return how many runs the batting side is behind."""
        return self.fielding.score - self.batting.score

    @property
    def may_walk_off(self) -> bool:
        """Return whether a lead for the batting side would end the game."""
        return not self.is_top and self.inning >= self.rules.innings

    @property
    def is_over(self) -> bool:
        """Return whether the half-inning or the game has ended."""
        return self.outs == 3 or (self.may_walk_off and self.deficit < 0)

    def place_runner(self) -> RunnerMovement:
        """Start an extra inning with the last batter on second base, as an unearned run."""
        runner = self.batting.last_batter
        self.bases[2] = RunnerOnBase(runner, self.fielding.current_outing.pitcher, earned=False)
        return RunnerMovement(runner, None, "2B", earned=False, event_type="runner_placed")

    def attempt_steal(self, rng: Random) -> Iterator[RunnerMovement]:
        """Let a runner on first attempt to steal an open second base, at the rules' rate."""
        if 1 not in self.bases or 2 in self.bases or rng.random() >= self.rules.steal_attempt:
            return
        on_first = self.bases.pop(1)
        if rng.random() < self.rules.steal_success:
            self.bases[2] = on_first
            yield RunnerMovement(on_first.runner, "1B", "2B", event_type="stolen_base_2b")
        else:
            self._make_outs(1)
            self.credit_fielders("caught_stealing_2b", None)
            yield RunnerMovement(on_first.runner, "1B", None, is_out=True, event_type="caught_stealing_2b")

    def advance_runners(self, branch: Branch) -> Iterator[RunnerMovement]:
        """Move the runners, lead runner first, and score the runs."""
        batter = self._batter_runner(branch)
        self._make_outs(branch.outs)
        self.errors += branch.event_type == "field_error"
        for start, to in branch.moves:
            runner = batter if start == BATTER else self.bases.pop(start)
            if to == HOME:
                yield self._score_run(runner, start, rbi=branch.event_type not in _RBI_NEVER)
                continue
            yield RunnerMovement(runner.runner, _BASES[start], _BASES.get(to), is_out=to == OUT)
            if to != OUT:
                self.bases[to] = runner

    def credit_fielders(self, event_type: str, hit: BattedBall | None) -> None:
        """Add assists, putouts and errors to the fielders' box score lines."""
        box, fielders = self.fielding.box_score, self.fielding.fielders
        assists, putouts = fielding_credits(event_type, hit)
        for number in assists:
            box[fielders[number]].assists += 1
        for number in putouts:
            box[fielders[number]].putouts += 1
        if event_type == "field_error" and hit is not None:
            box[fielders[hit.location]].errors += 1

    def _make_outs(self, outs: int) -> None:
        self.outs += outs
        self.fielding.current_outing.outs += outs

    def _batter_runner(self, branch: Branch) -> RunnerOnBase:
        """Return the batter as a runner; on a force out they take over the erased runner's pitcher."""
        starts_of_outs = [start for start, to in branch.moves if to == OUT and start != BATTER]
        if starts_of_outs:
            erased = self.bases[starts_of_outs[0]]
            return RunnerOnBase(self.batting.current_batter, erased.pitcher, erased.earned)
        return RunnerOnBase(
            self.batting.current_batter,
            self.fielding.current_outing.pitcher,
            branch.event_type != "field_error",
        )

    def _score_run(self, runner: RunnerOnBase, start: int, *, rbi: bool) -> RunnerMovement:
        """Score a run: unearned for a placed runner, one on by error, or after three outs but for errors."""
        earned = runner.earned and self.outs + self.errors < 3
        charged = self.fielding.outing_of(runner.pitcher)
        charged.runs += 1
        charged.earned_runs += earned
        self.batting.score += 1
        if self.deficit == -1:
            self.batting.took_lead = (self.batting.current_outing.pitcher, runner.pitcher)
        return RunnerMovement(
            runner.runner, _BASES[start], "score", rbi=rbi, earned=earned, responsible_pitcher=runner.pitcher
        )
