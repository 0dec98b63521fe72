"""Box score to rows of player_stats_historical, team_stats_historical and lineups_historical."""

from collections.abc import Iterator
from typing import Any

from services.collector.mlb.people import name_of
from services.collector.mlb.wire.box_score import BoxPlayer, BoxTeam, PlayerStats
from services.collector.mlb.wire.feed import Feed
from services.collector.rows import Row

BATTING = {
    "plate_appearances": "plate_appearances",
    "at_bats": "at_bats",
    "runs": "runs",
    "hits": "hits",
    "doubles": "doubles",
    "triples": "triples",
    "home_runs": "home_runs",
    "total_bases": "total_bases",
    "rbis": "rbi",
    "walks": "base_on_balls",
    "strikeouts": "strike_outs",
    "hit_by_pitch": "hit_by_pitch",
    "stolen_bases": "stolen_bases",
    "caught_stealing": "caught_stealing",
    "left_on_base": "left_on_base",
}
PITCHING = {
    "outs_recorded": "outs",
    "batters_faced": "batters_faced",
    "hits_allowed": "hits",
    "runs_allowed": "runs",
    "earned_runs": "earned_runs",
    "walks_allowed": "base_on_balls",
    "strikeouts_pitched": "strike_outs",
    "home_runs_allowed": "home_runs",
    "strikes_thrown": "strikes",
}
FIELDING = {"putouts": "put_outs", "assists": "assists", "errors": "errors"}
PLAYER_BATTING = BATTING | {
    "intentional_walks": "intentional_walks",
    "sacrifice_flies": "sac_flies",
    "sacrifice_bunts": "sac_bunts",
    "grounded_into_double_play": "ground_into_double_play",
}
PLAYER_PITCHING = PITCHING | {
    "hit_batsmen": "hit_batsmen",
    "wins": "wins",
    "losses": "losses",
    "saves": "saves",
    "holds": "holds",
    "blown_saves": "blown_saves",
}
PLAYER_FIELDING = FIELDING | {"passed_balls": "passed_ball"}


def box_score_sides(feed: Feed) -> Iterator[tuple[BoxTeam, int, bool]]:
    """Yield each club's half of the box score with the opponent's number and whether it is at home."""
    away, home = feed.live_data.boxscore.teams.away, feed.live_data.boxscore.teams.home
    yield away, home.team.id, False
    yield home, away.team.id, True


def has_appeared(player: BoxPlayer, team: BoxTeam) -> bool:
    """Return whether a player was in the game: the box score lists all who were."""
    return bool(player.all_positions or player.batting_order) or player.person.id in team.pitchers


def has_line(player: BoxPlayer) -> bool:
    """Return whether the box score has a batting or a pitching line for a player."""
    return player.stats.batting.games_played is not None or player.stats.pitching.games_played is not None


def player_rows(feed: Feed) -> Iterator[Row]:
    """Yield a row for each player who appeared and has a line."""
    for place, player in _appeared_players(feed):
        if has_line(player):
            yield place | stat_columns(player.stats)


def players_without_line(feed: Feed) -> list[Row]:
    """Return rows of players who appeared without a line: identity and position, statistics absent."""
    return [place for place, player in _appeared_players(feed) if not has_line(player)]


def _appeared_players(feed: Feed) -> Iterator[tuple[Row, BoxPlayer]]:
    for team, opponent, is_home in box_score_sides(feed):
        club = {"team_id": team.team.id, "opponent_id": opponent, "is_home": is_home}
        for player in team.players.values():
            if has_appeared(player, team):
                yield club | identity_columns(player, team), player


def identity_columns(player: BoxPlayer, team: BoxTeam) -> Row:
    """Return a player's identity, position, batting order and whether they started."""
    order = int(player.batting_order) if player.batting_order else None
    starts_on_mound = is_starting_pitcher(player.person.id, team)
    return {
        "player_id": player.person.id,
        "player_name": name_of(player.person),
        "position": first_position(player),
        "batting_order": order,
        "is_starter": starts_on_mound or (order is not None and order % 100 == 0),
        "games_played": 1,
        "is_starting_pitcher": starts_on_mound,
    }


def stat_columns(stats: PlayerStats) -> Row:
    """Return a player's three lines under our names; null where they took no part."""
    pitched = stats.pitching
    thrown = pitched.number_of_pitches if pitched.pitches_thrown is None else pitched.pitches_thrown
    return (
        _rename_stats(stats.batting, PLAYER_BATTING)
        | _rename_stats(pitched, PLAYER_PITCHING)
        | _rename_stats(stats.fielding, PLAYER_FIELDING)
        | {"pitches_thrown": thrown}
    )


def team_rows(feed: Feed) -> Iterator[Row]:
    """Yield both clubs' totals of a game."""
    for team, opponent, is_home in box_score_sides(feed):
        total, pitched = team.team_stats, team.team_stats.pitching
        thrown = pitched.number_of_pitches if pitched.pitches_thrown is None else pitched.pitches_thrown
        yield (
            {"team_id": team.team.id, "opponent_id": opponent, "is_home": is_home, "pitches_thrown": thrown}
            | _rename_stats(total.batting, BATTING)
            | _rename_stats(pitched, PITCHING)
            | _rename_stats(total.fielding, FIELDING)
        )


def lineup_rows(feed: Feed) -> Iterator[Row]:
    """Yield a row for each player in a batting order and each starting pitcher, as posted or as played."""
    probable = feed.game_data.probable_pitchers
    for team, _, is_home in box_score_sides(feed):
        announced = probable.home if is_home else probable.away
        mound = team.pitchers[0] if team.pitchers else announced.id if announced else None
        for player in team.players.values():
            if player.batting_order or player.person.id == mound:
                yield _lineup_row(player, team.team.id, is_home, mound)


def _lineup_row(player: BoxPlayer, team_id: int, is_home: bool, mound: int | None) -> Row:
    order = int(player.batting_order) if player.batting_order else None
    return {
        "team_id": team_id,
        "player_id": player.person.id,
        "is_home": is_home,
        "batting_slot": order // 100 if order else None,
        "sequence": order % 100 if order else 0,
        "position": first_position(player),
        "is_starting_pitcher": player.person.id == mound,
        "is_confirmed": True,
    }


def first_position(player: BoxPlayer) -> str | None:
    """Return the first position a player had in the game, else their listed one."""
    place = player.all_positions[0] if player.all_positions else player.position
    return place.abbreviation if place else None


def is_starting_pitcher(player_id: int, team: BoxTeam) -> bool:
    """Return whether a player threw their club's first pitch: the box score lists pitchers in order."""
    return bool(team.pitchers) and team.pitchers[0] == player_id


def _rename_stats(stats: Any, names: dict[str, str]) -> Row:
    return {ours: getattr(stats, theirs) for ours, theirs in names.items()}
