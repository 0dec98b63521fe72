"""The runners on base, their movements, and the pitcher responsible for each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from simulator.game_record import RunnerMovement
from simulator.retrosheet.events import PlayEvent
from simulator.retrosheet.moves import RunnerLeg

_NAMES = (None, "1B", "2B", "3B", "score")
HOME = 4


class ImpossibleMove(ValueError):
    """A runner is moved from an empty base, or to an occupied one."""


@dataclass(frozen=True, slots=True)
class OnBase:
    """A runner and the pitcher charged with the run if the runner scores."""

    runner: int
    pitcher: int


class BaseState:
    """First, second and third base; during a play the batter is at base 0."""

    def __init__(self) -> None:
        self._on: dict[int, OnBase] = {}

    @property
    def runner_ids(self) -> Sequence[int]:
        """Return who is on base, the lead runner first."""
        return [self._on[base].runner for base in (3, 2, 1) if base in self._on]

    def place_runner(self, on_base: OnBase, base: int) -> None:
        """Put a runner on a base before the first play: extra innings have begun so since 2020."""
        self._on[base] = on_base

    def substitute_runner(self, leaving: int, entering: int) -> None:
        """Replace a runner by a pinch runner."""
        for base, on_base in self._on.items():
            if on_base.runner == leaving:
                self._on[base] = replace(on_base, runner=entering)

    def charge_pitcher(self, pitcher: int, base: int) -> None:
        """Make a pitcher responsible for the runner on a base."""
        if base not in self._on:
            raise ImpossibleMove(f"no runner on base {base}")
        self._on[base] = replace(self._on[base], pitcher=pitcher)

    def advance_runners(
        self, event: PlayEvent, batter: OnBase, pitching: int, outs: int
    ) -> list[RunnerMovement]:
        """Move the runners as the event says and return the movements; `outs` are those before it.

        A run is charged to the runner's responsible pitcher, an out to the current one.
        """
        self._on[0] = batter
        if event.batter_replaces_runner:
            self._pass_on_responsibility(event)
        movements: list[RunnerMovement] = []
        for move in event.moves:
            movements += self._force_runners(move)
            movements.append(self._move_runner(move, pitching, outs))
        self._on.pop(0, None)
        return movements

    def _pass_on_responsibility(self, event: PlayEvent) -> None:
        """Charge each pitcher with as many runners as they put on base, lead runners first (rule 9.16(g))."""
        pitchers = [self._on[base].pitcher for base in (3, 2, 1, 0) if base in self._on]
        put_out = {move.base for move in event.moves if move.is_out}
        survivors = [base for base in (3, 2, 1, 0) if base in self._on and base not in put_out]
        for base, pitcher in zip(survivors, pitchers, strict=False):
            self._on[base] = replace(self._on[base], pitcher=pitcher)

    def _force_runners(self, move: RunnerLeg) -> list[RunnerMovement]:
        """Advance runners forced by a batter who takes first base if the record leaves them out."""
        if move.base or move.to != 1 or move.is_out or 1 not in self._on:
            return []
        forced = list(takewhile(self._on.__contains__, (1, 2, 3)))
        return [self._move_runner(RunnerLeg(base, base + 1), 0, 0) for base in reversed(forced)]

    def _move_runner(self, move: RunnerLeg, pitching: int, outs: int) -> RunnerMovement:
        on_base = self._on.pop(move.base, None)
        if on_base is None:
            raise ImpossibleMove(f"no runner on base {move.base}")
        if not move.is_out and move.to < HOME:
            if move.to in self._on:
                raise ImpossibleMove(f"base {move.to} is occupied by {self._on[move.to].runner}")
            self._on[move.to] = on_base
        return RunnerMovement(
            runner=on_base.runner,
            start=_NAMES[move.base],
            end=None if move.is_out else _NAMES[move.to],
            is_out=move.is_out,
            rbi=move.rbi or (move.rbi_before_two_outs and outs < 2),
            earned=move.earned,
            responsible_pitcher=pitching if move.is_out else on_base.pitcher,
            event_type=move.event,
        )
