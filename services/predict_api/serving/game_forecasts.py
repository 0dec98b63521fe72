"""Forecasts whole games: every target of a game and its players, computed for all games of a day at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl

from services.predict_api.mlb import explanations
from services.predict_api.mlb.explanations import Explanation
from services.predict_api.serving.forecasts import HOME_WIN, Forecast, Row, forecast_target, role_of
from shared.errors import Rejected
from shared.modeling.distribution import Floats
from shared.modeling.model import Model
from shared.sports.mlb.game_runs import GameForecasts, GameOdds, GameRules, early_to_late, game_odds
from shared.sports.mlb.matchup import (
    EntityStates,
    MatchupExpectation,
    assembled_game_rows,
    assembled_player_rows,
    build_slate,
    expected_matchup,
)
from shared.sports.mlb.states import States


class ChallengerBroken(Rejected):
    """A challenger fails to forecast: the release is served without it."""

    def __init__(self, target: str, version: str, reason: object) -> None:
        super().__init__(f"{version}: {reason}")
        self.target = target


HOME_SCORE, AWAY_SCORE = "home_score", "away_score"  # of a side, where models forecast them


@dataclass(frozen=True)
class GameForecast:
    """One game: its row of the schedule, its model row, and forecasts of it and its players."""

    game: Row
    row: Row
    by_target: Mapping[str, Forecast]  # who wins, and each side's runs where a model forecasts them
    by_player: Mapping[int, Mapping[str, Forecast]]
    challenger_forecasts: Sequence[Forecast]  # the challengers' forecasts: recorded, never answered
    batch_explanations: "Explanations" = field(repr=False)
    batch_odds: "BatchOdds" = field(repr=False)
    batch_index: int  # among the games computed together

    @property
    def home_win(self) -> Forecast | None:
        """Return the forecast of a home win, where a model makes it."""
        return self.by_target.get(HOME_WIN)

    @property
    def run_odds(self) -> GameOdds:
        """Return the odds of runs, consistent with the chance to win; that is even without a model."""
        return self.batch_odds.by_game[self.batch_index]

    @property
    def win_explanation(self) -> Explanation | None:
        """Return the explanation of a home win, where a model forecasts it."""
        return self.batch_explanations.game_explanations[self.batch_index] if self.home_win else None

    def explain_player(self, player_id: int, target: str) -> Explanation:
        """Return the explanation of a player's forecast."""
        return self.batch_explanations.player_explanations[self.game["game_pk"], player_id, target]

    def all_forecasts(self) -> list[Forecast]:
        """Return every forecast of the game, the challengers' too."""
        player_forecasts = [one for mine in self.by_player.values() for one in mine.values()]
        return [*self.by_target.values(), *player_forecasts, *self.challenger_forecasts]


@dataclass(frozen=True)
class BatchOdds:
    """The odds of runs of games computed together, at the first use."""

    games_frame: pl.DataFrame
    rows: pl.DataFrame
    forecasts: Sequence[Mapping[str, Forecast]]  # of each game, by target

    @cached_property
    def by_game(self) -> Sequence[GameOdds]:
        """Return each game's odds, in the order of the games."""
        forecasts = GameForecasts(
            np.array([mine[HOME_WIN].mean if HOME_WIN in mine else 0.5 for mine in self.forecasts]),
            self._expected_runs(HOME_SCORE, "home_expected_runs"),
            self._expected_runs(AWAY_SCORE, "away_expected_runs"),
            early_to_late(self.rows),
        )
        return list(game_odds(forecasts, self._rules()))

    def _expected_runs(self, target: str, formula: str) -> Floats:
        """Return a side's expected runs, by the formula where not both sides have a model."""
        return np.array(
            [
                mine[target].mean if {HOME_SCORE, AWAY_SCORE} <= mine.keys() else by_formula
                for mine, by_formula in zip(self.forecasts, self.rows[formula], strict=True)
            ]
        )

    def _rules(self) -> GameRules:
        games = self.games_frame
        known = "scheduled_innings" in games.columns  # snapshots of an earlier version lack it
        innings = games["scheduled_innings"].to_list() if known else [None] * len(games)
        return GameRules.of_games(self.rows["season"], self.rows["game_type"], innings)


@dataclass(frozen=True)
class Explanations:
    """The explanations of games computed together, at the first use."""

    games_frame: pl.DataFrame
    expected: MatchupExpectation
    models: Mapping[str, Model]

    @cached_property
    def game_explanations(self) -> list[Explanation]:
        """Return each game's explanation of the home win, in the order of the games."""
        rows = assembled_game_rows(
            *explanations.shapley_steps(self.games_frame, self.expected, explanations.GAME_ABLATIONS)
        )
        return explanations.explain_forecasts(
            self.models[HOME_WIN].predict_mean(rows), list(explanations.GAME_ABLATIONS), "game"
        )

    @cached_property
    def player_explanations(self) -> Mapping[tuple[int, int, str], Explanation]:
        """Return explanations by game, player and target."""
        steps = explanations.shapley_steps(self.games_frame, self.expected, explanations.PLAYER_ABLATIONS)
        rows = assembled_player_rows(*steps)
        by_role = {role: rows.filter(pl.col("role") == role) for role in ("batter", "starter")}
        found: dict[tuple[int, int, str], Explanation] = {}
        for target, model in self.models.items():
            if role_of(target) != "game":
                own = by_role[role_of(target)]
                explained = explanations.explain_forecasts(
                    model.predict_mean(own), list(explanations.PLAYER_ABLATIONS), role_of(target)
                )
                keys = own.select("game_pk", "player_id").head(len(explained)).iter_rows()
                found |= {
                    (*key, target): explanation for key, explanation in zip(keys, explained, strict=True)
                }
        return found


