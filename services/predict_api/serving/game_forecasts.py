"""A game's card: everything that is forecast of one game, worked out together with its day's others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import polars as pl

from services.predict_api.mlb import explanations
from services.predict_api.mlb.explanations import Story
from services.predict_api.mlb.run_odds import RunOdds, run_odds
from services.predict_api.serving.forecasts import HOME_WIN, Forecast, Row, forecasts, role_of
from shared.errors import Rejected
from shared.modeling.model import Model
from shared.sports.mlb.matchup import (
    Expectation,
    Sums,
    assembled_game_rows,
    assembled_player_rows,
    expectation,
    slate,
)
from shared.sports.mlb.states import States


class ChallengerBroken(Rejected):
    """A challenger does not answer as it should: the release is served without it."""

    def __init__(self, target: str, version: str, why: object) -> None:
        super().__init__(f"{version}: {why}")
        self.target = target


HOME_SCORE, AWAY_SCORE = "home_score", "away_score"  # of a side, where models tell them


@dataclass(frozen=True)
class Card:
    """One game: its row of the schedule, its model row, and forecasts of it and of who plays in it."""

    game: Row
    row: Row
    of_game: Mapping[str, Forecast]  # who wins, and where a model tells it the runs of a side
    players: Mapping[int, Mapping[str, Forecast]]
    shadows: Sequence[Forecast]  # the challengers' forecasts: recorded, never answered
    why: "Why" = field(repr=False)
    place: int  # among the games that were worked out together

    @property
    def win(self) -> Forecast | None:
        """Return the forecast of a home win, where a model tells it."""
        return self.of_game.get(HOME_WIN)

    @cached_property
    def runs(self) -> RunOdds:
        """Return the odds of runs, in agreement with the chance to win; even where no model tells it."""
        home_win = self.win.mean if self.win else 0.5
        home, away = self.of_game.get(HOME_SCORE), self.of_game.get(AWAY_SCORE)
        if home and away:
            return RunOdds.of(home.chances, away.chances, home_win)
        return run_odds(self.row["home_expected_runs"], self.row["away_expected_runs"], home_win)

    @property
    def win_story(self) -> Story | None:
        """Return why the home club should win or not, where a model tells it."""
        return self.why.games[self.place] if self.win else None

    def story(self, player_id: int, target: str) -> Story:
        """Return why a player's forecast is what it is."""
        return self.why.players[self.game["game_pk"], player_id, target]

    def forecasts(self) -> list[Forecast]:
        """Return every forecast on the card, the challengers' too."""
        told = [one for mine in self.players.values() for one in mine.values()]
        return [*self.of_game.values(), *told, *self.shadows]


@dataclass(frozen=True)
class Why:
    """The stories of games worked out together; found when the first is asked for."""

    games_frame: pl.DataFrame
    expected: Expectation
    models: Mapping[str, Model]

    @cached_property
    def games(self) -> list[Story]:
        """Return each game's story of the home win, in the order of the cards."""
        rows = assembled_game_rows(
            *explanations.in_steps(self.games_frame, self.expected, explanations.GAME_PARTS)
        )
        return explanations.stories(
            self.models[HOME_WIN].predict_mean(rows), list(explanations.GAME_PARTS), "game"
        )

    @cached_property
    def players(self) -> Mapping[tuple[int, int, str], Story]:
        """Return stories by game, player and target."""
        steps = explanations.in_steps(self.games_frame, self.expected, explanations.PLAYER_PARTS)
        rows = assembled_player_rows(*steps)
        by_role = {role: rows.filter(pl.col("role") == role) for role in ("batter", "starter")}
        found: dict[tuple[int, int, str], Story] = {}
        for target, model in self.models.items():
            if role_of(target) != "game":
                own = by_role[role_of(target)]
                told = explanations.stories(
                    model.predict_mean(own), list(explanations.PLAYER_PARTS), role_of(target)
                )
                keys = own.select("game_pk", "player_id").head(len(told)).iter_rows()
                found |= {(*key, target): story for key, story in zip(keys, told, strict=True)}
        return found


