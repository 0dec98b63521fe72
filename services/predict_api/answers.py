"""Forecasts as clients read them, and as the journal keeps them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.predict_api.forecaster import Forecast, Forecaster, forecast_id
from shared.distribution import interval, line_odds

SIDES = ("home", "away")
_REASONS = {
    "expected_run_difference": ("run difference expected from line-ups, starters, pens and park", "runs"),
    "home_expected_runs": ("runs expected of the home club", "runs"),
    "away_expected_runs": ("runs expected of the visitors", "runs"),
    "elo_difference": ("home rating minus visitors'", "Elo points"),
    "park_runs": ("runs the park adds", "runs"),
}


def game_answer(forecaster: Forecaster, forecast: Forecast, game: Mapping[str, Any]) -> dict[str, Any]:
    """Return what POST /predict/game answers.

    `confidence` is how far the favourite's chance lies from a coin flip: |2p - 1|.
    """
    directory, row, home_win = forecaster.directory, forecast.row, forecast.mean
    home, away = directory.abbreviation(row["home_team_id"]), directory.abbreviation(row["away_team_id"])
    return {
        "game_id": f"{row['game_date']}-{home}-{away}",
        "game_pk": row["game_pk"],
        "game_date": row["game_date"],
        "game_number": game["game_number"],
        "scheduled_start": game["scheduled_start"],
        "home_team": home,
        "away_team": away,
        "starting_pitchers": {side: _starter(forecaster, row[f"{side}_starter_id"]) for side in SIDES},
        "predictions": {
            "home_win_probability": home_win,
            "away_win_probability": 1 - home_win,
            "predicted_score": {side: row[f"{side}_expected_runs"] for side in SIDES},
        },
        "confidence": abs(2 * home_win - 1),
        "feature_importance": [
            {"feature": name, "value": row[name], "unit": unit, "meaning": meaning}
            for name, (meaning, unit) in _REASONS.items()
        ],
        **_provenance(forecaster, forecast),
    }


def player_answer(
    forecaster: Forecaster, forecasts: Mapping[str, Forecast], lines: Mapping[str, float]
) -> dict[str, Any]:
    """Return what POST /predict/player answers; `forecasts` by the statistic's name."""
    some = next(iter(forecasts.values()))
    directory, row = forecaster.directory, some.row
    return {
        "player_id": row["player_id"],
        "name": directory.name(row["player_id"]),
        "team": directory.abbreviation(row["team_id"]),
        "opponent": directory.abbreviation(row["opponent_id"]),
        "game_pk": row["game_pk"],
        "game_date": row["game_date"],
        "predictions": {stat: _statistic(one, lines.get(stat)) for stat, one in forecasts.items()},
        "model_versions": {stat: one.version for stat, one in forecasts.items()},
        **_provenance(forecaster, some),
    }


def stored_answer(forecaster: Forecaster, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored game forecast as it was made: nothing that was learned since."""
    home, away = (forecaster.directory.abbreviation(row[f"{side}_team_id"]) for side in SIDES)
    return {
        "game_id": f"{row['game_date']}-{home}-{away}",
        "game_pk": row["game_pk"],
        "game_date": row["game_date"],
        "game_number": row["game_number"],
        "home_team": home,
        "away_team": away,
        "predictions": {"home_win_probability": row["mean"], "away_win_probability": 1 - row["mean"]},
        "confidence": abs(2 * row["mean"] - 1),
        "model_version": row["model_version"],
        "release": row["release_id"],
        "as_of": row["as_of"],
        "made_at": row["made_at"],
        "flags": ["stored forecast", *msgspec.json.decode(row["flags"])],
    }


def journal_row(forecaster: Forecaster, forecast: Forecast, made_at: datetime) -> dict[str, Any]:
    """Return the forecast as a row of `tables/forecasts.json`."""
    row = forecast.row
    return {
        "forecast_id": forecast_id(forecast, forecaster.release.id),
        "game_date": row["game_date"],
        "game_pk": row["game_pk"],
        "game_number": forecaster.directory.game_number(row["game_pk"]),
        "home_team_id": row.get("home_team_id"),
        "away_team_id": row.get("away_team_id"),
        "player_id": row.get("player_id"),
        "target": forecast.target,
        "model_version": forecast.version,
        "release_id": forecaster.release.id,
        "as_of": forecaster.as_of,
        "made_at": made_at,
        "is_challenger": False,
        "mean": forecast.mean,
        "distribution": msgspec.json.encode([round(float(p), 6) for p in forecast.chances]).decode(),
        "flags": msgspec.json.encode(forecast.flags).decode(),
    }


def _statistic(forecast: Forecast, line: float | None) -> dict[str, Any]:
    low, high = interval(forecast.chances)
    answer: dict[str, Any] = {
        "mean": forecast.mean,
        "interval_80": [low, high],
        "at_least_one": float(1 - forecast.chances[0]),
        "distribution": [round(float(p), 6) for p in forecast.chances],
    }
    if line is not None:
        odds = line_odds(forecast.chances, line)
        answer["line"] = {"line": line, "over": odds.over, "under": odds.under, "push": odds.push}
    return answer


def _provenance(forecaster: Forecaster, forecast: Forecast) -> dict[str, Any]:
    return {
        "model_version": forecast.version,
        "release": forecaster.release.id,
        "as_of": forecaster.as_of,
        "world": forecaster.world,
        "flags": list(forecast.flags),
    }


def _starter(forecaster: Forecaster, player_id: int | None) -> dict[str, Any]:
    return {"player_id": player_id, "name": forecaster.directory.name(player_id)}
