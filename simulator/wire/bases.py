"""The runners on base before and after each play, derived from the runners' movements."""

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
    """Yield the situation of every play, in order; each half-inning begins with empty bases.

    A runner placed on base to begin an extra inning, or one whose arrival no play records, is on base from
    the start of the half-inning.
    """
    for _, half in groupby(plays, key=lambda play: (play.inning, play.is_top)):
        half_plays = list(half)
        bases = _placed_runners(half_plays)
        for play in half_plays:
            before = bases
            running, outcome = split_movements(play)
            at_outcome = move_runners(before, running)
            bases = move_runners(at_outcome, outcome)  # kept after a third out: they are left on base
            yield BaseSituation(before, at_outcome, bases)


def move_runners(bases: RunnersByBase, runners: Sequence[RunnerMovement]) -> RunnersByBase:
    """Return the bases after some movements; a runner who moves twice is on the last base reached."""
    if not runners:
        return bases
    remaining = dict(bases)
    final: dict[int, str | None] = {}
    for runner in runners:
        if runner.start:
            remaining.pop(runner.start, None)
        final[runner.runner] = None if runner.is_out else runner.end
    unmoved = {base: player for base, player in remaining.items() if player not in final}
    return unmoved | {base: player for player, base in final.items() if base in ON_BASE}


def split_movements(play: Play) -> tuple[list[RunnerMovement], list[RunnerMovement]]:
    """Return a play's movements before its outcome (steals, wild pitches), then the outcome's."""
    runners = list_movements(play)
    running = [runner for runner in runners if runner.event_type]
    return running, [runner for runner in runners if not runner.event_type]


def list_movements(play: Play) -> list[RunnerMovement]:
    """Return a play's movements without placed runners, who do not move."""
    return [runner for runner in play.runners if runner.event_type != PLACED]


def list_placed_runners(play: Play) -> list[RunnerMovement]:
    """Return the runners placed on a base before a play."""
    return [runner for runner in play.runners if runner.event_type == PLACED]


def _placed_runners(plays: Sequence[Play]) -> RunnersByBase:
    known: RunnersByBase = {
        runner.end: runner.runner for play in plays for runner in list_placed_runners(play) if runner.end
    }
    bases, seen = dict(known), set(known.values())
    for runners in chain.from_iterable(split_movements(play) for play in plays):
        for runner in runners:
            if runner.start and runner.start not in bases and runner.runner not in seen:
                known.setdefault(runner.start, runner.runner)
            seen.add(runner.runner)
        bases = move_runners(bases, runners)
    return known
