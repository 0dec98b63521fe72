"""The bodies that clients send."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from services.predict_api.mlb.labels import STATS


def _integral_float_to_int(value: Any) -> Any:
    """Take 2.0 for 2: to JSON they are the same number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _require_distinct(order: list[int]) -> list[int]:
    """Refuse an order in which a player bats twice."""
    twice = sorted({player for player in order if order.count(player) > 1})
    if twice:
        raise ValueError(f"nine different players: {', '.join(map(str, twice))} came more than once")
    return order


PlayerId = Annotated[int, Field(gt=0, lt=2**31), BeforeValidator(_integral_float_to_int)]
TeamId = Annotated[int, Field(gt=0, lt=2**31), BeforeValidator(_integral_float_to_int)]
TeamName = Annotated[str, Field(min_length=1, max_length=60)]
Team = Annotated[TeamName | TeamId, Field(description="abbreviation, name, nickname, city or id")]
PlayerName = Annotated[str, Field(min_length=1, max_length=60, description="their whole name")]
Day = Annotated[date, Field(description="the official date, such as 2026-04-15")]
GameNumber = Annotated[
    int,
    Field(ge=1, le=3, description="which game of a doubleheader"),
    BeforeValidator(_integral_float_to_int),
]
Statistic = Annotated[str, Field(json_schema_extra={"enum": list(STATS)})]
Line = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
Order = Annotated[
    list[PlayerId],
    Field(min_length=9, max_length=9, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_require_distinct),
]
MAX_QUESTIONS = 50


class StrictModel(BaseModel):
    """Strict: no conversion between numbers and strings, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Starters(StrictModel):
    """Starting pitchers by id; one left out is taken from the schedule."""

    home: PlayerId | None = None
    away: PlayerId | None = None


class Lineups(StrictModel):
    """Batting orders, first to ninth; one left out is the posted one, else projected."""

    home: Order | None = None
    away: Order | None = None


class GameRequest(StrictModel):
    """Which game to forecast. A doubleheader needs `game_number`."""

    home_team: Team
    away_team: Team
    game_date: Day
    game_number: GameNumber | None = None
    starting_pitchers: Starters = Starters()
    lineups: Lineups = Lineups()
    reasons: bool = True

    @property
    def is_what_if(self) -> bool:
        """Return whether the client names players."""
        return (self.starting_pitchers, self.lineups) != (Starters(), Lineups())


class PlayerRequest(StrictModel):
    """The player, statistics, and lines to price. Either `player_id` or `player`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["player_id"]}, {"required": ["player"]}]}
    )

    player_id: PlayerId | SkipJsonSchema[None] = None
    player: PlayerName | SkipJsonSchema[None] = None
    game_date: Day
    opponent: Team | None = None
    game_number: GameNumber | None = None
    stats: Annotated[list[Statistic], Field(min_length=1, max_length=10)] | None = None
    lines: Annotated[dict[Statistic, Line], Field(max_length=10)] = {}
    reasons: bool = True

    @property
    def named_statistics(self) -> list[str]:
        """Return the requested statistics, those of lines too; empty: all."""
        return list(dict.fromkeys([*self.stats, *self.lines])) if self.stats is not None else []

    @model_validator(mode="after")
    def _one_player(self) -> Self:
        named = self.model_fields_set & {"player_id", "player"}
        if len(named) != 1 or (self.player_id is None and self.player is None):
            raise ValueError("either player_id or player, and not null")
        return self


def _kind(question: Any) -> str:
    """Return which kind of question a part of a batch is: one that names a player is about a player."""
    fields = question if isinstance(question, dict) else getattr(question, "model_fields_set", ())
    return "PlayerRequest" if {"player", "player_id"} & set(fields) else "GameRequest"


EitherRequest = Annotated[
    Annotated[GameRequest, Tag("GameRequest")] | Annotated[PlayerRequest, Tag("PlayerRequest")],
    Discriminator(_kind),
]


class BatchRequest(StrictModel):
    """Requests of both kinds, answered in their order."""

    questions: Annotated[list[EitherRequest], Field(min_length=1, max_length=MAX_QUESTIONS)]
