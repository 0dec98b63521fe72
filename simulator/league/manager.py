"""A club during a game: line-up, fielders and pitchers, and the manager's rules for substitutions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from simulator.game_record import Appearance
from simulator.league.plan import ClubPlan
from simulator.league.spring_training import SUBSTITUTES_ENTER_INNING
from simulator.league.squads import bench_index_for

POSITION_NUMBERS = {"P": 1, "C": 2, "1B": 3, "2B": 4, "3B": 5, "SS": 6, "LF": 7, "CF": 8, "RF": 9}

STARTER_RUNS, RELIEVER_PITCHES, RELIEVER_OUTS = 6, 30, 3
# A starter this many pitches short of the limit does not start another inning, by innings completed: five
# are enough for a win, after seven the best relievers are ready
SHORT_OF_LIMIT = (0, 0, 0, 0, 0, 3, 7, 12, 6, 0)
OVER_LIMIT = 2  # pitches over the limit at which a starter leaves in mid-inning
LATE_INNING, LAST_INNING = 7, 9  # first innings of the best relievers and of the closer
CLOSE_LEAD = 3  # the largest lead that they protect
PINCH_HIT_FROM_INNING, _PINCH_HIT_RATE = 7, 0.10


@dataclass(slots=True)
class PitchingOuting:
    """One pitcher's outing; `lead` and `inherited` runners are those at entry."""

    pitcher: int
    lead: int = 0
    inherited: int = 0
    pitches: int = 0
    outs: int = 0
    runs: int = 0  # allowed
    earned_runs: int = 0


@dataclass(slots=True)
class BoxScoreLine:
    """A player's box score line: batting order, positions in order played, fielding."""

    order: str | None
    positions: list[str]
    putouts: int = 0
    assists: int = 0
    errors: int = 0


