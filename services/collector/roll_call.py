"""The roll call: everybody in the box score has a line, or is fetched one by one."""

from typing import Any

import msgspec

from services.collector.box_score import line
from services.collector.desk import Desk
from services.collector.rows import GameRows, Row
from services.collector.wire.feed import Batting, Fielding, Pitching, Stats
from services.collector.wire.others import GameLogs
from shared.errors import SourceUnavailable

_GROUPS: dict[str, tuple[str, type[Any]]] = {
    "hitting": ("batting", Batting),
    "pitching": ("pitching", Pitching),
    "fielding": ("fielding", Fielding),
}


def complete(rows: GameRows, desk: Desk) -> None:
    """Add a line for each player the box score lacks one of; those still without stay in `missing`."""
    found = [(player, _from_game_log(player, rows, desk)) for player in rows.missing]
    rows.tables["player_stats_historical"] += [row for _, row in found if row]
    rows.missing = [player for player, row in found if not row]


def _from_game_log(player: Row, rows: GameRows, desk: Desk) -> Row | None:
    day, person = rows.head["game_date"], player["player_id"]
    try:
        answer = desk.sources.mlb.game_logs(person, day)
    except SourceUnavailable as error:
        desk.failed("mlb_stats_api", f"/api/v1/people/{person}/stats of {day}", error, rows.game_pk)
        return None
    desk.keep(answer, day, f"person-{person}")
    stats = lines_of(answer.value, rows.game_pk, player["team_id"])
    return None if stats is None else player | line(stats)


def lines_of(logs: GameLogs, game_pk: int, team_id: int) -> Stats | None:
    """Return a player's lines of one game for one club, None where his game logs have none."""
    found = {}
    for log in logs.stats:
        name, kind = _GROUPS.get(log.group.display_name, ("", None))
        for split in log.splits:
            same_club = split.team is None or split.team.id == team_id
            if kind and split.game and split.game.game_pk == game_pk and same_club:
                found[name] = msgspec.json.decode(split.stat, type=kind)
    if not found.keys() & {"batting", "pitching"}:
        return None
    empty = {"batting": Batting(), "pitching": Pitching(), "fielding": Fielding()}
    return Stats(**empty | found)
