"""The types of answers about results: of a game and of a day."""

from datetime import date, datetime

from services.predict_api.schemas.responses import (
    Answer,
    Chance,
    GameAnswer,
    GameOutcome,
    GameState,
    PastStatistic,
    World,
)


class ForecastVersion(Answer, frozen=True, kw_only=True):
    """One release's forecast of who wins a game.

    The last that was `made_before_start` is the one that counts.
    """

    release: str
    made_at: datetime
    variant: str | None
    home_win_probability: Chance
    made_before_start: bool


class GamePlayer(Answer, frozen=True, kw_only=True):
    """What a player did in a game, each statistic beside its forecast."""

    player_id: int
    name: str
    team: str
    is_starter: bool
    batting_order: int | None
    plate_appearances: int | None
    batters_faced: int | None
    batting: dict[str, PastStatistic]
    pitching: dict[str, PastStatistic]


class GameDetail(Answer, frozen=True, kw_only=True):
    """A game: the forecast that counts, every forecast of who wins in order, the result, and the players.

    `forecast` is null where none was stored before the game, `result` before it is known; `players` is empty
    until then.
    """

    world: World
    game_pk: int
    game_date: date
    game_number: int
    home_team: str
    away_team: str
    forecast: GameAnswer | None
    versions: list[ForecastVersion]
    result: GameOutcome | None
    players: list[GamePlayer]


class ResultGame(Answer, frozen=True, kw_only=True):
    """A game of a day that is over."""

    game_pk: int
    game_number: int
    home_team: str
    away_team: str
    scheduled_start: datetime
    state: GameState
    game_date: date
    home_score: int | None
    away_score: int | None
    innings: int | None


class ResultForecast(Answer, frozen=True, kw_only=True):
    """The forecast that counts, beside what happened; `hit` of who wins: the favourite won."""

    game_pk: int
    player_id: int | None
    name: str | None
    target: str
    variant: str | None
    made_at: datetime
    mean: float
    interval_80: tuple[int, int] | None
    actual: int
    p_actual: Chance
    hit: bool | None
    log_loss: float


class ResultsAnswer(Answer, frozen=True, kw_only=True):
    """The games of a day, and each forecast that was made before one of them, beside what happened."""

    world: World
    game_date: date
    games: list[ResultGame]
    forecasts: list[ResultForecast]
