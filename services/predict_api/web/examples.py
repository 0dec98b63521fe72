"""Examples of questions that work: about a game and a player of the release that is loaded."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from services.predict_api.mlb.labels import BATTER_STATS
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import role_of
from services.predict_api.serving.game_forecasts import Card
from services.predict_api.web.openapi import ENDPOINTS, Endpoint

_EXAMPLE_LINE = 1.5


def curl_examples(forecaster: Forecaster | None, host: str) -> dict[tuple[str, str], str]:
    """Return a command for each endpoint, by method and path.

    `host` is the address of the API, such as http://127.0.0.1:8080. Without a release, and for what the
    release has no example of, they are those of the OpenAPI document.
    """
    card = _next_card(forecaster) if forecaster else None
    bodies = _bodies(forecaster, card) if forecaster and card else {}
    values = _values(forecaster, card) if forecaster and card else {}
    return {(one.method, one.path): _curl(one, host, bodies, values) for one in ENDPOINTS}


def _curl(
    endpoint: Endpoint, host: str, bodies: Mapping[str, Mapping[str, Any]], values: Mapping[str, str]
) -> str:
    where = {part.name: values.get(part.name, part.example) for part in endpoint.parameters}
    query = {part.name: where[part.name] for part in endpoint.parameters if part.where == "query"}
    url = host + endpoint.path.format(**where) + (f"?{urlencode(query)}" if query else "")
    key = ' -H "X-API-Key: $KEY"' if endpoint.needs_key else ""
    if endpoint.body is None:
        return f"curl{key} '{url}'"
    body = json.dumps(bodies.get(endpoint.path, endpoint.example), ensure_ascii=False)
    return f"curl{key} '{url}' \\\n  -d '{body.replace(chr(39), _QUOTE)}'"


_QUOTE = r"'\''"  # an apostrophe within a shell's single quotes


def _next_card(forecaster: Forecaster) -> Card | None:
    """Return a game of the next day with games, best one with a batter whose hits are forecast."""
    days = [day for day in forecaster.directory.days() if day > forecaster.as_of]
    cards = [card for card in forecaster.day(days[0]).values() if card.win] if days else []
    return next((card for card in cards if _batter(card)), cards[0] if cards else None)


def _batter(card: Card) -> int | None:
    """Return a batter with a forecast."""
    found = (player for player, mine in card.players.items() if any(role_of(one) == "batter" for one in mine))
    return next(found, None)


def _bodies(forecaster: Forecaster, card: Card) -> dict[str, dict[str, Any]]:
    game = _about_game(forecaster, card)
    batter = _batter(card)
    if batter is None:
        return {"/predict": game, "/predict/game": game, "/predict/batch": {"questions": [game]}}
    player = _about_batter(card, batter)
    return {
        "/predict": game,
        "/predict/game": game,
        "/predict/player": player,
        "/predict/batch": {"questions": [game, player]},
    }


def _about_game(forecaster: Forecaster, card: Card) -> dict[str, Any]:
    directory, game = forecaster.directory, card.game
    return {
        "home_team": directory.abbreviation(game["home_team_id"]),
        "away_team": directory.abbreviation(game["away_team_id"]),
        "game_date": str(game["game_date"]),
        "game_number": game["game_number"],
    }


def _about_batter(card: Card, batter: int) -> dict[str, Any]:
    forecast = [stat for stat, target in BATTER_STATS.items() if target in card.players[batter]]
    return {
        "player_id": batter,
        "game_date": str(card.game["game_date"]),
        "game_number": card.game["game_number"],
        "stats": forecast[:2],
        "lines": {forecast[0]: _EXAMPLE_LINE},
    }


def _values(forecaster: Forecaster, card: Card) -> dict[str, str]:
    """Return values of parameters by name."""
    values = {"day": str(card.game["game_date"])}
    batter = _batter(card)
    if batter is not None:
        name = forecaster.directory.name(batter) or str(batter)
        values |= {"player_id": str(batter), "q": name.split()[-1], "limit": "5"}
    return values
