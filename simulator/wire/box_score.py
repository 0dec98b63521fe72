"""The box score as the wire writes it: clubs' totals and every player's line, from the tally."""

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
            {"official": reference.person_ref(who), "officialType": where}
            for where, who in game.officials.items()
        ],
        "info": _game_notes(game, total, reference),
        "pitchingNotes": [],
    }


def list_pitchers(game: GameRecord, *, is_home: bool) -> list[Appearance]:
    """Return a club's pitchers in the order they pitched."""
    return [one for one in game.appearances if one.is_home is is_home and "P" in one.positions]


def _render_side(
    game: GameRecord, total: Tally, reference: ReferenceData, *, is_home: bool, roster: Sequence[int]
) -> Body:
    club = game.home if is_home else game.away
    appeared = [one for one in game.appearances if one.is_home is is_home]
    resting = [player for player in roster if player not in {one.player for one in appeared}]
    in_order = sorted(
        (one for one in appeared if one.batting_order), key=lambda one: int(one.batting_order or 0)
    )
    staff = [one.player for one in list_pitchers(game, is_home=is_home)]
    batters = list(dict.fromkeys([one.player for one in in_order] + staff))
    players = {f"ID{one.player}": _render_player(one, club, total, reference) for one in appeared}
    arms = [player for player in resting if reference.people[player].position == "P"]
    return {
        "team": {"allStarStatus": "N", **reference.club_ref(club)},
        "teamStats": _team_stats(appeared, total),
        "players": players
        | {f"ID{player}": _render_bench_player(player, club, reference) for player in resting},
        "batters": batters,
        "pitchers": staff,
        "bench": [player for player in resting if player not in arms],
        "bullpen": arms,
        "battingOrder": list({(one.batting_order or "")[0]: one.player for one in in_order}.values()),
        "info": [],
        "note": [],
    }


def _render_player(one: Appearance, club: int, total: Tally, reference: ReferenceData) -> Body:
    positions = [codes.POSITIONS[position] for position in one.positions]
    body = _render_identity(one.player, club, reference, positions[-1])
    if one.batting_order:
        body["battingOrder"] = one.batting_order
    substitute = bool(one.batting_order) and not (one.batting_order or "").endswith("00")
    return body | {
        "stats": {
            "batting": _batting_stats(one, total),
            "pitching": _pitching_stats(one, total),
            "fielding": _fielding_stats(one),
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


def _batting_stats(one: Appearance, total: Tally) -> Body:
    if not one.batting_order:
        return {}
    line = total.batting[one.player]
    return {"summary": batting_summary(line), **batting_line(line)}


def _pitching_stats(one: Appearance, total: Tally) -> Body:
    if "P" not in one.positions:
        return {}
    line = total.pitching[one.player]
    return {"summary": pitching_summary(line), **pitching_line(line)}


def _fielding_stats(one: Appearance) -> Body:
    starts = (
        {"gamesStarted": 1} if (one.batting_order or "").endswith("00") or one.is_starting_pitcher else {}
    )
    return starts | fielding_line(one.putouts, one.assists, one.errors) | {"fielding": ".000"}


def _team_stats(appeared: Iterable[Appearance], total: Tally) -> Body:
    players = list(appeared)
    bats = team_line(total.batting[one.player] for one in players if one.player in total.batting)
    arms = team_line(total.pitching[one.player] for one in players if "P" in one.positions)
    steals = {name: arms[name] for name in ("caughtStealing", "stolenBases")}
    fielding = fielding_line(*(sum(getattr(one, what) for one in players) for what in _FIELDING_COUNTS))
    return {
        "batting": team_batting(bats),
        "pitching": team_pitching(arms),
        "fielding": fielding | steals | {"stolenBasePercentage": stolen_base_percentage(arms)},
    }


def _game_notes(game: GameRecord, total: Tally, reference: ReferenceData) -> list[Body]:
    staff = [one.player for is_home in (False, True) for one in list_pitchers(game, is_home=is_home)]
    lines = [(split_name(reference.people[player].full_name)[1], total.pitching[player]) for player in staff]
    notes = [
        ("Pitches-strikes", "; ".join(f"{name} {p['numberOfPitches']}-{p['strikes']}" for name, p in lines)),
        ("Groundouts-flyouts", "; ".join(f"{name} {p['groundOuts']}-{p['flyOuts']}" for name, p in lines)),
        ("Batters faced", "; ".join(f"{name} {p['plateAppearances']}" for name, p in lines)),
        (
            "Umpires",
            " ".join(_umpire_note(where, who, reference) for where, who in game.officials.items()).rstrip(
                "."
            ),
        ),
        *_game_conditions(game, reference),
    ]
    noted: list[Body] = [{"label": label, "value": f"{value}."} for label, value in notes if value]
    return [*noted, {"label": f"{game.official_date:%B} {game.official_date.day}, {game.official_date.year}"}]


def _umpire_note(where: str, who: int, reference: ReferenceData) -> str:
    return f"{_UMPIRES.get(where, where)}: {reference.people[who].full_name}."


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
