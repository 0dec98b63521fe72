"""Day by day from the states before to the states after: rows are made first, then the day is remembered."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from services.features import labels, warehouse
from services.features.rolling import team_windows
from shared import matchup, tables
from shared.ports import Warehouse
from shared.states import States, advance

_NO_RECENT = pl.DataFrame(
    schema={"team_id": pl.Int64, "player_id": pl.Int64, "batting_slot": pl.Int64, "position": pl.String}
)


@dataclass(frozen=True)
class Season:
    """What some days are computed from: finished games, their plays, line-ups, and everybody's hands."""

    games: pl.DataFrame
    plays: pl.DataFrame
    lineups: pl.DataFrame
    hands: pl.DataFrame
    club_games: pl.DataFrame


def read(store: Warehouse, days: list[date]) -> Season:
    """Return what the rows and states of `days` (ascending) are computed from."""
    span = {"first": days[0], "last": days[-1]}
    games = warehouse.ask(store, "finished_games", **span, game_types=warehouse.GAME_TYPES)
    played = {
        "first": min(games["game_date"], default=days[0]),
        "last": max(games["game_date"], default=days[-1]),
        "game_pks": games["game_pk"].to_list(),
    }
    return Season(
        games,
        warehouse.ask(store, "plays", **played),
        warehouse.ask(store, "lineups", **played),
        warehouse.ask(store, "hands"),
        warehouse.ask(store, "club_days", **span, game_types=warehouse.GAME_TYPES),
    )


def build(
    states: States, season: Season, days: list[date], hashes: dict[date, str]
) -> tuple[States, dict[str, pl.DataFrame]]:
    """Return the states after `days` (ascending) and the rows of every table for them.

    Args:
        states: as of before the first of `days`.
        season: what was read for them.
        days: every day on which a game was played or its result became known.
        hashes: for each day, what it was computed from.
    """
    daily: dict[str, list[pl.DataFrame]] = {}
    played = season.games.partition_by("game_date", as_dict=True)
    completed = season.games.partition_by("completed_date", as_dict=True)
    plays = _plays_by_day(season)
    for day in days:
        games = played.get((day,))
        if games is not None:
            _append(daily, model_rows(states, season, games))
        known = completed.get((day,), season.games.clear())
        states = advance(states, plays.get((day,), season.plays.clear()), known, day)
        _append(daily, _state_rows(states, day, hashes))
    daily["team_rolling_features"] = [team_windows(season.club_games, days)]
    return states, {table: _all(daily, table) for table in tables.names("mlb_features")}


def _append(daily: dict[str, list[pl.DataFrame]], rows: dict[str, pl.DataFrame]) -> None:
    for table, frame in rows.items():
        daily.setdefault(table, []).append(frame)


def _all(daily: dict[str, list[pl.DataFrame]], table: str) -> pl.DataFrame:
    found = daily.get(table)
    return pl.concat(found) if found else pl.DataFrame(schema=tables.table(table).schema)


def model_rows(states: States, season: Season, games: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the labelled game and player rows of games of one day, from states as of before it."""
    lineups = season.lineups.filter(pl.col("game_pk").is_in(games["game_pk"].implode()))
    plays = season.plays.filter(pl.col("game_pk").is_in(games["game_pk"].implode()))
    who = matchup.fill_lineups(games, lineups, _NO_RECENT, season.hands)
    return {
        "game_features_daily": labels.label_games(matchup.game_rows(states, games, who), games),
        "player_features_daily": labels.label_players(matchup.player_rows(states, games, who), plays),
    }


def _plays_by_day(season: Season) -> dict[tuple[object, ...], pl.DataFrame]:
    known = season.plays.join(season.games.select("game_pk", "completed_date"), on="game_pk")
    return known.partition_by("completed_date", as_dict=True)


def _state_rows(states: States, day: date, hashes: dict[date, str]) -> dict[str, pl.DataFrame]:
    rows = states.tables(day)
    rows["league_states"] = rows["league_states"].with_columns(inputs_sha256=pl.lit(hashes[day]))
    return rows
