"""Answers for known days: the forecasts stored before the games, without later data."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from services.predict_api.mlb.quality_flags import QualityFlag
from services.predict_api.problems import (
    AmbiguousGame,
    GamePlayed,
    NothingScheduled,
    PlayerNotExpected,
    Problem,
)
from services.predict_api.schemas import responses
from services.predict_api.schemas.requests import GameRequest, PlayerRequest
from services.predict_api.serving import response_builder
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN, targets_by_stat
from services.predict_api.serving.results import DayIndex, with_game_result, with_player_result
from services.predict_api.serving.stored_forecasts import LATEST, StoredForecasts
from shared.ports import ObjectStore
from shared.storage.forecast_objects import load_forecast_rows

_STORED_IN_PART = [QualityFlag.STORED_FORECAST, QualityFlag.STORED_IN_PART]
_NOT_STORED = "no forecast of it was stored before the game"

T = TypeVar("T", responses.GameAnswer, responses.PlayerAnswer)
RowsByTarget = dict[str, Mapping[str, Any]]  # the newest rows of a game, or of a player in it, by target


class StoredDay:
    """The forecasts stored for one day, with results where they are known.

    Of several forecasts of a game, the newest made before it counts.
    """

    def __init__(
        self,
        objects: ObjectStore,
        forecaster: Forecaster,
        day: date,
        stored: StoredForecasts,
        results: DayIndex,
    ) -> None:
        self._objects, self._forecaster, self._day = objects, forecaster, day
        self._stored, self._results = stored, results

    def list_games(self) -> list[responses.GameAnswer]:
        """Return the games in the order in which they start.

        Raises GamePlayed where none was stored, NothingScheduled where the stores cover no season of the day.
        """
        found = list(self._stored.games.values()) or list(self._games_from_rows())
        if not found:
            raise self._nothing_stored_problem()
        return sorted((with_game_result(game, self._results) for game in found), key=_start_order)

    def find_game(self, home: int, away: int, request: GameRequest) -> responses.GameAnswer:
        """Return one game; raises GamePlayed, AmbiguousGame."""
        clubs = [self._forecaster.directory.club_abbreviation(team) for team in (home, away)]
        fits = [game for game in self.list_games() if [game.home_team, game.away_team] == clubs]
        return _with_reasons(self._select_answer(fits, request.game_number), request.reasons)

    def find_game_by_pk(self, game_pk: int) -> responses.GameAnswer:
        """Return a game by its number in the schedule; raises GamePlayed."""
        return self._select_answer([game for game in self.list_games() if game.game_pk == game_pk], None)

    def find_player(self, player_id: int, request: PlayerRequest) -> responses.PlayerAnswer:
        """Return a player's statistics in one game; raises GamePlayed, AmbiguousGame, PlayerNotExpected."""
        found = self._stored.player_answers(player_id) or list(self._players_from_rows(player_id))
        fits = [one for one in found if self._is_against(one, request)]
        chosen = with_player_result(self._select_answer(fits, request.game_number), self._results)
        return _select_statistics(chosen, request)

    def _select_answer(self, fits: list[T], number: int | None) -> T:
        chosen = [one for one in fits if number in (None, one.game_number)]
        if not chosen:
            raise self._nothing_stored_problem()
        if len(chosen) > 1:
            raise AmbiguousGame(sorted(one.game_number for one in chosen))
        return chosen[0]

    def _nothing_stored_problem(self) -> Problem:
        days = self._forecaster.schedule_days
        if without := days.outside_seasons(self._day):
            return NothingScheduled(*without, str(days.known_until))
        return GamePlayed(str(self._day), str(self._forecaster.as_of))

    def _is_against(self, answer: responses.PlayerAnswer, request: PlayerRequest) -> bool:
        if request.opponent is None:
            return True
        return bool(answer.opponent == self._forecaster.directory.find_club(request.opponent)["abbreviation"])

    def _games_from_rows(self) -> Iterator[responses.GameAnswer]:
        """Yield games from rows alone, as an earlier version stored them."""
        for rows in self._newest_rows(None).values():
            if HOME_WIN in rows:
                yield response_builder.game_answer_from_row(self._forecaster, rows[HOME_WIN], _STORED_IN_PART)

    def _players_from_rows(self, player_id: int) -> Iterator[responses.PlayerAnswer]:
        for rows in self._newest_rows(player_id).values():
            by_stat = {stat: rows[target] for stat, target in targets_by_stat(rows).items() if target in rows}
            if by_stat:
                yield response_builder.player_answer_from_rows(
                    self._forecaster, player_id, by_stat, _STORED_IN_PART
                )

    def _newest_rows(self, player_id: int | None) -> dict[int, RowsByTarget]:
        """Return the newest rows by game and target: of a player, or of the games themselves."""
        found: dict[int, RowsByTarget] = {}
        for row in sorted(load_forecast_rows(self._objects, self._day), key=lambda row: str(row["made_at"])):
            if not row["is_challenger"] and row.get("player_id") == player_id:
                found.setdefault(row["game_pk"], {})[row["target"]] = row
        return found


def _start_order(game: responses.GameAnswer) -> tuple[datetime, int]:
    return game.scheduled_start or LATEST, game.game_pk


def _with_reasons(answer: T, has_reasons: bool) -> T:
    return (
        answer if has_reasons else msgspec.structs.replace(answer, baseline=UNSET, feature_importance=UNSET)
    )


def _select_statistics(answer: responses.PlayerAnswer, request: PlayerRequest) -> responses.PlayerAnswer:
    """Return the statistics that a request names, with its lines; raises PlayerNotExpected."""
    stats = request.named_statistics or list(answer.predictions)
    predictions = {
        stat: response_builder.with_line(
            answer.predictions[stat], request.lines.get(stat), reasons=request.reasons
        )
        for stat in stats
        if stat in answer.predictions
    }
    if not predictions:
        raise PlayerNotExpected(answer.name, request.named_statistics, str(request.game_date))
    unavailable = [stat for stat in (*stats, *request.lines) if stat not in answer.predictions]
    return msgspec.structs.replace(
        answer,
        predictions=predictions,
        model_versions={stat: answer.model_versions[stat] for stat in predictions},
        unavailable=dict.fromkeys(unavailable, _NOT_STORED) or UNSET,
    )
