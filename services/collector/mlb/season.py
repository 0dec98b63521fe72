"""The phase of a season that a batch is judged by. It never decides which games are collected."""

from collections.abc import Collection
from datetime import date

from shared.sports.mlb.game_types import POSTSEASON
from shared.storage.coverage import SeasonDates

OFF_SEASON = "off_season"
_PHASES = {
    "all_star": frozenset("A"),
    "postseason": frozenset(POSTSEASON),
    "regular": frozenset("R"),
    "spring": frozenset("SE"),
}


def phase_of_day(day: date, game_types: Collection[str], dates: SeasonDates | None) -> str:
    """Return the phase of a day on which games of some types are listed.

    The season's dates decide among the phases that the types allow; without dates, or where dates and types
    disagree, the types decide; for a day without games the dates do.
    """
    by_dates = dates.phases_of(day) if dates else ()
    allowed = [name for name, types in _PHASES.items() if types.intersection(game_types)]
    both = [name for name in allowed if name in by_dates]
    return next(iter([*both, *allowed, *by_dates]), OFF_SEASON)