class Dealer:
    """Deals the cards of one release: assembles the match-ups of some games once and asks every model."""

    def __init__(
        self,
        states: States,
        models: Mapping[str, Model],
        challengers: Mapping[str, Model],
        release_id: str,
        replacements: pl.DataFrame,
    ) -> None:
        """Keep what forecasts are made from.

        `replacements` has team_id and player_id of those who are projected in the place of an absent regular.
        """
        self._states, self._models, self._challengers = states, models, challengers
        self._release_id, self._replacements = release_id, replacements

    def dealt(self, games: pl.DataFrame, lineups: pl.DataFrame) -> list[Card]:
        """Return the cards of `games`, in their order; `lineups` as `fill_lineups` returns them."""
        who = slate(games, lineups)
        expected = expectation(who, Sums.of(self._states, who))
        rows = Rows.of(games, expected, self._games_with_replacements(lineups))
        answers = self._asked(self._models, rows)
        shadows = self._asked_in_shadow(rows)
        why = Why(games, expected, self._models)
        heads = zip(games.iter_rows(named=True), rows.games.iter_rows(named=True), strict=True)
        return [
            Card(game, row, *_of_game(answers[game["game_pk"]]), shadows[game["game_pk"]], why, place)
            for place, (game, row) in enumerate(heads)
        ]

    def _games_with_replacements(self, lineups: pl.DataFrame) -> frozenset[int]:
        projected = lineups.filter(pl.col("source") == "projected")
        return frozenset(
            projected.join(self._replacements, on=["team_id", "player_id"], how="semi")["game_pk"]
        )

    def _asked_in_shadow(self, rows: "Rows") -> dict[int, list[Forecast]]:
        found: dict[int, list[Forecast]] = defaultdict(list)
        for target, model in self._challengers.items():
            try:
                asked = self._asked({target: model}, rows, is_challenger=True)
            except Exception as error:
                raise ChallengerBroken(target, model.manifest.version, error) from error
            for game_pk, told in asked.items():
                found[game_pk] += told
        return found

    def _asked(
        self, models: Mapping[str, Model], rows: "Rows", *, is_challenger: bool = False
    ) -> dict[int, list[Forecast]]:
        found: dict[int, list[Forecast]] = defaultdict(list)
        for target, model in models.items():
            frame, told = rows.of_target(target)
            for one in forecasts(target, model, frame, told, self._release_id, is_challenger=is_challenger):
                found[one.row["game_pk"]].append(one)
        return found


@dataclass(frozen=True)
class Rows:
    """Model rows of some games: as frames for the models, and as mappings for people."""

    games: pl.DataFrame
    players: Mapping[str, pl.DataFrame]
    with_replacements: frozenset[int]  # games for which somebody is projected in an absent regular's place

    @classmethod
    def of(cls, games: pl.DataFrame, expected: Expectation, with_replacements: frozenset[int]) -> Self:
        """Assemble the rows of games and, by role, of their players."""
        players = assembled_player_rows(games, expected)
        by_role = {role: players.filter(pl.col("role") == role) for role in ("batter", "starter")}
        return cls(assembled_game_rows(games, expected), by_role, with_replacements)

    def of_target(self, target: str) -> tuple[pl.DataFrame, Sequence[Row]]:
        """Return the rows a target is forecast from, both ways."""
        role = role_of(target)
        return (self.games if role == "game" else self.players[role]), self._told[role]

    @cached_property
    def _told(self) -> Mapping[str, Sequence[Row]]:
        frames = {"game": self.games, **self.players}
        replaced = pl.col("game_pk").is_in(list(self.with_replacements)).alias("has_replacement")
        return {role: frame.with_columns(replaced).to_dicts() for role, frame in frames.items()}


def _of_game(answers: Sequence[Forecast]) -> tuple[dict[str, Forecast], dict[int, dict[str, Forecast]]]:
    of_game: dict[str, Forecast] = {}
    players: dict[int, dict[str, Forecast]] = defaultdict(dict)
    for one in answers:
        mine = of_game if role_of(one.target) == "game" else players[one.row["player_id"]]
        mine[one.target] = one
    return of_game, dict(players)