@dataclass(slots=True)
class TeamGameState:
    """One club's state in a game; the caller supplies innings and leads."""

    plan: ClubPlan
    is_home: bool
    lineup: list[int] = field(init=False)
    fielders: dict[int, int] = field(init=False)
    box_score: dict[int, BoxScoreLine] = field(init=False)
    bullpen: list[int] = field(init=False)
    bench: dict[int, int] = field(init=False)
    outings: list[PitchingOuting] = field(init=False)
    next_slot: int = 0
    score: int = 0
    took_lead: tuple[int, int] = (0, 0)  # at the last lead change: own pitcher, opponent charged
    substitutes: dict[int, int] = field(default_factory=dict)
    pinch_hitters: dict[int, str] = field(default_factory=dict)  # position in the next half-inning

    def __post_init__(self) -> None:
        order, starter = self.plan.order, self.plan.starter
        self.lineup = [player for player, _ in order]
        self.fielders = {
            POSITION_NUMBERS[position]: player for player, position in order if position in POSITION_NUMBERS
        } | {1: starter}
        self.box_score = {
            player: BoxScoreLine(f"{n}00", [position]) for n, (player, position) in enumerate(order, 1)
        }
        self.box_score[starter] = BoxScoreLine(None, ["P"])
        self.bullpen, self.bench = list(self.plan.bullpen), dict(self.plan.bench)
        self.outings = [PitchingOuting(starter)]

    @property
    def current_batter(self) -> int:
        """Return who is due up."""
        return self.lineup[self.next_slot]

    @property
    def last_batter(self) -> int:
        """Return the previous batter, whom extra innings place on second base."""
        return self.lineup[self.next_slot - 1]

    @property
    def current_outing(self) -> PitchingOuting:
        """Return the outing of the current pitcher."""
        return self.outings[-1]

    def outing_of(self, pitcher: int) -> PitchingOuting:
        """Return the outing of a pitcher who has pitched."""
        return next(outing for outing in self.outings if outing.pitcher == pitcher)

    def start_defensive_half(self, inning: int, lead: int) -> None:
        """Start a half-inning in the field: pinch-hitters take positions, a pitcher who is done leaves."""
        for player, position in self.pinch_hitters.items():
            if position in POSITION_NUMBERS:
                self.fielders[POSITION_NUMBERS[position]] = player
            self.box_score[player].positions.append(position)
        self.pinch_hitters.clear()
        if inning == SUBSTITUTES_ENTER_INNING:
            self._enter_spring_substitutes()
        if self._is_pitcher_done():
            self.change_pitcher(inning, lead, 0)

    def _is_pitcher_done(self) -> bool:
        """Return whether the current pitcher is done when an inning begins."""
        if len(self.outings) > 1:
            return self.current_outing.outs >= RELIEVER_OUTS
        short = SHORT_OF_LIMIT[min(self.current_outing.outs // 3, len(SHORT_OF_LIMIT) - 1)]
        return self.current_outing.pitches >= self.plan.pitch_limit - short

    def change_pitcher_if_due(self, inning: int, lead: int, runners: int) -> None:
        """Replace in mid-inning a starter over the limit or hit hard, or a reliever with many pitches."""
        outing = self.current_outing
        if len(self.outings) == 1:
            is_tired = outing.pitches >= self.plan.pitch_limit + OVER_LIMIT
            is_due = is_tired or outing.runs >= STARTER_RUNS
        else:
            is_due = outing.pitches >= RELIEVER_PITCHES
        if is_due:
            self.change_pitcher(inning, lead, runners)

    def change_pitcher(self, inning: int, lead: int, runners: int) -> None:
        """Bring in a reliever; with an empty bullpen the current pitcher stays."""
        if not self.bullpen:
            return
        reliever = self.bullpen.pop(self._select_reliever(inning, lead))
        self.outings.append(PitchingOuting(reliever, lead, runners))
        self.fielders[1] = reliever
        self.box_score[reliever] = BoxScoreLine(None, ["P"])

    def _select_reliever(self, inning: int, lead: int) -> int:
        """Return an index in the bullpen: the best for a close lead (the closer waits), else the last."""
        if not is_close(inning, lead):
            return len(self.bullpen) - 1
        closer_waits = self.bullpen[0] == self.plan.bullpen[0] and inning < LAST_INNING
        return min(1, len(self.bullpen) - 1) if closer_waits else 0

    def pinch_hit_if_due(self, rng: Random, inning: int, has_platoon: Callable[[int], bool]) -> None:
        """Sometimes pinch-hit late for a regular without the platoon advantage."""
        position = self.box_score[self.current_batter].positions[-1]
        if inning < PINCH_HIT_FROM_INNING or position in {"C", "PH"} or has_platoon(self.current_batter):
            return
        group = bench_index_for(position)
        substitute = self.bench.get(group)
        if substitute is None or not has_platoon(substitute) or rng.random() >= _PINCH_HIT_RATE:
            return
        del self.bench[group]
        self._insert_pinch_hitter(substitute, position)

    def _enter_spring_substitutes(self) -> None:
        """Replace a spring game's regulars by the substitutes at their positions."""
        for position, substitute in self.plan.spring_substitutes.items():
            slot = [played for _, played in self.plan.order].index(position)
            self.lineup[slot] = substitute
            self.box_score[substitute] = BoxScoreLine(f"{slot + 1}01", [position])
            if position in POSITION_NUMBERS:
                self.fielders[POSITION_NUMBERS[position]] = substitute

    def _insert_pinch_hitter(self, substitute: int, position: str) -> None:
        slot = self.next_slot
        self.lineup[slot] = substitute
        self.substitutes[slot] = self.substitutes.get(slot, 0) + 1
        self.box_score[substitute] = BoxScoreLine(f"{slot + 1}{self.substitutes[slot]:02}", ["PH"])
        self.pinch_hitters[substitute] = position

    def build_appearances(self) -> list[Appearance]:
        """Return the box score lines: batters in order, then pitchers as they entered."""
        order = sorted((line.order, player) for player, line in self.box_score.items() if line.order)
        everybody = [player for _, player in order] + [outing.pitcher for outing in self.outings]
        earned = {outing.pitcher: outing.earned_runs for outing in self.outings}
        return [self._build_appearance(player, earned.get(player, 0)) for player in everybody]

    def _build_appearance(self, player: int, earned_runs: int) -> Appearance:
        line = self.box_score[player]
        return Appearance(
            player, self.is_home, line.order, tuple(line.positions), player == self.plan.starter,
            earned_runs, line.putouts, line.assists, line.errors,
        )  # fmt: skip


def is_close(inning: int, lead: int) -> bool:
    """Return whether the best relievers pitch: late, tied or up to three runs ahead."""
    return inning >= LATE_INNING and 0 <= lead <= CLOSE_LEAD
