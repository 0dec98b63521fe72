"""A club during a game: who bats, who fields, who pitches, and the manager's rules for changing them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from simulator.game_record import Appearance
from simulator.league.plan import ClubPlan
from simulator.league.spring_training import SECOND_NINE_FROM
from simulator.league.squads import bench_for

NUMBER = {"P": 1, "C": 2, "1B": 3, "2B": 4, "3B": 5, "SS": 6, "LF": 7, "CF": 8, "RF": 9}

STARTER_RUNS, RELIEVER_PITCHES, RELIEVER_OUTS = 6, 30, 3
# Pitches short of his limit with which a starter does not begin another inning, by the innings he has done:
# five make a win, after seven the best of the pen are waiting
SHORT_OF_LIMIT = (0, 0, 0, 0, 0, 3, 7, 12, 6, 0)
OVER_LIMIT = 2  # pitches over it with which he does not end the inning he has begun
LATE, LAST = 7, 9  # innings from which the best of the pen, and the closer, are called
CLOSE_LEAD = 3  # up to which a lead is worth them
PINCH_HIT_FROM, _PINCH_HIT = 7, 0.10


@dataclass(slots=True)
class Outing:
    """One pitcher's work; `lead` and `inherited` runners as he came in."""

    pitcher: int
    lead: int = 0
    inherited: int = 0
    pitches: int = 0
    outs: int = 0
    runs: int = 0  # charged to him
    earned_runs: int = 0


@dataclass(slots=True)
class BoxLine:
    """A man's line in the box score: batting order, positions in order played, work in the field."""

    order: str | None
    positions: list[str]
    putouts: int = 0
    assists: int = 0
    errors: int = 0


