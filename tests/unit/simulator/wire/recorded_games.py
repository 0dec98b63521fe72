"""Recorded real feeds read back into scorebook records, so that our bodies can be held against the real ones."""

import gzip
import json
from datetime import date, datetime
from typing import Any

from simulator.game_record import (
    Appearance,
    Club,
    GameRecord,
    Person,
    Pitch,
    Play,
    RunnerMovement,
    Venue,
    Weather,
)
from simulator.wire.reference_data import ReferenceData
from tests.data import DATA, list_data_files

Body = dict[str, Any]
FINAL_FEEDS = list_data_files("mlb/statsapi/feed_live", "*_Final.json.gz")


def load(*parts: str) -> Any:
    """Decode a recorded Stats API body; the wrapped ones are unwrapped."""
    body = json.loads(gzip.decompress(DATA.joinpath("mlb", "statsapi", *parts).read_bytes()))
    return body["body"] if isinstance(body, dict) and "body" in body else body


def game_of(feed: Body) -> tuple[GameRecord, ReferenceData]:
    """Read a recorded feed into a game and the almanac it needs."""
    data, live = feed["gameData"], feed["liveData"]
    decisions = live.get("decisions", {})
    game = GameRecord(
        game_pk=feed["gamePk"],
        game_type=data["game"]["type"],
        season=int(data["game"]["season"]),
        official_date=date.fromisoformat(data["datetime"]["officialDate"]),
        start=datetime.fromisoformat(data["datetime"]["dateTime"]),
        home=data["teams"]["home"]["id"],
        away=data["teams"]["away"]["id"],
        venue=data["venue"]["id"],
        double_header=data["game"]["doubleHeader"],
        day_night=data["datetime"]["dayNight"],
        probable_home=data["probablePitchers"]["home"]["id"],
        probable_away=data["probablePitchers"]["away"]["id"],
        appearances=[
            one for side in ("away", "home") for one in _appearances(live["boxscore"]["teams"][side], side)
        ],
        plays=[_play(play) for play in live["plays"]["allPlays"]],
        winner=decisions.get("winner", {}).get("id"),
        loser=decisions.get("loser", {}).get("id"),
        save=decisions.get("save", {}).get("id"),
        officials={one["officialType"]: one["official"]["id"] for one in live["boxscore"]["officials"]},
        weather=Weather(data["weather"]["condition"], int(data["weather"]["temp"]), data["weather"]["wind"]),
        attendance=data["gameInfo"]["attendance"],
        duration_minutes=data["gameInfo"]["gameDurationMinutes"],
    )
    return game, _almanac(data, live)


def _appearances(team: Body, side: str) -> list[Appearance]:
    ids = list(dict.fromkeys(team["batters"] + team["pitchers"]))
    return [_appearance(team["players"][f"ID{player}"], side) for player in ids]


def _appearance(player: Body, side: str) -> Appearance:
    stats = player["stats"]
    return Appearance(
        player=player["person"]["id"],
        is_home=side == "home",
        batting_order=player.get("battingOrder"),
        positions=[position["abbreviation"] for position in player["allPositions"]],
        is_starting_pitcher=stats["pitching"].get("gamesStarted", 0) == 1,
        earned_runs=stats["pitching"].get("earnedRuns", 0),
        putouts=stats["fielding"].get("putOuts", 0),
        assists=stats["fielding"].get("assists", 0),
        errors=stats["fielding"].get("errors", 0),
    )


def _play(play: Body) -> Play:
    outs_before = play["count"]["outs"] - sum(runner["movement"]["isOut"] for runner in play["runners"])
    hit: Body = next((event["hitData"] for event in play["playEvents"] if "hitData" in event), {})
    return Play(
        inning=play["about"]["inning"],
        is_top=play["about"]["isTopInning"],
        batter=play["matchup"]["batter"]["id"],
        pitcher=play["matchup"]["pitcher"]["id"],
        bat_side=play["matchup"]["batSide"]["code"],
        pitch_hand=play["matchup"]["pitchHand"]["code"],
        event_type=play["result"]["eventType"],
        rbi=play["result"]["rbi"],
        outs_before=outs_before,
        outs_after=play["count"]["outs"],
        away_score=play["result"]["awayScore"],
        home_score=play["result"]["homeScore"],
        pitches=[
            _pitch(event) for event in play["playEvents"] if event["isPitch"] or event["type"] == "no_pitch"
        ],
        runners=[_runner(runner, play) for runner in play["runners"]],
        trajectory=hit.get("trajectory"),
        hit_location=hit.get("location"),
        description=play["result"]["description"],
    )


def _pitch(event: Body) -> Pitch:
    data, hit = event.get("pitchData", {}), event.get("hitData", {})
    return Pitch(
        call=event["details"]["code"],
        pitch_type=event["details"].get("type", {}).get("code"),
        start_speed=data.get("startSpeed"),
        spin_rate=data.get("breaks", {}).get("spinRate"),
        extension=data.get("extension"),
        plate_x=data.get("coordinates", {}).get("pX"),
        plate_z=data.get("coordinates", {}).get("pZ"),
        zone=data.get("zone"),
        launch_speed=hit.get("launchSpeed"),
        launch_angle=hit.get("launchAngle"),
        hit_distance=hit.get("totalDistance"),
    )


def _runner(runner: Body, play: Body) -> RunnerMovement:
    movement, details = runner["movement"], runner["details"]
    between_pitches = (
        details["eventType"] != play["result"]["eventType"] and details["eventType"] != "other_out"
    )
    return RunnerMovement(
        runner=details["runner"]["id"],
        start=movement["start"],
        end=movement["end"],
        is_out=movement["isOut"],
        rbi=details["rbi"],
        earned=details["earned"],
        responsible_pitcher=(details["responsiblePitcher"] or {}).get("id"),
        event_type=details["eventType"] if between_pitches or _ran(details["eventType"]) else None,
    )


def _ran(event: str) -> bool:
    return event.startswith(("stolen_base", "caught_stealing", "pickoff"))


def _almanac(data: Body, live: Body) -> ReferenceData:
    clubs = [data["teams"][side] for side in ("away", "home")]
    umpires = {one["official"]["id"]: one["official"]["fullName"] for one in live["boxscore"]["officials"]}
    people = {person["id"]: _person(person) for person in data["players"].values()}
    return ReferenceData(
        season=clubs[0]["season"],
        clubs={club["id"]: _club(club) for club in clubs},
        venues={venue["id"]: _venue(venue) for venue in [club["venue"] for club in clubs] + [data["venue"]]},
        people=people | {umpire: Person(umpire, name) for umpire, name in umpires.items()},
    )


def _person(person: Body) -> Person:
    return Person(
        id=person["id"],
        full_name=person["fullName"],
        bats=person["batSide"]["code"],
        throws=person["pitchHand"]["code"],
        position=person["primaryPosition"]["abbreviation"],
        birth_date=date.fromisoformat(person["birthDate"]),
        jersey_number=person.get("primaryNumber", ""),
    )


def _club(club: Body) -> Club:
    return Club(
        id=club["id"],
        abbreviation=club["abbreviation"],
        location=club["franchiseName"],
        nickname=club["clubName"],
        league_id=club["league"]["id"],
        division_id=club["division"]["id"],
        venue_id=club["venue"]["id"],
    )


def _venue(venue: Body) -> Venue:
    return Venue(venue["id"], venue["name"], "", "", 0.0, 0.0)
