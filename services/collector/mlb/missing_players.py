"""Completes player lines: every player in the box score has one, or it is fetched from their game log."""

from typing import Any

import msgspec

from services.collector.mlb.box_score import stat_columns
from services.collector.mlb.run_context import MlbRunContext
from services.collector.mlb.wire.box_score import Fielding, PlayerBatting, PlayerPitching, PlayerStats
from services.collector.mlb.wire.misc import GameLogs
from services.collector.rows import GameRows, Row
from shared.errors import SourceUnavailable

_GROUPS: dict[str, tuple[str, type[PlayerBatting | PlayerPitching]]] = {
    "hitting": ("batting", PlayerBatting),
    "pitching": ("pitching", PlayerPitching),
}


def fill_missing_players(rows: GameRows, context: MlbRunContext) -> None:
    """Add a line for each player in `players_without_line`; those without a game log stay there."""
    found = [(player, _line_from_game_logs(player, rows, context)) for player in rows.players_without_line]
    rows.tables["player_stats_historical"] += [row for _, row in found if row]
    rows.players_without_line = [player for player, row in found if not row]


def _line_from_game_logs(player: Row, rows: GameRows, context: MlbRunContext) -> Row | None:
    lines: dict[str, Any] = {}
    for group in _GROUPS:
        if logs := _fetch_game_log(player["player_id"], group, rows, context):
            lines |= lines_of(logs, rows.game_pk, player["team_id"])
    empty = {"batting": PlayerBatting(), "pitching": PlayerPitching(), "fielding": Fielding()}
    return player | stat_columns(PlayerStats(**empty | lines)) if lines else None


def _fetch_game_log(person: int, group: str, rows: GameRows, context: MlbRunContext) -> GameLogs | None:
    day = rows.game_columns["game_date"]
    try:
        response = context.sources.mlb.fetch_game_log(person, day, group)
    except SourceUnavailable as error:
        request = f"/api/v1/people/{person}/stats {group} of {day}"
        context.record_failure("mlb_stats_api", request, error, rows.game_pk)
        return None
    context.archive_response(response, day, f"person-{person}-{group}")
    return response.value


def lines_of(logs: GameLogs, game_pk: int, team_id: int) -> dict[str, PlayerBatting | PlayerPitching]:
    """Return a player's lines of one game for one club, by "batting" and "pitching"."""
    found = {}
    for log in logs.stats:
        name, kind = _GROUPS.get(log.group.display_name, ("", None))
        for split in log.splits:
            same_club = split.team is None or split.team.id == team_id
            if kind and split.game and split.game.game_pk == game_pk and same_club:
                found[name] = msgspec.json.decode(split.stat, type=kind)
    return found
