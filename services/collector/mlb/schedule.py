"""Converts schedules to one listing a game, and listings of games not yet played to rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import msgspec

from services.collector.errors import InvalidBody
from services.collector.mlb.wire.common import GameStatus, LineScore, LineScoreTotals
from services.collector.mlb.wire.decoding import decode_json
from services.collector.mlb.wire.schedule import Lineups, ListedGameId, ScheduleDay, ScheduledGame
from services.collector.rows import Row, as_json
from shared.sports.mlb.game_types import COLLECTED

# MLB's abstract state of a postponed or cancelled game is Final, of a suspended one Live. Nothing downstream
# may treat them so: their state here is Other, and `detailed_state` has MLB's.
_NOT_PLAYED = {"D": "Postponed", "C": "Cancelled", "T": "Suspended", "U": "Suspended"}
_PROGRESS = {"Other": 0, "Preview": 1, "Live": 2, "Final": 3}
_GAME = msgspec.json.Decoder(ScheduledGame)
_ID = msgspec.json.Decoder(ListedGameId)


@dataclass(frozen=True, slots=True)
class Listing:
    """A game as the schedule lists it under one day; `completed_date` is when a final result became known."""

    game: ScheduledGame
    state: str
    completed_date: date | None
    day: date  # that it is listed under

    @property
    def is_final(self) -> bool:
        """Return whether it was played to its end."""
        return self.state == "Final"

    @property
    def is_postponed(self) -> bool:
        """Return whether it is postponed to another day."""
        return self.game.status.coded_game_state == "D"


@dataclass(frozen=True, slots=True)
class RejectedListing:
    """A listing that is not collected, and why; its number where it can be read."""

    day: date
    reason: str
    game_pk: int | None
    is_readable: bool

    @property
    def key(self) -> str:
        """Return what identifies it: its number, else its day and reason."""
        return str(self.game_pk) if self.game_pk is not None else f"{self.day}: {self.reason}"


def game_state(status: GameStatus) -> str:
    """Return Preview, Live, Final or Other."""
    if status.coded_game_state in _NOT_PLAYED or status.abstract_game_state not in _PROGRESS:
        return "Other"
    return status.abstract_game_state


def parse_listings(schedule: Iterable[ScheduleDay]) -> tuple[list[Listing], list[RejectedListing]]:
    """Return one listing a game, in the order of days, and the listings that are not collected.

    A game that is listed twice (postponed, suspended, or by mistake) counts once, in its most advanced state.
    """
    entries: dict[int, list[tuple[date, ScheduledGame]]] = {}
    rejected = []
    for day in schedule:
        for body in day.games:
            game = _parse_listing(body, day.date)
            if isinstance(game, RejectedListing):
                rejected.append(game)
            else:
                entries.setdefault(game.game_pk, []).append((day.date, game))
    return [_most_advanced_listing(same) for same in entries.values()], rejected


def _parse_listing(body: msgspec.Raw, day: date) -> ScheduledGame | RejectedListing:
    try:
        game = decode_json(_GAME, body, "a listed game")
    except InvalidBody as error:
        return RejectedListing(day, f"cannot be read: {error}", _parse_game_pk(body), is_readable=False)
    if game.game_type not in COLLECTED:
        why = f"expected a game of type {' '.join(sorted(COLLECTED))}, got {game.game_type}"
        return RejectedListing(day, why, game.game_pk, is_readable=True)
    return game


def _parse_game_pk(body: msgspec.Raw) -> int | None:
    try:
        return decode_json(_ID, body, "a game's number").game_pk
    except InvalidBody:
        return None


def _most_advanced_listing(entries: list[tuple[date, ScheduledGame]]) -> Listing:
    day, game = max(entries, key=lambda entry: (_PROGRESS[game_state(entry[1].status)], entry[0]))
    reached = game_state(game.status)
    return Listing(game, reached, _completion_date(entries, game) if reached == "Final" else None, day)


def _completion_date(entries: Iterable[tuple[date, ScheduledGame]], game: ScheduledGame) -> date:
    resumed = [entry.resume_game_date for _, entry in entries if entry.resume_game_date]
    listed = [day for day, entry in entries if entry.resumed_from_date]
    return max([game.official_date, *resumed, *listed])


def game_columns(game: ScheduledGame) -> Row:
    """Return the columns that all rows of a game have in common."""
    return {
        "game_pk": game.game_pk,
        "game_date": game.official_date,
        "season": season_of(game.season, game.official_date),
        "game_type": game.game_type,
    }


def season_of(season_text: str | None, day: date) -> int:
    """Return the season that a game names, else the year of its day."""
    return int(season_text) if season_text and season_text.isascii() and season_text.isdigit() else day.year


def game_row(listing: Listing) -> Row:
    """Return the games_historical row of a game whose feed is not fetched, or could not be read."""
    game, home, away = listing.game, listing.game.teams.home, listing.game.teams.away
    decisions = game.decisions
    return {
        "completed_date": listing.completed_date,
        "original_date": game.rescheduled_from_date or game.official_date,
        "scheduled_start": game.game_date,
        "game_number": game.game_number or 1,
        "double_header": game.double_header or "N",
        "day_night": game.day_night,
        "status": listing.state,
        "detailed_state": game.status.detailed_state or listing.state,
        "status_reason": game.status.reason,
        "home_team_id": home.team.id,
        "away_team_id": away.team.id,
        "home_score": home.score,
        "away_score": away.score,
        "venue_id": game.venue.id,
        "home_probable_pitcher_id": home.probable_pitcher.id if home.probable_pitcher else None,
        "away_probable_pitcher_id": away.probable_pitcher.id if away.probable_pitcher else None,
        "winning_pitcher_id": decisions.winner.id if decisions and decisions.winner else None,
        "losing_pitcher_id": decisions.loser.id if decisions and decisions.loser else None,
        "save_pitcher_id": decisions.save.id if decisions and decisions.save else None,
        "home_plate_umpire_id": None,
        "umpires": None,
        "weather_condition": game.weather.condition if game.weather else None,
        "temperature_f": parse_degrees(game.weather.temp) if game.weather else None,
        "wind": game.weather.wind if game.weather else None,
        "attendance": None,
        "duration_minutes": None,
        "is_tie": bool(game.is_tie) if listing.is_final else None,
    } | line_score(game.linescore, game.scheduled_innings)


def line_score(line: LineScore | None, scheduled: int | None) -> Row:
    """Return hits, errors, runners left, innings and the line score as JSON; runs are the caller's."""
    home = line.teams.home if line and line.teams else LineScoreTotals()
    away = line.teams.away if line and line.teams else LineScoreTotals()
    innings = [
        {"num": inning.num or number, "away": inning.away.runs, "home": inning.home.runs}
        for number, inning in enumerate(line.innings if line else (), start=1)
    ]
    return {
        "home_hits": home.hits,
        "away_hits": away.hits,
        "home_errors": home.errors,
        "away_errors": away.errors,
        "home_left_on_base": home.left_on_base,
        "away_left_on_base": away.left_on_base,
        "innings": line.current_inning if line else None,
        "scheduled_innings": (line.scheduled_innings if line else None) or scheduled,
        "line_score": as_json(innings) if innings else None,
    }


def lineup_rows(game: ScheduledGame) -> list[Row]:
    """Return the posted batting orders and the announced starters."""
    rows: list[Row] = []
    lineups = game.lineups or Lineups()
    posted = (game.teams.home, lineups.home_players), (game.teams.away, lineups.away_players)
    for club, players in posted:
        starter = club.probable_pitcher.id if club.probable_pitcher else None
        place = {"team_id": club.team.id, "is_home": club is game.teams.home, "sequence": 0}
        rows += [
            place
            | {
                "player_id": player.id,
                "batting_slot": slot,
                "position": player.primary_position.abbreviation if player.primary_position else None,
                "is_starting_pitcher": player.id == starter,
                "is_confirmed": True,
            }
            for slot, player in enumerate(players or (), start=1)
        ]
        if starter is not None and starter not in {player.id for player in players or ()}:
            mound = {"player_id": starter, "batting_slot": None, "position": "P"}
            rows.append(place | mound | {"is_starting_pitcher": True, "is_confirmed": bool(players)})
    return rows


def parse_degrees(text: str | None) -> int | None:
    """Return degrees from the scoreboard's text."""
    return int(text) if text and text.lstrip("-").isdigit() else None
