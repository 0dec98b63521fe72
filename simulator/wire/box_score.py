"""The feed's box score: clubs' totals and every player's line, from the tally."""

from collections.abc import Iterable, Sequence
from typing import Any

from simulator.game_record import Appearance, GameRecord
from simulator.wire import codes
from simulator.wire.clubs import local_time
from simulator.wire.lines import (
    SEASON_STATS,
    batting_line,
    batting_summary,
    fielding_line,
    pitching_line,
    pitching_summary,
    stolen_base_percentage,
    team_batting,
    team_pitching,
)
from simulator.wire.people import ROSTER_STATUS, split_name
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.tally import Tally, team_line

ActiveRosters = tuple[Sequence[int], Sequence[int]]  # visitors' and home club's active rosters
NO_ROSTERS: ActiveRosters = ((), ())

_FIELDING_COUNTS = ("putouts", "assists", "errors")
_UMPIRES = {
    "Home Plate": "HP",
    "First Base": "1B",
    "Second Base": "2B",
    "Third Base": "3B",
    "Left Field": "LF",
    "Right Field": "RF",
}  # fmt: skip


def render_box_score(
    game: GameRecord, total: Tally, reference: ReferenceData, rosters: ActiveRosters = NO_ROSTERS
) -> Body:
    """Return the feed's `boxscore`: clubs, officials and notes."""
    return {
        "teams": {
            "away": _render_side(game, total, reference, is_home=False, roster=rosters[0]),
            "home": _render_side(game, total, reference, is_home=True, roster=rosters[1]),
        },
        "officials": [
            {"official": reference.person_ref(umpire), "officialType": post}
            for post, umpire in game.officials.items()
        ],
        "info": _game_notes(game, total, reference),
        "pitchingNotes": [],
    }


def list_pitchers(game: GameRecord, *, is_home: bool) -> list[Appearance]:
    """Return a club's pitchers in the order they pitched."""
    return [line for line in game.appearances if line.is_home is is_home and "P" in line.positions]


def _render_side(
    game: GameRecord, total: Tally, reference: ReferenceData, *, is_home: bool, roster: Sequence[int]
) -> Body:
    club = game.home if is_home else game.away
    appeared = [line for line in game.appearances if line.is_home is is_home]
    unused = [player for player in roster if player not in {line.player for line in appeared}]
    in_order = sorted(
        (line for line in appeared if line.batting_order), key=lambda line: int(line.batting_order or 0)
    )
    pitchers = [line.player for line in list_pitchers(game, is_home=is_home)]
    batters = list(dict.fromkeys([line.player for line in in_order] + pitchers))
    players = {f"ID{line.player}": _render_player(line, club, total, reference) for line in appeared}
    bullpen = [player for player in unused if reference.people[player].position == "P"]
    return {
        "team": {"allStarStatus": "N", **reference.club_ref(club)},
        "teamStats": _team_stats(appeared, total),
        "players": players
        | {f"ID{player}": _render_bench_player(player, club, reference) for player in unused},
        "batters": batters,
        "pitchers": pitchers,
        "bench": [player for player in unused if player not in bullpen],
        "bullpen": bullpen,
        "battingOrder": list({(line.batting_order or "")[0]: line.player for line in in_order}.values()),
        "info": [],
        "note": [],
    }


def _render_player(appearance: Appearance, club: int, total: Tally, reference: ReferenceData) -> Body:
    positions = [codes.POSITIONS[position] for position in appearance.positions]
    body = _render_identity(appearance.player, club, reference, positions[-1])
    if appearance.batting_order:
        body["battingOrder"] = appearance.batting_order
    substitute = bool(appearance.batting_order) and not (appearance.batting_order or "").endswith("00")
    return body | {
        "stats": {
            "batting": _batting_stats(appearance, total),
            "pitching": _pitching_stats(appearance, total),
            "fielding": _fielding_stats(appearance),
        },
        "seasonStats": SEASON_STATS,
        "gameStatus": _game_status(is_substitute=substitute),
        "allPositions": positions,
    }


