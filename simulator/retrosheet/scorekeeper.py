"""The scorekeeper: walks through a game's plays and substitutions and writes down plate appearances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from simulator.game_record import Person, Play, RunnerMovement, Substitution
from simulator.retrosheet.bases import BaseState, OnBase
from simulator.retrosheet.events import PlayEvent, parse_event
from simulator.retrosheet.lineup import PINCH_HITTER, PINCH_RUNNER, PITCHER, Lineup, LineupEntry
from simulator.retrosheet.pitches import in_play_call, parse_pitches
from simulator.retrosheet.vocabulary import WORDS

_WALKS = ("walk", "intent_walk")
_COUNTS_OF_THE_REPLACED_PITCHER = ("20", "21", "30", "31", "32")  # rule 9.16(h)
_CONSEQUENCES = ("error", "other_advance", "runner_placed")
_OTHER_SIDE = {"L": "R", "R": "L"}
_ASSUMED_HAND = "R"  # of who is in no roster, or throws with both


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """A `play` record; `side` bats, `count` is balls and strikes before the play ends."""

    inning: int
    side: int
    batter: int
    count: str
    pitches: str
    text: str


@dataclass(slots=True)
class _PlateAppearance:
    """A plate appearance in progress, and who is charged if it ends in a strikeout or a walk."""

    outs_before: int
    batter: int = 0
    count: str = ""
    pitches: str = ""
    movements: list[RunnerMovement] = field(default_factory=list)
    changes: list[Substitution] = field(default_factory=list)
    two_strikes_on: int | None = None
    behind_in_count: int | None = None

    def add_substitution(self, player: int, replaced: int, *, is_pitcher: bool) -> None:
        """Note who comes in for whom, if pitches were thrown before: as told, or as the count asks for."""
        recorded, counted = (
            len(parse_pitches(self.pitches, "X")),
            sum(int(n) for n in self.count if n.isdigit()),
        )
        thrown = max(recorded, counted)
        if thrown and player != replaced:
            self.changes.append(Substitution(thrown, player, replaced, is_pitcher))


def _cut_short_by(movements: Sequence[RunnerMovement]) -> str:
    """Name what ended a turn: the last out, else the last thing that is no mere consequence."""
    outs = [runner for runner in movements if runner.is_out]
    events = [runner.event_type for runner in outs or movements if runner.event_type]
    causes = [event for event in events if event not in _CONSEQUENCES]
    return (causes or events)[-1]


class Scorekeeper:
    """Keeps score of one game; `people` by id tell names and hands."""

    def __init__(self, people: Mapping[int, Person]) -> None:
        self.lineups = (Lineup(is_home=False), Lineup(is_home=True))
        self.plays: list[Play] = []
        self.score = [0, 0]
        self.total_outs = 0
        self._people = people
        self._half = (0, 0)
        self._outs = 0
        self._bases = BaseState()
        self._plate_appearance: _PlateAppearance | None = None
        self._hands: dict[int, str] = {}
        self._placed: dict[int, int] = {}
        self._charged: dict[int, int] = {}

    def adjust_hand(self, player: int, hand: str) -> None:
        """Note the hand that a player uses in the coming plate appearance."""
        self._hands[player] = hand

    def place_runner(self, runner: int, base: int) -> None:
        """Note a runner who is on a base before the first play of an extra inning; his run is unearned."""
        self._placed[base] = runner

    def charge_pitcher(self, pitcher: int, base: int) -> None:
        """Note that from the coming play on a pitcher answers for the runner on a base."""
        self._charged[base] = pitcher

    def enter_player(self, entry: LineupEntry) -> None:
        """Let a starter or a substitute enter."""
        lineup, turn = self.lineups[entry.side], self._plate_appearance
        if turn and entry.position == PITCHER:
            turn.add_substitution(entry.player, lineup.current_pitcher, is_pitcher=True)
            if turn.count in _COUNTS_OF_THE_REPLACED_PITCHER:
                turn.behind_in_count = turn.behind_in_count or lineup.current_pitcher
        replaced = lineup.enter_player(entry)
        if turn and entry.position == PINCH_HITTER and replaced == turn.batter:
            turn.add_substitution(entry.player, replaced, is_pitcher=False)
        if entry.position == PINCH_RUNNER and replaced:
            self._bases.substitute_runner(replaced, entry.player)
            stays = {base: runner for base, runner in self._placed.items() if runner != replaced}
            self._placed = {**dict.fromkeys(self._placed.keys() - stays, entry.player), **stays}
        if turn and entry.position == PINCH_HITTER and replaced == turn.batter and turn.count[1:] == "2":
            turn.two_strikes_on = turn.two_strikes_on or replaced

    def record_play(self, record: PlayRecord) -> None:
        """Write a play down."""
        if (record.inning, record.side) != self._half:
            self.close_plate_appearance()
            self._half, self._outs, self._bases = (record.inning, record.side), 0, BaseState()
        if not self.lineups[record.side].has_entered(record.batter):
            name = self._people[record.batter].full_name
            raise ValueError(f"{name} bats and never came in: expected a start or sub record")
        turn = self._plate_appearance = self._plate_appearance or _PlateAppearance(self._outs)
        turn.batter, turn.count, turn.pitches = record.batter, record.count, record.pitches
        if record.text != "NP":
            self._apply_event(parse_event(record.text), turn)

    def close_plate_appearance(self) -> None:
        """Write down a plate appearance that a runner's out, the winning run or the rain has cut short."""
        turn, self._plate_appearance = self._plate_appearance, None
        if turn and turn.movements:
            self._append_play(
                turn, _cut_short_by(turn.movements), turn.batter, self._fielding_lineup.current_pitcher
            )

    @property
    def _fielding_lineup(self) -> Lineup:
        return self.lineups[1 - self._half[1]]

    def _apply_event(self, event: PlayEvent, turn: _PlateAppearance) -> None:
        pitching = self._fielding_lineup.mark_pitcher_used()
        batter, pitcher = turn.batter, pitching
        if event.event_type in _WALKS:
            pitcher = turn.behind_in_count or pitching
        if event.event_type == "strikeout" and event.outs:
            batter = turn.two_strikes_on or batter
        self._set_placed_runners(turn, pitching)
        while self._charged:
            base, charged = self._charged.popitem()
            self._bases.charge_pitcher(charged, base)
        movements = self._bases.advance_runners(event, OnBase(batter, pitcher), pitching, self._outs)
        turn.movements += movements
        self._update_totals(event, movements)
        if event.event_type:
            self._plate_appearance = None
            self._append_play(turn, event.event_type, batter, pitcher, event)
        elif self._outs == 3:
            self.close_plate_appearance()

    def _set_placed_runners(self, turn: _PlateAppearance, pitching: int) -> None:
        for base, runner in self._placed.items():
            self._bases.place_runner(OnBase(runner, pitching), base)
            turn.movements.append(
                RunnerMovement(runner, None, f"{base}B", earned=False, event_type="runner_placed")
            )
        self._placed = {}

    def _update_totals(self, event: PlayEvent, movements: Sequence[RunnerMovement]) -> None:
        self._outs += event.outs
        self.total_outs += event.outs
        self.score[self._half[1]] += sum(runner.end == "score" for runner in movements)
        self._fielding_lineup.credit_fielding(event.credits)

    def _bat_and_throw_hands(self, batter: int, pitcher: int) -> tuple[str, str]:
        """Return the batter's side and the pitcher's hand; a switch hitter takes the other side.

        Both are right where nobody knows: a plate appearance has to name them.
        """
        throws = self._people[pitcher].throws
        hand = self._hands.get(pitcher) or (throws if throws in _OTHER_SIDE else _ASSUMED_HAND)
        bats = self._hands.get(batter) or self._people[batter].bats or _ASSUMED_HAND
        return (_OTHER_SIDE[hand] if bats == "S" else bats), hand

    def _describe_play(self, event_type: str, batter: int) -> str:
        name = self._people[batter].full_name
        if verb := WORDS["sentences"].get(event_type):
            return f"{name} {verb}."
        return f"With {name} batting: {event_type.replace('_', ' ')}."

    def _append_play(
        self,
        turn: _PlateAppearance,
        event_type: str,
        batter: int,
        pitcher: int,
        event: PlayEvent | None = None,
    ) -> None:
        inning, side = self._half
        bat_side, pitch_hand = self._bat_and_throw_hands(batter, pitcher)
        self._hands.clear()
        runs = sum(runner.end == "score" for runner in turn.movements)
        pitches = parse_pitches(turn.pitches, in_play_call(event.outs if event else 0, runs))
        self.plays.append(
            Play(
                inning=inning,
                is_top=side == 0,
                batter=batter,
                pitcher=pitcher,
                bat_side=bat_side,
                pitch_hand=pitch_hand,
                event_type=event_type,
                rbi=sum(runner.rbi for runner in turn.movements),
                outs_before=turn.outs_before,
                outs_after=self._outs,
                away_score=self.score[0],
                home_score=self.score[1],
                pitches=pitches,
                runners=tuple(turn.movements),
                trajectory=event.trajectory if event else None,
                hit_location=event.hit_location if event else None,
                description=self._describe_play(event_type, batter),
                changes=tuple(replace(one, after=min(one.after, len(pitches))) for one in turn.changes),
            )
        )
