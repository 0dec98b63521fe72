"""Why a forecast is what it is: what each part of the match-up adds to a match-up of averages.

A part is set to the league's average in the formula, the rows are assembled as always and the served model is
asked. From a match-up of averages the parts are put in place one by one, once in order and once in reverse; a
part's effect is the mean of its two steps. So effects add up to the forecast minus its base, and where parts
work together only in pairs they are Shapley's values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from shared.modeling.distribution import Floats
from shared.sports.mlb.matchup import Expectation, Sums, expectation
from shared.sports.mlb.matchup.game_conditions import WEATHER
from shared.sports.mlb.matchup.lineups import AWAY, HOME, UNKNOWN, Slate
from shared.sports.mlb.states import BATTER, CATCHER, CLUB, PARK, PITCHER, UMPIRE, Layout


@dataclass(frozen=True, slots=True)
class Match:
    """What the formula makes a forecast of: the games, who plays, from which side, and everybody's sums."""

    games: pl.DataFrame
    who: Slate
    sums: Sums


Part = Callable[[Match], Match]  # what makes a part of it average


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the match-up, and what it adds to the forecast, in the forecast's own unit."""

    part: str
    effect: float


@dataclass(frozen=True, slots=True)
class Story:
    """What is forecast where every part is average, and what the parts add, the strongest first."""

    base: float
    reasons: tuple[Reason, ...]


def _columns(layout: Layout, wanted: Callable[[str], bool]) -> list[int]:
    return [place for place, name in enumerate(layout.names) if wanted(name)]


def _is_record(name: str) -> bool:
    """Return whether a column says how good a player is; how long they have been there is another matter."""
    return not name.startswith(("career_", "last_", "recent_"))


def _is_length(name: str) -> bool:
    return name in ("appearances", "starts") or name.startswith("start_")


def _whole(layout: Layout) -> list[int]:
    return _columns(layout, lambda _: True)


_BAT = _columns(BATTER, _is_record)
_SPELL = _columns(BATTER, lambda name: name.startswith("recent_"))
_LENGTH = _columns(PITCHER, _is_length)
_ARM = _columns(PITCHER, lambda name: _is_record(name) and not _is_length(name))
_LAST_STARTS = _columns(PITCHER, lambda name: name.startswith("recent_"))
_PEN = _columns(CLUB, lambda name: name.endswith("_pen"))
_ROAD = _columns(CLUB, lambda name: name.endswith("_road"))
_CAREER = {"batters": BATTER.at("career_plate_appearances"), "starters": PITCHER.at("career_batters_faced")}


def _without(name: str, *where: Any) -> Part:
    def averaged(match: Match) -> Match:
        values = getattr(match.sums, name).copy()
        values[:, *where] = 0.0
        return replace(match, sums=replace(match.sums, **{name: values}))

    return averaged


def _all(*parts: Part) -> Part:
    def averaged(match: Match) -> Match:
        for part in parts:
            match = part(match)
        return match

    return averaged


def _as_experienced(match: Match) -> Match:
    """Give both sides the mean of their years."""
    changed = {}
    for name, columns in _CAREER.items():
        values = getattr(match.sums, name).copy()
        values[..., columns] = values[..., columns].mean(axis=1, keepdims=True)
        changed[name] = values
    return replace(match, sums=replace(match.sums, **changed))


def _in_usual_weather(match: Match) -> Match:
    told = [name for name in WEATHER if name in match.games.columns]
    unknown = (pl.lit(None).cast(match.games.schema[name]).alias(name) for name in told)
    return replace(match, games=match.games.with_columns(unknown))


def _from_either_side(name: str, *where: Any) -> Part:
    def averaged(match: Match) -> Match:
        values = getattr(match.who, name).copy()
        values[:, *where] = UNKNOWN
        return replace(match, who=replace(match.who, **{name: values}))

    return averaged


