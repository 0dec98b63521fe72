"""A side's line-up as starters and substitutes enter, with their positions and fielding credits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.game_record import Appearance
from simulator.retrosheet.credits import FieldingCredits
from simulator.retrosheet.vocabulary import WORDS

_CREDITS = ("putouts", "assists", "errors")
PITCHER, PINCH_HITTER, PINCH_RUNNER = 1, 11, 12


@dataclass(frozen=True, slots=True)
class LineupEntry:
    """A `start` or `sub` record: side 0 visitors, 1 home; slot 0 is a pitcher who does not bat."""

    player: int
    side: int
    slot: int
    position: int


@dataclass(slots=True)
class _PlayerEntry:
    """One player's batting order and positions."""

    batting_order: str | None
    positions: list[str] = field(default_factory=list)


class Lineup:
    """One side's nine, its substitutes and their fielding credits."""

    def __init__(self, is_home: bool) -> None:
        self.is_home = is_home
        self.pitchers: list[int] = []
        self._entries: dict[int, _PlayerEntry] = {}
        self._batting: dict[int, int] = {}
        self._fielding: dict[int, int] = {}
        self._entered: Counter[int] = Counter()
        self._credits: dict[str, Counter[int]] = {kind: Counter() for kind in _CREDITS}
        self._last_to_pitch: int | None = None

    @property
    def current_pitcher(self) -> int:
        """Return the current pitcher; ValueError before one has entered."""
        if PITCHER not in self._fielding:
            raise ValueError("no pitcher: expected a start or sub record with position 1")
        return self._fielding[PITCHER]

    def has_entered(self, player: int) -> bool:
        """Return whether a player has entered."""
        return player in self._entries

    def enter_player(self, entry: LineupEntry) -> int | None:
        """Enter or move a player; return the player replaced in the batting order, if any."""
        replaced = self._batting.get(entry.slot) if entry.slot else None
        if entry.player not in self._entries:
            self._entries[entry.player] = _PlayerEntry(self._next_batting_order(entry.slot))
        elif entry.slot and self._entries[entry.player].batting_order is None:
            self._entries[entry.player].batting_order = self._next_batting_order(entry.slot)
        if entry.slot:
            self._batting[entry.slot] = entry.player
        self._take_position(entry)
        return replaced

    def _next_batting_order(self, slot: int) -> str | None:
        if not slot:
            return None
        self._entered[slot] += 1
        return str(slot * 100 + self._entered[slot] - 1)

    def _take_position(self, entry: LineupEntry) -> None:
        if not PITCHER <= entry.position <= PINCH_RUNNER:
            raise ValueError(f"expected a position from 1 to 12, got {entry.position}")
        name = WORDS["positions"][entry.position]
        positions = self._entries[entry.player].positions
        if positions[-1:] != [name]:
            positions.append(name)
        if entry.position <= 9:
            self._fielding[entry.position] = entry.player
        if entry.position == PITCHER and entry.player not in self.pitchers:
            self.pitchers.append(entry.player)

    def mark_pitcher_used(self) -> int:
        """Return the current pitcher and record that they were on the mound for a play."""
        self._last_to_pitch = self.current_pitcher
        return self.current_pitcher

    def credit_fielding(self, credits_: FieldingCredits) -> None:
        """Credit a fielding play to the players at its positions."""
        for kind, counter in self._credits.items():
            for position in getattr(credits_, kind):
                if int(position) not in self._fielding:
                    raise ValueError(f"no fielder at position {position}: expected a start or sub record")
                counter[self._fielding[int(position)]] += 1

    def list_appearances(self, earned_runs: Mapping[int, int]) -> Sequence[Appearance]:
        """Return all appearances: other players in order of entry, then pitchers in order."""
        if self.current_pitcher == self.pitchers[-1] != self._last_to_pitch:
            self._remove_unused_pitcher(self.pitchers.pop())
        others = [player for player in self._entries if player not in self.pitchers]
        return [self._build_appearance(player, earned_runs) for player in (*others, *self.pitchers)]

    def _remove_unused_pitcher(self, announced: int) -> None:
        """Remove a pitcher who was announced but faced no batter, for example because of rain."""
        entry = self._entries[announced]
        entry.positions.remove("P")
        if not entry.positions:
            del self._entries[announced]

    def _build_appearance(self, player: int, earned_runs: Mapping[int, int]) -> Appearance:
        entry = self._entries[player]
        return Appearance(
            player=player,
            is_home=self.is_home,
            batting_order=entry.batting_order,
            positions=tuple(entry.positions),
            is_starting_pitcher=self.pitchers[:1] == [player],
            earned_runs=earned_runs.get(player, 0),
            **{kind: counter[player] for kind, counter in self._credits.items()},
        )
