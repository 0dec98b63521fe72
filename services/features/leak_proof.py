"""Proof on sampled games that their rows know nothing of their own day: recomputed without the future."""

import random
from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from services.features.build import Season, model_rows
from services.features.recount import recount
from services.features.stored import Stored
from shared.errors import Rejected
from shared.ports import Warehouse

PLAYERS_A_GAME = 4  # player rows counted beside the game's own row when games are drawn for a sample
_KEYS = {"game_features_daily": ("game_pk",), "player_features_daily": ("game_pk", "player_id", "role")}


class LeakFound(Rejected):
    """Rows know what only the future knew: the build publishes nothing."""


def games_for(rows: int) -> int:
    """Return how many games to prove for a sample of `rows` rows; each brings more rows than counted."""
    return -(-rows // (1 + PLAYERS_A_GAME))


def one_a_day(games: pl.DataFrame, days: Collection[date], seed: str) -> list[int]:
    """Return one game of each of `days` on which any was played, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - a sample, not a secret
    played = (games.filter(pl.col("game_date") == day)["game_pk"].sort().to_list() for day in sorted(days))
    return [dice.choice(game_pks) for game_pks in played if game_pks]


def prove(
    store: Warehouse,
    season: Season,
    rows: Mapping[str, pl.DataFrame],
    leagues: pl.DataFrame,
    sample: list[int],
) -> tuple[int, list[str]]:
    """Recompute the rows of sampled games from plays before their date and compare, to the bit.

    Args:
        store: where the plays are read again.
        season: games, line-ups and hands of the rows.
        rows: of every table, as computed.
        leagues: league_states of all days before; those of a game's own day and later are left aside.
        sample: game_pks.

    Returns:
        Rows compared, and for each that differs its game, date and columns.
    """
    compared, mismatches, stored = 0, [], Stored(store, rows, leagues)
    for game_pk in sample:
        game = season.games.filter(pl.col("game_pk") == game_pk)
        states = recount(store, game, season.lineups.filter(pl.col("game_pk") == game_pk), stored)
        for table, again in model_rows(states, season, game).items():
            built = rows[table].filter(pl.col("game_pk") == game_pk)
            compared += again.height
            mismatches += _differences(built, again, table)
    return compared, mismatches


def _differences(built: pl.DataFrame, again: pl.DataFrame, table: str) -> list[str]:
    keys = _KEYS[table]
    built, again = (frame.sort(keys) for frame in (built, again))
    if built.select(keys).rows() != again.select(keys).rows():
        return [f"{table} {again['game_pk'][0]}: expected the rows {again.select(keys).rows()}"]
    columns = [name for name in again.columns if not built[name].equals(again[name], null_equal=True)]
    game = f"{table} game {again['game_pk'][0]} on {again['game_date'][0]}" if columns else ""
    return [f"{game}: {', '.join(columns)} differ once the future is removed"] if columns else []