def _render_bench_player(player: int, club: int, reference: ReferenceData) -> Body:
    position = codes.POSITIONS[reference.people[player].position]
    return _render_identity(player, club, reference, position) | {
        "stats": {"batting": {}, "pitching": {}, "fielding": {}},
        "seasonStats": SEASON_STATS,
        "gameStatus": _game_status(on_bench=True),
    }


def _render_identity(player: int, club: int, reference: ReferenceData, position: Body) -> Body:
    return {
        "person": reference.person_ref(player),
        "jerseyNumber": reference.people[player].jersey_number,
        "position": position,
        "status": ROSTER_STATUS,
        "parentTeamId": club,
    }


def _game_status(*, on_bench: bool = False, is_substitute: bool = False) -> Body:
    return {
        "isCurrentBatter": False,
        "isCurrentPitcher": False,
        "isOnBench": on_bench,
        "isSubstitute": is_substitute,
    }


def _batting_stats(appearance: Appearance, total: Tally) -> Body:
    if not appearance.batting_order:
        return {}
    line = total.batting[appearance.player]
    return {"summary": batting_summary(line), **batting_line(line)}


def _pitching_stats(appearance: Appearance, total: Tally) -> Body:
    if "P" not in appearance.positions:
        return {}
    line = total.pitching[appearance.player]
    return {"summary": pitching_summary(line), **pitching_line(line)}


def _fielding_stats(appearance: Appearance) -> Body:
    starts = (
        {"gamesStarted": 1}
        if (appearance.batting_order or "").endswith("00") or appearance.is_starting_pitcher
        else {}
    )
    return (
        starts
        | fielding_line(appearance.putouts, appearance.assists, appearance.errors)
        | {"fielding": ".000"}
    )


def _team_stats(appeared: Iterable[Appearance], total: Tally) -> Body:
    players = list(appeared)
    batting = team_line(total.batting[line.player] for line in players if line.player in total.batting)
    pitching = team_line(total.pitching[line.player] for line in players if "P" in line.positions)
    steals = {name: pitching[name] for name in ("caughtStealing", "stolenBases")}
    fielding = fielding_line(*(sum(getattr(line, name) for line in players) for name in _FIELDING_COUNTS))
    return {
        "batting": team_batting(batting),
        "pitching": team_pitching(pitching),
        "fielding": fielding | steals | {"stolenBasePercentage": stolen_base_percentage(pitching)},
    }


def _game_notes(game: GameRecord, total: Tally, reference: ReferenceData) -> list[Body]:
    pitchers = [line.player for is_home in (False, True) for line in list_pitchers(game, is_home=is_home)]
    lines = [
        (split_name(reference.people[player].full_name)[1], total.pitching[player]) for player in pitchers
    ]
    notes = [
        ("Pitches-strikes", "; ".join(f"{name} {p['numberOfPitches']}-{p['strikes']}" for name, p in lines)),
        ("Groundouts-flyouts", "; ".join(f"{name} {p['groundOuts']}-{p['flyOuts']}" for name, p in lines)),
        ("Batters faced", "; ".join(f"{name} {p['plateAppearances']}" for name, p in lines)),
        (
            "Umpires",
            " ".join(_umpire_note(post, umpire, reference) for post, umpire in game.officials.items()).rstrip(
                "."
            ),
        ),
        *_game_conditions(game, reference),
    ]
    body: list[Body] = [{"label": label, "value": f"{value}."} for label, value in notes if value]
    return [*body, {"label": f"{game.official_date:%B} {game.official_date.day}, {game.official_date.year}"}]


def _umpire_note(post: str, umpire: int, reference: ReferenceData) -> str:
    return f"{_UMPIRES.get(post, post)}: {reference.people[umpire].full_name}."


def _game_conditions(game: GameRecord, reference: ReferenceData) -> list[tuple[str, Any]]:
    park = reference.venues[game.venue]
    weather, minutes = game.weather, game.duration_minutes
    return [
        ("Weather", f"{weather.temperature_f} degrees, {weather.condition}" if weather else ""),
        ("Wind", weather.wind if weather else ""),
        ("First pitch", f"{local_time(park, game.start):%I:%M %p}".lstrip("0")),
        ("T", f"{minutes // 60}:{minutes % 60:02}" if minutes else ""),
        ("Att", f"{game.attendance:,}" if game.attendance else ""),
        ("Venue", park.name),
    ]
