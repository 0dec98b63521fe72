"""Model rows of whole seasons as of before each game, with confirmed, projected or unknown line-ups."""

from collections.abc import Iterator, Sequence
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
    """Return the rows of every game of `seasons` (ascending), as `season_model_rows` yields them."""
    parts = list(season_model_rows(seasons, variants))
    return ModelRows(pl.concat(part.games for part in parts), pl.concat(part.players for part in parts))


def season_model_rows(seasons: Sequence[RealSeason], variants: Sequence[Variant]) -> Iterator[ModelRows]:
    """Yield the rows of each season's games (ascending), computed by the features service day by day.

    All variants come from one pass over the states. Starting pitchers are known in each, as they are
    announced a day ahead.
    """
    states = None
    for season in _season_inputs(seasons):
        days = sorted({*season.games["game_date"], *season.games["completed_date"]})
        hashes = dict.fromkeys(days, "")
        states, rows = build_days(states or States.empty(days[0]), season, days, hashes, variants)
        known = season.games.select("game_pk", known_date="completed_date")
        yield ModelRows(
            *(
                rows[name].join(known, on="game_pk")
                for name in ("game_features_daily", "player_features_daily")
            )
        )


def _season_inputs(seasons: Sequence[RealSeason]) -> list[SeasonInputs]:
    """Return each season's input with the nines of it and of the season before, to project from."""
    inputs = [season.features_input() for season in seasons]
    nines = [one.lineups.filter(pl.col("batting_slot").is_not_null()) for one in inputs]
    earlier = [one.lineups.clear() for one in inputs[:1]] + nines[:-1]
    return [
        replace(one, posted_nines=pl.concat(both).drop("is_starting_pitcher"))
        for one, *both in zip(inputs, earlier, nines, strict=True)
    ]
