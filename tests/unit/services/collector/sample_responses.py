"""Small bodies in the Stats API's format, for what no recorded body shows."""

from typing import Any

Body = dict[str, Any]

AWAY, HOME = 110, 147
PITCHERS = {AWAY: 1101, HOME: 1471}
BATTERS = {AWAY: 1102, HOME: 1472}
STATES = {
    "Final": ("Final", "F"),
    "In Progress": ("Live", "I"),
    "Scheduled": ("Preview", "S"),
    "Postponed": ("Final", "D"),
    "Cancelled": ("Final", "C"),
    "Suspended": ("Live", "U"),
}


def status(state: str, reason: str | None = None) -> Body:
    abstract, coded = STATES[state]
    body = {"abstractGameState": abstract, "codedGameState": coded, "detailedState": state}
    return body | ({"reason": reason} if reason else {})


def club(number: int) -> Body:
    return {"id": number, "name": f"Club {number}", "abbreviation": f"C{number}", "sport": {"id": 1}}


def listing(game_pk: int, day: str, state: str = "Final", official: str | None = None, **more: Any) -> Body:
    scored = state in ("Final", "In Progress")
    sides = {
        side: {"team": club(number), **({"score": runs} if scored else {})}
        for side, number, runs in (("away", AWAY, 1), ("home", HOME, 0))
    }
    return {
        "gamePk": game_pk,
        "gameType": "R",
        "season": day[:4],
        "gameDate": f"{day}T23:05:00Z",
        "officialDate": official or day,
        "status": status(state),
        "teams": sides,
        "venue": {"id": 1, "name": "The Park"},
        "doubleHeader": "N",
        "gameNumber": 1,
        **more,
    }


def schedule(**days: list[Body]) -> Body:
    """Days are named d20260805."""
    return {
        "dates": [
            {"date": f"{d[1:5]}-{d[5:7]}-{d[7:9]}", "games": games} for d, games in sorted(days.items())
        ]
    }


def pitch(code: str = "B", count: tuple[int, int, int] = (0, 0, 0), **more: Any) -> Body:
    details = {"code": code, "description": code, "isInPlay": code in "XDE", "isStrike": code in "CSF"}
    balls, strikes, outs = count
    return {
        "isPitch": True,
        "type": "pitch",
        "count": {"balls": balls, "strikes": strikes, "outs": outs},
        "details": details,
        **more,
    }


def change(
    kind: str, player: int, position: str, count: tuple[int, int], replaced: int | None = None
) -> Body:
    """Return a substitution in the middle of a turn."""
    positions = {"P": "1", "PH": "11", "PR": "12", "SS": "6"}
    return {
        "isPitch": False,
        "type": "action",
        "isSubstitution": True,
        "count": {"balls": count[0], "strikes": count[1], "outs": 0},
        "details": {"eventType": kind, "description": kind},
        "player": {"id": player},
        "position": {"code": positions[position], "abbreviation": position},
        **({"replacedPlayer": {"id": replaced}} if replaced else {}),
    }


def placed(runner: int, base: int = 2) -> Body:
    """Return the event by which a runner is put on base to begin an extra inning."""
    return {
        "isPitch": False,
        "type": "action",
        "count": {"balls": 0, "strikes": 0, "outs": 0},
        "details": {"eventType": "runner_placed", "event": "Runner Placed On Base"},
        "player": {"id": runner},
        "base": base,
    }


def leg(runner: int, start: str | None, end: str | None, event: str = "single", *, out: bool = False) -> Body:
    movement = {"start": start, "end": end, "isOut": out}
    return {"movement": movement, "details": {"runner": {"id": runner}, "eventType": event}}


def play(
    index: int,
    event: str = "field_out",
    outs: int = 1,
    *,
    inning: int = 1,
    top: bool = True,
    legs: list[Body] | None = None,
    pitches: list[Body] | None = None,
    complete: bool = True,
    kind: str = "atBat",
    is_out: bool = False,
) -> Body:
    batting, fielding = (AWAY, HOME) if top else (HOME, AWAY)
    return {
        "result": {
            "type": kind,
            "eventType": event,
            "isOut": is_out,
            "rbi": 0,
            "homeScore": 0,
            "awayScore": 0,
        },
        "about": {
            "atBatIndex": index,
            "inning": inning,
            "isTopInning": top,
            "isComplete": complete,
            "startTime": "2026-08-05T23:05:00.000Z",
            "endTime": "2026-08-05T23:06:00.000Z",
        },
        "count": {"balls": 0, "strikes": 0, "outs": outs},
        "matchup": {
            "batter": {"id": BATTERS[batting]},
            "pitcher": {"id": PITCHERS[fielding]},
            "batSide": {"code": "L"},
            "pitchHand": {"code": "R"},
        },
        "runners": legs or [],
        "playEvents": [pitch("X", (0, 0, 0))] if pitches is None else pitches,
    }


def _player(number: int, order: str | None, position: str, stats: Body) -> Body:
    empty: Body = {"batting": {}, "pitching": {}, "fielding": {}}
    return {
        "person": {"id": number, "fullName": f"Player {number}"},
        "position": {"abbreviation": position},
        "allPositions": [{"abbreviation": position}],
        "stats": empty | stats,
        **({"battingOrder": order} if order else {}),
    }


