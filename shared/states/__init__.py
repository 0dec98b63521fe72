"""What is remembered of every batter, pitcher, club, park and the league, and how a day changes it."""

from shared.states.advance import advance
from shared.states.entities import Entities, States, day_number
from shared.states.expected import LEAGUE_ID
from shared.states.layout import (
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
    Layout,
)
from shared.states.turns import COUNTED_GAMES

__all__ = [
    "BATTER",
    "CATCHER",
    "CLUB",
    "COMPONENTS",
    "COUNTED_GAMES",
    "LAYOUTS",
    "LEAGUE",
    "LEAGUE_ID",
    "PARK",
    "PITCHER",
    "SERIES",
    "UMPIRE",
    "Entities",
    "Layout",
    "States",
    "advance",
    "day_number",
]
