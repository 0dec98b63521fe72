"""Answers prediction requests: finds the game and the player, then their forecasts, computed or stored."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import msgspec

from services.predict_api.mlb import lineup_checks
from services.predict_api.mlb.labels import BATTER_STATS, STARTER_STATS, STATS
from services.predict_api.problems import (
    GamePlayed,
    InvalidRequest,
    ModelMissing,
    NothingScheduled,
    NotPlayedYet,
    PlayerNotExpected,
    PlayerWithoutClub,
    Problem,
)
from services.predict_api.schemas import responses
from services.predict_api.schemas.requests import BatchRequest, GameRequest, PlayerRequest
from services.predict_api.schemas.result_responses import ResultsAnswer
from services.predict_api.schemas.validation_errors import shown
from services.predict_api.serving import response_builder
from services.predict_api.serving.day_cache import DayCache
from services.predict_api.serving.directory import Row
from services.predict_api.serving.forecast_log import ForecastLog
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN, Forecast, targets_by_stat
from services.predict_api.serving.game_forecasts import GameForecast
from services.predict_api.serving.record_windows import RecordWindows
from services.predict_api.serving.results import ResultStore, build_results_answer, unforecast_games
from services.predict_api.serving.schedule_days import ScheduledDay, format_game_count
from services.predict_api.serving.stored_answers import StoredDay
from services.predict_api.serving.stored_forecasts import StoredForecasts, load_stored_forecasts
from shared.modeling.forecast_record import ForecastRecord
from shared.ports import ObjectStore

_CACHED_DAYS = 6  # of stored forecasts; a full day takes about 4 MB


class PredictionService:
    """Answers requests, each from one forecaster; scheduled games' forecasts are stored first."""

    def __init__(self, objects: ObjectStore, forecast_log: ForecastLog) -> None:
        self._objects, self._forecast_log = objects, forecast_log
        self.results, self.record_windows = ResultStore(objects), RecordWindows(objects)
        self._stored = DayCache(partial(load_stored_forecasts, objects), _CACHED_DAYS)

    def predict_game(self, forecaster: Forecaster, request: GameRequest) -> responses.GameAnswer:
        """Return the forecast of a game; of a day already known, the one that was stored before it."""
        home, away = (forecaster.directory.find_club(team) for team in (request.home_team, request.away_team))
        sides = home["team_id"], away["team_id"]
        if request.game_date <= forecaster.as_of:
            _reject_past_what_if(request)
            return self.load_stored_day(forecaster, request.game_date).find_game(*sides, request)
        _reject_days_without_games(forecaster, request.game_date)
        game = forecaster.directory.find_game(request.game_date, *sides, request.game_number)
        if not request.is_what_if:
            return _build_game_answer(
                forecaster, self._forecast_scheduled(forecaster, game), reasons=request.reasons
            )
        named_players = request.starting_pitchers, request.lineups
        game_forecast = forecaster.forecast_what_if(game, *named_players)
        caveats = lineup_checks.find_caveats(forecaster.directory, game, *named_players)
        return response_builder.build_game_answer(
            forecaster, game_forecast, _home_win_forecast(game_forecast), caveats, reasons=request.reasons
        )

    def predict_player(self, forecaster: Forecaster, request: PlayerRequest) -> responses.PlayerAnswer:
        """Return the forecasts of a player's statistics in one game; of a known day, those stored."""
        _reject_unknown_stats(request)
        person = forecaster.directory.find_player(request.player_id or request.player or "")
        if request.game_date <= forecaster.as_of:
            return self.load_stored_day(forecaster, request.game_date).find_player(
                person["person_id"], request
            )
        _reject_days_without_games(forecaster, request.game_date)
        game_forecast = self._forecast_scheduled(
            forecaster, self._find_player_game(forecaster, person, request)
        )
        player_forecasts = game_forecast.by_player.get(person["person_id"], {})
        found, unavailable = _select_forecasts(player_forecasts, request, forecaster)
        if not found:
            raise PlayerNotExpected(person["full_name"], request.named_statistics, str(request.game_date))
        return response_builder.build_player_answer(
            forecaster, game_forecast, found, request.lines, unavailable, reasons=request.reasons
        )

    def predict_batch(self, forecaster: Forecaster, request: BatchRequest) -> responses.BatchAnswer:
        """Return each request's answer or problem, in order, all from one release."""
        found = [self._predict_or_problem(forecaster, one) for one in request.questions]
        return responses.BatchAnswer(world=forecaster.world, answers=found)

    def predict_slate(self, forecaster: Forecaster, day: date) -> responses.SlateAnswer:
        """Return the forecasts of a day's games.

        For a known day these are the stored ones; a day without games has a reason.
        """
        days = forecaster.schedule_days
        if day > forecaster.as_of:
            scheduled = days.describe_day(day)
            if scheduled.kind == "games":
                self._forecast_log.store_forecasts(forecaster, day)
            games = [
                _build_game_answer(forecaster, game_forecast, reasons=True)
                for game_forecast in forecaster.forecast_day(day).values()
            ]
            return _build_slate_answer(forecaster, day, scheduled, games)
        return self._build_past_slate(forecaster, day)

    def _build_past_slate(self, forecaster: Forecaster, day: date) -> responses.SlateAnswer:
        """Return the forecasts stored for a known day, and its games that were not forecast."""
        index, days = self.results.day(day), forecaster.schedule_days
        try:
            games = self.load_stored_day(forecaster, day).list_games()
        except NothingScheduled:
            return _build_slate_answer(
                forecaster, day, days.outside_seasons(day) or days.describe_day(day), []
            )
        except GamePlayed:
            if not index.games:
                raise
            games = []
        message = f"{format_game_count(len(games))} of {day}, as stored before the day."
        if not games:
            message = f"{format_game_count(len(index.games))} of {day}, none of them forecast before the day."
        slate = _build_slate_answer(forecaster, day, ScheduledDay("games", message), games)
        unforecast = unforecast_games(forecaster, index, (game.game_pk for game in games))
        return msgspec.structs.replace(slate, unforecast=unforecast)

    def load_stored_day(self, forecaster: Forecaster, day: date) -> StoredDay:
        """Return the stored forecasts of a known day, with its results."""
        return StoredDay(self._objects, forecaster, day, self.stored_forecasts(day), self.results.day(day))

    def find_results(self, forecaster: Forecaster, day: date) -> ResultsAnswer:
        """Return the results of a day; raises NotPlayedYet, NothingScheduled."""
        found, days = self.results.day(day).results, forecaster.schedule_days
        if found is not None:
            return build_results_answer(forecaster, found)
        if without := days.outside_seasons(day):
            raise NothingScheduled(*without, str(days.known_until))
        if day > forecaster.as_of:
            raise NotPlayedYet(str(day), str(forecaster.as_of))
        message = f"No results of {day} are stored: no game was played, or none is loaded."
        raise NothingScheduled("day_off", message, str(days.known_until))

    def load_record(self, forecaster: Forecaster) -> ForecastRecord:
        """Return the record up to the last day whose results are known."""
        return self.record_windows.record(forecaster.release.id, forecaster.as_of)

    def stored_forecasts(self, day: date) -> StoredForecasts:
        """Return what releases forecast of a day."""
        found: StoredForecasts = self._stored.get(day)
        return found

    def predict_scheduled(self, forecaster: Forecaster, game_forecast: GameForecast) -> responses.GameAnswer:
        """Return the forecast of a scheduled game; raises ModelMissing."""
        self._forecast_log.store_forecasts(forecaster, game_forecast.game["game_date"])
        return _build_game_answer(forecaster, game_forecast, reasons=True)

    def _predict_or_problem(
        self, forecaster: Forecaster, request: GameRequest | PlayerRequest
    ) -> responses.GameAnswer | responses.PlayerAnswer | dict[str, Any]:
        """Return one request's answer, or its problem as the single route has it."""
        try:
            if isinstance(request, GameRequest):
                return self.predict_game(forecaster, request)
            return self.predict_player(forecaster, request)
        except Problem as problem:
            return problem.to_dict()

    def _forecast_scheduled(self, forecaster: Forecaster, game: Row) -> GameForecast:
        self._forecast_log.store_forecasts(forecaster, game["game_date"])
        return forecaster.forecast_scheduled(game)

    def _find_player_game(self, forecaster: Forecaster, person: Row, request: PlayerRequest) -> Row:
        directory = forecaster.directory
        opponent = directory.find_club(request.opponent)["team_id"] if request.opponent is not None else None
        where = (opponent, request.game_number)
        announced = directory.game_of_starter(request.game_date, person["person_id"], *where)
        if announced is not None:
            return announced
        if person["team_id"] is None:
            raise PlayerWithoutClub(person["full_name"])
        return directory.game_of_club(request.game_date, person["team_id"], *where)


