"""From a client's question to the forecasts that answer it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from services.predict_api.answers import game_answer, journal_row, player_answer, stored_answer
from services.predict_api.forecaster import Forecast, Forecaster
from services.predict_api.journal import Journal, stored
from services.predict_api.problems import AmbiguousGame, GamePlayed, Problem
from services.predict_api.schemas import STATS, GameRequest, Lineups, PlayerRequest, Starters
from shared.ports import ObjectStore

Answer = dict[str, Any]
Person = Mapping[str, Any]
PLAYERS = ("batter_", "pitcher_")  # how the targets of players begin
BATTER_STATS = ("hits", "home_runs")
PITCHER_STATS = ("strikeouts",)


class Questions:
    """Answers questions from one forecaster at a time and records what was answered."""

    def __init__(self, objects: ObjectStore, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._objects, self._journal, self._clock = objects, journal, clock

    def game(self, forecaster: Forecaster, asked: GameRequest) -> dict[str, Any]:
        """Return the forecast of a game; of a day already known, the one that was stored before it."""
        home, away = forecaster.directory.club(asked.home_team), forecaster.directory.club(asked.away_team)
        if asked.game_date <= forecaster.as_of:
            return self._stored_game(forecaster, asked, home["team_id"], away["team_id"])
        games = forecaster.directory.game(
            asked.game_date, home["team_id"], away["team_id"], asked.game_number
        )
        lineups = forecaster.lineups(games, asked.starting_pitchers, asked.lineups)
        (forecast,) = forecaster.games(games, lineups)
        if (asked.starting_pitchers, asked.lineups) == (Starters(), Lineups()):
            self._record(forecaster, [forecast])
        return game_answer(forecaster, forecast, games.row(0, named=True))

    def player(self, forecaster: Forecaster, asked: PlayerRequest) -> dict[str, Any]:
        """Return the forecasts of a player's statistics in his club's game."""
        person = forecaster.directory.person(asked.player_id)
        if asked.game_date <= forecaster.as_of:
            raise GamePlayed(str(asked.game_date), str(forecaster.as_of))
        games = self._game_of(forecaster, person, asked)
        lineups = forecaster.lineups(games, Starters(), Lineups())
        stats = asked.stats or _stats_of(person)
        _refuse_unknown(stats)
        found = forecaster.players(games, lineups, [STATS[stat] for stat in stats])
        mine = {one.target: one for one in found if one.row["player_id"] == asked.player_id}
        if not mine:
            raise _not_expected(person, stats, asked.game_date)
        self._record(forecaster, list(mine.values()))
        by_stat = {stat: mine[STATS[stat]] for stat in stats if STATS[stat] in mine}
        return player_answer(forecaster, by_stat, asked.lines)

    def slate(self, forecaster: Forecaster, day: date) -> list[dict[str, Any]]:
        """Return the forecasts of a day's games; those of its players are recorded too."""
        if day <= forecaster.as_of:
            raise GamePlayed(str(day), str(forecaster.as_of))
        games = forecaster.directory.games_on(day)
        if games.is_empty():
            return []
        lineups = forecaster.lineups(games, Starters(), Lineups())
        forecasts = forecaster.games(games, lineups)
        players = forecaster.players(
            games, lineups, [target for target in forecaster.models if target.startswith(PLAYERS)]
        )
        self._record(forecaster, forecasts + players)
        rows = games.iter_rows(named=True)
        return [game_answer(forecaster, one, game) for one, game in zip(forecasts, rows, strict=True)]

    def _record(self, forecaster: Forecaster, forecasts: list[Forecast]) -> None:
        self._journal.record([journal_row(forecaster, one, self._clock()) for one in forecasts])

    def _game_of(
        self, forecaster: Forecaster, person: Mapping[str, Any], asked: PlayerRequest
    ) -> pl.DataFrame:
        directory = forecaster.directory
        opponent = directory.club(asked.opponent)["team_id"] if asked.opponent is not None else None
        announced = directory.game_of_starter(asked.game_date, asked.player_id, asked.game_number)
        if announced is not None and opponent is None:
            return announced
        team_id = person["team_id"]
        if team_id is None:
            detail = f"{person['full_name']} has not played for a club: no game of his can be named"
            raise Problem(404, "player without a club", detail)
        return directory.game_of_club(asked.game_date, team_id, opponent, asked.game_number)

    def _stored_game(
        self, forecaster: Forecaster, asked: GameRequest, home: int, away: int
    ) -> dict[str, Any]:
        day = str(asked.game_date)
        key = ("home_win", home, away, asked.game_number)
        found = {row["game_number"]: row for row in stored(self._objects, day) if _is_of(row, *key)}
        if not found:
            raise GamePlayed(day, str(forecaster.as_of))
        if len(found) > 1:
            raise AmbiguousGame(sorted(found))
        return stored_answer(forecaster, *found.values())


def _is_of(row: Mapping[str, Any], target: str, home: int, away: int, number: int | None) -> bool:
    asked = row["target"] == target and not row["is_challenger"] and number in (None, row["game_number"])
    return bool(asked and (row["home_team_id"], row["away_team_id"]) == (home, away))


def _stats_of(person: Mapping[str, Any]) -> list[str]:
    return list(PITCHER_STATS if person["primary_position"] == "P" else BATTER_STATS)


def _refuse_unknown(stats: list[str]) -> None:
    unknown = sorted(set(stats) - set(STATS))
    if unknown:
        detail = f"expected stats among {sorted(STATS)}, got {unknown}"
        raise Problem(422, "unknown statistic", detail, {"path": "stats"})


def _not_expected(person: Mapping[str, Any], stats: list[str], day: date) -> Problem:
    detail = (
        f"{person['full_name']} is in no line-up known or projected for {day} in which he would have {stats}"
    )
    return Problem(404, "not in a line-up", detail)