class GameForecaster:
    """Forecasts games from one release: assembles their match-ups once and runs every model."""

    def __init__(
        self,
        states: States,
        models: Mapping[str, Model],
        challengers: Mapping[str, Model],
        release_id: str,
        replacements: pl.DataFrame,
    ) -> None:
        """Keep the inputs.

        `replacements` has team_id and player_id of players who are projected instead of an absent regular.
        """
        self._states, self._models, self._challengers = states, models, challengers
        self._release_id, self._replacements = release_id, replacements

    def forecast_games(self, games: pl.DataFrame, lineups: pl.DataFrame) -> list[GameForecast]:
        """Return the forecasts of `games`, in their order; `lineups` as `fill_lineups` returns them."""
        lineup_slate = build_slate(games, lineups)
        expected = expected_matchup(lineup_slate, EntityStates.from_states(self._states, lineup_slate))
        rows = ModelRows.assemble(games, expected, self._games_with_replacements(lineups))
        forecasts_by_game = self._forecasts_by_game(self._models, rows)
        challenger_forecasts = self._challenger_forecasts(rows)
        batch_explanations = Explanations(games, expected, self._models)
        by_subject = [_split_by_subject(forecasts_by_game[game_pk]) for game_pk in games["game_pk"]]
        batch_odds = BatchOdds(games, rows.games, [by_target for by_target, _ in by_subject])
        game_rows = zip(games.iter_rows(named=True), rows.games.iter_rows(named=True), strict=True)
        return [
            GameForecast(
                game,
                row,
                *by_subject[index],
                challenger_forecasts[game["game_pk"]],
                batch_explanations,
                batch_odds,
                index,
            )
            for index, (game, row) in enumerate(game_rows)
        ]

    def _games_with_replacements(self, lineups: pl.DataFrame) -> frozenset[int]:
        projected = lineups.filter(pl.col("source") == "projected")
        return frozenset(
            projected.join(self._replacements, on=["team_id", "player_id"], how="semi")["game_pk"]
        )

    def _challenger_forecasts(self, rows: "ModelRows") -> dict[int, list[Forecast]]:
        found: dict[int, list[Forecast]] = defaultdict(list)
        for target, model in self._challengers.items():
            try:
                by_game = self._forecasts_by_game({target: model}, rows, is_challenger=True)
            except Exception as error:
                raise ChallengerBroken(target, model.manifest.version, error) from error
            for game_pk, challenger_forecasts in by_game.items():
                found[game_pk] += challenger_forecasts
        return found

    def _forecasts_by_game(
        self, models: Mapping[str, Model], rows: "ModelRows", *, is_challenger: bool = False
    ) -> dict[int, list[Forecast]]:
        found: dict[int, list[Forecast]] = defaultdict(list)
        for target, model in models.items():
            frame, mappings = rows.rows_of_target(target)
            for one in forecast_target(
                target, model, frame, mappings, self._release_id, is_challenger=is_challenger
            ):
                found[one.row["game_pk"]].append(one)
        return found


@dataclass(frozen=True)
class ModelRows:
    """Model rows of some games: as frames for the models, and as mappings."""

    games: pl.DataFrame
    players: Mapping[str, pl.DataFrame]
    with_replacements: frozenset[int]  # games with a player projected instead of an absent regular

    @classmethod
    def assemble(
        cls, games: pl.DataFrame, expected: MatchupExpectation, with_replacements: frozenset[int]
    ) -> Self:
        """Assemble the rows of games and, by role, of their players."""
        players = assembled_player_rows(games, expected)
        by_role = {role: players.filter(pl.col("role") == role) for role in ("batter", "starter")}
        return cls(assembled_game_rows(games, expected), by_role, with_replacements)

    def rows_of_target(self, target: str) -> tuple[pl.DataFrame, Sequence[Row]]:
        """Return the rows a target is forecast from, both ways."""
        role = role_of(target)
        return (self.games if role == "game" else self.players[role]), self._mappings_by_role[role]

    @cached_property
    def _mappings_by_role(self) -> Mapping[str, Sequence[Row]]:
        frames = {"game": self.games, **self.players}
        replaced = pl.col("game_pk").is_in(list(self.with_replacements)).alias("has_replacement")
        return {role: frame.with_columns(replaced).to_dicts() for role, frame in frames.items()}


def _split_by_subject(
    answers: Sequence[Forecast],
) -> tuple[dict[str, Forecast], dict[int, dict[str, Forecast]]]:
    of_game: dict[str, Forecast] = {}
    players: dict[int, dict[str, Forecast]] = defaultdict(dict)
    for one in answers:
        mine = of_game if role_of(one.target) == "game" else players[one.row["player_id"]]
        mine[one.target] = one
    return of_game, dict(players)
