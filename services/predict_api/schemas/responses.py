"""The types of every answer; the OpenAPI document is built from them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from services.predict_api.mlb.quality_flags import FlagText
from shared.storage import day_results

Chance = Annotated[float, Meta(ge=0, le=1)]
Chances = Annotated[list[Chance], Meta(description="chance of 0, 1, 2 …; the last holds the tail")]
World = Annotated[str, Meta(description="where the games come from: a simulated league, Retrosheet or MLB")]
DayKind = Annotated[
    Literal["games", "called_off", "day_off", "off_season", "not_known", "not_covered"],
    Meta(
        description="whether games are scheduled; not_known: the day is after schedule_known_until; "
        "not_covered: the day is over and the stores have none of its games"
    ),
]
GameState = Annotated[
    day_results.GameState,
    Meta(description="final: over, with a winner; postponed: it counts for another day"),
]
EdgeOverCoinFlip = Annotated[
    float,
    Meta(
        ge=0,
        le=1,
        description="edge over a coin flip, |2p - 1| of the chance p to win: 0 is a coin flip, 1 is certain. "
        "It is not the chance that the forecast is right",
    ),
]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer; fields that are UNSET are absent."""


class Baseline(Answer, frozen=True, kw_only=True):
    """The forecast of a match-up of averages; with all effects of `feature_importance` it is the forecast."""

    value: float
    meaning: str


class FeatureContribution(Answer, frozen=True, kw_only=True):
    """What one part of the match-up adds to the baseline, because it differs from the league's average."""

    feature: str
    meaning: str
    effect: float
    unit: str


class Starter(Answer, frozen=True, kw_only=True):
    """A starting pitcher; nulls: not announced."""

    player_id: int | None
    name: str | None


class StartingPitchers(Answer, frozen=True, kw_only=True):
    """Both clubs' starting pitchers."""

    home: Starter
    away: Starter


class Score(Answer, frozen=True, kw_only=True):
    """Expected runs of each side."""

    home: float
    away: float


class GamePredictions(Answer, frozen=True, kw_only=True):
    """Each club's chance to win, and the expected score."""

    home_win_probability: Chance
    away_win_probability: Chance
    predicted_score: Score | UnsetType = UNSET


class Margin(Answer, frozen=True, kw_only=True):
    """Chance of every margin, home minus visitors: from `lowest` upwards, the ends hold the tails."""

    lowest: int
    chances: list[Chance]


class Range(Answer, frozen=True, kw_only=True):
    """Central range that holds at least four in five, both ends included."""

    home: tuple[int, int]
    away: tuple[int, int]
    total: tuple[int, int]
    margin: tuple[int, int]


class Line(Answer, frozen=True, kw_only=True):
    """Chances over, under and exactly on a line; they add up to 1."""

    line: float
    over: Chance
    under: Chance
    push: Chance


class FirstFive(Answer, frozen=True, kw_only=True):
    """Who leads after five innings, and the distribution of the runs of both in them."""

    home_leads: Chance
    away_leads: Chance
    tied: Chance
    expected: Score
    total: Chances


class RunLine(Answer, frozen=True, kw_only=True):
    """Chances to win by two runs or more (-1.5), or not to lose by that (+1.5), where anybody wins."""

    home_minus_1_5: Chance
    home_plus_1_5: Chance
    away_minus_1_5: Chance
    away_plus_1_5: Chance


class Runs(Answer, frozen=True, kw_only=True):
    """Distributions of runs: each side, both together, home minus visitors.

    All are read from one distribution of scores, and so is everything else about them.
    """

    home: Chances
    away: Chances
    total: Chances
    margin: Margin
    interval_80: Range
    total_lines: Annotated[
        list[Line] | UnsetType, Meta(description="runs of both against the lines nearest to even chances")
    ] = UNSET
    run_line: RunLine | UnsetType = UNSET
    first_five: FirstFive | UnsetType = UNSET
    extra_innings: Annotated[Chance | UnsetType, Meta(description="chance that extra innings are played")] = (
        UNSET
    )
    one_run_game: Annotated[Chance | UnsetType, Meta(description="chance that a club wins by one run")] = (
        UNSET
    )
    shutout: Annotated[Chance | UnsetType, Meta(description="chance that a club scores no run")] = UNSET