@dataclass(slots=True)
class Dugout:
    """One club's state in a game; innings and leads are given from outside."""

    plan: ClubPlan
    is_home: bool
    slots: list[int] = field(init=False)
    fielders: dict[int, int] = field(init=False)
    box: dict[int, BoxLine] = field(init=False)
    pen: list[int] = field(init=False)
    bench: dict[int, int] = field(init=False)
    outings: list[Outing] = field(init=False)
    next_slot: int = 0
    score: int = 0
    took_lead: tuple[int, int] = (0, 0)  # last time: our pitcher of record, theirs who is charged
    substitutes: dict[int, int] = field(default_factory=dict)
    pinch_hitters: dict[int, str] = field(default_factory=dict)  # the position that awaits them

    def __post_init__(self) -> None:
        order, starter = self.plan.order, self.plan.starter
        self.slots = [player for player, _ in order]
        self.fielders = {NUMBER[where]: player for player, where in order if where in NUMBER} | {1: starter}
        self.box = {player: BoxLine(f"{n}00", [where]) for n, (player, where) in enumerate(order, 1)}
        self.box[starter] = BoxLine(None, ["P"])
        self.pen, self.bench = list(self.plan.pen), dict(self.plan.bench)
        self.outings = [Outing(starter)]

    @property
    def batter(self) -> int:
        """Return who is due up."""
        return self.slots[self.next_slot]

    @property
    def last_batter(self) -> int:
        """Return who made the last turn: extra innings place him on second base."""
        return self.slots[self.next_slot - 1]

    @property
    def outing(self) -> Outing:
        """Return the work of the pitcher on the mound."""
        return self.outings[-1]

    def charged(self, pitcher: int) -> Outing:
        """Return the outing of a pitcher who has pitched."""
        return next(outing for outing in self.outings if outing.pitcher == pitcher)

    def take_the_field(self, inning: int, lead: int) -> None:
        """Start a half: pinch-hitters find their gloves, who did his innings gives way."""
        for player, where in self.pinch_hitters.items():
            if where in NUMBER:
                self.fielders[NUMBER[where]] = player
            self.box[player].positions.append(where)
        self.pinch_hitters.clear()
        if inning == SECOND_NINE_FROM:
            self._send_second_nine()
        if self._is_done():
            self.relieve(inning, lead, 0)

    def _is_done(self) -> bool:
        """Say whether the man on the mound has done his share when an inning begins."""
        if len(self.outings) > 1:
            return self.outing.outs >= RELIEVER_OUTS
        short = SHORT_OF_LIMIT[min(self.outing.outs // 3, len(SHORT_OF_LIMIT) - 1)]
        return self.outing.pitches >= self.plan.pitch_limit - short

    def change_pitcher_if_due(self, inning: int, lead: int, runners: int) -> None:
        """Take out, in mid-inning, a starter over his limit or hit hard, a reliever who threw his share."""
        outing = self.outing
        if len(self.outings) == 1:
            worn = outing.pitches >= self.plan.pitch_limit + OVER_LIMIT
            due = worn or outing.runs >= STARTER_RUNS
        else:
            due = outing.pitches >= RELIEVER_PITCHES
        if due:
            self.relieve(inning, lead, runners)

    def relieve(self, inning: int, lead: int, runners: int) -> None:
        """Bring in the reliever the moment asks for; with an empty pen the man on the mound goes on."""
        if not self.pen:
            return
        reliever = self.pen.pop(self._reliever(inning, lead))
        self.outings.append(Outing(reliever, lead, runners))
        self.fielders[1] = reliever
        self.box[reliever] = BoxLine(None, ["P"])

    def _reliever(self, inning: int, lead: int) -> int:
        """Return the index in the pen: the best for a close lead, kept for the last inning, else the last."""
        if not is_close(inning, lead):
            return len(self.pen) - 1
        closer_waits = self.pen[0] == self.plan.pen[0] and inning < LAST
        return min(1, len(self.pen) - 1) if closer_waits else 0

    def pinch_hit_if_due(self, rng: Random, inning: int, has_platoon: Callable[[int], bool]) -> None:
        """Send a bench bat for a regular who lacks the platoon's edge, late, now and then."""
        position = self.box[self.batter].positions[-1]
        if inning < PINCH_HIT_FROM or position in {"C", "PH"} or has_platoon(self.batter):
            return
        group = bench_for(position)
        substitute = self.bench.get(group)
        if substitute is None or not has_platoon(substitute) or rng.random() >= _PINCH_HIT:
            return
        del self.bench[group]
        self._enter(substitute, position)

    def _send_second_nine(self) -> None:
        """Let the regulars of a spring game go, each for the man who plays his position."""
        for position, substitute in self.plan.second_nine.items():
            slot = [where for _, where in self.plan.order].index(position)
            self.slots[slot] = substitute
            self.box[substitute] = BoxLine(f"{slot + 1}01", [position])
            if position in NUMBER:
                self.fielders[NUMBER[position]] = substitute

    def _enter(self, substitute: int, position: str) -> None:
        slot = self.next_slot
        self.slots[slot] = substitute
        self.substitutes[slot] = self.substitutes.get(slot, 0) + 1
        self.box[substitute] = BoxLine(f"{slot + 1}{self.substitutes[slot]:02}", ["PH"])
        self.pinch_hitters[substitute] = position

    def appearances(self) -> list[Appearance]:
        """Return the box score's lines: batters in order, then pitchers as they came."""
        order = sorted((line.order, player) for player, line in self.box.items() if line.order)
        everybody = [player for _, player in order] + [outing.pitcher for outing in self.outings]
        earned = {outing.pitcher: outing.earned_runs for outing in self.outings}
        return [self._appearance(player, earned.get(player, 0)) for player in everybody]

    def _appearance(self, player: int, earned_runs: int) -> Appearance:
        line = self.box[player]
        return Appearance(
            player, self.is_home, line.order, tuple(line.positions), player == self.plan.starter,
            earned_runs, line.putouts, line.assists, line.errors,
        )  # fmt: skip


def is_close(inning: int, lead: int) -> bool:
    """Say whether a pen's best men are called: late, tied or up to three ahead."""
    return inning >= LATE and 0 <= lead <= CLOSE_LEAD