_PARK = _all(_without("parks", _whole(PARK)), _without("clubs", HOME, _ROAD))
_UMPIRE = _without("umpires", _whole(UMPIRE))
_BATS = _all(_without("batters", ..., _BAT), _from_either_side("sides", ...))
_HANDS = _from_either_side("hands", ...)
GAME_PARTS: Mapping[str, Part] = {
    "home_lineup": _all(_without("batters", HOME, ..., [*_BAT, *_SPELL]), _from_either_side("sides", HOME)),
    "away_lineup": _all(_without("batters", AWAY, ..., [*_BAT, *_SPELL]), _from_either_side("sides", AWAY)),
    "home_starter": _without("starters", HOME, [*_ARM, *_LENGTH, *_LAST_STARTS]),
    "away_starter": _without("starters", AWAY, [*_ARM, *_LENGTH, *_LAST_STARTS]),
    "home_pen": _without("clubs", HOME, _PEN),
    "away_pen": _without("clubs", AWAY, _PEN),
    "home_catcher": _without("catchers", HOME, _whole(CATCHER)),
    "away_catcher": _without("catchers", AWAY, _whole(CATCHER)),
    "umpire": _UMPIRE,
    "park": _PARK,
    "weather": _in_usual_weather,
    "platoon": _HANDS,
    "experience": _as_experienced,
}
PLAYER_PARTS: Mapping[str, Part] = {
    "bats": _BATS,
    "spells": _without("batters", ..., _SPELL),
    "arms": _without("starters", ..., _ARM),
    "lengths": _without("starters", ..., _LENGTH),
    "last_starts": _without("starters", ..., _LAST_STARTS),
    "pens": _without("clubs", ..., _PEN),
    "catchers": _without("catchers", ..., _whole(CATCHER)),
    "umpire": _UMPIRE,
    "park": _PARK,
    "weather": _in_usual_weather,
    "platoon": _HANDS,
}
# What the parts are called by the player they are told of.
WORDS: Mapping[str, Mapping[str, str]] = {
    "game": {name: name for name in GAME_PARTS},
    "batter": {
        "bats": "own_batting",
        "spells": "recent_weeks",
        "arms": "opposing_starter",
        "lengths": "opposing_starter",
        "last_starts": "opposing_starter",
        "pens": "opposing_pen",
        "catchers": "opposing_catcher",
        "umpire": "umpire",
        "park": "park",
        "weather": "weather",
        "platoon": "platoon",
    },
    "starter": {
        "arms": "own_pitching",
        "lengths": "batters_faced",
        "last_starts": "recent_starts",
        "bats": "opposing_lineup",
        "spells": "opposing_lineup",
        "pens": "pens",
        "catchers": "own_catcher",
        "umpire": "umpire",
        "park": "park",
        "weather": "weather",
        "platoon": "platoon",
    },
}


def in_steps(
    games: pl.DataFrame, expected: Expectation, parts: Mapping[str, Part]
) -> tuple[pl.DataFrame, Expectation]:
    """Return the games twice for each part, with other parts at the league's average each time.

    First all parts are average, then all but the first, … and none; then the first alone, the first two …
    """
    every = list(parts.values())
    averaged = [every[k:] for k in range(len(every) + 1)] + [every[:k] for k in range(1, len(every))]
    match = Match(games, expected.who, expected.sums)
    matches = [_all(*some)(match) for some in averaged]
    who = Slate.joined([one.who for one in matches])
    games = pl.concat(one.games for one in matches)
    return games, expectation(who, Sums.joined([one.sums for one in matches]))


def stories(means: Floats, parts: Sequence[str], role: str) -> list[Story]:
    """Return each row's story; `means` are the model's answers to the rows of `in_steps`, in their order."""
    asked = means.reshape(2 * len(parts), -1)
    forwards = asked[: len(parts) + 1]
    backwards = np.vstack([asked[len(parts)], asked[len(parts) + 1 :], asked[0]])
    effects = (np.diff(forwards, axis=0) - np.diff(backwards, axis=0)) / 2
    words = WORDS[role]
    told = list(dict.fromkeys(words.values()))
    sizes = np.zeros((len(told), asked.shape[1]))
    for part, effect in zip(parts, effects, strict=True):
        sizes[told.index(words[part])] += effect
    return [_story(float(base), told, column) for base, column in zip(asked[0], sizes.T, strict=True)]


def _story(base: float, told: Sequence[str], sizes: Floats) -> Story:
    order = np.argsort(-np.abs(sizes), kind="stable")
    return Story(base, tuple(Reason(told[place], float(sizes[place])) for place in order))
