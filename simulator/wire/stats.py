"""Statistics by player or club: a player's game log, a club's totals over a range of dates."""

from collections.abc import Iterable

from simulator.game_record import Appearance, GameRecord
from simulator.wire import codes
from simulator.wire.clubs import league_ref
from simulator.wire.feed import feed_link
from simulator.wire.lines import (
    batting_line,
    batting_rates,
    batting_summary,
    pitching_line,
    pitching_summary,
    team_batting,
    team_pitching,
)
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.tally import StatLine, Tally, final_score, tally_game, team_line

GROUPS = ("hitting", "pitching")
_NOT_IN_LOGS = {
    "hitting": {"popOuts", "lineOuts", "pickoffs"},
    "pitching": {"popOuts", "lineOuts", "pitchesThrown", "balls", "rbi", "passedBall"},
}


def render_game_log(player: int, group: str, games: Iterable[GameRecord], reference: ReferenceData) -> Body:
    """Return the body of `/api/v1/people/{id}/stats?stats=gameLog`; `group` is "hitting" or "pitching"."""
    splits = [split for game in games for split in _game_splits(player, group, game, reference)]
    return {"copyright": codes.COPYRIGHT, "stats": [_render_stats("gameLog", group, splits)]}


def render_team_stats(
    club: int, groups: Iterable[str], games: Iterable[GameRecord], reference: ReferenceData
) -> Body:
    """Return the body of `/api/v1/teams/{id}/stats`: a club's totals over its games."""
    played = [(game, tally_game(game)) for game in games if club in (game.home, game.away)]
    return {
        "copyright": codes.COPYRIGHT,
        "stats": [
            _render_stats("season", group, _team_split(club, group, played, reference)) for group in groups
        ],
    }


def _render_stats(kind: str, group: str, splits: list[Body]) -> Body:
    return {
        "type": {"displayName": kind},
        "group": {"displayName": group},
        "exemptions": [],
        "splits": splits,
    }


def _game_splits(player: int, group: str, game: GameRecord, reference: ReferenceData) -> Iterable[Body]:
    appearance = next((line for line in game.appearances if line.player == player), None)
    if appearance and (appearance.batting_order if group == "hitting" else "P" in appearance.positions):
        yield _render_split(appearance, group, game, tally_game(game), reference)


def _render_split(
    appearance: Appearance, group: str, game: GameRecord, total: Tally, reference: ReferenceData
) -> Body:
    club, opponent = (game.home, game.away) if appearance.is_home else (game.away, game.home)
    away, home = final_score(game.plays)
    body: Body = {
        "season": str(game.season),
        "stat": _stat_line(appearance.player, group, total),
        "team": reference.club_ref(club),
        "player": reference.person_ref(appearance.player),
        "league": league_ref(reference.clubs[club].league_id),
        "sport": {"id": 1, "link": codes.SPORT["link"], "abbreviation": "MLB"},
        "opponent": reference.club_ref(opponent),
        "date": game.official_date.isoformat(),
        "gameType": game.game_type,
        "isHome": appearance.is_home,
        "isWin": (home > away) is appearance.is_home and home != away,
        "game": _game_ref(game),
    }
    if group == "hitting":
        body["positionsPlayed"] = [codes.POSITIONS[position] for position in appearance.positions]
    return body


def _stat_line(player: int, group: str, total: Tally) -> Body:
    if group == "hitting":
        line = total.batting[player]
        body = {"summary": batting_summary(line), **batting_line(line), **batting_rates(line)}
    else:
        line = total.pitching[player]
        body = {"summary": pitching_summary(line), **pitching_line(line)}
    return {name: value for name, value in body.items() if name not in _NOT_IN_LOGS[group]}


def _game_ref(game: GameRecord) -> Body:
    return {
        "gamePk": game.game_pk,
        "link": feed_link(game.game_pk),
        "content": {"link": f"/api/v1/game/{game.game_pk}/content"},
        "gameNumber": game.game_number,
        "dayNight": game.day_night,
    }


def _team_split(
    club: int, group: str, played: list[tuple[GameRecord, Tally]], reference: ReferenceData
) -> list[Body]:
    if not played:
        return []
    lines = [line for game, total in played for line in _club_lines(club, group, game, total)]
    write = team_batting if group == "hitting" else team_pitching
    body = write(team_line(lines)) | {"gamesPlayed": len(played)}
    return [{"season": str(reference.season), "stat": body, "team": reference.club_ref(club), "rank": 1}]


def _club_lines(club: int, group: str, game: GameRecord, total: Tally) -> Iterable[StatLine]:
    lines = total.batting if group == "hitting" else total.pitching
    players = {line.player for line in game.appearances if line.is_home is (club == game.home)}
    return (line for player, line in lines.items() if player in players)
