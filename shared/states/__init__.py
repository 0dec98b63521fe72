"""What is remembered of every batter, pitcher, club, park and the league, and how a day changes it."""

from shared.states.entities import Entities, States
from shared.states.layout import BATTER, CLUB, COMPONENTS, LAYOUTS, LEAGUE, PARK, PITCHER, Layout

__all__ = [
    "BATTER",
    "CLUB",
    "COMPONENTS",
    "LAYOUTS",
    "LEAGUE",
    "PARK",
    "PITCHER",
    "Entities",
    "Layout",
    "States",
]