def _build_game_answer(
    forecaster: Forecaster, game_forecast: GameForecast, *, reasons: bool
) -> responses.GameAnswer:
    return response_builder.build_game_answer(
        forecaster, game_forecast, _home_win_forecast(game_forecast), reasons=reasons
    )


def _home_win_forecast(game_forecast: GameForecast) -> Forecast:
    """Return the forecast of a home win; raises ModelMissing."""
    if game_forecast.home_win is None:
        raise ModelMissing(HOME_WIN)
    return game_forecast.home_win


def _build_slate_answer(
    forecaster: Forecaster, day: date, scheduled: ScheduledDay, games: list[responses.GameAnswer]
) -> responses.SlateAnswer:
    return responses.SlateAnswer(
        world=forecaster.world,
        game_date=day,
        kind=scheduled.kind,
        message=scheduled.message,
        schedule_known_until=forecaster.schedule_days.known_until,
        called_off=forecaster.directory.called_off_on(day),
        games=games,
    )


def _reject_past_what_if(request: GameRequest) -> None:
    """Raise InvalidRequest where players are named for a game whose forecast is already stored."""
    names = ("starting_pitchers", "lineups")
    given = [name for name in names if getattr(request, name) != GameRequest.model_fields[name].default]
    if given:
        expected = "nothing: the day is over, only its stored forecast is available"
        errors = [
            {"path": name, "expected": expected, "got": shown(getattr(request, name).model_dump())}
            for name in given
        ]
        raise InvalidRequest("a question about a stored forecast", errors)


