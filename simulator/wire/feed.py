"""The live feed of a game, `/api/v1.1/game/{pk}/feed/live`: everything about it in one body."""

from datetime import UTC, datetime

from simulator.game_record import Game
from simulator.wire import codes
from simulator.wire.box_score import NOBODY, Bench, box_score
from simulator.wire.clubs import club, local_time, venue
from simulator.wire.line_score import line_score
from simulator.wire.people import person
from simulator.wire.plays import plays
from simulator.wire.reference_data import Almanac, Body
from simulator.wire.tally import score, tally
from simulator.wire.timeline import as_of, is_suspended, last_out, resumed_at, timeline

AFTERWARDS = datetime.max.replace(tzinfo=UTC)
OVER = frozenset({"Final", "Completed Early"})
_SHOWN_BY_TELECAST = "%Y%m%d_%H%M%S"


def feed(game: Game, almanac: Almanac, now: datetime = AFTERWARDS, bench: Bench = NOBODY) -> Body:
    """Return the feed as it stood at `now`; `bench` holds both clubs' active rosters, visitors first."""
    known = as_of(game, now)
    spans = timeline(game)[: len(known.plays)]
    total = tally(known)
    live: Body = {
        "plays": plays(known, spans, total.bases, almanac),
        "linescore": line_score(known, total, almanac),
        "boxscore": box_score(known, total, almanac, bench),
        "leaders": {"hitDistance": {}, "hitSpeed": {}, "pitchSpeed": {}},
    }
    decisions = _decisions(known, almanac)
    return {
        "copyright": codes.COPYRIGHT,
        "gamePk": game.game_pk,
        "link": feed_link(game.game_pk),
        "metaData": _meta(min(now, last_out(game))),
        "gameData": _game_data(known, almanac, bench),
        "liveData": live | ({"decisions": decisions} if decisions else {}),
    }


def feed_link(game_pk: int) -> str:
    """Return the path of a game's feed."""
    return f"/api/v1.1/game/{game_pk}/feed/live"


def wire_time(at: datetime) -> str:
    """Write an instant as schedules do: "2026-04-20T22:10:00Z"."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_tied(game: Game) -> bool:
    """Say whether a finished game ended level."""
    away, home = score(game.plays)
    return bool(game.plays) and away == home and game.state in OVER


def weather(game: Game) -> Body:
    """Return the scoreboard's weather; empty when nobody wrote it down."""
    if game.weather is None:
        return {}
    degrees = game.weather.temperature_f
    said = {"condition": game.weather.condition, "wind": game.weather.wind}
    return said if degrees is None else said | {"temp": str(degrees)}


def _meta(at: datetime) -> Body:
    return {"wait": 10, "timeStamp": at.strftime(_SHOWN_BY_TELECAST), "gameEvents": [], "logicalEvents": []}


def _game_data(game: Game, almanac: Almanac, bench: Bench) -> Body:
    park = almanac.venues[game.venue]
    return {
        "game": _game(game, almanac),
        "datetime": _datetime(game, almanac),
        "status": codes.status(game.state, game.reason, tied=is_tied(game)),
        "teams": {
            "away": club(almanac.clubs[game.away], almanac),
            "home": club(almanac.clubs[game.home], almanac),
        },
        "players": _players(game, almanac, bench),
        "venue": venue(park, game.season, game.start),
        "officialVenue": {"id": park.id, "link": f"/api/v1/venues/{park.id}"},
        "weather": weather(game),
        "gameInfo": _game_info(game),
        "review": _challenges(),
        "flags": _flags(game),
        "alerts": [],
        "probablePitchers": _probables(game, almanac),
        "moundVisits": {"away": {"used": 0, "remaining": 5}, "home": {"used": 0, "remaining": 5}},
    }


def _game(game: Game, almanac: Almanac) -> Body:
    away, home = (almanac.clubs[one].abbreviation.lower() for one in (game.away, game.home))
    return {
        "pk": game.game_pk,
        "type": game.game_type,
        "doubleHeader": game.double_header,
        "id": f"{game.official_date:%Y/%m/%d}/{away}mlb-{home}mlb-{game.game_number}",
        "gamedayType": "P",
        "tiebreaker": "N",
        "gameNumber": game.game_number,
        "calendarEventID": f"14-{game.game_pk}-{game.official_date}",
        "season": str(game.season),
        "seasonDisplay": str(game.season),
    }


def _datetime(game: Game, almanac: Almanac) -> Body:
    there = local_time(almanac.venues[game.venue], game.start)
    body = {
        "dateTime": wire_time(game.start),
        "originalDate": (game.original_date or game.official_date).isoformat(),
        "officialDate": game.official_date.isoformat(),
        "dayNight": game.day_night,
        "time": f"{there:%I:%M}".lstrip("0"),
        "ampm": f"{there:%p}",
    }
    return body | (_resumption(game) if is_suspended(game) and game.state in OVER | {"Suspended"} else {})


def _resumption(game: Game) -> Body:
    on = (game.completed_date or game.official_date).isoformat()
    return {
        "resumeDate": on,
        "resumeDateTime": wire_time(resumed_at(game)),
        "resumedFromDate": game.official_date.isoformat(),
        "resumedFromDateTime": wire_time(game.start),
    }


def _players(game: Game, almanac: Almanac, bench: Bench) -> Body:
    named = [one.player for one in game.appearances] + [player for roster in bench for player in roster]
    probable = [who for who in (game.probable_away, game.probable_home) if who]
    everyone = dict.fromkeys(named + probable)
    return {f"ID{who}": person(almanac.people[who], game.season) for who in everyone}


def _game_info(game: Game) -> Body:
    if not game.appearances:
        return {}
    body: Body = {"firstPitch": game.start.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    if game.state in OVER and game.attendance is not None:
        body["attendance"] = game.attendance
    if game.state in OVER and game.duration_minutes is not None:
        body["gameDurationMinutes"] = game.duration_minutes
    return body


def _challenges() -> Body:
    return {"hasChallenges": False, "away": {"used": 0, "remaining": 1}, "home": {"used": 0, "remaining": 1}}


def _flags(game: Game) -> Body:
    hitless = {is_top: not any(p.event_type in codes.HITS for p in game.plays if p.is_top is is_top)
               for is_top in (True, False)}  # fmt: skip
    over = game.state in OVER and bool(game.plays)
    away, home = over and hitless[False], over and hitless[True]
    return {
        "noHitter": away or home,
        "perfectGame": False,
        "awayTeamNoHitter": away,
        "awayTeamPerfectGame": False,
        "homeTeamNoHitter": home,
        "homeTeamPerfectGame": False,
    }


def _probables(game: Game, almanac: Almanac) -> Body:
    named = {"away": game.probable_away, "home": game.probable_home}
    return {side: almanac.person(who) for side, who in named.items() if who}


def _decisions(game: Game, almanac: Almanac) -> Body:
    named = {"winner": game.winner, "loser": game.loser, "save": game.save}
    return {what: almanac.person(who) for what, who in named.items() if who}
