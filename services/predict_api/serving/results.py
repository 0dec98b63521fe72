"""The results of days that are over, as the loader stored them, beside forecasts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import msgspec
from msgspec import UNSET

from services.predict_api.mlb.labels import BATTER_STATS, STARTER_STATS
from services.predict_api.schemas import responses
from services.predict_api.schemas.responses import GameOutcome, PastGame, PastStatistic, PlayedGame
from services.predict_api.schemas.result_responses import (
    GamePlayer,
    ResultForecast,
    ResultGame,
    ResultsAnswer,
)
from services.predict_api.serving.day_cache import DayCache
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN
from shared.ports import ObjectStore
from shared.storage.day_results import (
    DayResults,
    GameResult,
    PlayerLine,
    ScoredForecast,
    load_day_results,
)

MAX_PAST_GAMES = 10  # of a player
MAX_DAYS_BACK = 14  # days searched for them
CACHED_DAYS = 20  # a full day takes about 2 MB

Statistics = Mapping[str, int]  # what a player did, by the statistic's name


@dataclass(frozen=True)
class DayIndex:
    """The results of a day by game and player; without any where none are stored."""

    results: DayResults | None = None
    games: Mapping[int, GameResult] = field(init=False)
    forecasts: Mapping[tuple[int, int | None, str], ScoredForecast] = field(init=False)

    def __post_init__(self) -> None:
        games = self.results.games if self.results else ()
        forecasts = self.results.forecasts if self.results else ()
        object.__setattr__(self, "games", {game.game_pk: game for game in games})
        by_subject = {(one.game_pk, one.player_id, one.target): one for one in forecasts}
        object.__setattr__(self, "forecasts", by_subject)

    @cached_property
    def lines(self) -> Mapping[int, list[PlayerLine]]:
        """Return the players' lines by player: one a game."""
        found: dict[int, list[PlayerLine]] = {}
        for line in self.results.lines if self.results else ():
            found.setdefault(line.player_id, []).append(line)
        return found

    def outcome(self, game_pk: int) -> GameOutcome | None:
        """Return how a game ended; None where nothing is known of it."""
        game = self.games.get(game_pk)
        if game is None:
            return None
        forecast = self.forecasts.get((game_pk, None, HOME_WIN))
        return GameOutcome(
            state=game.state,
            detailed_state=game.detailed_state,
            game_date=game.game_date,
            home_score=game.home_score,
            away_score=game.away_score,
            innings=game.innings,
            favourite_won=forecast.hit if forecast else None,
            p_actual=min(forecast.p_actual, 1.0) if forecast else None,
            log_loss=forecast.log_loss if forecast else None,
        )

    def line_of(self, game_pk: int, player_id: int) -> PlayerLine | None:
        """Return a player's line in a game; None where they did not take part."""
        return next((one for one in self.lines.get(player_id, ()) if one.game_pk == game_pk), None)


class ResultStore:
    """Reads results of days, those used last from memory."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._days = DayCache(self._load_day, CACHED_DAYS)

    def day(self, day: date) -> DayIndex:
        """Return the results of a day."""
        return self._days.get(day)

    def _load_day(self, day: date, known: DayIndex | None) -> DayIndex:
        found = load_day_results(self._objects, day)
        return known if known and found == known.results else DayIndex(found)

    def past_games(self, forecaster: Forecaster, player_id: int) -> list[PastGame]:
        """Return the last games that a player took part in, the newest first."""
        found: list[PastGame] = []
        for back in range(MAX_DAYS_BACK):
            index = self.day(forecaster.as_of - timedelta(days=back))
            found += [
                _past_game(forecaster, index, line) for line in reversed(index.lines.get(player_id, []))
            ]
            if len(found) >= MAX_PAST_GAMES:
                break
        return found[:MAX_PAST_GAMES]


def with_game_result(answer: responses.GameAnswer, index: DayIndex) -> responses.GameAnswer:
    """Return a game's stored answer with its result, where that is known."""
    outcome = index.outcome(answer.game_pk)
    return msgspec.structs.replace(answer, result=UNSET if outcome is None else outcome)


def with_player_result(answer: responses.PlayerAnswer, index: DayIndex) -> responses.PlayerAnswer:
    """Return a player's stored answer with the game's result and what they did, where that is known."""
    outcome = index.outcome(answer.game_pk)
    if outcome is None:
        return answer
    line = index.line_of(answer.game_pk, answer.player_id)
    did = _statistics_of_role(line, answer.predictions) if line else {}
    predictions = {
        stat: _with_actual(statistic, did[stat]) if stat in did else statistic
        for stat, statistic in answer.predictions.items()
    }
    return msgspec.structs.replace(answer, result=outcome, predictions=predictions)


def _statistics_of_role(line: PlayerLine, predictions: Iterable[str]) -> Statistics:
    """Return what a player did in the role that they were forecast in: as a batter, else as a pitcher."""
    is_starter = all(stat in STARTER_STATS for stat in predictions)
    return line.pitching if is_starter else line.batting