def box_team(number: int) -> Body:
    batter, pitcher = BATTERS[number], PITCHERS[number]
    players = {
        f"ID{batter}": _player(batter, "100", "CF", {"batting": {"gamesPlayed": 1, "atBats": 4, "hits": 1}}),
        f"ID{pitcher}": _player(pitcher, None, "P", {"pitching": {"gamesPlayed": 1, "outs": 27}}),
    }
    return {
        "team": {"id": number},
        "teamStats": {"batting": {"atBats": 4}, "pitching": {"outs": 27}, "fielding": {}},
        "players": players,
        "batters": [batter, pitcher],
        "pitchers": [pitcher],
        "battingOrder": [batter],
    }


def feed(
    game_pk: int, day: str = "2026-08-05", state: str = "Final", plays: list[Body] | None = None
) -> Body:
    everyone = [*BATTERS.values(), *PITCHERS.values()]
    return {
        "metaData": {"timeStamp": f"{day.replace('-', '')}_235959"},
        "gameData": {
            "game": {"pk": game_pk, "type": "R", "season": day[:4], "doubleHeader": "N", "gameNumber": 1},
            "datetime": {"dateTime": f"{day}T23:05:00Z", "officialDate": day, "originalDate": day},
            "status": status(state),
            "teams": {"away": club(AWAY), "home": club(HOME)},
            "players": {f"ID{n}": {"id": n, "fullName": f"Player {n}"} for n in everyone},
            "venue": {"id": 1, "name": "The Park"},
            "weather": {},
            "gameInfo": {},
        },
        "liveData": {
            "plays": {"allPlays": [play(0)] if plays is None else plays},
            "linescore": {
                "teams": {"home": {"runs": 0}, "away": {"runs": 1}},
                "innings": [{"num": 1, "home": {}, "away": {"runs": 1}}],
                "scheduledInnings": 9,
            },
            "boxscore": {"teams": {"away": box_team(AWAY), "home": box_team(HOME)}},
        },
    }


def without_lines(body: Body) -> Body:
    for team in body["liveData"]["boxscore"]["teams"].values():
        team["players"] = {}
    return body


def between(body: Body, away: int, home: int) -> Body:
    """Return a feed as if of other clubs."""
    body["gameData"]["teams"] = {"away": club(away), "home": club(home)}
    return with_box_score_of(body, away, home)


def with_box_score_of(body: Body, away: int, home: int) -> Body:
    teams = body["liveData"]["boxscore"]["teams"]
    teams["away"]["team"], teams["home"]["team"] = {"id": away}, {"id": home}
    return body


def season(year: int) -> Body:
    return {
        "seasonId": str(year),
        "springStartDate": f"{year}-02-20",
        "springEndDate": f"{year}-03-24",
        "regularSeasonStartDate": f"{year}-03-25",
        "regularSeasonEndDate": f"{year}-09-27",
        "allStarDate": f"{year}-07-14",
        "postSeasonStartDate": f"{year}-09-28",
        "postSeasonEndDate": f"{year}-10-31",
    }


def rostered(number: int) -> Body:
    return {"person": {"id": number, "fullName": f"Player {number}"}, "position": {}, "status": {"code": "A"}}


def move(number: int, day: str) -> Body:
    return {"id": number, "date": day, "typeCode": "TR", "person": {"id": 1, "fullName": "One"}}


def division(number: int) -> Body:
    record = {"team": {"id": number}, "season": "2026", "wins": 60, "losses": 50, "gamesBack": "+1.5"}
    return {"league": {"id": 103}, "division": {"id": 201}, "teamRecords": [record]}


def park(number: int) -> Body:
    place = {"defaultCoordinates": {"latitude": 40.8, "longitude": -73.9}}
    return {"id": number, "name": "The Park", "location": place}


def forecast(hour: str) -> Body:
    names = ("relative_humidity_2m", "precipitation_probability", "wind_speed_10m", "wind_direction_10m")
    return {
        "hourly": {"time": [hour], "temperature_2m": [71.5], "surface_pressure": [1015.0]}
        | {name: [10] for name in names}
    }


def game_log(group: str, game_pk: int, team: int) -> Body:
    line = {"gamesPlayed": 1, "atBats": 5, "hits": 3}
    split = {"stat": line, "game": {"gamePk": game_pk}, "team": {"id": team}}
    return {"stats": [{"group": {"displayName": group}, "splits": [split] if group == "hitting" else []}]}


def savant_csv(rows: int = 1, **values: Any) -> bytes:
    row = {
        "game_pk": 1,
        "at_bat_number": 1,
        "pitch_number": 1,
        "inning": 1,
        "inning_topbot": "Top",
        "batter": 1102,
        "pitcher": 1471,
        "stand": "L",
        "p_throws": "R",
        "type": "X",
        "description": "hit_into_play",
        "release_speed": "95.1",
        "bat_speed": "71.25",
        "launch_speed": "NA",
    } | values
    line = ",".join(str(value) for value in row.values())
    return "".join(f"{text}\n" for text in [",".join(row), *[line] * rows]).encode()
