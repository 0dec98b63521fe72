"""Examples of questions that work: about a game and a player of the release that is loaded."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from services.predict_api.mlb.labels import BATTER_STATS
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import role_of
from services.predict_api.serving.game_forecasts import GameForecast
from services.predict_api.web.openapi import ENDPOINTS, Endpoint

_EXAMPLE_LINE = 1.5


def curl_examples(forecaster: Forecaster | None, host: str) -> dict[tuple[str, str], str]:
    """Return a command for each endpoint, by method and path.

    `host` is the address of the API, such as http://127.0.0.1:8080. Without a release, and for what the
    release has no example of, they are those of the OpenAPI document.
    """
    game_forecast = _next_game_forecast(forecaster) if forecaster else None
    bodies = _example_bodies(forecaster, game_forecast) if forecaster and game_forecast else {}
    values = _parameter_values(forecaster, game_forecast) if forecaster and game_forecast else {}
    return {(one.method, one.path): _curl_command(one, host, bodies, values) for one in ENDPOINTS}


def _curl_command(
    endpoint: Endpoint, host: str, bodies: Mapping[str, Mapping[str, Any]], values: Mapping[str, str]
) -> str:
    where = {part.name: values.get(part.name, part.example) for part in endpoint.parameters}
    shown = (part.name for part in endpoint.parameters if part.where == "query" and part.in_examples)
    query = {name: where[name] for name in shown}
    url = host + endpoint.path.format(**where) + (f"?{urlencode(query)}" if query else "")
    key = ' -H "X-API-Key: $KEY"' if endpoint.needs_key else ""
    if endpoint.body is None:
        return f"curl{key} '{url}'"
    body = json.dumps(bodies.get(endpoint.path, endpoint.example), ensure_ascii=False)
    return f"curl{key} '{url}' \\\n  -d '{body.replace(chr(39), _QUOTE)}'"


_QUOTE = r"'\''"  # an apostrophe within a shell's single quotes


def _next_game_forecast(forecaster: Forecaster) -> GameForecast | None:
    """Return a game of the next day with games, best one with a batter whose hits are forecast."""
    days = [day for day in forecaster.directory.scheduled_days() if day > forecaster.as_of]
    game_forecasts = (
        [
            game_forecast
            for game_forecast in forecaster.forecast_day(days[0]).values()
            if game_forecast.home_win
        ]
        if days
        else []
    )
    return next(
        (card for card in game_forecasts if _forecast_batter(card)),
        game_forecasts[0] if game_forecasts else None,
    )


def _forecast_batter(game_forecast: GameForecast) -> int | None:
    """Return a batter with a forecast."""
    found = (
        player
        for player, mine in game_forecast.by_player.items()
        if any(role_of(one) == "batter" for one in mine)
    )
    return next(found, None)


def _example_bodies(forecaster: Forecaster, game_forecast: GameForecast) -> dict[str, dict[str, Any]]:
    game = _game_body(forecaster, game_forecast)
    batter = _forecast_batter(game_forecast)
    if batter is None:
        return {"/predict": game, "/predict/game": game, "/predict/batch": {"questions": [game]}}
    player = _batter_body(game_forecast, batter)
    return {
        "/predict": game,
        "/predict/game": game,
        "/predict/player": player,
        "/predict/batch": {"questions": [game, player]},
    }


def _game_body(forecaster: Forecaster, game_forecast: GameForecast) -> dict[str, Any]:
    directory, game = forecaster.directory, game_forecast.game
    return {
        "home_team": directory.club_abbreviation(game["home_team_id"]),
        "away_team": directory.club_abbreviation(game["away_team_id"]),
        "game_date": str(game["game_date"]),
        "game_number": game["game_number"],
    }


def _batter_body(game_forecast: GameForecast, batter: int) -> dict[str, Any]:
    forecast = [stat for stat, target in BATTER_STATS.items() if target in game_forecast.by_player[batter]]
    return {
        "player_id": batter,
        "game_date": str(game_forecast.game["game_date"]),
        "game_number": game_forecast.game["game_number"],
        "stats": forecast[:2],
        "lines": {forecast[0]: _EXAMPLE_LINE},
    }


def _parameter_values(forecaster: Forecaster, game_forecast: GameForecast) -> dict[str, str]:
    """Return values of parameters by name."""
    values = {
        "day": str(game_forecast.game["game_date"]),
        "game_pk": str(game_forecast.game["game_pk"]),
        "date": str(forecaster.as_of),
    }
    batter = _forecast_batter(game_forecast)
    if batter is not None:
        name = forecaster.directory.player_name(batter) or str(batter)
        values |= {"player_id": str(batter), "q": name.split()[-1], "limit": "5"}
    return values
