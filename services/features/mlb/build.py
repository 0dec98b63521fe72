"""Day by day from the states before to the states after: rows are made first, then the day is remembered."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from services.features import warehouse
from services.features.mlb import labels
from shared.ports import Warehouse
from shared.sports.mlb import game_types, matchup
from shared.sports.mlb.states import Entities, States, advance_states, day_number

_NO_RECENT = pl.DataFrame(
    schema={"team_id": pl.Int64, "player_id": pl.Int64, "batting_slot": pl.Int64, "position": pl.String}
)
_NO_BOX_LINES = pl.DataFrame(
    schema={"game_pk": pl.Int64, "game_date": pl.Date, "player_id": pl.Int64}
    | dict.fromkeys(labels.BOX_LABELS, pl.Int64())
)


@dataclass(frozen=True)
class SeasonInputs:
    """What some days are computed from: finished games, their plays, line-ups, hands and box scores."""

    games: pl.DataFrame
    plays: pl.DataFrame
    lineups: pl.DataFrame
    hands: pl.DataFrame
    recent: pl.DataFrame = field(
        default_factory=_NO_RECENT.clear
    )  # nines to project from where no line-up is posted
    box_lines: pl.DataFrame = field(default_factory=_NO_BOX_LINES.clear)  # labels that plays do not count


def read_season(store: Warehouse, days: list[date]) -> SeasonInputs:
    """Return what the rows and states of `days` (ascending) are computed from."""
    span = {"first": days[0], "last": days[-1]}
    games = warehouse.query_named(store, "finished_games", **span, game_types=list(game_types.FORECAST))
    played = {
        "first": min(games["game_date"], default=days[0]),
        "last": max(games["game_date"], default=days[-1]),
        "game_pks": games["game_pk"].to_list(),
    }
    return SeasonInputs(
        games,
        warehouse.query_named(store, "plays", **played),
        warehouse.query_named(store, "lineups", **played),
        warehouse.query_named(store, "hands"),
        box_lines=_read_box_labels(store, played),
    )


def _read_box_labels(store: Warehouse, played: dict[str, Any]) -> pl.DataFrame:
    return warehouse.query_template(store, "box_labels", labels.box_label_columns(), {}, **played)


def build_days(
    states: States, season: SeasonInputs, days: list[date], hashes: dict[date, str]
) -> tuple[States, dict[str, pl.DataFrame]]:
    """Return the states after `days` (ascending) and the rows of states, games and players for them.

    Args:
        states: as of before the first of `days`.
        season: what was read for them.
        days: every day on which a game was played or its result became known.
        hashes: for each day, what it was computed from.
    """
    games = season.games.filter(pl.col("game_date").is_in(days)).sort("game_date", "game_pk")
    who = matchup.build_slate(games, project_lineups(season, games))
    completed, plays = _by_day(season.games), _by_day(_known_results(season))
    seen, updated = [], []
    for day in days:
        seen.append(
            matchup.EntityStates.from_states(
                states, who.select_games(np.flatnonzero(who.days == day_number(day)))
            )
        )
        no_plays, no_games = season.plays.clear(), season.games.clear()
        states = advance_states(states, plays.get((day,), no_plays), completed.get((day,), no_games), day)
        updated.append([kind.updated_on(day) for kind in states.all_entities])
    expected = matchup.expected_matchup(who, matchup.EntityStates.concat(seen))
    return states, _add_labels(games, season, expected) | _state_rows(updated, hashes)


def model_rows(states: States, season: SeasonInputs, games: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the labelled game and player rows of `games`, from states as of before all of them."""
    who = matchup.build_slate(games, project_lineups(season, games))
    return _add_labels(
        games, season, matchup.expected_matchup(who, matchup.EntityStates.from_states(states, who))
    )


def project_lineups(season: SeasonInputs, games: pl.DataFrame) -> pl.DataFrame:
    """Return who bats and pitches in `games` as their rows have it: whoever is not posted is projected."""
    return matchup.fill_lineups(games, season.lineups, season.recent, season.hands)


def _add_labels(
    games: pl.DataFrame, season: SeasonInputs, expected: matchup.MatchupExpectation
) -> dict[str, pl.DataFrame]:
    players = matchup.assembled_player_rows(games, expected)
    return {
        "game_features_daily": labels.label_games(matchup.assembled_game_rows(games, expected), games),
        "player_features_daily": labels.label_players(players, season.plays, season.box_lines),
    }


def _known_results(season: SeasonInputs) -> pl.DataFrame:
    return season.plays.join(season.games.select("game_pk", "completed_date"), on="game_pk")


def _by_day(rows: pl.DataFrame) -> dict[tuple[object, ...], pl.DataFrame]:
    return rows.partition_by("completed_date", as_dict=True)


def _state_rows(updated: list[list[Entities]], hashes: dict[date, str]) -> dict[str, pl.DataFrame]:
    kinds = (Entities.concat(daily) for daily in zip(*updated, strict=True))
    rows = {kind.layout.table: kind.to_frame() for kind in kinds}
    inputs = pl.col("as_of").replace_strict(hashes, return_dtype=pl.String)
    rows["league_states"] = rows["league_states"].with_columns(inputs_sha256=inputs)
    return rows
