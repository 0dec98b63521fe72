"""Routes of results: one game, a day, and the track record."""

from collections.abc import Iterator
from datetime import date

from flask import Flask, Response, request

from services.predict_api.problems import NothingScheduled, NotPlayedYet
from services.predict_api.schemas.result_responses import ResultForecast, ResultsAnswer
from services.predict_api.serving import game_details, track_record
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.release_manager import ReleaseManager
from services.predict_api.serving.results import build_results_answer
from services.predict_api.web.csv_response import csv_response, wants_csv
from services.predict_api.web.lookup_routes import read_id
from services.predict_api.web.prediction_routes import json_response, read_day
from shared.modeling.forecast_record import ForecastRecord
from shared.storage.day_results import DayResults

_RESULT_COLUMNS = (
    *("game_date", "game_pk", "game_number", "away_team", "home_team", "state", "away_score", "home_score"),
    *("target", "player_id", "name", "variant", "made_at", "mean", "low_80", "high_80"),
    *("actual", "p_actual", "hit", "log_loss"),
)
_RECORD_COLUMNS = (
    *("window", "first", "last", "target", "forecasts", "decided", "hits", "mean_miss", "log_loss"),
    *("compared", "compared_log_loss", "guess_log_loss"),
)


def add_routes(app: Flask, release_manager: ReleaseManager, predictions: PredictionService) -> None:
    """Add /games/<game_pk>, /results and /track-record."""

    @app.get("/games/<game_pk>")
    def get_game(game_pk: str) -> Response:
        day = read_day(request.args["date"], "date") if "date" in request.args else None
        forecaster = release_manager.require_forecaster()
        return json_response(game_details.find_game(predictions, forecaster, read_id(game_pk), day))

    @app.get("/results")
    def get_results() -> Response:
        as_csv, day = wants_csv(), read_day(request.args.get("date", ""), "date")
        forecaster = release_manager.require_forecaster()
        answer = build_results_answer(forecaster, find_results(predictions, forecaster, day))
        if as_csv:
            return csv_response(_RESULT_COLUMNS, _result_rows(answer), f"results-{day}.csv")
        return json_response(answer)

    @app.get("/track-record")
    def get_track_record() -> Response:
        as_csv, forecaster = wants_csv(), release_manager.require_forecaster()
        record = predictions.record_windows.record(forecaster.release.id, forecaster.as_of)
        if as_csv:
            return csv_response(_RECORD_COLUMNS, _record_rows(record), f"record-{record.through}.csv")
        return json_response(track_record.build_track_record(forecaster, record))


def find_results(predictions: PredictionService, forecaster: Forecaster, day: date) -> DayResults:
    """Return the results of a day; raises NotPlayedYet, NothingScheduled."""
    found = predictions.results.day(day).results
    if found is not None:
        return found
    days = forecaster.schedule_days
    if without := days.outside_seasons(day):
        raise NothingScheduled(*without, str(days.known_until))
    if day > forecaster.as_of:
        raise NotPlayedYet(str(day), str(forecaster.as_of))
    message = f"No results of {day} are stored: no game was played, or none is loaded."
    raise NothingScheduled("day_off", message, str(days.known_until))


def _result_rows(answer: ResultsAnswer) -> Iterator[dict[str, object]]:
    """Yield a row for each forecast that counts, and one for each game without any."""
    by_game: dict[int, list[ResultForecast]] = {}
    for one in answer.forecasts:
        by_game.setdefault(one.game_pk, []).append(one)
    for game in answer.games:
        row = {
            "game_date": answer.game_date,
            "game_pk": game.game_pk,
            "game_number": game.game_number,
            "away_team": game.away_team,
            "home_team": game.home_team,
            "state": game.state,
            "away_score": game.away_score,
            "home_score": game.home_score,
        }
        forecasts = by_game.get(game.game_pk, [])
        if not forecasts:
            yield row
        for one in forecasts:
            yield row | _forecast_columns(one)


def _forecast_columns(one: ResultForecast) -> dict[str, object]:
    low, high = one.interval_80 or (None, None)
    return {
        "target": one.target,
        "player_id": one.player_id,
        "name": one.name,
        "variant": one.variant,
        "made_at": one.made_at.isoformat(),
        "mean": one.mean,
        "low_80": low,
        "high_80": high,
        "actual": one.actual,
        "p_actual": one.p_actual,
        "hit": None if one.hit is None else str(one.hit).lower(),
        "log_loss": one.log_loss,
    }


def _record_rows(record: ForecastRecord) -> Iterator[dict[str, object]]:
    for window in record.windows:
        for one in window.targets:
            yield {
                "window": window.name,
                "first": window.first,
                "last": window.last,
                "target": one.target,
                "forecasts": one.forecasts,
                "decided": one.decided,
                "hits": one.hits,
                "mean_miss": one.mean_miss,
                "log_loss": one.log_loss,
                "compared": one.compared,
                "compared_log_loss": one.compared_log_loss,
                "guess_log_loss": one.guess_log_loss,
            }
