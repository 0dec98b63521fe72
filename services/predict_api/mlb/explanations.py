"""Explains a forecast: what each part of the match-up adds to a match-up of averages.

A part is set to the league's average in the formula, the rows are assembled as always and the served model
predicts. From a match-up of averages the parts are added one by one, once in order and once in reverse; a
part's effect is the mean of its two steps. So effects add up to the forecast minus its baseline, and where
parts interact only in pairs they are Shapley values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from shared.modeling.distribution import Floats
from shared.sports.mlb.matchup import EntityStates, MatchupExpectation, expected_matchup
from shared.sports.mlb.matchup.game_conditions import WEATHER
from shared.sports.mlb.matchup.lineups import AWAY, HOME, UNKNOWN, Slate
from shared.sports.mlb.states import BATTER, CATCHER, CLUB, PARK, PITCHER, UMPIRE, Layout


@dataclass(frozen=True, slots=True)
class MatchupInputs:
    """The formula's inputs: the games, the players with their sides and hands, and all entities' states."""

    games: pl.DataFrame
    who: Slate
    sums: EntityStates


Ablation = Callable[[MatchupInputs], MatchupInputs]  # sets a part of the inputs to the average


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of the match-up, and what it adds to the forecast, in the forecast's own unit."""

    component: str
    effect: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The forecast where every part is average, and what the parts add, the strongest first."""

    baseline: float
    contributions: tuple[Contribution, ...]


def _select_columns(layout: Layout, is_selected: Callable[[str], bool]) -> list[int]:
    return [place for place, name in enumerate(layout.column_names) if is_selected(name)]


def _is_skill(name: str) -> bool:
    """Return whether a column measures skill, not experience or recency."""
    return not name.startswith(("career_", "last_", "recent_"))


def _is_start_length(name: str) -> bool:
    return name in ("appearances", "starts") or name.startswith("start_")


def _all_columns(layout: Layout) -> list[int]:
    return _select_columns(layout, lambda _: True)


_BATTER_SKILL = _select_columns(BATTER, _is_skill)
_RECENT_BATTER = _select_columns(BATTER, lambda name: name.startswith("recent_"))
_START_LENGTH = _select_columns(PITCHER, _is_start_length)
_PITCHER_SKILL = _select_columns(PITCHER, lambda name: _is_skill(name) and not _is_start_length(name))
_RECENT_STARTS = _select_columns(PITCHER, lambda name: name.startswith("recent_"))
_BULLPEN = _select_columns(CLUB, lambda name: name.endswith("_pen"))
_AWAY = _select_columns(CLUB, lambda name: name.endswith("_road"))
_CAREER_COLUMNS = {
    "batters": BATTER.column_indexes("career_plate_appearances"),
    "starters": PITCHER.column_indexes("career_batters_faced"),
}


def _average_out(name: str, *where: Any) -> Ablation:
    def average_columns(inputs: MatchupInputs) -> MatchupInputs:
        values = getattr(inputs.sums, name).copy()
        values[:, *where] = 0.0
        return replace(inputs, sums=replace(inputs.sums, **{name: values}))

    return average_columns


def _combine_ablations(*ablations: Ablation) -> Ablation:
    def average_all(inputs: MatchupInputs) -> MatchupInputs:
        for part in ablations:
            inputs = part(inputs)
        return inputs

    return average_all


def _equalize_experience(inputs: MatchupInputs) -> MatchupInputs:
    """Give both sides the mean of their years."""
    changed = {}
    for name, columns in _CAREER_COLUMNS.items():
        values = getattr(inputs.sums, name).copy()
        values[..., columns] = values[..., columns].mean(axis=1, keepdims=True)
        changed[name] = values
    return replace(inputs, sums=replace(inputs.sums, **changed))


def _average_weather(inputs: MatchupInputs) -> MatchupInputs:
    columns = [name for name in WEATHER if name in inputs.games.columns]
    unknown = (pl.lit(None).cast(inputs.games.schema[name]).alias(name) for name in columns)
    return replace(inputs, games=inputs.games.with_columns(unknown))


def _forget_handedness(name: str, *where: Any) -> Ablation:
    def forget_sides(inputs: MatchupInputs) -> MatchupInputs:
        values = getattr(inputs.who, name).copy()
        values[:, *where] = UNKNOWN
        return replace(inputs, who=replace(inputs.who, **{name: values}))

    return forget_sides


_PARK = _combine_ablations(_average_out("parks", _all_columns(PARK)), _average_out("clubs", HOME, _AWAY))
_UMPIRE = _average_out("umpires", _all_columns(UMPIRE))
_BATTING_SKILL = _combine_ablations(
    _average_out("batters", ..., _BATTER_SKILL), _forget_handedness("sides", ...)
)
_HANDS = _forget_handedness("hands", ...)
GAME_ABLATIONS: Mapping[str, Ablation] = {
    "home_lineup": _combine_ablations(
        _average_out("batters", HOME, ..., [*_BATTER_SKILL, *_RECENT_BATTER]),
        _forget_handedness("sides", HOME),
    ),
    "away_lineup": _combine_ablations(
        _average_out("batters", AWAY, ..., [*_BATTER_SKILL, *_RECENT_BATTER]),
        _forget_handedness("sides", AWAY),
    ),
    "home_starter": _average_out("starters", HOME, [*_PITCHER_SKILL, *_START_LENGTH, *_RECENT_STARTS]),
    "away_starter": _average_out("starters", AWAY, [*_PITCHER_SKILL, *_START_LENGTH, *_RECENT_STARTS]),
    "home_pen": _average_out("clubs", HOME, _BULLPEN),
    "away_pen": _average_out("clubs", AWAY, _BULLPEN),
    "home_catcher": _average_out("catchers", HOME, _all_columns(CATCHER)),
    "away_catcher": _average_out("catchers", AWAY, _all_columns(CATCHER)),
    "umpire": _UMPIRE,
    "park": _PARK,
    "weather": _average_weather,
    "platoon": _HANDS,
    "experience": _equalize_experience,
}
PLAYER_ABLATIONS: Mapping[str, Ablation] = {
    "bats": _BATTING_SKILL,
    "spells": _average_out("batters", ..., _RECENT_BATTER),
    "arms": _average_out("starters", ..., _PITCHER_SKILL),
    "lengths": _average_out("starters", ..., _START_LENGTH),
    "last_starts": _average_out("starters", ..., _RECENT_STARTS),
    "pens": _average_out("clubs", ..., _BULLPEN),
    "catchers": _average_out("catchers", ..., _all_columns(CATCHER)),
    "umpire": _UMPIRE,
    "park": _PARK,
    "weather": _average_weather,
    "platoon": _HANDS,
}
# The parts' names by the role that they explain.
COMPONENT_NAMES: Mapping[str, Mapping[str, str]] = {
    "game": {name: name for name in GAME_ABLATIONS},
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


def shapley_steps(
    games: pl.DataFrame, expected: MatchupExpectation, ablations: Mapping[str, Ablation]
) -> tuple[pl.DataFrame, MatchupExpectation]:
    """Return the games twice for each part, with other parts at the league's average each time.

    First all parts are average, then all but the first, … and none; then the first alone, the first two …
    """
    every = list(ablations.values())
    coalitions = [every[k:] for k in range(len(every) + 1)] + [every[:k] for k in range(1, len(every))]
    inputs = MatchupInputs(games, expected.who, expected.sums)
    steps = [_combine_ablations(*some)(inputs) for some in coalitions]
    who = Slate.concat([one.who for one in steps])
    games = pl.concat(one.games for one in steps)
    return games, expected_matchup(who, EntityStates.concat([one.sums for one in steps]))


def explain_forecasts(means: Floats, parts: Sequence[str], role: str) -> list[Explanation]:
    """Return each row's explanation; `means` are the model's for the rows of `shapley_steps`, in order."""
    step_means = means.reshape(2 * len(parts), -1)
    forwards = step_means[: len(parts) + 1]
    backwards = np.vstack([step_means[len(parts)], step_means[len(parts) + 1 :], step_means[0]])
    effects = (np.diff(forwards, axis=0) - np.diff(backwards, axis=0)) / 2
    component_names = COMPONENT_NAMES[role]
    components = list(dict.fromkeys(component_names.values()))
    sizes = np.zeros((len(components), step_means.shape[1]))
    for part, effect in zip(parts, effects, strict=True):
        sizes[components.index(component_names[part])] += effect
    return [
        _build_explanation(float(base), components, column)
        for base, column in zip(step_means[0], sizes.T, strict=True)
    ]


def _build_explanation(base: float, components: Sequence[str], effects: Floats) -> Explanation:
    order = np.argsort(-np.abs(effects), kind="stable")
    return Explanation(base, tuple(Contribution(components[place], float(effects[place])) for place in order))
