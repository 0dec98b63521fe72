"""A live feed, in whatever state, to a game's rows; a body that says nothing is refused."""

from datetime import date
from typing import Any

from services.collector import box_score, schedule
from services.collector.errors import BodyUnusable, EmptyAnswer
from services.collector.people import club_row, person_row, venue_row
from services.collector.plays import play_rows
from services.collector.rows import GameRows, Row, as_json
from services.collector.wire.decoding import decode_json
from services.collector.wire.feed import DECODER, Feed


def decode(body: bytes) -> Feed:
    """Decode a live feed.

    Raises:
        BodyUnusable: it is no JSON, it nests too deep, or a field that we read is absent or of another type.
        EmptyAnswer: it is `{}`, or calls a game Final without a play in it.
    """
    if body.strip() in (b"", b"{}", b"null"):
        raise EmptyAnswer(f"expected a live feed, got {body[:20]!r}")
    feed = decode_json(DECODER, body, "a live feed")
    if is_final(feed) and not feed.live_data.plays.all_plays:
        raise EmptyAnswer(f"game {feed.game_data.game.pk} is Final, expected its plays, got none")
    return feed


def is_final(feed: Feed) -> bool:
    """Return whether the game was played to its end."""
    return schedule.state(feed.game_data.status) == "Final"


def game_rows(feed: Feed, completed_date: date | None = None) -> GameRows:
    """Return all rows of a game; plays, pitches and lines only of one that is final.

    `completed_date` is what the schedule knows of the day the result became known; of a suspended game
    the feed names the day it was resumed. Raises BodyUnusable where a field does not mean anything.
    """
    data = feed.game_data
    try:
        tables = _tables(feed, completed_date)
    except ValueError as error:
        raise BodyUnusable(f"game {data.game.pk}: {error}") from None
    return GameRows(
        head=head(feed),
        tables=tables,
        people=[person_row(person) for person in data.players.values()],
        venues=[venue_row(data.venue)] if data.venue.name else [],
        clubs=[club_row(club, int(data.game.season)) for club in (data.teams.away, data.teams.home)],
        missing=box_score.without_line(feed) if is_final(feed) else [],
    )


def _tables(feed: Feed, completed_date: date | None) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {
        "games_historical": [_game_row(feed, completed_date)],
        "lineups_historical": list(box_score.lineup_rows(feed)),
    }
    if is_final(feed):
        tables["plate_appearances"], tables["statcast_pitches"] = play_rows(feed)
        tables["player_stats_historical"] = list(box_score.player_rows(feed))
        tables["team_stats_historical"] = list(box_score.team_rows(feed))
    return tables


def head(feed: Feed) -> Row:
    """Return what every row of the game begins with."""
    game = feed.game_data.game
    official = feed.game_data.datetime.official_date
    return {"game_pk": game.pk, "game_date": official, "season": int(game.season), "game_type": game.type}


def _game_row(feed: Feed, completed_date: date | None) -> Row:
    data = feed.game_data
    return (
        _when(feed, completed_date)
        | _score(feed)
        | _people(feed)
        | {
            "game_number": data.game.game_number,
            "double_header": data.game.double_header,
            "day_night": data.datetime.day_night,
            "status": schedule.state(data.status),
            "detailed_state": data.status.detailed_state,
            "status_reason": data.status.reason,
            "home_team_id": data.teams.home.id,
            "away_team_id": data.teams.away.id,
            "venue_id": data.venue.id,
            "weather_condition": data.weather.condition,
            "temperature_f": schedule.degrees(data.weather.temp),
            "wind": data.weather.wind,
            "attendance": data.game_info.attendance,
            "duration_minutes": data.game_info.game_duration_minutes,
        }
    )


def _when(feed: Feed, completed_date: date | None) -> Row:
    times = feed.game_data.datetime
    known = max(filter(None, (times.official_date, times.resume_date, completed_date)))
    return {
        "completed_date": known if is_final(feed) else None,
        "original_date": times.original_date,
        "scheduled_start": times.date_time,
    }


def _score(feed: Feed) -> Row:
    line = feed.live_data.linescore
    home = line.teams.home.runs if line.teams else None
    away = line.teams.away.runs if line.teams else None
    runs = {
        "home_score": home,
        "away_score": away,
        "is_tie": home == away if is_final(feed) else None,
    }
    return runs | schedule.line_score(line, None)


def _people(feed: Feed) -> Row:
    probable, decisions = feed.game_data.probable_pitchers, feed.live_data.decisions
    umpires = {one.official_type: one.official for one in feed.live_data.boxscore.officials}
    plate = umpires.get("Home Plate")
    named = {place: umpire.full_name for place, umpire in umpires.items()}
    return {
        "home_probable_pitcher_id": _id(probable.home),
        "away_probable_pitcher_id": _id(probable.away),
        "winning_pitcher_id": _id(decisions.winner),
        "losing_pitcher_id": _id(decisions.loser),
        "save_pitcher_id": _id(decisions.save),
        "home_plate_umpire_id": _id(plate),
        "umpires": as_json(named) if named else None,
    }


def _id(reference: Any) -> int | None:
    return reference.id if reference else None
