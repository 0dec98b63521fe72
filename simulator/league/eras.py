"""What changes from season to season: how often things happen, how long starters last, and the rules.

The rates of `eras.json` are the majors': 2010–2016 from Retrosheet's event files, 2024 from Statcast's April
and May. Between two of them they change evenly, before the first and after the last they stay.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.league import spring_training

PLACED_RUNNER_SINCE = 2020
_SHORT_DOUBLEHEADERS = (2020, 2021)
_BIGGER_BASES_SINCE = 2023
_PITCH_CLOCK_SINCE = 2023


@dataclass(frozen=True, slots=True)
class Era:
    """A season's rates (in the order of `outcomes.Logits`), a starter's usual pitches, a pitch's minutes."""

    rates: NDArray[np.float64]
    starter_pitches: float
    minutes_per_pitch: float


@dataclass(frozen=True, slots=True)
class GameRules:
    """By what rules a game is played; steals are a share of turns with first base taken and second open."""

    innings: int = 9
    places_runners: bool = True
    may_tie: bool = False
    steal_attempt: float = 0.085
    steal_success: float = 0.78


@cache
def load_era(season: int) -> Era:
    """Return the era a season belongs to."""
    by_year = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    years = [int(year) for year in by_year]
    rates = np.array([one["rates"] for one in by_year.values()])
    now = np.array([np.interp(season, years, column) for column in rates.T])
    lasts = float(np.interp(season, years, [one["starter_pitches"] for one in by_year.values()]))
    return Era(now, lasts, 0.49 if season >= _PITCH_CLOCK_SINCE else 0.57)


def game_rules(season: int, double_header: str, game_type: str) -> GameRules:
    """Return the rules of a game: the placed runner (not in October), short doubleheaders, bigger bases.

    In spring a game that is level after nine innings ends so.
    """
    attempt, success = (0.092, 0.79) if season >= _BIGGER_BASES_SINCE else (0.078, 0.74)
    short = double_header != "N" and season in _SHORT_DOUBLEHEADERS
    return GameRules(
        7 if short else 9,
        game_type == "R" and season >= PLACED_RUNNER_SINCE,
        game_type == spring_training.GAME_TYPE,
        attempt,
        success,
    )
