"""One game with the forecast that counts, the forecasts it superseded, its result and its players."""

from datetime import date

from services.predict_api.problems import GamePlayed, NothingScheduled, UnknownGame
from services.predict_api.schemas.responses import GameAnswer
from services.predict_api.schemas.result_responses import ForecastVersion, GameDetail
from services.predict_api.serving.directory import Row
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.results import club_letters, game_players
from shared.storage.day_results import GameResult


def find_game(
    predictions: PredictionService, forecaster: Forecaster, game_pk: int, day: date | None = None
) -> GameDetail:
    """Return a game by its number, ahead or over; raises UnknownGame.

    `day` is only needed for a game that is older than the season before this one.
    """
    scheduled = forecaster.directory.games.get(game_pk)
    if scheduled is not None and scheduled["game_date"] > forecaster.as_of:
        return _coming_game(predictions, forecaster, scheduled)
    found = day or predictions.record_windows.game_day(forecaster.release.id, forecaster.as_of, game_pk)
    if found is None:
        message = f"no game {game_pk} is ahead, or among the results of this season and the one before"
        raise UnknownGame(f"{message}: name the day of an older one with date", [])
    return _past_game(predictions, forecaster, game_pk, found)


def _coming_game(predictions: PredictionService, forecaster: Forecaster, game: Row) -> GameDetail:
    day, game_pk, directory = game["game_date"], game["game_pk"], forecaster.directory
    forecasts, answer = forecaster.forecast_day(day), None
    outcome = predictions.results.day(day).outcome(game_pk)
    if game_pk in forecasts:
        answer = predictions.predict_scheduled(forecaster, forecasts[game_pk])
    elif outcome is None:
        raise UnknownGame(f"{directory.game_id(game)} is called off", [])
    return GameDetail(
        world=forecaster.world,
        game_pk=game_pk,
        game_date=day,
        game_number=game["game_number"],
        home_team=directory.club_abbreviation(game["home_team_id"]),
        away_team=directory.club_abbreviation(game["away_team_id"]),
        forecast=answer,
        versions=predictions.stored_forecasts(day).versions_of(game_pk),
        result=outcome,
        players=[],
    )


def _past_game(predictions: PredictionService, forecaster: Forecaster, game_pk: int, day: date) -> GameDetail:
    index = predictions.results.day(day)
    game = index.games.get(game_pk)
    moved_from = game.original_date if game and game.original_date else day
    days = sorted({day, moved_from})
    answer = _counting_answer(predictions, forecaster, game_pk, days)
    if game is None and answer is None:
        raise UnknownGame(f"no game {game_pk} is known on {day}", [])
    number, home, away = _describe_game(forecaster, game, answer)
    return GameDetail(
        world=forecaster.world,
        game_pk=game_pk,
        game_date=day,
        game_number=number,
        home_team=home,
        away_team=away,
        forecast=answer,
        versions=_versions(predictions, game_pk, days),
        result=index.outcome(game_pk),
        players=game_players(forecaster, index, game_pk),
    )


def _counting_answer(
    predictions: PredictionService, forecaster: Forecaster, game_pk: int, days: list[date]
) -> GameAnswer | None:
    """Return the forecast of a game's last day, else of the day from which it was moved."""
    for day in reversed(days):
        try:
            return predictions.load_stored_day(forecaster, day).find_game_by_pk(game_pk)
        except (GamePlayed, NothingScheduled):
            continue
    return None


def _versions(predictions: PredictionService, game_pk: int, days: list[date]) -> list[ForecastVersion]:
    found = [one for day in days for one in predictions.stored_forecasts(day).versions_of(game_pk)]
    return sorted(found, key=lambda one: (one.made_at, one.release))


def _describe_game(
    forecaster: Forecaster, game: GameResult | None, answer: GameAnswer | None
) -> tuple[int, str, str]:
    """Return a game's number in its day and the letters of both clubs, the home club's first."""
    if game is not None:
        home = club_letters(forecaster, game.home_team, game.home_team_id)
        return game.game_number, home, club_letters(forecaster, game.away_team, game.away_team_id)
    if answer is None:
        raise ValueError("expected a result or a forecast of the game, got neither")
    return answer.game_number, answer.home_team, answer.away_team
