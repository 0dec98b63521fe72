"""The live feed of a game, `/api/v1.1/game/{pk}/feed/live`: everything about it in one response."""

from datetime import UTC, datetime

from simulator.game_record import GameRecord
from simulator.wire import codes
from simulator.wire.box_score import NO_ROSTERS, ActiveRosters, render_box_score
from simulator.wire.clubs import local_time, render_club, render_venue
from simulator.wire.line_score import render_line_score
from simulator.wire.people import render_person
from simulator.wire.plays import render_plays
from simulator.wire.reference_data import Body, ReferenceData
from simulator.wire.tally import final_score, tally_game
from simulator.wire.timeline import as_of, is_suspended, last_out, play_spans, resumed_at

AFTER_GAME = datetime.max.replace(tzinfo=UTC)
FINAL_STATES = frozenset({"Final", "Completed Early"})
_TIME_CODE_FORMAT = "%Y%m%d_%H%M%S"


def render_feed(
    game: GameRecord,
    reference: ReferenceData,
    now: datetime = AFTER_GAME,
    rosters: ActiveRosters = NO_ROSTERS,
) -> Body:
    """Return the feed as of `now`; `rosters` are both clubs' active rosters, visitors first."""
    known = as_of(game, now)
    spans = play_spans(game)[: len(known.plays)]
    total = tally_game(known)
    live: Body = {
        "plays": render_plays(known, spans, total.bases, reference),
        "linescore": render_line_score(known, total, reference),
        "boxscore": render_box_score(known, total, reference, rosters),
        "leaders": {"hitDistance": {}, "hitSpeed": {}, "pitchSpeed": {}},
    }
    decisions = _pitching_decisions(known, reference)
    return {
        "copyright": codes.COPYRIGHT,
        "gamePk": game.game_pk,
        "link": feed_link(game.game_pk),
        "metaData": _render_metadata(min(now, last_out(game))),
        "gameData": _game_data(known, reference, rosters),
        "liveData": live | ({"decisions": decisions} if decisions else {}),
    }


def feed_link(game_pk: int) -> str:
    """Return the path of a game's feed."""
    return f"/api/v1.1/game/{game_pk}/feed/live"


def wire_time(at: datetime) -> str:
    """Format an instant as schedules do: "2026-04-20T22:10:00Z"."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_tied(game: GameRecord) -> bool:
    """Return whether a finished game ended in a tie."""
    away, home = final_score(game.plays)
    return bool(game.plays) and away == home and game.state in FINAL_STATES


def render_game_weather(game: GameRecord) -> Body:
    """Return the weather; empty if not recorded."""
    if game.weather is None:
        return {}
    degrees = game.weather.temperature_f
    body = {"condition": game.weather.condition, "wind": game.weather.wind}
    return body if degrees is None else body | {"temp": str(degrees)}


def _render_metadata(at: datetime) -> Body:
    return {"wait": 10, "timeStamp": at.strftime(_TIME_CODE_FORMAT), "gameEvents": [], "logicalEvents": []}


def _game_data(game: GameRecord, reference: ReferenceData, rosters: ActiveRosters) -> Body:
    park = reference.venues[game.venue]
    return {
        "game": _render_game(game, reference),
        "datetime": _render_datetime(game, reference),
        "status": codes.render_status(game.state, game.reason, tied=is_tied(game)),
        "teams": {
            "away": render_club(reference.clubs[game.away], reference),
            "home": render_club(reference.clubs[game.home], reference),
        },
        "players": _render_players(game, reference, rosters),
        "venue": render_venue(park, game.season, game.start),
        "officialVenue": {"id": park.id, "link": f"/api/v1/venues/{park.id}"},
        "weather": render_game_weather(game),
        "gameInfo": _game_info(game),
        "review": _render_challenges(),
        "flags": _render_flags(game),
        "alerts": [],
        "probablePitchers": _probable_pitchers(game, reference),
        "moundVisits": {"away": {"used": 0, "remaining": 5}, "home": {"used": 0, "remaining": 5}},
    }


def _render_game(game: GameRecord, reference: ReferenceData) -> Body:
    away, home = (reference.clubs[club].abbreviation.lower() for club in (game.away, game.home))
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


def _render_datetime(game: GameRecord, reference: ReferenceData) -> Body:
    local_start = local_time(reference.venues[game.venue], game.start)
    body = {
        "dateTime": wire_time(game.start),
        "originalDate": (game.original_date or game.official_date).isoformat(),
        "officialDate": game.official_date.isoformat(),
        "dayNight": game.day_night,
        "time": f"{local_start:%I:%M}".lstrip("0"),
        "ampm": f"{local_start:%p}",
    }
    return body | (
        _render_resumption(game) if is_suspended(game) and game.state in FINAL_STATES | {"Suspended"} else {}
    )


def _render_resumption(game: GameRecord) -> Body:
    on = (game.completed_date or game.official_date).isoformat()
    return {
        "resumeDate": on,
        "resumeDateTime": wire_time(resumed_at(game)),
        "resumedFromDate": game.official_date.isoformat(),
        "resumedFromDateTime": wire_time(game.start),
    }


def _render_players(game: GameRecord, reference: ReferenceData, rosters: ActiveRosters) -> Body:
    named = [line.player for line in game.appearances] + [player for roster in rosters for player in roster]
    probable = [pitcher for pitcher in (game.probable_away, game.probable_home) if pitcher]
    everyone = dict.fromkeys(named + probable)
    return {f"ID{player}": render_person(reference.people[player], game.season) for player in everyone}


def _game_info(game: GameRecord) -> Body:
    if not game.appearances:
        return {}
    body: Body = {"firstPitch": game.start.strftime("%Y-%m-%dT%H:%M:%S.000Z")}
    if game.state in FINAL_STATES and game.attendance is not None:
        body["attendance"] = game.attendance
    if game.state in FINAL_STATES and game.duration_minutes is not None:
        body["gameDurationMinutes"] = game.duration_minutes
    return body


def _render_challenges() -> Body:
    return {"hasChallenges": False, "away": {"used": 0, "remaining": 1}, "home": {"used": 0, "remaining": 1}}


def _render_flags(game: GameRecord) -> Body:
    hitless = {is_top: not any(p.event_type in codes.HITS for p in game.plays if p.is_top is is_top)
               for is_top in (True, False)}  # fmt: skip
    is_over = game.state in FINAL_STATES and bool(game.plays)
    away, home = is_over and hitless[False], is_over and hitless[True]
    return {
        "noHitter": away or home,
        "perfectGame": False,
        "awayTeamNoHitter": away,
        "awayTeamPerfectGame": False,
        "homeTeamNoHitter": home,
        "homeTeamPerfectGame": False,
    }


def _probable_pitchers(game: GameRecord, reference: ReferenceData) -> Body:
    named = {"away": game.probable_away, "home": game.probable_home}
    return {side: reference.person_ref(pitcher) for side, pitcher in named.items() if pitcher}


def _pitching_decisions(game: GameRecord, reference: ReferenceData) -> Body:
    named = {"winner": game.winner, "loser": game.loser, "save": game.save}
    return {decision: reference.person_ref(pitcher) for decision, pitcher in named.items() if pitcher}