def _reject_days_without_games(forecaster: Forecaster, day: date) -> None:
    """Raise NothingScheduled for a day without games, or one that is not known yet."""
    days = forecaster.schedule_days
    scheduled = days.describe_day(day)
    if scheduled.kind != "games":
        raise NothingScheduled(*scheduled, str(days.known_until))


def _select_forecasts(
    player_forecasts: Mapping[str, Forecast], request: PlayerRequest, forecaster: Forecaster
) -> tuple[dict[str, Forecast], dict[str, str]]:
    """Return a player's forecasts by statistic, and why others that the request names are missing."""
    by_stat = {
        stat: player_forecasts[target]
        for stat, target in targets_by_stat(player_forecasts).items()
        if target in player_forecasts
    }
    requested = request.named_statistics
    found = {stat: by_stat[stat] for stat in requested if stat in by_stat} if requested else by_stat
    unavailable = [stat for stat in dict.fromkeys([*requested, *request.lines]) if stat not in by_stat]
    return found, {stat: _unavailable_reason(stat, forecaster) for stat in unavailable}


def _unavailable_reason(stat: str, forecaster: Forecaster) -> str:
    targets = {table[stat] for table in (BATTER_STATS, STARTER_STATS) if stat in table}
    if targets & forecaster.models.keys():
        return "not in the role in which they are expected to play"
    return "no model of it is released yet"


def list_forecast_stats(forecaster: Forecaster, position: str | None) -> list[str]:
    """Return the statistics that the release forecasts of a player of this position."""
    table = STARTER_STATS if position == "P" else BATTER_STATS
    return [stat for stat, target in table.items() if target in forecaster.models]


def _reject_unknown_stats(request: PlayerRequest) -> None:
    named = {f"stats/{i}": stat for i, stat in enumerate(request.stats or [])}
    named |= {f"lines/{stat}": stat for stat in request.lines}
    unknown = {path: stat for path, stat in named.items() if stat not in STATS}
    if unknown:
        expected = f"one of {', '.join(STATS)}"
        raise InvalidRequest(
            f"statistics among {', '.join(STATS)}",
            [{"path": path, "expected": expected, "got": shown(stat)} for path, stat in unknown.items()],
        )
