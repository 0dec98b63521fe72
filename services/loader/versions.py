"""Which games of a batch are newer than the stored ones, and which the batch contains completely."""

from collections.abc import Iterable

import polars as pl

GAMES = "games_historical"
_VERSION = {"game_pk": pl.Int64(), "collected_at": pl.Datetime("us", "UTC")}


def complete_games(staged: dict[str, pl.DataFrame], games: Iterable[int]) -> pl.DataFrame:
    """Return game_pk and collected_at of the games that the batch contains completely and has a row for."""
    if GAMES not in staged:
        return pl.DataFrame(schema=_VERSION)
    rows = staged[GAMES].select(*_VERSION)
    return rows.filter(pl.col("game_pk").is_in(list(games))).group_by("game_pk").max()


def outdated_games(games: pl.DataFrame, stored: pl.DataFrame) -> list[int]:
    """Return the games (game_pk, collected_at) that are stored with a later `collected_at`."""
    both = games.join(stored, on="game_pk", suffix="_stored")
    return both.filter(pl.col("collected_at_stored") > pl.col("collected_at"))["game_pk"].to_list()


def are_stored(games: pl.DataFrame, stored: pl.DataFrame) -> bool:
    """Return whether all games (game_pk, collected_at) are stored, as they are or as of later."""
    both = games.join(stored, on="game_pk", suffix="_stored")
    return both.filter(pl.col("collected_at_stored") >= pl.col("collected_at")).height == games.height


def replacement_scopes(rows: pl.DataFrame, complete: pl.DataFrame) -> pl.DataFrame:
    """Return the games whose rows are to be replaced whole: the complete ones, and others by their own rows.

    A batch that collects only pitches again has no games' rows: each game's pitches are then complete.
    """
    own = rows.select(*_VERSION).group_by("game_pk").max().join(complete, on="game_pk", how="anti")
    return pl.concat([complete, own])
