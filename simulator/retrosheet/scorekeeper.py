"""Follows a game's plays and substitutions and records its plate appearances."""

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
_ASSUMED_HAND = "R"  # of players in no roster, and of those who throw with both hands


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
    """A plate appearance in progress, and who is charged with a strikeout or a walk."""

    outs_before: int
    batter: int = 0
    count: str = ""
    pitches: str = ""
    movements: list[RunnerMovement] = field(default_factory=list)
    changes: list[Substitution] = field(default_factory=list)
    two_strikes_on: int | None = None  # batter replaced with two strikes (rule 9.15(b))
    behind_in_count: int | None = None  # pitcher replaced while behind in the count

    def add_substitution(self, player: int, replaced: int, *, is_pitcher: bool) -> None:
        """Record a substitution after at least one pitch: as many as recorded, or as the count implies."""
        recorded = len(parse_pitches(self.pitches, "X"))
        counted = sum(int(n) for n in self.count if n.isdigit())
        thrown = max(recorded, counted)
        if thrown and player != replaced:
            self.changes.append(Substitution(thrown, player, replaced, is_pitcher))


def _cut_short_by(movements: Sequence[RunnerMovement]) -> str:
    """Return the event that ended a plate appearance: the last out, else the last event with a cause."""
    outs = [runner for runner in movements if runner.is_out]
    events = [runner.event_type for runner in outs or movements if runner.event_type]
    causes = [event for event in events if event not in _CONSEQUENCES]
    return (causes or events)[-1]


class Scorekeeper:
    """Keeps score of one game; `people` by id give names and handedness."""

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
        """Set the hand that a player uses in the next plate appearance."""
        self._hands[player] = hand

    def place_runner(self, runner: int, base: int) -> None:
        """Place a runner on a base before the first play of an extra inning; the run is unearned."""
        self._placed[base] = runner

    def charge_pitcher(self, pitcher: int, base: int) -> None:
        """Make a pitcher responsible for the runner on a base from the next play on."""
        self._charged[base] = pitcher

    def enter_player(self, entry: LineupEntry) -> None:
        """Enter a starter or a substitute."""
        lineup, appearance = self.lineups[entry.side], self._plate_appearance
        if appearance and entry.position == PITCHER:
            appearance.add_substitution(entry.player, lineup.current_pitcher, is_pitcher=True)
            if appearance.count in _COUNTS_OF_THE_REPLACED_PITCHER:
                appearance.behind_in_count = appearance.behind_in_count or lineup.current_pitcher
        replaced = lineup.enter_player(entry)
        if appearance and entry.position == PINCH_HITTER and replaced == appearance.batter:
            appearance.add_substitution(entry.player, replaced, is_pitcher=False)
        if entry.position == PINCH_RUNNER and replaced:
            self._bases.substitute_runner(replaced, entry.player)
            others = {base: runner for base, runner in self._placed.items() if runner != replaced}
            self._placed = {**dict.fromkeys(self._placed.keys() - others, entry.player), **others}
        if (
            appearance
            and entry.position == PINCH_HITTER
            and replaced == appearance.batter
            and appearance.count[1:] == "2"
        ):
            appearance.two_strikes_on = appearance.two_strikes_on or replaced

    def record_play(self, record: PlayRecord) -> None:
        """Record a play."""
        if (record.inning, record.side) != self._half:
            self.close_plate_appearance()
            self._half, self._outs, self._bases = (record.inning, record.side), 0, BaseState()
        if not self.lineups[record.side].has_entered(record.batter):
            name = self._people[record.batter].full_name
            raise ValueError(f"{name} bats without having entered: expected a start or sub record")
        appearance = self._plate_appearance = self._plate_appearance or _PlateAppearance(self._outs)
        appearance.batter, appearance.count, appearance.pitches = record.batter, record.count, record.pitches
        if record.text != "NP":
            self._apply_event(parse_event(record.text), appearance)

    def close_plate_appearance(self) -> None:
        """Record a plate appearance cut short by a runner's out, the winning run or rain."""
        appearance, self._plate_appearance = self._plate_appearance, None
        if appearance and appearance.movements:
            self._append_play(
                appearance,
                _cut_short_by(appearance.movements),
                appearance.batter,
                self._fielding_lineup.current_pitcher,
            )

    @property
    def _fielding_lineup(self) -> Lineup:
        return self.lineups[1 - self._half[1]]

    def _apply_event(self, event: PlayEvent, appearance: _PlateAppearance) -> None:
        pitching = self._fielding_lineup.mark_pitcher_used()
        batter, pitcher = appearance.batter, pitching
        if event.event_type in _WALKS:
            pitcher = appearance.behind_in_count or pitching
        if event.event_type == "strikeout" and event.outs:
            batter = appearance.two_strikes_on or batter
        self._set_placed_runners(appearance, pitching)
        while self._charged:
            base, charged = self._charged.popitem()
            self._bases.charge_pitcher(charged, base)
        movements = self._bases.advance_runners(event, OnBase(batter, pitcher), pitching, self._outs)
        appearance.movements += movements
        self._update_totals(event, movements)
        if event.event_type:
            self._plate_appearance = None
            self._append_play(appearance, event.event_type, batter, pitcher, event)
        elif self._outs == 3:
            self.close_plate_appearance()

    def _set_placed_runners(self, appearance: _PlateAppearance, pitching: int) -> None:
        for base, runner in self._placed.items():
            self._bases.place_runner(OnBase(runner, pitching), base)
            appearance.movements.append(
                RunnerMovement(runner, None, f"{base}B", earned=False, event_type="runner_placed")
            )
        self._placed = {}

    def _update_totals(self, event: PlayEvent, movements: Sequence[RunnerMovement]) -> None:
        self._outs += event.outs
        self.total_outs += event.outs
        self.score[self._half[1]] += sum(runner.end == "score" for runner in movements)
        self._fielding_lineup.credit_fielding(event.credits)

    def _bat_and_throw_hands(self, batter: int, pitcher: int) -> tuple[str, str]:
        """Return the batter's side and the pitcher's hand; a switch hitter bats from the opposite side.

        If unknown both are right: a plate appearance needs a value.
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
        appearance: _PlateAppearance,
        event_type: str,
        batter: int,
        pitcher: int,
        event: PlayEvent | None = None,
    ) -> None:
        inning, side = self._half
        bat_side, pitch_hand = self._bat_and_throw_hands(batter, pitcher)
        self._hands.clear()
        runs = sum(runner.end == "score" for runner in appearance.movements)
        pitches = parse_pitches(appearance.pitches, in_play_call(event.outs if event else 0, runs))
        self.plays.append(
            Play(
                inning=inning,
                is_top=side == 0,
                batter=batter,
                pitcher=pitcher,
                bat_side=bat_side,
                pitch_hand=pitch_hand,
                event_type=event_type,
                rbi=sum(runner.rbi for runner in appearance.movements),
                outs_before=appearance.outs_before,
                outs_after=self._outs,
                away_score=self.score[0],
                home_score=self.score[1],
                pitches=pitches,
                runners=tuple(appearance.movements),
                trajectory=event.trajectory if event else None,
                hit_location=event.hit_location if event else None,
                description=self._describe_play(event_type, batter),
                changes=tuple(
                    replace(change, after=min(change.after, len(pitches))) for change in appearance.changes
                ),
            )
        )
