"""Pitch calls that lead to a plate appearance's outcome, and how balls in play were hit."""

from bisect import bisect
from itertools import accumulate, product
from random import Random
from typing import NamedTuple

# How often the last pitch comes at a count (balls, strikes), out of a thousand
_IN_PLAY_COUNTS = {
    (0, 0): 165, (0, 1): 113, (0, 2): 72, (1, 0): 103, (1, 1): 116, (1, 2): 113,
    (2, 0): 38, (2, 1): 71, (2, 2): 107, (3, 0): 4, (3, 1): 31, (3, 2): 67,
}  # fmt: skip
_STRIKEOUT_COUNTS = {(0, 2): 210, (1, 2): 320, (2, 2): 290, (3, 2): 180}
_WALK_COUNTS = {(3, 0): 150, (3, 1): 290, (3, 2): 560}
_COUNTS = {"strikeout": _STRIKEOUT_COUNTS, "walk": _WALK_COUNTS}
_TABLES = {
    event: (list(counts), list(accumulate(counts.values())))
    for event, counts in {**_COUNTS, "": _IN_PLAY_COUNTS}.items()
}
# Every order of so many balls (False) and strikes (True)
_ORDERS = {
    (balls, strikes): [
        order for order in product((False, True), repeat=balls + strikes) if sum(order) == strikes
    ]
    for balls, strikes in product(range(4), range(3))
}
_FOUL_AGAIN = 0.37  # with two strikes, before the pitch that ends it
_SAFE = {"single", "double", "triple", "home_run", "field_error"}

_TRAJECTORIES = {
    "single": (("ground_ball", 0.46), ("line_drive", 0.90), ("fly_ball", 0.97), ("popup", 1.0)),
    "double": (("ground_ball", 0.13), ("line_drive", 0.72), ("fly_ball", 1.0)),
    "triple": (("ground_ball", 0.05), ("line_drive", 0.55), ("fly_ball", 1.0)),
    "home_run": (("line_drive", 0.13), ("fly_ball", 1.0)),
}
_FALLS_IN = {"single", "double", "triple"}
_OUTFIELD = "777888999"
_LOCATIONS = {"ground_ball": "44555666631", "bunt_grounder": "11553", "line_drive": "3456778899",
              "fly_ball": "77888999", "popup": "2334456667"}  # fmt: skip


class BattedBall(NamedTuple):
    """A ball in play: its trajectory and the position number of the fielder who handled it."""

    trajectory: str
    location: int


def draw_batted_ball(rng: Random, event_type: str, trajectory: str | None) -> BattedBall:
    """Draw a batted ball; `trajectory` is given for outs and drawn for hits."""
    flight = trajectory or _draw_trajectory(rng, event_type)
    to_outfield = event_type == "home_run" or (event_type in _FALLS_IN and flight != "popup")
    fielders = _OUTFIELD if to_outfield else _LOCATIONS[flight]
    return BattedBall(flight, int(fielders[int(rng.random() * len(fielders))]))


def draw_calls(rng: Random, event_type: str, runs: int = 0) -> list[str]:
    """Draw the calls of a whole plate appearance; an intentional walk is four unmeasured balls."""
    if event_type == "intent_walk":
        return ["I"] * 4
    counts, cumulative = _TABLES.get(event_type, _TABLES[""])
    balls, strikes = counts[bisect(cumulative, rng.random() * cumulative[-1], hi=len(counts) - 1)]
    return [*_draw_calls_before_last(rng, balls, strikes), _draw_last_call(rng, event_type, runs)]


def draw_unfinished_calls(rng: Random) -> list[str]:
    """Draw the calls of a plate appearance cut short by a runner's out."""
    return _draw_calls_before_last(rng, rng.randint(0, 3), rng.randint(0, 1)) or [_draw_ball_call(rng)]


def _draw_trajectory(rng: Random, event_type: str) -> str:
    roll = rng.random()
    return next(name for name, below in _TRAJECTORIES[event_type] if roll < below)


def _draw_strike_call(rng: Random) -> str:
    roll = rng.random()
    return "C" if roll < 0.44 else "F" if roll < 0.79 else "S" if roll < 0.98 else "W"


def _draw_ball_call(rng: Random) -> str:
    return "B" if rng.random() < 0.955 else "*B"


def _draw_calls_before_last(rng: Random, balls: int, strikes: int) -> list[str]:
    """Draw the calls before the last pitch, in any order; extra fouls come after the second strike."""
    orders = _ORDERS[balls, strikes]
    order = orders[int(rng.random() * len(orders))]
    calls = [_draw_strike_call(rng) if strike else _draw_ball_call(rng) for strike in order]
    if strikes == 2:
        second = len(order) - 1 - order[::-1].index(True)
        while rng.random() < _FOUL_AGAIN:
            calls.insert(rng.randint(second + 1, len(calls)), "F")
    return calls


def _draw_last_call(rng: Random, event_type: str, runs: int) -> str:
    if event_type == "strikeout":
        return "C" if rng.random() < 0.24 else "S" if rng.random() < 0.93 else "W"
    if event_type == "walk":
        return _draw_ball_call(rng)
    if event_type == "hit_by_pitch":
        return "H"
    return "E" if runs else "D" if event_type in _SAFE else "X"
