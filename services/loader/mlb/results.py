"""The queries for the results of days, generated from the target records, and what they mean."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shared.modeling.target import Rows, Target
from shared.sports.mlb.targets import TARGETS, select_targets
from shared.storage.day_results import GameState, PlayerLine
from shared.storage.sql_template import fill_template

LARGEST_COUNT = {target.name: target.max_count for target in TARGETS}  # of each target's distributions
WIN = "home_win"  # the target whose favourite may win; all others are counts
_SQL = Path(__file__).parents[1] / "sql"
_GAMES = (_SQL / "result_games.sql").read_text()
_LINES = (_SQL / "result_lines.sql").read_text()
# MLB's detailed state begins with one of these where a game is not played on its day.
_NOT_PLAYED: dict[str, GameState] = {
    "Postponed": "postponed",
    "Cancelled": "cancelled",
    "Suspended": "suspended",
}
_STATES: dict[str, GameState] = {"Live": "in_progress", "Preview": "scheduled"}


def result_games_query(targets: Sequence[Target] = TARGETS) -> str:
    """Return the SQL that takes `dates` and returns their games, with the outcome of each target of games."""
    of_games = (target for target in targets if target.rows == "game")
    outcomes = [f"if(p.status = 'Final', {one.outcome}, null) as outcome_{one.name}" for one in of_games]
    return fill_template(_GAMES, outcomes=",\n  ".join(outcomes))


def result_lines_query(targets: Sequence[Target] = TARGETS) -> str:
    """Return the SQL that takes `dates` and returns each player's line in their games."""
    columns = dict.fromkeys(target.outcome for target in targets if target.rows != "game")
    return fill_template(_LINES, columns=",\n  ".join(columns))


def game_state(row: Mapping[str, Any], day: date) -> GameState:
    """Return the state of a game, a row of `result_games_query`, as it is listed on a day."""
    if row["game_date"] != day:
        return "postponed"
    if row["status"] == "Final":
        return "tie" if row["is_tie"] else "final"
    for word, state in _NOT_PLAYED.items():
        if row["detailed_state"].startswith(word):
            return state
    return _STATES.get(row["status"], "not_played")


def player_line(row: Mapping[str, Any]) -> PlayerLine:
    """Return a player's line from a row of `result_lines_query`."""
    has_batted = (row["plate_appearances"] or 0) > 0
    return PlayerLine(
        game_pk=row["game_pk"],
        player_id=row["player_id"],
        name=row["player_name"],
        team_id=row["team_id"],
        is_starter=row["is_starter"],
        is_starting_pitcher=row["is_starting_pitcher"],
        position=row["position"],
        batting_order=row["batting_order"],
        plate_appearances=row["plate_appearances"],
        batters_faced=row["batters_faced"],
        batting=_statistics(row, "batter") if has_batted else {},
        pitching=_statistics(row, "starter") if row["has_pitched"] else {},
    )


def _statistics(row: Mapping[str, Any], rows: Rows) -> dict[str, int]:
    return {one.stat: row[one.outcome] or 0 for one in select_targets(rows)}


def happened(games: Sequence[Mapping[str, Any]], lines: Sequence[PlayerLine]) -> dict[str, list[int]]:
    """Return by target what happened in some games: to the clubs, the starting nines and the starters."""
    found = {
        one.name: [row[f"outcome_{one.name}"] for row in games if row[f"outcome_{one.name}"] is not None]
        for one in select_targets("game")
    }
    batting = [line.batting for line in lines if line.is_starter and line.batting]
    pitching = [line.pitching for line in lines if line.is_starting_pitcher and line.pitching]
    found |= {one.name: [stats[one.stat] for stats in batting] for one in select_targets("batter")}
    found |= {one.name: [stats[one.stat] for stats in pitching] for one in select_targets("starter")}
    return found
