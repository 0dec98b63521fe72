"""Converts a live feed, of a game in any state, to the game's rows; refuses an empty body."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from services.collector.errors import EmptyResponse, InvalidBody, MissingPlays
from services.collector.mlb import box_score, handedness, schedule
from services.collector.mlb.people import club_rows, person_row, venue_rows
from services.collector.mlb.plays import play_rows
from services.collector.mlb.schedule import Listing
from services.collector.mlb.wire.decoding import decode_json
from services.collector.mlb.wire.feed import DECODER, Feed
from services.collector.rows import GameRows, Row, as_json
from shared.sports.mlb.game_types import WITHOUT_PLAYS


@dataclass(frozen=True, slots=True)
class ExpectedGame:
    """The game that a feed must be about, as the schedule lists it."""

    game_pk: int
    day: date
    clubs: frozenset[int]

    @classmethod
    def from_listing(cls, listing: Listing) -> Self:
        """Return the game that a listing names."""
        game, clubs = listing.game, listing.game.teams
        return cls(game.game_pk, game.official_date, frozenset({clubs.home.team.id, clubs.away.team.id}))


def decode_feed(body: bytes, expected_game: ExpectedGame | None = None, *, needs_plays: bool = True) -> Feed:
    """Decode the live feed of `expected_game`, or of any game without one.

    Raises:
        InvalidBody: it is not JSON, nests too deep, lacks a required field or has one of another type, or is
            about another game.
        EmptyResponse: it is `{}`, or a game that must have plays is Final with neither plays nor lines.
        MissingPlays: the same with lines in its box score, where `needs_plays`.
    """
    if body.strip() in (b"", b"{}", b"null"):
        raise EmptyResponse(f"expected a live feed, got {body[:20]!r}")
    feed = decode_json(DECODER, body, "a live feed")
    _check_game(feed, expected_game)
    if lacks_plays(feed) and must_have_plays(feed):
        message = f"game {feed.game_data.game.pk} is Final, expected its plays, got none"
        if not _has_lines(feed):
            raise EmptyResponse(message)
        if needs_plays:
            raise MissingPlays(message)
    return feed


def _check_game(feed: Feed, expected_game: ExpectedGame | None) -> None:
    data, box = feed.game_data, feed.live_data.boxscore.teams
    day, clubs = data.datetime.official_date, frozenset({data.teams.home.id, data.teams.away.id})
    got = ExpectedGame(data.game.pk, day, clubs)
    if expected_game is not None and got != expected_game:
        raise InvalidBody(f"expected {_describe_game(expected_game)}, got {_describe_game(got)}")
    of_box = box.home.team.id, box.away.team.id
    if of_box != (data.teams.home.id, data.teams.away.id):
        raise InvalidBody(f"game {got.game_pk}: expected a box score of {sorted(clubs)}, got {of_box}")


def _describe_game(game: ExpectedGame) -> str:
    return f"game {game.game_pk} of {game.day} between {' and '.join(map(str, sorted(game.clubs)))}"


def lacks_plays(feed: Feed) -> bool:
    """Return whether the game was played to its end and has no plays."""
    return is_final(feed) and not feed.live_data.plays.all_plays


def must_have_plays(feed: Feed) -> bool:
    """Return whether a final game must have plays: some spring games and all forfeits have none."""
    forfeited = (feed.game_data.status.detailed_state or "").startswith("Forfeit")
    return feed.game_data.game.type not in WITHOUT_PLAYS and not forfeited


def _has_lines(feed: Feed) -> bool:
    return any(True for _ in box_score.player_rows(feed))


def is_final(feed: Feed) -> bool:
    """Return whether the game was played to its end."""
    return schedule.game_state(feed.game_data.status) == "Final"


def game_rows(feed: Feed, completed_date: date | None = None) -> GameRows:
    """Return all rows of a game; plays, pitches and lines only of one that is final.

    `completed_date` is the day of the result by the schedule; for a suspended game the feed names the day it
    was resumed. Raises InvalidBody where a field has no meaning.
    """
    data, season = feed.game_data, _feed_season(feed)
    handedness.fill_missing_handedness(feed)
    try:
        tables = _build_tables(feed, completed_date)
    except ValueError as error:
        raise InvalidBody(f"game {data.game.pk}: {error}") from None
    return GameRows(
        game_columns=game_columns(feed),
        tables=tables,
        people=[person_row(person) for person in data.players.values() if person.full_name],
        venues=venue_rows([data.venue]),
        clubs=club_rows((data.teams.away, data.teams.home), season),
        players_without_line=box_score.players_without_line(feed) if is_final(feed) else [],
        plays=("absent" if must_have_plays(feed) else "unexpected") if lacks_plays(feed) else "present",
    )


def _build_tables(feed: Feed, completed_date: date | None) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {
        "games_historical": [_game_row(feed, completed_date)],
        "lineups_historical": list(box_score.lineup_rows(feed)),
    }
    if is_final(feed):
        tables["plate_appearances"], tables["statcast_pitches"] = play_rows(feed)
        tables["player_stats_historical"] = list(box_score.player_rows(feed))
        tables["team_stats_historical"] = list(box_score.team_rows(feed))
    return tables


def game_columns(feed: Feed) -> Row:
    """Return the columns that all rows of the game have in common."""
    game = feed.game_data.game
    official = feed.game_data.datetime.official_date
    return {"game_pk": game.pk, "game_date": official, "season": _feed_season(feed), "game_type": game.type}


def _feed_season(feed: Feed) -> int:
    return schedule.season_of(feed.game_data.game.season, feed.game_data.datetime.official_date)


def _game_row(feed: Feed, completed_date: date | None) -> Row:
    data = feed.game_data
    return (
        _date_columns(feed, completed_date)
        | _score_columns(feed)
        | _people_columns(feed)
        | {
            "game_number": data.game.game_number,
            "double_header": data.game.double_header,
            "day_night": data.datetime.day_night,
            "status": schedule.game_state(data.status),
            "detailed_state": data.status.detailed_state or schedule.game_state(data.status),
            "status_reason": data.status.reason,
            "home_team_id": data.teams.home.id,
            "away_team_id": data.teams.away.id,
            "venue_id": data.venue.id,
            "weather_condition": data.weather.condition,
            "temperature_f": schedule.parse_degrees(data.weather.temp),
            "wind": data.weather.wind,
            "attendance": data.game_info.attendance,
            "duration_minutes": data.game_info.game_duration_minutes,
        }
    )


def _date_columns(feed: Feed, completed_date: date | None) -> Row:
    times = feed.game_data.datetime
    known = max(filter(None, (times.official_date, times.resume_date, completed_date)))
    return {
        "completed_date": known if is_final(feed) else None,
        "original_date": times.original_date,
        "scheduled_start": times.date_time,
    }


def _score_columns(feed: Feed) -> Row:
    line = feed.live_data.linescore
    home = line.teams.home.runs if line.teams else None
    away = line.teams.away.runs if line.teams else None
    runs = {
        "home_score": home,
        "away_score": away,
        "is_tie": home == away if is_final(feed) else None,
    }
    return runs | schedule.line_score(line, None)


def _people_columns(feed: Feed) -> Row:
    probable, decisions = feed.game_data.probable_pitchers, feed.live_data.decisions
    officials = feed.live_data.boxscore.officials
    umpires = {one.official_type: one.official for one in officials if one.official_type and one.official}
    plate = umpires.get("Home Plate")
    named = {place: umpire.full_name for place, umpire in umpires.items()}
    return {
        "home_probable_pitcher_id": _optional_id(probable.home),
        "away_probable_pitcher_id": _optional_id(probable.away),
        "winning_pitcher_id": _optional_id(decisions.winner),
        "losing_pitcher_id": _optional_id(decisions.loser),
        "save_pitcher_id": _optional_id(decisions.save),
        "home_plate_umpire_id": _optional_id(plate),
        "umpires": as_json(named) if named else None,
    }


def _optional_id(reference: Any) -> int | None:
    return reference.id if reference else None
