"""The fields of a box score that we read."""

import msgspec

from services.collector.mlb.wire.common import IdReference, PersonName, Position, WireStruct


class Batting(WireStruct):
    """A batting line of a player or a club; empty for players who did not bat."""

    plate_appearances: int | None = None
    at_bats: int | None = None
    runs: int | None = None
    hits: int | None = None
    doubles: int | None = None
    triples: int | None = None
    home_runs: int | None = None
    total_bases: int | None = None
    rbi: int | None = None
    base_on_balls: int | None = None
    intentional_walks: int | None = None
    strike_outs: int | None = None
    hit_by_pitch: int | None = None
    stolen_bases: int | None = None
    caught_stealing: int | None = None
    sac_flies: int | None = None
    sac_bunts: int | None = None
    ground_into_double_play: int | None = None
    left_on_base: int | None = None


class Pitching(WireStruct):
    """A pitching line, of a player or a club."""

    outs: int | None = None
    batters_faced: int | None = None
    hits: int | None = None
    runs: int | None = None
    earned_runs: int | None = None
    base_on_balls: int | None = None
    strike_outs: int | None = None
    home_runs: int | None = None
    hit_batsmen: int | None = None
    pitches_thrown: int | None = None
    number_of_pitches: int | None = None
    strikes: int | None = None


class Fielding(WireStruct):
    """A fielding line, of a player or a club."""

    put_outs: int | None = None
    assists: int | None = None
    errors: int | None = None
    passed_ball: int | None = None


class PlayerBatting(Batting):
    """A batter's line; `games_played` is set for those who have one."""

    games_played: int | None = None


class PlayerPitching(Pitching):
    """A pitcher's line with decisions, saves and holds."""

    games_played: int | None = None
    wins: int | None = None
    losses: int | None = None
    saves: int | None = None
    holds: int | None = None
    blown_saves: int | None = None


class PlayerStats(WireStruct):
    """A player's three lines."""

    batting: PlayerBatting = msgspec.field(default_factory=PlayerBatting)
    pitching: PlayerPitching = msgspec.field(default_factory=PlayerPitching)
    fielding: Fielding = msgspec.field(default_factory=Fielding)


class ClubStats(WireStruct):
    """A club's three lines."""

    batting: Batting = msgspec.field(default_factory=Batting)
    pitching: Pitching = msgspec.field(default_factory=Pitching)
    fielding: Fielding = msgspec.field(default_factory=Fielding)


class BoxPlayer(WireStruct):
    """One player of the box score; bench players have no position played."""

    person: PersonName
    stats: PlayerStats = msgspec.field(default_factory=PlayerStats)
    position: Position | None = None
    batting_order: str | None = None
    all_positions: tuple[Position, ...] = ()


class BoxTeam(WireStruct):
    """One club of the box score."""

    team: IdReference
    players: dict[str, BoxPlayer]
    team_stats: ClubStats = msgspec.field(default_factory=ClubStats)
    pitchers: list[int] = msgspec.field(default_factory=list)


class BoxTeams(WireStruct):
    """Both clubs of the box score."""

    home: BoxTeam
    away: BoxTeam


class Official(WireStruct):
    """An umpire and their position."""

    official: PersonName | None = None
    official_type: str | None = None


class BoxScore(WireStruct):
    """The box score."""

    teams: BoxTeams
    officials: tuple[Official, ...] = ()
