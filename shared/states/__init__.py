"""What is remembered of every batter, pitcher, club, park and the league, and how a day changes it."""

from shared.states.advance import LEAGUE_ID, advance
from shared.states.entities import Entities, States, day_number
from shared.states.layout import BATTER, CLUB, COMPONENTS, LAYOUTS, LEAGUE, PARK, PITCHER, Layout
from shared.states.turns import COUNTED_GAMES

__all__ = [
    "BATTER",
    "CLUB",
    "COMPONENTS",
    "COUNTED_GAMES",
    "LAYOUTS",
    "LEAGUE",
    "LEAGUE_ID",
    "PARK",
    "PITCHER",
    "Entities",
    "Layout",
    "States",
    "advance",
    "day_number",
]
