"""Routes that look things up: players, clubs, models and how they did."""

from typing import Any

from flask import Flask, Response, request

from services.predict_api.serving import track_record as serving_track_record
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.predict import stats_of
from services.predict_api.serving.release_manager import Shelf
from services.predict_api.web.faults import shown
from services.predict_api.web.prediction_routes import told
from services.predict_api.web.problems import NotRead
from services.predict_api.web.responses import NextGame, Player, PlayerCard, PlayersAnswer, Team, TeamsAnswer

MOST_FOUND = 50
LONGEST_NAME = 60
NEXT_GAMES = 5


def add(app: Flask, shelf: Shelf) -> None:
    """Add /players, /players/<id>, /teams, /models and /track-record."""

    @app.get("/players")
    def players() -> Response:
        forecaster = shelf.ready()
        found = forecaster.directory.roll.found(_name(), _limit())
        players = [player(forecaster, one) for one in found]
        return told(PlayersAnswer(world=forecaster.world, players=players))

    @app.get("/players/<player_id>")
    def one_player(player_id: str) -> Response:
        return told(player_card(shelf.ready(), read_id(player_id)))

    @app.get("/teams")
    def teams() -> Response:
        forecaster = shelf.ready()
        clubs = [_team(club) for club in forecaster.directory.clubs.values()]
        return told(TeamsAnswer(world=forecaster.world, teams=clubs))

    @app.get("/models")
    def models() -> Response:
        return told(serving_track_record.models(shelf.ready()))

    @app.get("/track-record")
    def track_record() -> Response:
        return told(serving_track_record.track_record(shelf.ready()))


def read_id(text: str) -> int:
    """Return a number that a path names; raises NotRead."""
    if text.isascii() and text.isdigit() and 0 < int(text[:11]) < 2**31:
        return int(text[:11])
    expected = "a positive number"
    raise NotRead(expected, [{"path": "id", "expected": expected, "got": shown(text[:40])}])


def player(forecaster: Forecaster, player_id: int) -> Player:
    """Return a player as they are known; raises UnknownPlayer."""
    return Player(**_known(forecaster, player_id))


def player_card(forecaster: Forecaster, player_id: int) -> PlayerCard:
    """Return a player with the next games of their club; raises UnknownPlayer."""
    known = _known(forecaster, player_id)
    games = next_games(forecaster, player_id)[:NEXT_GAMES]
    stats = stats_of(forecaster, known["position"])
    return PlayerCard(**known, world=forecaster.world, games=games, stats=stats)


def next_games(forecaster: Forecaster, player_id: int) -> list[NextGame]:
    """Return the scheduled games of a player's club, and those they are announced to start."""
    directory = forecaster.directory
    team = directory.person(player_id)["team_id"]
    mine = [game for game in directory.games.values() if team in (game["home_team_id"], game["away_team_id"])]
    return [
        NextGame(
            game_pk=game["game_pk"],
            game_date=game["game_date"],
            game_number=game["game_number"],
            home_team=directory.abbreviation(game["home_team_id"]),
            away_team=directory.abbreviation(game["away_team_id"]),
        )
        for game in mine
    ]


def _known(forecaster: Forecaster, player_id: int) -> dict[str, Any]:
    person = forecaster.directory.person(player_id)
    team_id = person["team_id"]
    return {
        "player_id": player_id,
        "name": person["full_name"],
        "nickname": person.get("nickname"),
        "team": forecaster.directory.abbreviation(team_id) if team_id else None,
        "position": person.get("primary_position"),
        "bats": person.get("bat_side"),
        "throws": person.get("pitch_hand"),
        "birth_date": person.get("birth_date"),
        "last_seen": person.get("last_seen"),
    }


def _team(club: Any) -> Team:
    return Team(
        team_id=club["team_id"],
        abbreviation=club["abbreviation"],
        name=club["name"],
        location=club["location"],
        nickname=club["nickname"],
    )


def _name() -> str:
    name = request.args.get("q", "").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        expected = f"an id or part of a name, 1 to {LONGEST_NAME} letters"
        raise NotRead(expected, [{"path": "q", "expected": expected, "got": shown(name[:40])}])
    return name


def _limit() -> int:
    text = request.args.get("limit", "10")
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_FOUND:
        return int(text[:4])
    expected = f"a number from 1 to {MOST_FOUND}"
    raise NotRead(expected, [{"path": "limit", "expected": expected, "got": shown(text[:40])}])