class Inputs(Answer, frozen=True, kw_only=True):
    """The dates of the inputs, and the sources of the line-ups."""

    results: date
    models: date | None
    schedule: datetime
    home_lineup: str
    away_lineup: str


class Provenance(Answer, frozen=True, kw_only=True):
    """The model and release of a forecast, the date of its data, and its quality flags."""

    world: World
    model_version: str
    release: str
    as_of: date
    flags: Annotated[list[FlagText], Meta(description="what limits the forecast; compare the code")]
    variant: Annotated[str | UnsetType, Meta(description="line-ups: confirmed, projected or unknown")] = UNSET
    features_sha256: Annotated[str | UnsetType, Meta(description="of the model's list of features")] = UNSET
    inputs: Inputs | UnsetType = UNSET
    made_at: Annotated[datetime | UnsetType, Meta(description="of a stored forecast: when it was made")] = (
        UNSET
    )


class GameOutcome(Answer, frozen=True, kw_only=True):
    """How a game ended, or why it has not, and how the forecast of who wins did.

    A game that is postponed to another day has that day as `game_date`. `favourite_won` is null where both
    clubs had the same chance or nothing was forecast before the game; so are `p_actual` and `log_loss`.
    """

    state: GameState
    detailed_state: str
    game_date: date
    home_score: int | None
    away_score: int | None
    innings: int | None
    favourite_won: bool | None
    p_actual: Annotated[Chance | None, Meta(description="the chance given to the club that won")]
    log_loss: Annotated[float | None, Meta(description="minus the logarithm of p_actual, in nats")]


class GameAnswer(Provenance, frozen=True, kw_only=True):
    """A game's forecast. `confidence` is the favourite's edge over a coin flip, |2p - 1|, nothing more."""

    game_id: str
    game_pk: int
    game_date: date
    game_number: int
    home_team: str
    away_team: str
    predictions: GamePredictions
    confidence: EdgeOverCoinFlip
    scheduled_start: datetime | UnsetType | None = UNSET
    venue: str | UnsetType | None = UNSET
    starting_pitchers: StartingPitchers | UnsetType = UNSET
    runs: Runs | UnsetType = UNSET
    baseline: Baseline | UnsetType = UNSET
    feature_importance: list[FeatureContribution] | UnsetType = UNSET
    caveats: Annotated[
        list[str] | UnsetType, Meta(description="a sentence for each player that the request uses unusually")
    ] = UNSET
    result: Annotated[GameOutcome | UnsetType, Meta(description="where it is known")] = UNSET


class Statistic(Answer, frozen=True, kw_only=True):
    """One statistic's forecast: expected value, distribution, and the central range of four in five.

    Of a game that is over `actual` is what the player did, where they took part, and `hit` is whether that is
    within the range.
    """

    mean: float
    interval_80: tuple[int, int]
    p_at_least_one: Chance
    distribution: Chances
    line: Line | UnsetType = UNSET
    baseline: Baseline | UnsetType = UNSET
    feature_importance: list[FeatureContribution] | UnsetType = UNSET
    actual: int | UnsetType = UNSET
    hit: bool | UnsetType = UNSET


class PlayerAnswer(Provenance, frozen=True, kw_only=True):
    """A player's forecasts in one game; `unavailable` has the reason for each missing statistic.

    A forecast that an earlier version stored does not name the clubs.
    """

    player_id: int
    name: str
    team: str | UnsetType = UNSET
    opponent: str | UnsetType = UNSET
    game_id: str | UnsetType = UNSET
    game_pk: int
    game_date: date
    game_number: int
    predictions: dict[str, Statistic]
    model_versions: dict[str, str]
    unavailable: dict[str, str] | UnsetType = UNSET
    result: Annotated[GameOutcome | UnsetType, Meta(description="of the game, where it is known")] = UNSET


