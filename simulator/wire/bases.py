"""Who stands where: the runners on base before and after each play, followed from the runners' movements."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from simulator.game_record import Play, Runner

Bases = dict[str, int]
ON_BASE = ("1B", "2B", "3B")
PLACED = "runner_placed"


class Situation(NamedTuple):
    """Runners by base ("1B", "2B", "3B") before a play, before its last pitch's outcome, and after it."""

    before: Bases
    at_outcome: Bases
    after: Bases


def situations(plays: Sequence[Play]) -> Iterator[Situation]:
    """Yield the situation of every play, in order; bases empty with every half-inning.

    A runner who is placed to begin an extra inning, or whom nobody saw arrive, stands there from its start.
    """
    for _, half in groupby(plays, key=lambda play: (play.inning, play.is_top)):
        turn = list(half)
        bases = _placed_runners(turn)
        for play in turn:
            before = bases
            running, outcome = running_first(play)
            at_outcome = moved(before, running)
            bases = moved(at_outcome, outcome)  # who is left after a third out is still the half's men left
            yield Situation(before, at_outcome, bases)


def moved(bases: Bases, runners: Sequence[Runner]) -> Bases:
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


def running_first(play: Play) -> tuple[list[Runner], list[Runner]]:
    """Return a play's movements before its outcome (steals, wild pitches), then the outcome's."""
    runners = moving(play)
    running = [runner for runner in runners if runner.event_type]
    return running, [runner for runner in runners if not runner.event_type]


def moving(play: Play) -> list[Runner]:
    """Return a play's movements: to be placed on a base is none."""
    return [runner for runner in play.runners if runner.event_type != PLACED]


def placed(play: Play) -> list[Runner]:
    """Return the runners who are placed on a base before a play."""
    return [runner for runner in play.runners if runner.event_type == PLACED]


def _placed_runners(turn: Sequence[Play]) -> Bases:
    known: Bases = {one.end: one.runner for play in turn for one in placed(play) if one.end}
    bases, seen = dict(known), set(known.values())
    for runners in chain.from_iterable(running_first(play) for play in turn):
        for runner in runners:
            if runner.start and runner.start not in bases and runner.runner not in seen:
                known.setdefault(runner.start, runner.runner)
            seen.add(runner.runner)
        bases = moved(bases, runners)
    return known
