"""Applies a client's starters and line-ups to a game instead of the posted ones."""

from collections.abc import Collection
from typing import Any

import polars as pl


def apply_what_if(
    games: pl.DataFrame,
    posted: pl.DataFrame,
    expected: pl.DataFrame,
    side: str,
    starter: int | None,
    lineup: list[int] | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one game and its posted line-ups with the named players of one side.

    A batting order does not name the catcher: it is the catcher of the line-ups `expected` without the
    request (as `fill_lineups` returns them), if they are among the nine.
    """
    if starter is None and lineup is None:
        return games, posted
    team, probable = games[f"{side}_team_id"][0], f"{side}_probable_pitcher_id"
    of_side = pl.col("team_id") == team
    pitches = of_side & pl.col("is_starting_pitcher")
    if starter is not None:
        games = games.with_columns(pl.lit(starter).alias(probable))
        posted = posted.with_columns(player_id=pl.when(pitches).then(starter).otherwise("player_id"))
    if lineup is not None:
        announced = [*posted.filter(pitches)["player_id"], *games[probable]][0]
        catchers = expected.filter(of_side, pl.col("position") == "C")["player_id"].to_list()
        order = _lineup_rows(games["game_pk"][0], team, lineup, announced, catchers)
        posted = pl.concat([posted.filter(~of_side), pl.DataFrame(order)], how="diagonal_relaxed")
    return games, posted


def _lineup_rows(
    game_pk: int, team_id: int, lineup: list[int], starter: int | None, catchers: Collection[int]
) -> list[dict[str, Any]]:
    """Return the rows of a line-up and its starter, who may bat in it too."""
    slots: dict[int, int | None] = {player: slot for slot, player in enumerate(lineup, 1)}
    if starter is not None:
        slots.setdefault(starter, None)
    return [
        {
            "game_pk": game_pk,
            "team_id": team_id,
            "player_id": player,
            "batting_slot": slot,
            "is_starting_pitcher": player == starter,
            "position": "C" if player in catchers else None,
        }
        for player, slot in slots.items()
    ]