class Problem(Answer, frozen=True, kw_only=True):
    """Why there is no answer (RFC 9457); members such as `suggestions` or `errors` say what would help."""

    type: str
    title: str
    status: int
    detail: str


_EITHER = [{"$ref": f"#/components/schemas/{kind}"} for kind in ("GameAnswer", "PlayerAnswer", "Problem")]


class BatchAnswer(Answer, frozen=True, kw_only=True):
    """Answers in the order of the requests; one without an answer is a problem, the others are unaffected."""

    world: World
    answers: Annotated[list[Any], Meta(extra_json_schema={"items": {"anyOf": _EITHER}})]


class SlateAnswer(Answer, frozen=True, kw_only=True):
    """The forecasts of a day's games, in the order in which they start; `message` says why there are none.

    `unforecast` are games of a day that is over of which no forecast was stored before it.
    """

    world: World
    game_date: date
    kind: DayKind
    message: str
    schedule_known_until: date
    called_off: Annotated[list[str], Meta(description="games of the day that are postponed or cancelled")]
    games: list[GameAnswer]
    unforecast: list["PlayedGame"] | UnsetType = UNSET


class PlayedGame(Answer, frozen=True, kw_only=True):
    """A game without its forecast, and how it ended."""

    game_pk: int
    game_number: int
    home_team: str
    away_team: str
    scheduled_start: datetime
    result: GameOutcome


class Team(Answer, frozen=True, kw_only=True):
    """A club and its names."""

    team_id: int
    abbreviation: str
    name: str
    location: str | None
    nickname: str | None


class TeamsAnswer(Answer, frozen=True, kw_only=True):
    """Every club of the latest season."""

    world: World
    teams: list[Team]


class NextGame(Answer, frozen=True, kw_only=True):
    """A scheduled game of a player's club."""

    game_pk: int
    game_date: date
    game_number: int
    home_team: str
    away_team: str


class Player(Answer, frozen=True, kw_only=True):
    """A player; club, birth date and last game distinguish two of one name."""

    player_id: int
    name: str
    nickname: str | None
    team: str | None
    position: str | None
    bats: str | None
    throws: str | None
    birth_date: date | None
    last_seen: date | None


class PlayersAnswer(Answer, frozen=True, kw_only=True):
    """The matching players, best first."""

    world: World
    players: list[Player]


class PastStatistic(Answer, frozen=True, kw_only=True):
    """What a player did, beside the last forecast before the game; nulls: it was not forecast."""

    actual: int
    mean: float | None
    interval_80: tuple[int, int] | None
    hit: bool | None
    p_actual: Chance | None


class PastGame(Answer, frozen=True, kw_only=True):
    """A game that a player took part in, with each statistic that is forecast of their role."""

    game_pk: int
    game_date: date
    opponent: str
    statistics: dict[str, PastStatistic]


class PlayerCard(Player, frozen=True, kw_only=True):
    """A player, the games their club has ahead, and the statistics that are forecast of them.

    `last_games` are what they did and what was forecast, the newest first.
    """

    world: World
    stats: list[str]
    games: list[NextGame]
    last_games: list[PastGame]


class StatusAnswer(Answer, frozen=True, kw_only=True):
    """What is served, how fresh it is, and the services' last statuses."""

    world: World
    release: str
    as_of: date
    schedule_known_until: date
    published_at: datetime
    age_days: int
    state: str
    messages: list[str]
    refused: str | None
    degraded: list[str]
    last_swap: dict[str, Any]
    services: dict[str, Any]


class Liveness(Answer, frozen=True, kw_only=True):
    """The process answers; `world` and `release` are null until a release is loaded."""

    status: str
    world: World | None
    release: str | None
    degraded: Annotated[list[str], Meta(description="degradations, in sentences")]


class Readiness(Answer, frozen=True, kw_only=True):
    """A release with models is loaded."""

    status: str
    world: World
    release: str
    as_of: date
