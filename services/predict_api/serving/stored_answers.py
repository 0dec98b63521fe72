"""Answers about days that are already known: what was stored before the games, nothing learned since."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from services.predict_api.serving import response_builder
from services.predict_api.serving.forecaster import Forecaster
from services.predict_api.serving.forecasts import HOME_WIN, targets_of
from services.predict_api.web import responses
from services.predict_api.web.problems import (
    AmbiguousGame,
    GamePlayed,
    NotExpected,
    NothingScheduled,
    Problem,
)
from services.predict_api.web.requests import GameRequest, PlayerRequest
from shared.ports import ObjectStore
from shared.storage.forecast_objects import DayForecasts, stored, stored_rows

log = logging.getLogger(__name__)

STORED, IN_PART = "stored forecast", "stored in part"
_NOT_STORED = "no forecast of it was stored before the game"
_LAST = datetime.max.replace(tzinfo=UTC)

T = TypeVar("T", responses.GameAnswer, responses.PlayerAnswer)
Rows = dict[str, Mapping[str, Any]]  # the newest rows of a game, or of a player in it, by target


class StoredDay:
    """The forecasts stored for one day. Of several the newest counts that was made before the game began."""

    def __init__(self, objects: ObjectStore, forecaster: Forecaster, day: date) -> None:
        self._objects, self._forecaster, self._day = objects, forecaster, day
        self._forecasts = stored(objects, day)

    def games(self) -> list[responses.GameAnswer]:
        """Return the games in the order in which they start.

        Raises GamePlayed where none was stored, NothingScheduled where the stores cover no season of the day.
        """
        found = list(self._whole_games().values()) or list(self._games_of_rows())
        if not found:
            raise self._nothing_stored()
        return sorted(found, key=_order)

    def game(self, home: int, away: int, asked: GameRequest) -> responses.GameAnswer:
        """Return one game; raises GamePlayed, AmbiguousGame."""
        clubs = [self._forecaster.directory.abbreviation(team) for team in (home, away)]
        fits = [game for game in self.games() if [game.home_team, game.away_team] == clubs]
        return _with_reasons(self._one(fits, asked.game_number), asked.reasons)

    def game_numbered(self, game_pk: int) -> responses.GameAnswer:
        """Return a game by its number in the schedule; raises GamePlayed."""
        return self._one([game for game in self.games() if game.game_pk == game_pk], None)

    def player(self, player_id: int, asked: PlayerRequest) -> responses.PlayerAnswer:
        """Return a player's statistics in one game; raises GamePlayed, AmbiguousGame, NotExpected."""
        found = self._whole_players(player_id) or list(self._players_of_rows(player_id))
        fits = [one for one in found if self._is_against(one, asked)]
        return _asked_for(self._one(fits, asked.game_number), asked)

    def _one(self, fits: list[T], number: int | None) -> T:
        chosen = [one for one in fits if number in (None, one.game_number)]
        if not chosen:
            raise self._nothing_stored()
        if len(chosen) > 1:
            raise AmbiguousGame(sorted(one.game_number for one in chosen))
        return chosen[0]

    def _nothing_stored(self) -> Problem:
        days = self._forecaster.schedule_days
        if without := days.without_season(self._day):
            return NothingScheduled(*without, str(days.known_until))
        return GamePlayed(str(self._day), str(self._forecaster.as_of))

    def _is_against(self, answer: responses.PlayerAnswer, asked: PlayerRequest) -> bool:
        if asked.opponent is None:
            return True
        return bool(answer.opponent == self._forecaster.directory.club(asked.opponent)["abbreviation"])

    def _whole_games(self) -> dict[int, responses.GameAnswer]:
        found: dict[int, responses.GameAnswer] = {}
        for made_at, answer in self._decoded(responses.GameAnswer, lambda day: day.games):
            if made_at < (answer.scheduled_start or _LAST) or answer.game_pk not in found:
                found[answer.game_pk] = answer
        return found

    def _whole_players(self, player_id: int) -> list[responses.PlayerAnswer]:
        """Return a player's answers, one a game, of the release whose answer about the game counts."""
        releases = {game_pk: game.release for game_pk, game in self._whole_games().items()}
        found = self._decoded(responses.PlayerAnswer, lambda day: _about(day.players, player_id))
        return [one for _, one in found if one.release == releases.get(one.game_pk, one.release)]

    def _decoded(
        self, kind: type[T], answers_of: Callable[[DayForecasts], Iterable[msgspec.Raw]]
    ) -> Iterator[tuple[datetime, T]]:
        """Yield stored answers and when they were made, those of the newest release last."""
        for forecasts in self._forecasts:
            made_at = forecasts.made_at
            for raw in answers_of(forecasts):
                try:
                    answer: T = msgspec.json.decode(raw, type=kind)
                except msgspec.MsgspecError as error:
                    log.warning("an answer stored for %s is passed over: %s", self._day, error)
                    continue
                flags = [STORED, *answer.flags]
                yield made_at, msgspec.structs.replace(answer, flags=flags, made_at=made_at)

    def _games_of_rows(self) -> Iterator[responses.GameAnswer]:
        """Yield what rows say of games: an earlier version stored no more."""
        for rows in self._rows(None).values():
            if HOME_WIN in rows:
                yield response_builder.game_of_row(self._forecaster, rows[HOME_WIN], [STORED, IN_PART])

    def _players_of_rows(self, player_id: int) -> Iterator[responses.PlayerAnswer]:
        for rows in self._rows(player_id).values():
            by_stat = {stat: rows[target] for stat, target in targets_of(rows).items() if target in rows}
            if by_stat:
                yield response_builder.player_of_rows(self._forecaster, player_id, by_stat, [STORED, IN_PART])

    def _rows(self, player_id: int | None) -> dict[int, Rows]:
        """Return the newest rows by game and target: of a player, or of the games themselves."""
        found: dict[int, Rows] = {}
        for row in sorted(stored_rows(self._objects, self._day), key=lambda row: str(row["made_at"])):
            if not row["is_challenger"] and row.get("player_id") == player_id:
                found.setdefault(row["game_pk"], {})[row["target"]] = row
        return found


class _Who(msgspec.Struct):
    player_id: int


def _about(players: Iterable[msgspec.Raw], player_id: int) -> Iterator[msgspec.Raw]:
    return (raw for raw in players if msgspec.json.decode(raw, type=_Who).player_id == player_id)


def _order(game: responses.GameAnswer) -> tuple[datetime, int]:
    return game.scheduled_start or _LAST, game.game_pk


def _with_reasons(answer: T, wanted: bool) -> T:
    return answer if wanted else msgspec.structs.replace(answer, base=UNSET, feature_importance=UNSET)


def _asked_for(answer: responses.PlayerAnswer, asked: PlayerRequest) -> responses.PlayerAnswer:
    """Return the statistics that a question names, with its lines; raises NotExpected."""
    wanted = asked.named_statistics or list(answer.predictions)
    predictions = {
        stat: response_builder.with_line(
            answer.predictions[stat], asked.lines.get(stat), reasons=asked.reasons
        )
        for stat in wanted
        if stat in answer.predictions
    }
    if not predictions:
        raise NotExpected(answer.name, asked.named_statistics, str(asked.game_date))
    lacking = [stat for stat in (*wanted, *asked.lines) if stat not in answer.predictions]
    return msgspec.structs.replace(
        answer,
        predictions=predictions,
        model_versions={stat: answer.model_versions[stat] for stat in predictions},
        unavailable=dict.fromkeys(lacking, _NOT_STORED) or UNSET,
    )
