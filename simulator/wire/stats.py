"""Figures asked for by person or club: game logs of a player, a club's sums over a range of dates."""

from collections.abc import Iterable

from simulator.game_record import Appearance, Game
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
from simulator.wire.reference_data import Almanac, Body
from simulator.wire.tally import Line, Tally, score, tally, team_line

GROUPS = ("hitting", "pitching")
_NOT_IN_LOGS = {
    "hitting": {"popOuts", "lineOuts", "pickoffs"},
    "pitching": {"popOuts", "lineOuts", "pitchesThrown", "balls", "rbi", "passedBall"},
}


def game_log(player: int, group: str, games: Iterable[Game], almanac: Almanac) -> Body:
    """Return the body of `/api/v1/people/{id}/stats?stats=gameLog`; `group` is "hitting" or "pitching"."""
    splits = [split for game in games for split in _splits(player, group, game, almanac)]
    return {"copyright": codes.COPYRIGHT, "stats": [_stats("gameLog", group, splits)]}


def team_stats(club: int, groups: Iterable[str], games: Iterable[Game], almanac: Almanac) -> Body:
    """Return the body of `/api/v1/teams/{id}/stats`: the sums of a club's games."""
    played = [(game, tally(game)) for game in games if club in (game.home, game.away)]
    return {
        "copyright": codes.COPYRIGHT,
        "stats": [_stats("season", group, _team_split(club, group, played, almanac)) for group in groups],
    }


def _stats(kind: str, group: str, splits: list[Body]) -> Body:
    return {
        "type": {"displayName": kind},
        "group": {"displayName": group},
        "exemptions": [],
        "splits": splits,
    }


def _splits(player: int, group: str, game: Game, almanac: Almanac) -> Iterable[Body]:
    one = next((one for one in game.appearances if one.player == player), None)
    if one and (one.batting_order if group == "hitting" else "P" in one.positions):
        yield _split(one, group, game, tally(game), almanac)


def _split(one: Appearance, group: str, game: Game, total: Tally, almanac: Almanac) -> Body:
    ours, theirs = (game.home, game.away) if one.is_home else (game.away, game.home)
    away, home = score(game.plays)
    body: Body = {
        "season": str(game.season),
        "stat": _stat(one.player, group, total),
        "team": almanac.club(ours),
        "player": almanac.person(one.player),
        "league": league_ref(almanac.clubs[ours].league_id),
        "sport": {"id": 1, "link": codes.SPORT["link"], "abbreviation": "MLB"},
        "opponent": almanac.club(theirs),
        "date": game.official_date.isoformat(),
        "gameType": game.game_type,
        "isHome": one.is_home,
        "isWin": (home > away) is one.is_home and home != away,
        "game": _game(game),
    }
    if group == "hitting":
        body["positionsPlayed"] = [codes.POSITIONS[position] for position in one.positions]
    return body


def _stat(player: int, group: str, total: Tally) -> Body:
    if group == "hitting":
        line = total.batting[player]
        body = {"summary": batting_summary(line), **batting_line(line), **batting_rates(line)}
    else:
        line = total.pitching[player]
        body = {"summary": pitching_summary(line), **pitching_line(line)}
    return {name: value for name, value in body.items() if name not in _NOT_IN_LOGS[group]}


def _game(game: Game) -> Body:
    return {
        "gamePk": game.game_pk,
        "link": feed_link(game.game_pk),
        "content": {"link": f"/api/v1/game/{game.game_pk}/content"},
        "gameNumber": game.game_number,
        "dayNight": game.day_night,
    }


def _team_split(club: int, group: str, played: list[tuple[Game, Tally]], almanac: Almanac) -> list[Body]:
    if not played:
        return []
    lines = [line for game, total in played for line in _club_lines(club, group, game, total)]
    write = team_batting if group == "hitting" else team_pitching
    body = write(team_line(lines)) | {"gamesPlayed": len(played)}
    return [{"season": str(almanac.season), "stat": body, "team": almanac.club(club), "rank": 1}]


def _club_lines(club: int, group: str, game: Game, total: Tally) -> Iterable[Line]:
    lines = total.batting if group == "hitting" else total.pitching
    ours = {one.player for one in game.appearances if one.is_home is (club == game.home)}
    return (line for player, line in lines.items() if player in ours)
