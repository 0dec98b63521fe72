"""What clients may send, and the words they are told when it does not fit."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PlayerId = Annotated[int, Field(gt=0, lt=2**31)]
Team = Annotated[str | int, Field(description="abbreviation, full name, nickname or id")]
Line = Annotated[float, Field(ge=0, le=60)]

STATS = {
    "hits": "batter_hits",
    "home_runs": "batter_home_runs",
    "strikeouts": "pitcher_strikeouts",
}


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", str_max_length=80)


class Starters(_Request):
    """Starting pitchers by id; one left out is taken from the schedule."""

    home: PlayerId | None = None
    away: PlayerId | None = None


class Lineups(_Request):
    """Batting orders, first to ninth; one left out is the posted one, else projected."""

    home: Annotated[list[PlayerId], Field(min_length=9, max_length=9)] | None = None
    away: Annotated[list[PlayerId], Field(min_length=9, max_length=9)] | None = None


class GameRequest(_Request):
    """Which game to forecast. A doubleheader needs `game_number`."""

    home_team: Team
    away_team: Team
    game_date: date
    game_number: Annotated[int, Field(ge=1, le=3)] | None = None
    starting_pitchers: Starters = Starters()
    lineups: Lineups = Lineups()


class PlayerRequest(_Request):
    """Whose game to forecast, which statistics, and lines to price."""

    player_id: PlayerId
    game_date: date
    opponent: Team | None = None
    game_number: Annotated[int, Field(ge=1, le=3)] | None = None
    stats: Annotated[list[str], Field(min_length=1, max_length=10)] | None = None
    lines: Annotated[dict[str, Line], Field(max_length=10)] = {}


def faults(error: ValidationError) -> list[dict[str, Any]]:
    """Return each fault with the path to it, what was expected and what came (shortened)."""
    return [
        {"path": "/".join(map(str, row["loc"])), "expected": row["msg"], "got": repr(row["input"])[:80]}
        for row in error.errors(include_url=False)
    ]
