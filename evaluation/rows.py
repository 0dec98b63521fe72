"""Model rows of whole seasons as of before each game, with confirmed, projected or unknown line-ups."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from evaluation.seasons import RealSeason
from services.features.api import SeasonInputs, build_days
from shared.modeling.target import Rows
from shared.sports.mlb.states import States

Lineups = Literal["confirmed", "projected", "unknown"]


@dataclass(frozen=True)
class ModelRows:
    """Labelled rows of games and players, with the day when the result became known."""

    games: pl.DataFrame
    players: pl.DataFrame

    def select_kind(self, kind: Rows) -> pl.DataFrame:
        """Return the rows of one kind."""
        return self.games if kind == "game" else self.players.filter(pl.col("role") == kind)


def model_rows(seasons: Sequence[RealSeason], lineups: Lineups = "confirmed") -> ModelRows:
    """Return the rows of every game of `seasons` (ascending), computed by the features service day by day.

    Starting pitchers are known in every variant, as they are announced a day ahead.
    """
    states, parts = None, []
    inputs = _season_inputs(seasons, lineups)
    for season in inputs:
        days = sorted({*season.games["game_date"], *season.games["completed_date"]})
        states, rows = build_days(states or States.empty(days[0]), season, days, dict.fromkeys(days, ""))
        parts.append((rows["game_features_daily"], rows["player_features_daily"]))
    known = pl.concat(season.games for season in inputs).select("game_pk", known_date="completed_date")
    games, players = (pl.concat(frames).join(known, on="game_pk") for frames in zip(*parts, strict=True))
    return ModelRows(games, players)


def recent_lineups(games: pl.DataFrame, lineups: pl.DataFrame) -> pl.DataFrame:
    """Return each club's latest starting nine before each game's date, from which line-ups are projected.

    Args:
        games: game_pk, game_date, completed_date, home_team_id, away_team_id.
        lineups: game_pk, game_date, team_id, player_id, batting_slot, position.
    """
    starters = lineups.filter(pl.col("batting_slot").is_not_null())
    clubs = pl.concat(
        games.select("game_pk", "game_date", team_id=f"{side}_team_id") for side in ("home", "away")
    )
    latest = starters.group_by("team_id", "game_date").agg(pl.col("game_pk").max().alias("source_game"))
    known = clubs.sort("game_date", "game_pk").join_asof(
        latest.sort("game_date"),
        on="game_date",
        by="team_id",
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return known.join(
        starters.select("team_id", "player_id", "batting_slot", "position", source_game="game_pk"),
        on=["source_game", "team_id"],
    ).select("game_pk", "team_id", "player_id", "batting_slot", "position")


def _season_inputs(seasons: Sequence[RealSeason], lineups: Lineups) -> list[SeasonInputs]:
    inputs = [season.features_input() for season in seasons]
    if lineups == "confirmed":
        return inputs
    if lineups == "unknown":
        return [replace(season, lineups=season.lineups.clear()) for season in inputs]
    recent = recent_lineups(
        pl.concat(season.games for season in inputs), pl.concat(season.lineups for season in inputs)
    )
    return [replace(season, lineups=season.lineups.clear(), recent=recent) for season in inputs]
