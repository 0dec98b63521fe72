"""Simulated games shared by the league's tests, and a scorekeeper who follows them independently."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import groupby

from simulator.game_record import GameRecord, Play
from simulator.league import SimulatedLeague

HITS = {"single", "double", "triple", "home_run"}
WALKS = {"walk", "intent_walk", "hit_by_pitch"}


@cache
def league() -> SimulatedLeague:
    return SimulatedLeague(7, [2026])


@cache
def some_games() -> list[GameRecord]:
    return list(league().games_on(date(2026, 5, 1), date(2026, 5, 12)))


def turns(game: GameRecord) -> list[Play]:
    """Plate appearances: plays that were not cut short by a runner's out."""
    return [play for play in game.plays if play.event_type != "caught_stealing_2b"]


def runs(play: Play) -> int:
    return sum(runner.end == "score" for runner in play.runners)


def halves(game: GameRecord) -> Iterator[list[Play]]:
    for _, plays in groupby(game.plays, key=lambda play: (play.inning, play.is_top)):
        yield list(plays)


def follow(half: list[Play]) -> dict[str, int]:
    """Move the runners of a half by the book and return who is left on base; raise where it cannot be."""
    bases: dict[str, int] = {}
    for play in half:
        for runner in play.runners:
            if runner.start is not None and bases.pop(runner.start) != runner.runner:
                raise AssertionError(f"{runner} was not on {runner.start}: {play.description}")
            if runner.end not in {None, "score"}:
                if runner.end in bases:
                    raise AssertionError(f"{runner} ran into an occupied base: {play.description}")
                bases[runner.end] = runner.runner
        if len(set(bases.values())) != len(bases):
            raise AssertionError(f"somebody stands on two bases: {play.description}")
    return bases


def final_score(game: GameRecord) -> dict[bool, int]:
    """Runs by is_home, summed over the runners."""
    total: Counter[bool] = Counter()
    for play in game.plays:
        total[not play.is_top] += runs(play)
    return {home: total[home] for home in (False, True)}
