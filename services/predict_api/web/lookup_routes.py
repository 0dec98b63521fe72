"""Look-up routes: players, clubs and models."""

from typing import Any

from flask import Flask, Response, request

from services.predict_api.problems import InvalidRequest
from services.predict_api.schemas.responses import (
    NextGame,
    Player,
    PlayerCard,
    PlayersAnswer,
    Team,
    TeamsAnswer,
)
from services.predict_api.schemas.validation_errors import shown
from services.predict_api.serving import track_record
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import list_forecast_stats
from services.predict_api.serving.release_manager import ReleaseManager
from services.predict_api.serving.results import ResultStore
from services.predict_api.web.prediction_routes import json_response

MAX_FOUND = 50
MAX_NAME_LENGTH = 60
MAX_NEXT_GAMES = 5


def add_routes(app: Flask, release_manager: ReleaseManager, results: ResultStore) -> None:
    """Add /players, /players/<id>, /teams and /models."""

    @app.get("/players")
    def search_players() -> Response:
        forecaster = release_manager.require_forecaster()
        found = forecaster.directory.name_index.search_players(_read_name(), _read_limit())
        players = [build_player(forecaster, one) for one in found]
        return json_response(PlayersAnswer(world=forecaster.world, players=players))

    @app.get("/players/<player_id>")
    def get_player(player_id: str) -> Response:
        forecaster = release_manager.require_forecaster()
        return json_response(build_player_card(forecaster, results, read_id(player_id)))

    @app.get("/teams")
    def list_teams() -> Response:
        forecaster = release_manager.require_forecaster()
        clubs = [_build_team(club) for club in forecaster.directory.clubs.values()]
        return json_response(TeamsAnswer(world=forecaster.world, teams=clubs))

    @app.get("/models")
    def list_models() -> Response:
        return json_response(track_record.describe_models(release_manager.require_forecaster()))


def read_id(text: str) -> int:
    """Return a number in a path; raises InvalidRequest."""
    if text.isascii() and text.isdigit() and 0 < int(text[:11]) < 2**31:
        return int(text[:11])
    expected = "a positive number"
    raise InvalidRequest(expected, [{"path": "id", "expected": expected, "got": shown(text[:40])}])


def build_player(forecaster: Forecaster, player_id: int) -> Player:
    """Return a player as they are known; raises UnknownPlayer."""
    return Player(**_player_fields(forecaster, player_id))


def build_player_card(forecaster: Forecaster, results: ResultStore, player_id: int) -> PlayerCard:
    """Return a player with the next games of their club, and their last ones; raises UnknownPlayer."""
    known = _player_fields(forecaster, player_id)
    games = next_games(forecaster, player_id)[:MAX_NEXT_GAMES]
    stats = list_forecast_stats(forecaster, known["position"])
    last_games = results.past_games(forecaster, player_id)
    return PlayerCard(**known, world=forecaster.world, games=games, stats=stats, last_games=last_games)


def next_games(forecaster: Forecaster, player_id: int) -> list[NextGame]:
    """Return the scheduled games of a player's club, and those they are announced to start."""
    directory = forecaster.directory
    team = directory.find_player(player_id)["team_id"]
    mine = [game for game in directory.games.values() if team in (game["home_team_id"], game["away_team_id"])]
    return [
        NextGame(
            game_pk=game["game_pk"],
            game_date=game["game_date"],
            game_number=game["game_number"],
            home_team=directory.club_abbreviation(game["home_team_id"]),
            away_team=directory.club_abbreviation(game["away_team_id"]),
        )
        for game in mine
    ]


def _player_fields(forecaster: Forecaster, player_id: int) -> dict[str, Any]:
    person = forecaster.directory.find_player(player_id)
    team_id = person["team_id"]
    return {
        "player_id": player_id,
        "name": person["full_name"],
        "nickname": person.get("nickname"),
        "team": forecaster.directory.club_abbreviation(team_id) if team_id else None,
        "position": person.get("primary_position"),
        "bats": person.get("bat_side"),
        "throws": person.get("pitch_hand"),
        "birth_date": person.get("birth_date"),
        "last_seen": person.get("last_seen"),
    }


def _build_team(club: Any) -> Team:
    return Team(
        team_id=club["team_id"],
        abbreviation=club["abbreviation"],
        name=club["name"],
        location=club["location"],
        nickname=club["nickname"],
    )


def _read_name() -> str:
    name = request.args.get("q", "").strip()
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        expected = f"an id or part of a name, 1 to {MAX_NAME_LENGTH} letters"
        raise InvalidRequest(expected, [{"path": "q", "expected": expected, "got": shown(name[:40])}])
    return name


def _read_limit() -> int:
    text = request.args.get("limit", "10")
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MAX_FOUND:
        return int(text[:4])
    expected = f"a number from 1 to {MAX_FOUND}"
    raise InvalidRequest(expected, [{"path": "limit", "expected": expected, "got": shown(text[:40])}])
