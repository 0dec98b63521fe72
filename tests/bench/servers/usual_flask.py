"""What people write: Flask, a DataFrame of features, and XGBoost's scikit-learn wrapper on one row of it."""

import os
from itertools import islice
from tempfile import NamedTemporaryFile

import numpy as np
import pandas as pd
import xgboost
from flask import Flask, jsonify, request

from shared.modeling import registry
from shared.modeling.distribution import count_distribution, line_odds
from shared.modeling.model import base_margin
from shared.runtime.ports_factory import create_object_store
from shared.runtime.settings import Settings
from tests.bench.servers.store import parts

TARGET = "pitcher_strikeouts"


def create() -> Flask:
    """Return the app, with the same model and the same rows as ours."""
    release_manager, _ = parts()
    forecaster = release_manager.require_forecaster()
    manifest = forecaster.models[TARGET].manifest
    days = islice(forecaster.directory.scheduled_days(), 2)
    cards = [card for day in days for card in forecaster.forecast_day(day).values()]
    result = [mine[TARGET].row for card in cards for mine in card.by_player.values() if TARGET in mine]
    features, model = pd.DataFrame(result), _wrapper(forecaster.release)
    app = Flask(__name__)

    @app.post("/predict/player")
    def answer() -> object:
        requested = request.get_json()
        row = features[
            (features.player_id == requested["player_id"])
            & (features.game_date.astype(str) == requested["game_date"])
        ]
        part = manifest.part(row["lineup_status"].iloc[0])
        margin = base_margin(row[list(part.margin.column_names)].to_numpy(float), part.margin)
        mean = model.predict(
            row[list(manifest.features)].astype(float), base_margin=margin, iteration_range=part.rounds
        )
        chances = count_distribution(
            manifest.family, mean.astype(float), manifest.max_count, shape=part.count_shape
        )[0]
        odds = line_odds(chances, requested["lines"]["strikeouts"])
        return jsonify(mean=float(mean[0]), distribution=np.round(chances, 6).tolist(), over=odds.over)

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    return app


def _wrapper(release: registry.Release) -> xgboost.XGBRegressor:
    objects = create_object_store(Settings(home=os.environ["HANKSTANK_HOME"]))
    artifact, _ = registry.load_model(objects, release.models[TARGET])
    model = xgboost.XGBRegressor(n_jobs=1)
    with NamedTemporaryFile(suffix=".ubj") as file:
        file.write(artifact)
        file.flush()
        model.load_model(file.name)
    return model
