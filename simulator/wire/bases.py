"""Who stands where: the runners on base before and after each play, followed from the runners' movements."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from simulator.game_record import Play, RunnerMovement

RunnersByBase = dict[str, int]
ON_BASE = ("1B", "2B", "3B")
PLACED = "runner_placed"


class BaseSituation(NamedTuple):
    """Runners by base ("1B", "2B", "3B") before a play, before its last pitch's outcome, and after it."""

    before: RunnersByBase
    at_outcome: RunnersByBase
    after: RunnersByBase


def base_situations(plays: Sequence[Play]) -> Iterator[BaseSituation]:
    """Yield the situation of every play, in order; bases empty with every half-inning.

    A runner who is placed to begin an extra inning, or whom nobody saw arrive, stands there from its start.
    """
    for _, half in groupby(plays, key=lambda play: (play.inning, play.is_top)):
        turn = list(half)
        bases = _placed_runners(turn)
        for play in turn:
            before = bases
            running, outcome = split_movements(play)
            at_outcome = move_runners(before, running)
            bases = move_runners(
                at_outcome, outcome
            )  # who is left after a third out is still the half's men left
            yield BaseSituation(before, at_outcome, bases)


def move_runners(bases: RunnersByBase, runners: Sequence[RunnerMovement]) -> RunnersByBase:
    """Return the bases after some movements; a runner who moves twice stands where he ends."""
    if not runners:
        return bases
    left = dict(bases)
    final: dict[int, str | None] = {}
    for runner in runners:
        if runner.start:
            left.pop(runner.start, None)
        final[runner.runner] = None if runner.is_out else runner.end
    kept = {base: who for base, who in left.items() if who not in final}
    return kept | {base: who for who, base in final.items() if base in ON_BASE}


def split_movements(play: Play) -> tuple[list[RunnerMovement], list[RunnerMovement]]:
    """Return a play's movements before its outcome (steals, wild pitches), then the outcome's."""
    runners = list_movements(play)
    running = [runner for runner in runners if runner.event_type]
    return running, [runner for runner in runners if not runner.event_type]


def list_movements(play: Play) -> list[RunnerMovement]:
    """Return a play's movements: to be placed on a base is none."""
    return [runner for runner in play.runners if runner.event_type != PLACED]


def list_placed_runners(play: Play) -> list[RunnerMovement]:
    """Return the runners who are placed on a base before a play."""
    return [runner for runner in play.runners if runner.event_type == PLACED]


def _placed_runners(turn: Sequence[Play]) -> RunnersByBase:
    known: RunnersByBase = {
        one.end: one.runner for play in turn for one in list_placed_runners(play) if one.end
    }
    bases, seen = dict(known), set(known.values())
    for runners in chain.from_iterable(split_movements(play) for play in turn):
        for runner in runners:
            if runner.start and runner.start not in bases and runner.runner not in seen:
                known.setdefault(runner.start, runner.runner)
            seen.add(runner.runner)
        bases = move_runners(bases, runners)
    return known