def _with_actual(statistic: responses.Statistic, actual: int) -> responses.Statistic:
    low, high = statistic.interval_80
    return msgspec.structs.replace(statistic, actual=actual, hit=low <= actual <= high)


def unforecast_games(forecaster: Forecaster, index: DayIndex, forecast: Iterable[int]) -> list[PlayedGame]:
    """Return the games of a day but those that were forecast, in the order in which they start."""
    without = index.games.keys() - set(forecast)
    return [
        PlayedGame(
            game_pk=game.game_pk,
            game_number=game.game_number,
            home_team=club_letters(forecaster, game.home_team, game.home_team_id),
            away_team=club_letters(forecaster, game.away_team, game.away_team_id),
            scheduled_start=game.scheduled_start,
            result=outcome,
        )
        for game in index.games.values()
        if game.game_pk in without and (outcome := index.outcome(game.game_pk))
    ]


def game_players(forecaster: Forecaster, index: DayIndex, game_pk: int) -> list[GamePlayer]:
    """Return what each player of a game did, the visitors first, each in the order in which they batted."""
    lines = [line for of_player in index.lines.values() for line in of_player if line.game_pk == game_pk]
    game = index.games.get(game_pk)
    away = game.away_team_id if game else None
    return [
        GamePlayer(
            player_id=line.player_id,
            name=line.name,
            team=forecaster.directory.club_abbreviation(line.team_id),
            is_starter=line.is_starter,
            batting_order=line.batting_order,
            plate_appearances=line.plate_appearances,
            batters_faced=line.batters_faced,
            batting=_past_statistics(index, line, line.batting, BATTER_STATS),
            pitching=_past_statistics(index, line, line.pitching, STARTER_STATS),
        )
        for line in sorted(lines, key=lambda one: (one.team_id != away, *_batting_position(one)))
    ]


def _batting_position(line: PlayerLine) -> tuple[int, bool]:
    return line.batting_order or 1000, not line.is_starting_pitcher


def _past_game(forecaster: Forecaster, index: DayIndex, line: PlayerLine) -> PastGame:
    game = index.games[line.game_pk]
    is_home = line.team_id == game.home_team_id
    other = (game.away_team, game.away_team_id) if is_home else (game.home_team, game.home_team_id)
    batting = _past_statistics(index, line, line.batting, BATTER_STATS)
    pitching = _past_statistics(index, line, line.pitching, STARTER_STATS)
    return PastGame(
        game_pk=line.game_pk,
        game_date=game.game_date,
        opponent=club_letters(forecaster, *other),
        statistics=pitching if line.is_starting_pitcher else batting or pitching,
    )


def _past_statistics(
    index: DayIndex, line: PlayerLine, did: Statistics, targets: Mapping[str, str]
) -> dict[str, PastStatistic]:
    """Return what a player did beside the forecast that counts, by statistic."""
    return {
        stat: _past_statistic(
            actual, index.forecasts.get((line.game_pk, line.player_id, targets.get(stat, "")))
        )
        for stat, actual in did.items()
    }


def _past_statistic(actual: int, forecast: ScoredForecast | None) -> PastStatistic:
    if forecast is None:
        return PastStatistic(actual=actual, mean=None, interval_80=None, hit=None, p_actual=None)
    return PastStatistic(
        actual=actual,
        mean=forecast.mean,
        interval_80=forecast.interval_80,
        hit=forecast.hit,
        p_actual=min(forecast.p_actual, 1.0),
    )


def build_results_answer(forecaster: Forecaster, results: DayResults) -> ResultsAnswer:
    """Return the results of a day."""
    names = {line.player_id: line.name for line in results.lines}
    return ResultsAnswer(
        world=forecaster.world,
        game_date=results.game_date,
        games=[_result_game(forecaster, game) for game in results.games],
        forecasts=[_result_forecast(one, names) for one in results.forecasts],
    )


def _result_game(forecaster: Forecaster, game: GameResult) -> ResultGame:
    return ResultGame(
        game_pk=game.game_pk,
        game_number=game.game_number,
        home_team=club_letters(forecaster, game.home_team, game.home_team_id),
        away_team=club_letters(forecaster, game.away_team, game.away_team_id),
        scheduled_start=game.scheduled_start,
        state=game.state,
        game_date=game.game_date,
        home_score=game.home_score,
        away_score=game.away_score,
        innings=game.innings,
    )


def _result_forecast(one: ScoredForecast, names: Mapping[int, str]) -> ResultForecast:
    return ResultForecast(
        game_pk=one.game_pk,
        player_id=one.player_id,
        name=names.get(one.player_id) if one.player_id else None,
        target=one.target,
        variant=one.variant,
        made_at=one.made_at,
        mean=one.mean,
        interval_80=one.interval_80,
        actual=one.actual,
        p_actual=min(one.p_actual, 1.0),
        hit=one.hit,
        log_loss=one.log_loss,
    )


def club_letters(forecaster: Forecaster, letters: str | None, team_id: int) -> str:
    """Return a club's letters: those it had that season, else those of the release, else its id."""
    return letters or forecaster.directory.club_abbreviation(team_id)
