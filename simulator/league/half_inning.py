"""A half-inning under way: who is on base, what moves them, and whom outs and runs are charged to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from simulator.game_record import Runner
from simulator.league.advances import BATTER, HOME, OUT, Branch
from simulator.league.eras import Rules
from simulator.league.fielding import credits_of
from simulator.league.manager import Dugout
from simulator.league.pitches import BattedBall

_BASES = {BATTER: None, 1: "1B", 2: "2B", 3: "3B", HOME: "score"}
_RBI_NEVER = {"grounded_into_double_play", "field_error"}


@dataclass(slots=True)
class OnBase:
    """A runner, the pitcher who answers for him, and whether his run would be earned."""

    runner: int
    pitcher: int
    earned: bool = True


@dataclass(slots=True)
class Half:
    """The state of a half; `errors` count the outs that should have been."""

    inning: int
    is_top: bool
    batting: Dugout
    fielding: Dugout
    rules: Rules
    bases: dict[int, OnBase] = field(default_factory=dict)
    outs: int = 0
    errors: int = 0

    @property
    def mask(self) -> int:
        """Return the bases taken, bit 0 for first."""
        bases = self.bases
        return (1 in bases) + 2 * (2 in bases) + 4 * (3 in bases)

    @property
    def behind(self) -> int:
        """Return how many runs the batting side is behind."""
        return self.fielding.score - self.batting.score

    @property
    def may_walk_off(self) -> bool:
        """Say whether a lead for the batting side would end the game."""
        return not self.is_top and self.inning >= self.rules.innings

    @property
    def over(self) -> bool:
        """Say whether the sides change or the game has ended."""
        return self.outs == 3 or (self.may_walk_off and self.behind < 0)

    def place_runner(self) -> Runner:
        """Begin an extra inning with the last batter on second base; his run would not be earned."""
        runner = self.batting.last_batter
        self.bases[2] = OnBase(runner, self.fielding.outing.pitcher, earned=False)
        return Runner(runner, None, "2B", earned=False, event_type="runner_placed")

    def steal(self, rng: Random) -> Iterator[Runner]:
        """Let a runner on first try for an open second base now and then."""
        if 1 not in self.bases or 2 in self.bases or rng.random() >= self.rules.steal_attempt:
            return
        on_first = self.bases.pop(1)
        if rng.random() < self.rules.steal_success:
            self.bases[2] = on_first
            yield Runner(on_first.runner, "1B", "2B", event_type="stolen_base_2b")
        else:
            self._make_outs(1)
            self.credit("caught_stealing_2b", None)
            yield Runner(on_first.runner, "1B", None, is_out=True, event_type="caught_stealing_2b")

    def move(self, branch: Branch) -> Iterator[Runner]:
        """Move the runners, the leading one first, and score the runs."""
        batter = self._reaching(branch)
        self._make_outs(branch.outs)
        self.errors += branch.event_type == "field_error"
        for start, to in branch.moves:
            who = batter if start == BATTER else self.bases.pop(start)
            if to == HOME:
                yield self._score(who, start, rbi=branch.event_type not in _RBI_NEVER)
                continue
            yield Runner(who.runner, _BASES[start], _BASES.get(to), is_out=to == OUT)
            if to != OUT:
                self.bases[to] = who

    def credit(self, event_type: str, hit: BattedBall | None) -> None:
        """Enter assists, putouts and errors into the fielders' lines."""
        box, fielders = self.fielding.box, self.fielding.fielders
        assists, putouts = credits_of(event_type, hit)
        for number in assists:
            box[fielders[number]].assists += 1
        for number in putouts:
            box[fielders[number]].putouts += 1
        if event_type == "field_error" and hit is not None:
            box[fielders[hit.location]].errors += 1

    def _make_outs(self, outs: int) -> None:
        self.outs += outs
        self.fielding.outing.outs += outs

    def _reaching(self, branch: Branch) -> OnBase:
        """Return the batter as a runner; one who reaches on another's out takes over his burden."""
        starts_of_outs = [start for start, to in branch.moves if to == OUT and start != BATTER]
        if starts_of_outs:
            erased = self.bases[starts_of_outs[0]]
            return OnBase(self.batting.batter, erased.pitcher, erased.earned)
        return OnBase(self.batting.batter, self.fielding.outing.pitcher, branch.event_type != "field_error")

    def _score(self, who: OnBase, start: int, *, rbi: bool) -> Runner:
        """Score a run: unearned for a placed runner, one on by error, or with three outs but for errors."""
        earned = who.earned and self.outs + self.errors < 3
        charged = self.fielding.charged(who.pitcher)
        charged.runs += 1
        charged.earned_runs += earned
        self.batting.score += 1
        if self.behind == -1:
            self.batting.took_lead = (self.batting.outing.pitcher, who.pitcher)
        return Runner(
            who.runner, _BASES[start], "score", rbi=rbi, earned=earned, responsible_pitcher=who.pitcher
        )
