"""Model rows of whole seasons as of before each game, with confirmed, projected or unknown line-ups."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from evaluation.seasons import RealSeason
from services.features.api import SeasonInputs, build_days
from shared.modeling.lineup_variants import Variant
from shared.modeling.target import Rows
from shared.sports.mlb.states import States


@dataclass(frozen=True)
class ModelRows:
    """Labelled rows of games and players, with the day when the result became known."""

    games: pl.DataFrame
    players: pl.DataFrame

    def select_kind(self, kind: Rows) -> pl.DataFrame:
        """Return the rows of one kind."""
        return self.games if kind == "game" else self.players.filter(pl.col("role") == kind)

    def select_variant(self, variant: Variant) -> "ModelRows":
        """Return the rows with one variant of the line-ups."""
        of_variant = pl.col("variant") == variant
        return ModelRows(self.games.filter(of_variant), self.players.filter(of_variant))


def model_rows(seasons: Sequence[RealSeason], variants: Sequence[Variant] = ("confirmed",)) -> ModelRows:
    """Return the rows of every game of `seasons` (ascending), computed by the features service day by day.

    All variants come from one pass over the states. Starting pitchers are known in each, as they are
    announced a day ahead.
    """
    states, parts = None, []
    inputs = _season_inputs(seasons)
    for season in inputs:
        days = sorted({*season.games["game_date"], *season.games["completed_date"]})
        hashes = dict.fromkeys(days, "")
        states, rows = build_days(states or States.empty(days[0]), season, days, hashes, variants)
        parts.append((rows["game_features_daily"], rows["player_features_daily"]))
    known = pl.concat(season.games for season in inputs).select("game_pk", known_date="completed_date")
    games, players = (pl.concat(frames).join(known, on="game_pk") for frames in zip(*parts, strict=True))
    return ModelRows(games, players)


def _season_inputs(seasons: Sequence[RealSeason]) -> list[SeasonInputs]:
    """Return each season's input with the nines of it and of the season before, to project from."""
    inputs = [season.features_input() for season in seasons]
    nines = [one.lineups.filter(pl.col("batting_slot").is_not_null()) for one in inputs]
    earlier = [one.lineups.clear() for one in inputs[:1]] + nines[:-1]
    return [
        replace(one, posted_nines=pl.concat(both).drop("is_starting_pitcher"))
        for one, *both in zip(inputs, earlier, nines, strict=True)
    ]
