"""What changes from season to season: rates of outcomes, length of starts, and the rules.

The rates in `eras.json` are the majors': 2010–2016 from Retrosheet's event files, 2024 from Statcast's April
and May. They are interpolated between those seasons and constant before the first and after the last.
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
    """A season's rates (in the order of `outcomes.Logits`), pitches per start and minutes per pitch."""

    rates: NDArray[np.float64]
    starter_pitches: float
    minutes_per_pitch: float


@dataclass(frozen=True, slots=True)
class GameRules:
    """The rules of a game; steal attempts per plate appearance with first base taken and second open."""

    innings: int = 9
    places_runners: bool = True
    may_tie: bool = False
    steal_attempt: float = 0.085
    steal_success: float = 0.78


@cache
def load_era(season: int) -> Era:
    """Return the rates of a season."""
    by_year = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    years = [int(year) for year in by_year]
    rates = np.array([era["rates"] for era in by_year.values()])
    interpolated = np.array([np.interp(season, years, column) for column in rates.T])
    pitches = float(np.interp(season, years, [era["starter_pitches"] for era in by_year.values()]))
    return Era(interpolated, pitches, 0.49 if season >= _PITCH_CLOCK_SINCE else 0.57)


def game_rules(season: int, double_header: str, game_type: str) -> GameRules:
    """Return the rules of a game: placed runner (regular season), short doubleheaders, bigger bases.

    A spring game may end in a tie after nine innings.
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
