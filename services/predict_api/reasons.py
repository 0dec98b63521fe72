"""Why a forecast is what it is: what it would lose if one part of the match-up were the league's average.

Each part is set to average in the formula, the rows are assembled as always and the served model is asked
again; the difference is the reason's size, in the forecast's own unit. Parts do not add up to the whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from shared.distribution import Floats
from shared.matchup import Expectation, Sums, assembled_game_rows, assembled_player_rows, expectation
from shared.matchup.lineups import AWAY, HOME
from shared.model import Model
from shared.states import CLUB, PITCHER

_RATES = slice(0, 30)  # by hand, component and (events, trials, expected): what a shift is made of
_COMPONENTS = 15  # five components of (events, trials, expected)
_PEN = slice(CLUB.at("strikeout_pen")[0], CLUB.at("strikeout_pen")[0] + _COMPONENTS)
_ROAD = slice(CLUB.at("strikeout_road")[0], CLUB.at("strikeout_road")[0] + _COMPONENTS)

_LENGTH = PITCHER.at("starts", "start_batters_faced")

Part = Callable[[Sums], Sums]


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the match-up, and what the forecast gains by its not being average."""

    part: str
    effect: float


def _without(name: str, *where: Any) -> Part:
    def averaged(sums: Sums) -> Sums:
        values = getattr(sums, name).copy()
        values[:, *where] = 0.0
        return replace(sums, **{name: values})

    return averaged


def _without_park(sums: Sums) -> Sums:
    return _without("parks", ...)(_without("clubs", HOME, _ROAD)(sums))


GAME_PARTS: Mapping[str, Part] = {
    "home_lineup": _without("batters", HOME, ..., _RATES),
    "away_lineup": _without("batters", AWAY, ..., _RATES),
    "home_starter": _without("starters", HOME, _RATES),
    "away_starter": _without("starters", AWAY, _RATES),
    "home_pen": _without("clubs", HOME, _PEN),
    "away_pen": _without("clubs", AWAY, _PEN),
    "park": _without_park,
}
PLAYER_PARTS: Mapping[str, Part] = {
    "batters": _without("batters", ..., _RATES),
    "starters": _without("starters", ..., _RATES),
    "length": _without("starters", ..., _LENGTH),
    "pens": _without("clubs", ..., _PEN),
    "park": _without_park,
}
# What a part is called by the man it is told to.
BATTER_WORDS = {
    "batters": "his_bat",
    "starters": "opposing_starter",
    "pens": "opposing_pen",
    "park": "park",
}
STARTER_WORDS = {
    "starters": "his_arm",
    "length": "how_long_he_lasts",
    "batters": "opposing_lineup",
    "park": "park",
}


def game_reasons(games: pl.DataFrame, expected: Expectation, model: Model) -> list[tuple[Reason, ...]]:
    """Return each game's reasons for its chance of a home win, strongest first."""
    as_it_is = model.predict_mean(assembled_game_rows(games, expected))
    effects = {
        name: as_it_is - model.predict_mean(assembled_game_rows(games, _changed(expected, part)))
        for name, part in GAME_PARTS.items()
    }
    return _strongest_first(effects, len(as_it_is))


def player_rows_without(games: pl.DataFrame, expected: Expectation) -> dict[str, pl.DataFrame]:
    """Return the player rows as they would be with each part at the league's average."""
    return {
        name: assembled_player_rows(games, _changed(expected, part)) for name, part in PLAYER_PARTS.items()
    }


def player_reasons(
    means: Floats, without: Mapping[str, pl.DataFrame], role: str, model: Model
) -> list[tuple[Reason, ...]]:
    """Return each player's reasons for one statistic, strongest first; `without`: rows by part."""
    words = BATTER_WORDS if role == "batter" else STARTER_WORDS
    effects = {
        word: means - model.predict_mean(without[part].filter(pl.col("role") == role))
        for part, word in words.items()
    }
    return _strongest_first(effects, len(means))


def _changed(expected: Expectation, part: Part) -> Expectation:
    return expectation(expected.who, part(expected.sums))


def _strongest_first(effects: Mapping[str, Floats], rows: int) -> list[tuple[Reason, ...]]:
    names, sizes = list(effects), np.stack(list(effects.values()))
    order = np.argsort(-np.abs(sizes), axis=0, kind="stable")
    return [
        tuple(Reason(names[place], float(sizes[place, row])) for place in order[:, row])
        for row in range(rows)
    ]
