"""How runners advance on every outcome from every base-out state: one table for games and replays."""

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from simulator.league.outcomes import OUTCOMES

BATTER, HOME, OUT = 0, 4, -1
Moves = tuple[tuple[int, int], ...]


class Branch(NamedTuple):
    """One result of an outcome; `moves` are (from, to), lead runner first, without runners who stay."""

    probability: float
    event_type: str
    moves: Moves
    trajectory: str | None = None

    @property
    def outs(self) -> int:
        """Outs made."""
        return sum(to == OUT for _, to in self.moves)

    @property
    def runs(self) -> int:
        """Runs scored."""
        return sum(to == HOME for _, to in self.moves)


Branches = Iterator[Branch]


def occupied_bases(bases: int) -> list[int]:
    """Return the occupied bases, lead runner first; bit 0 of `bases` is first base."""
    return [base for base in (3, 2, 1) if bases >> (base - 1) & 1]


def forced_runners(bases: int) -> list[int]:
    """Return the bases whose runners are forced when the batter takes first, lead runner first."""
    chain = [base for base in (1, 2, 3) if bases % (1 << base) == (1 << base) - 1]
    return chain[::-1]


def _advance_runners(bases: list[int], by: int = 1) -> Moves:
    return tuple((base, min(base + by, HOME)) for base in bases)


def _strikeout_branches(_bases: int, _outs: int) -> Branches:
    yield Branch(1, "strikeout", ((BATTER, OUT),))


def _walk_branches(event_type: str, bases: int) -> Branches:
    yield Branch(1, event_type, (*_advance_runners(forced_runners(bases)), (BATTER, 1)))


def _single_branches(bases: int, outs: int) -> Branches:
    occupied = occupied_bases(bases)
    scores = 0.84 if outs == 2 else 0.56
    for share, second_to in ((scores, HOME), (1 - scores, 3)) if 2 in occupied else ((1.0, HOME),):
        takes_third = 0.3 if 1 in occupied and second_to == HOME else 0.0
        for part, first_to in ((takes_third, 3), (1 - takes_third, 2)):
            end_of = {3: HOME, 2: second_to, 1: first_to}
            yield Branch(share * part, "single", (*((base, end_of[base]) for base in occupied), (BATTER, 1)))


def _double_branches(bases: int, outs: int) -> Branches:
    ahead = tuple((base, HOME) for base in occupied_bases(bases & 0b110))
    if not bases & 1:
        yield Branch(1, "double", (*ahead, (BATTER, 2)))
        return
    scores = 0.6 if outs == 2 else 0.38
    yield Branch(scores, "double", (*ahead, (1, HOME), (BATTER, 2)))
    yield Branch(1 - scores, "double", (*ahead, (1, 3), (BATTER, 2)))


def _clear_bases_branches(event_type: str, batter_to: int, bases: int) -> Branches:
    yield Branch(1, event_type, (*_advance_runners(occupied_bases(bases), HOME), (BATTER, batter_to)))


def _ground_out_branches(bases: int, outs: int) -> Branches:
    batter_out = ((BATTER, OUT),)
    if outs == 2 or not bases:
        yield Branch(1, "field_out", batter_out)
    elif bases & 1:
        ahead = _advance_runners(occupied_bases(bases & 0b110))
        yield Branch(0.5, "grounded_into_double_play", (*(ahead if outs == 0 else ()), (1, OUT), *batter_out))
        yield Branch(0.25, "force_out", (*ahead, (1, OUT), (BATTER, 1)))
        yield Branch(0.25, "field_out", (*ahead, (1, 2), *batter_out))
    else:
        thrown_out = 0.07 if bases & 0b100 else 0.0
        yield Branch(thrown_out, "fielders_choice_out", ((3, OUT), (BATTER, 1)))
        yield Branch(0.5 - thrown_out, "field_out", batter_out)
        yield Branch(0.5, "field_out", (*_advance_runners(occupied_bases(bases)), *batter_out))


def _fly_out_branches(bases: int, outs: int) -> Branches:
    batter_out = ((BATTER, OUT),)
    if outs == 2 or not bases & 0b110:
        yield Branch(1, "field_out", batter_out)
    elif bases & 0b100:
        yield Branch(0.6, "sac_fly", ((3, HOME), *batter_out))
        yield Branch(0.4, "field_out", batter_out)
    else:
        yield Branch(0.2, "field_out", ((2, 3), *batter_out))
        yield Branch(0.8, "field_out", batter_out)


def _caught_ball_branches(_bases: int, _outs: int) -> Branches:
    yield Branch(1, "field_out", ((BATTER, OUT),))


def _bunt_branches(bases: int, outs: int) -> Branches:
    if outs == 0 and bases in {0b001, 0b010, 0b011}:
        yield Branch(1, "sac_bunt", (*_advance_runners(occupied_bases(bases)), (BATTER, OUT)))
    else:
        yield from _ground_out_branches(bases, outs)


def _error_branches(bases: int, _outs: int) -> Branches:
    yield Branch(1, "field_error", (*_advance_runners(occupied_bases(bases)), (BATTER, 1)))


_BATTED_OUTS = (
    (0.018, "ground_ball", _error_branches),
    (0.012, "bunt_grounder", _bunt_branches),
    (0.425, "ground_ball", _ground_out_branches),
    (0.315, "fly_ball", _fly_out_branches),
    (0.125, "line_drive", _caught_ball_branches),
    (0.105, "popup", _caught_ball_branches),
)


def _in_play_out_branches(bases: int, outs: int) -> Branches:
    for share, trajectory, branches in _BATTED_OUTS:
        for branch in branches(bases, outs):
            yield branch._replace(probability=share * branch.probability, trajectory=trajectory)


_BRANCHES_BY_OUTCOME = {
    "strikeout": _strikeout_branches,
    "walk": lambda bases, _: _walk_branches("walk", bases),
    "hit_by_pitch": lambda bases, _: _walk_branches("hit_by_pitch", bases),
    "single": _single_branches,
    "double": _double_branches,
    "triple": lambda bases, _: _clear_bases_branches("triple", 3, bases),
    "home_run": lambda bases, _: _clear_bases_branches("home_run", HOME, bases),
    "field_out": _in_play_out_branches,
}

BRANCHES: list[list[list[list[Branch]]]] = [
    [
        [[b for b in _BRANCHES_BY_OUTCOME[name](bases, outs) if b.probability] for outs in range(3)]
        for bases in range(8)
    ]
    for name in OUTCOMES
]  # [outcome][bases][outs]
CUMULATIVE_PROBABILITIES = [
    [[list(accumulate(b.probability for b in branches)) for branches in by_outs] for by_outs in by_bases]
    for by_bases in BRANCHES
]


def score_walk_off(branch: Branch, needed: int) -> Branch:
    """Return a game-ending hit as rule 9.06(f) scores it: no more bases than the winning runner needed."""
    total_bases = {"single": 1, "double": 2, "triple": 3}
    if branch.event_type not in total_bases or branch.runs < needed:
        return branch
    winner = [start for start, _ in branch.moves][needed - 1]
    advance = min(total_bases[branch.event_type], HOME - winner)
    event_type = next(name for name, bases in total_bases.items() if bases == advance)
    moves = [(start, HOME if start >= winner else start + advance) for start, _ in branch.moves]
    return branch._replace(event_type=event_type, moves=tuple(moves))
