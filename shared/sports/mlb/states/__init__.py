"""What is remembered of every batter, pitcher, club, park and the league, and how a day changes it."""

from shared.sports.mlb.states.advance import advance_states
from shared.sports.mlb.states.entities import Entities, States, day_number
from shared.sports.mlb.states.expected import LEAGUE_ID
from shared.sports.mlb.states.layout import (
    BATTER,
    CATCHER,
    CLUB,
    COMPONENTS,
    LAYOUTS,
    LEAGUE,
    PARK,
    PITCHER,
    SERIES,
    UMPIRE,
    Component,
    Layout,
)

__all__ = [
    "BATTER",
    "CATCHER",
    "CLUB",
    "COMPONENTS",
    "LAYOUTS",
    "LEAGUE",
    "LEAGUE_ID",
    "PARK",
    "PITCHER",
    "SERIES",
    "UMPIRE",
    "Component",
    "Entities",
    "Layout",
    "States",
    "advance_states",
    "day_number",
]
