"""Routes of results: one game, a day, and the track record."""

from flask import Flask, Response, request

from services.predict_api.serving import game_details, track_record
from services.predict_api.serving.predict import PredictionService
from services.predict_api.serving.release_manager import ReleaseManager
from services.predict_api.serving.result_tables import (
    RECORD_COLUMNS,
    RESULT_COLUMNS,
    record_rows,
    result_rows,
)
from services.predict_api.web.csv_response import csv_response, wants_csv
from services.predict_api.web.lookup_routes import read_id
from services.predict_api.web.prediction_routes import json_response, read_day


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
        answer = predictions.find_results(forecaster, day)
        if as_csv:
            return csv_response(RESULT_COLUMNS, result_rows(answer), f"results-{day}.csv")
        return json_response(answer)

    @app.get("/track-record")
    def get_track_record() -> Response:
        as_csv, forecaster = wants_csv(), release_manager.require_forecaster()
        record = predictions.load_record(forecaster)
        if as_csv:
            rows = record_rows(record.windows)
            return csv_response(RECORD_COLUMNS, rows, f"record-{record.through}.csv")
        return json_response(track_record.build_track_record(forecaster, record))
